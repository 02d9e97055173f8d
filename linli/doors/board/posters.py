"""Posters in batches: choose places, see how many doors, begin; stop half-way, go on, fetch what is done."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.core.matters.asking import Finding, Several
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.doors.desk.gate import param
from linli.kit import paging, shell
from linli.kit.refusal import Conflict, Refused
from linli.offices.posters import actions, bundle, places, queries
from linli.offices.posters.models import Format, Level, Run, Shape

LEVELS = ("district", "street", "community", "quarter", "grid", "building", "unit")
PARTS = 60


def radio(label: Any, choices: Any) -> forms.ChoiceField:
    first = choices.choices[0][0]
    return forms.ChoiceField(label=label, choices=choices.choices, initial=first, widget=forms.RadioSelect)


class OrderForm(Finding):
    """Which places, in which shape."""

    finders = {"place": PLACES}

    place = Several(
        label=lazy("哪些地方"), help_text=lazy("街道、社区、小区、楼都行，可以选几处。"),
        error_messages={"required": lazy("选一个街道、社区、小区或楼。")},
    )  # fmt: skip
    level = radio(lazy("贴在哪里"), Level)
    shape = radio(lazy("多大"), Shape)
    format = radio(lazy("要什么文件"), Format)
    site = forms.CharField(label=lazy("二维码通向"), max_length=200, help_text=lazy("居民打得开的网址，不是内网地址。"))
    key = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, data: Any = None, *, site: str, place: str = "") -> None:
        self.about = Ground(actor, duties.DISPATCH, LEVELS)
        first = [place] if place else []
        super().__init__(data, initial={"site": site, "key": uuid.uuid4().hex, "place": first}, label_suffix="")
        self.prepare()

    def complain(self, refused: Refused) -> None:
        for name, words in (refused.fields or {"": refused.message}).items():
            self.add_error(name if name in self.fields else None, words)


def _must_print(actor: Actor) -> None:
    if not places.grounds(actor):
        raise Http404


@require_http_methods(["GET", "POST"])
@staff_page
def listing(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The order, and the runs so far. ``count`` only counts; ``start`` begins."""
    _must_print(actor)
    site = request.build_absolute_uri("/").rstrip("/")
    place = param(request, "place", 32)
    form = OrderForm(actor, request.POST if request.method == "POST" else None, site=site, place=place)
    found: dict[str, Any] = {}
    if request.method == "POST":
        if "find" in request.POST:
            form.is_valid()
            for name in [n for n in form.errors if n != "place" or not form.data.get("place_word")]:
                del form.errors[name]
        elif form.is_valid():
            run, found = _ordered(actor, form, begin="start" in request.POST)
            if run is not None:
                shell.toast(request, _("排上了：%s") % run.title)
                return HttpResponseRedirect(reverse("board:poster", args=[run.pk]))
    return _page(request, actor, form, found)


def _ordered(actor: Actor, form: OrderForm, *, begin: bool) -> tuple[Run | None, dict[str, Any]]:
    data, known = form.cleaned_data, form.about.tree
    try:
        if begin:
            return actions.start(
                actor=actor, codes=data["place"], level=data["level"], shape=data["shape"], format=data["format"],
                site=data["site"], key=data["key"] or uuid.uuid4().hex,
            ), {}  # fmt: skip
        chosen = places.named(known, actor, data["place"])
        nodes = places.doors(known, chosen, data["level"])
    except Refused as refused:
        form.complain(refused)
        return None, {}
    sheets = -(-len(nodes) // 4) if data["shape"] == "a6" else len(nodes)
    return None, {"doors": len(nodes), "files": len(places.bundles(known, nodes)), "sheets": sheets, "counted": True}


def _page(request: HttpRequest, actor: Actor, form: OrderForm, found: dict[str, Any]) -> HttpResponseBase:
    runs = queries.runs(actor)
    try:
        page = paging.page(runs, cursor=param(request, "cursor", 120) or None, at="at", limit=20)
    except paging.BadCursorError:
        page = paging.page(runs, at="at", limit=20)
    how = queries.progress(page.items)
    context = {"form": form, "page": page, "rows": [(run, how[run.pk]) for run in page.items], **found}
    return render(request, "board/posters.html", context, status=422 if form.errors else 200)


# ── one run ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _shown(actor: Actor, run_id: uuid.UUID) -> dict[str, Any]:
    _must_print(actor)
    run = queries.run_of(actor, run_id)
    how = queries.progress([run])[run.pk]
    return {"run": run, "how": how, "percent": how.doors * 100 // max(1, run.total), "mb": how.size / 1048576}


@require_GET
@staff_page
def one(request: HttpRequest, actor: Actor, run_id: uuid.UUID) -> HttpResponseBase:
    """How far it is, and every file; those that are done can be fetched at once."""
    shown = _shown(actor, run_id)
    rows, after = queries.parts_of(shown["run"]), param(request, "cursor", 12)
    if after.isdigit():
        rows = rows.filter(serial__gt=int(after))
    parts = list(rows[: PARTS + 1])
    more = str(parts[PARTS - 1].serial) if len(parts) > PARTS else None
    page = paging.Page(items=parts[:PARTS], next=more)
    days = None
    if shown["run"].ended_at:
        days = max(0, 14 - (timezone.now() - shown["run"].ended_at).days)
    return render(request, "board/poster.html", {**shown, "page": page, "days": days})


@require_GET
@staff_page
def progress(request: HttpRequest, actor: Actor, run_id: uuid.UUID) -> HttpResponseBase:
    """The bar alone, asked for every few seconds while it goes."""
    return render(request, "board/_progress.html", _shown(actor, run_id))


@require_POST
@staff_page
def stop(request: HttpRequest, actor: Actor, run_id: uuid.UUID) -> HttpResponseBase:
    return _turn(request, actor, run_id, actions.stop, _("停下来了，做好的都在。"))


@require_POST
@staff_page
def resume(request: HttpRequest, actor: Actor, run_id: uuid.UUID) -> HttpResponseBase:
    return _turn(request, actor, run_id, actions.resume, _("接着做。"))


def _turn(request: HttpRequest, actor: Actor, run_id: uuid.UUID, act: Any, words: str) -> HttpResponseBase:
    _must_print(actor)
    try:
        act(actor=actor, run_id=run_id)
    except Conflict as refused:
        words = refused.message
    shell.toast(request, words)
    return HttpResponseRedirect(reverse("board:poster", args=[run_id]))


@require_GET
@staff_page
def file(request: HttpRequest, actor: Actor, run_id: uuid.UUID, serial: int) -> HttpResponseBase:
    """One file, whole; one that is not done is not there."""
    _must_print(actor)
    run = queries.run_of(actor, run_id)
    part = queries.parts_of(run).filter(serial=serial, state="done").first()
    path = Path(settings.MEDIA_ROOT) / part.path if part and part.path else None
    if part is None or path is None or not path.is_file():
        raise Http404
    kind = "application/pdf" if run.format == "pdf" else "application/zip"
    return _named(FileResponse(path.open("rb"), content_type=kind), bundle.name_of(run, part))


@require_GET
@staff_page
def whole(request: HttpRequest, actor: Actor, run_id: uuid.UUID) -> HttpResponseBase:
    """Everything that is done so far, with the list of what is in it and what is not yet."""
    _must_print(actor)
    run = queries.run_of(actor, run_id)
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    return _named(StreamingHttpResponse(bundle.zipped(run), content_type="application/zip"), f"linli-{stamp}.zip")


def _named(response: Any, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    made: HttpResponseBase = response
    return made
