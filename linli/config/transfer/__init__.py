"""``linli import KIND FILE`` and ``linli export KIND FILE``: CSV, Excel and, for places, GeoJSON.

An import is all or nothing: every row is read and tried, every fault is told with its line and column, and one fault
undoes the whole. What is there already is recognised by its code, so the same file a second time adds nothing. A dry
run does exactly the same and then takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.config.transfer import holdings, matters, organisations, pairings, people, places, sheets
from linli.config.transfer.report import Importing, Report, TransferError
from linli.core.people import actor as actors
from linli.core.places.models import District
from linli.kit import memory
from linli.kit.crypto import UnsealError
from linli.kit.models import Change

__all__ = ["KINDS", "Report", "TransferError", "export_file", "import_file", "the_district"]


@dataclass(frozen=True)
class Kind:
    """One kind of file: its columns, what reads it in (None: it only goes out), what it is called."""

    name: Any
    columns: tuple[sheets.Column, ...]
    rows: Callable[[District], Iterator[dict[str, Any]]]
    take: Callable[[Importing, list[sheets.Row]], None] | None = None
    formats: tuple[str, ...] = (".csv", ".xlsx")


KINDS: Final[dict[str, Kind]] = {
    "places": Kind(gettext_lazy("地点"), places.COLUMNS, places.rows, places.take,
                   (".csv", ".xlsx", ".geojson", ".json")),
    "organisations": Kind(gettext_lazy("组织"), organisations.COLUMNS, organisations.rows, organisations.take),
    "people": Kind(gettext_lazy("人员和岗位"), people.COLUMNS, people.rows, people.take),
    "pairings": Kind(gettext_lazy("包联"), pairings.COLUMNS, pairings.rows, pairings.take),
    "holdings": Kind(gettext_lazy("房屋和产权"), holdings.COLUMNS, holdings.rows, holdings.take),
    "matters": Kind(gettext_lazy("事项"), matters.COLUMNS, matters.rows, None, (".csv", ".xlsx", ".jsonl")),
}  # fmt: skip


def import_file(
    kind: str, path: str | Path, *, dry_run: bool = False, actor: str = "linli import", district_id: int | None = None
) -> Report:
    """Read a file in. The report says what was added and changed, or why nothing was; it never raises for the file."""
    report = Report(kind=kind, dry_run=dry_run)
    try:
        _import(kind, Path(path), actor, district_id, report)
    except TransferError as error:
        report.fault(0, "", str(error))
    memory.forget()
    actors.forget()
    return report


def _import(kind: str, file: Path, actor: str, district_id: int | None, report: Report) -> None:
    wanted = _kind(kind, file)
    if wanted.take is None:
        raise TransferError(_("“%s”从这里只能导出；历史数据用 linli import history。") % wanted.name)
    district = the_district(district_id)
    rows = sheets.read(file, wanted.columns, report)
    with transaction.atomic():
        held = District.objects.select_for_update(no_key=True).get(pk=district.pk)
        wanted.take(Importing(held, actor, report), rows)
        if report.ok and (report.added or report.changed) and not report.dry_run:
            _note(held, actor, kind, report.sentence(str(wanted.name), file.name))
        else:
            transaction.set_rollback(True)


def _note(district: District, actor: str, kind: str, sentence: str) -> None:
    District.objects.filter(pk=district.pk).update(version=F("version") + 1)
    Change.objects.create(
        district_id=district.pk, actor=actor[:80], subject=kind, sentence=f"{actor} {sentence}"[:500]
    )  # fmt: skip


def export_file(
    kind: str,
    path: str | Path,
    *,
    actor: str = "linli export",
    district_id: int | None = None,
    report: Callable[[str], object] = print,
) -> int:
    """Write a file that ``import_file`` reads, and that it was written. 0 if done, 1 if there is no file."""
    file = Path(path)
    try:
        wanted = _kind(kind, file)
        district = the_district(district_id)
        with transaction.atomic():
            count = sheets.write(file, wanted.columns, wanted.rows(district))
    except (TransferError, OSError, UnsealError) as error:
        report(_("没有导出成：%s") % (getattr(error, "strerror", None) or error))
        return 1
    words = _("导出%(kind)s %(count)d 行到 %(file)s") % {"kind": wanted.name, "count": count, "file": file.name}
    Change.objects.create(
        district_id=district.pk, actor=actor[:80], subject=kind, sentence=f"{actor} {words}"[:500]
    )  # fmt: skip
    report(words + "。")
    if kind in ("people", "holdings"):
        report(_("文件里有姓名和电话的明文：用完请删除，不要用微信、邮件传。"))
    return 0


def _kind(kind: str, file: Path) -> Kind:
    wanted = KINDS.get(kind)
    if wanted is None:
        raise TransferError(_("没有这一类：%(kind)s。可选：%(all)s。") % {"kind": kind, "all": "、".join(KINDS)})
    if file.suffix.lower() not in wanted.formats:
        named = "、".join(wanted.formats)
        raise TransferError(_("“%(kind)s”的文件要以 %(all)s 结尾。") % {"kind": wanted.name, "all": named})
    return wanted


def the_district(district_id: int | None) -> District:
    """The district of that code, or the only one. Raises TransferError."""
    if district_id is not None:
        found = District.objects.filter(pk=district_id).first()
        if found is None:
            raise TransferError(_("没有这个区：%s。") % district_id)
        return found
    found_all = list(District.objects.order_by("pk")[:2])
    if len(found_all) != 1:
        none = _("库里还没有区：先 linli load。")
        raise TransferError(_("库里有几个区：请说明是哪一个。") if found_all else none)
    return found_all[0]
