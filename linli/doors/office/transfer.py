"""Files in and out: a dry run first, with every fault by line and column; then the same file for good."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.doors.office.forms import Asking, choice_field, offer
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import as_csv
from linli.kit import importing, shell
from linli.kit.figures import listed
from linli.kit.importing import Outcome, Table, UnreadableError

LARGEST = 20 * 1024 * 1024
SHOWN = 200
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".geojson": "application/geo+json",
    ".json": "application/geo+json",
}


class FileForm(Asking):
    kind = choice_field(lazy("导入什么"))
    file = forms.FileField(
        label=lazy("文件"), help_text=lazy("CSV、Excel（.xlsx），地点还可以是 GeoJSON；20 MB 以内。")
    )
    write = forms.ChoiceField(
        label=lazy("怎么做"), widget=forms.RadioSelect, initial="try",
        choices=[("try", lazy("先试一遍，什么也不写")), ("do", lazy("写进去；有一处不对就一行也不写"))],
    )  # fmt: skip

    def __init__(self, office: Office, data: Any = None, files: Any = None) -> None:
        super().__init__(office, data)
        if files is not None:
            self.files, self.is_bound = files, True

    def arrange(self) -> None:
        offer(self, "kind", [(t.kind, t.name) for t in importing.tables() if t.take])

    def clean_file(self) -> UploadedFile[Any]:
        """The size, and an ending that this kind of file may have."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        table = importing.table(str(self.data.get("kind", "")))
        if file.size is not None and file.size > LARGEST:
            raise forms.ValidationError(_("文件太大：最多 20 MB。"))
        if table and ending(file) not in table.formats:
            raise forms.ValidationError(_("这一类的文件要以 %s 结尾。") % listed(table.formats))
        return file


def ending(file: UploadedFile[Any]) -> str:
    return Path(file.name or "").suffix.lower()


@require_http_methods(["GET", "POST"])
@office_page
def page(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Both ways on one page."""
    if request.method != "POST":
        return _answer(request, office, FileForm(office))
    form = FileForm(office, request.POST, request.FILES)
    if not form.is_valid():
        return _answer(request, office, form, status=422)
    table = importing.table(form.cleaned_data["kind"])
    assert table is not None
    assert table.take is not None
    try:
        outcome = _read(table, form, office)
    except UnreadableError as error:
        form.add_error("file", str(error))
        return _answer(request, office, form, status=422)
    if outcome.ok and not outcome.dry_run:
        shell.toast(request, _("导入好了：新增 %(added)d，改动 %(changed)d。") % vars_of(outcome))
    return _answer(request, office, form, outcome=outcome, status=200 if outcome.ok else 422)


def vars_of(outcome: Outcome) -> dict[str, int]:
    return {"added": outcome.added, "changed": outcome.changed, "same": outcome.unchanged, "read": outcome.read}


def _read(table: Table, form: FileForm, office: Office) -> Outcome:
    """The upload as a file under a name of our own, gone again when it was read."""
    file: UploadedFile[Any] = form.cleaned_data["file"]
    assert table.take is not None
    with tempfile.TemporaryDirectory(prefix="linli-import-") as folder:
        kept = Path(folder) / f"{_plain(file)}{ending(file)}"
        with kept.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        return table.take(kept, office.district_id, office.by, form.cleaned_data["write"] != "do")


def _plain(file: UploadedFile[Any]) -> str:
    """The name as the history tells it, without anything that a path could be made of."""
    stem = Path(file.name or "").stem
    return "".join(c for c in stem if c.isalnum() or c in "-_ ")[:60].strip() or "file"


def _answer(
    request: HttpRequest, office: Office, form: FileForm, *, outcome: Outcome | None = None, status: int = 200
) -> HttpResponseBase:
    context = {
        "form": form, "tables": importing.tables(), "outcome": outcome,
        "errors": sorted(outcome.errors, key=lambda e: (e.line, e.field))[:SHOWN] if outcome else [],
        "more": max(0, len(outcome.errors) - SHOWN) if outcome else 0,
        "warnings": list(outcome.warnings)[:SHOWN] if outcome else [],
    }  # fmt: skip
    return show(request, office, "transfer", context, status=status)


@require_POST
@office_page
def export(request: HttpRequest, office: Office, kind: str, form: str) -> HttpResponseBase:
    """A file that can be read in again. It is a post, because that it was taken is written down."""
    table, suffix = importing.table(kind), f".{form}"
    if table is None or table.give is None or suffix not in table.formats:
        raise Http404
    with tempfile.TemporaryDirectory(prefix="linli-export-") as folder:
        stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
        file = Path(folder) / f"linli-{kind}-{stamp}{suffix}"
        try:
            table.give(file, office.district_id, office.by)
        except UnreadableError as error:
            return _answer_export(request, office, str(error))
        response = HttpResponse(file.read_bytes(), content_type=_TYPES[suffix])
    response["Content-Disposition"] = f'attachment; filename="linli-{kind}-{stamp}{suffix}"'
    return response


def _answer_export(request: HttpRequest, office: Office, words: str) -> HttpResponseBase:
    form = FileForm(office)
    return show(request, office, "transfer", {"form": form, "tables": importing.tables(), "refused": words}, status=422)


@require_GET
@office_page
def sample(request: HttpRequest, office: Office, kind: str) -> HttpResponseBase:
    """An empty table with the right first line."""
    table = importing.table(kind)
    if table is None or table.take is None:
        raise Http404
    return as_csv(kind, [heading for _key, heading, _needed in table.columns], [])
