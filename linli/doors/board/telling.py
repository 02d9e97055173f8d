"""Notices at the desk: written for a building, a quarter, a community; read how often; a sheet to hang up."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.core.matters.asking import Finding, One, text_field
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import Node, Tree, tree
from linli.doors.desk.admissions import date_field
from linli.doors.desk.gate import param
from linli.kit import paging, shell
from linli.kit.refusal import Refused
from linli.offices.notices import actions, queries
from linli.offices.notices.models import Announcement
from linli.offices.posters import sheets

# Where a notice may be said: a district's notice is the street's matter, and is said street by street.
LEVELS = ("street", "community", "quarter", "grid", "building", "unit")
CHANNELS = {
    "door": lazy("挂在门牌页和居民首页"),
    "inbox": lazy("发到这里住户的消息"),
    "poster": lazy("打一张贴在公告栏"),
}
DAYS = 7


class TellForm(Finding):
    """Where, what, until when, by which ways."""

    finders = {"place": PLACES}

    place = One(
        label=lazy("说给哪里的人"), help_text=lazy("一栋楼、一个单元，或整个小区、社区。"),
        error_messages={"required": lazy("选一栋楼、一个小区或一个社区。")},
    )  # fmt: skip
    title = forms.CharField(
        label=lazy("标题"), max_length=actions.TITLE, help_text=lazy("一句话说清楚：周六上午停水。")
    )
    text = text_field(lazy("内容"), lazy("什么时候、哪里、要大家做什么、找谁。"), limit=actions.TEXT)
    until = date_field(lazy("挂到哪天"), lazy("过了这天自动撤下来。"))
    channels = forms.MultipleChoiceField(
        label=lazy("怎么送到"), choices=list(CHANNELS.items()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": lazy("选一个去处。")},
    )  # fmt: skip
    key = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, data: Any = None, *, place: str = "") -> None:
        self.about = Ground(actor, duties.ANNOUNCE, LEVELS)
        paths = actor.paths(duties.ANNOUNCE)
        own = self.about.tree.by_path.get(paths[0]) if len(paths) == 1 else None
        first = place or (own.code if own is not None and own.level in LEVELS else "")
        initial = {"until": timezone.localdate() + timedelta(days=DAYS), "channels": list(CHANNELS), "place": first,
                   "key": uuid.uuid4().hex}  # fmt: skip
        super().__init__(data, initial=initial, label_suffix="")
        self.prepare()

    def node(self) -> Node | None:
        known: Tree = self.about.tree
        return known.by_code.get(str(self.cleaned_data.get("place", "")))


def _must_announce(actor: Actor) -> None:
    if not actor.has(duties.ANNOUNCE):
        raise Http404


@require_GET
@staff_page
def listing(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Those that stand, those that are over; newest first."""
    _must_announce(actor)
    today, tab, word = timezone.localdate(), param(request, "tab"), param(request, "q", 40)
    rows = queries.mine(actor)
    if tab == "past":
        rows = rows.exclude(until__gte=today, withdrawn_at=None)
    else:
        rows = rows.filter(until__gte=today, withdrawn_at=None)
    if word:
        rows = rows.filter(title__icontains=word)
    try:
        page = paging.page(rows, cursor=param(request, "cursor", 120) or None, at="at", limit=30)
    except paging.BadCursorError:
        page = paging.page(rows, at="at", limit=30)
    counts = queries.counts(page.items)
    tabs = [{"label": _("挂着的"), "url": "?", "current": tab != "past"},
            {"label": _("撤下的"), "url": "?tab=past", "current": tab == "past"}]  # fmt: skip
    shown = [(row, _where(row), counts[row.pk]) for row in page.items]
    context = {"page": page, "rows": shown, "tabs": tabs, "word": word, "past": tab == "past"}
    return render(request, "board/notices.html", context)


def _where(row: Announcement) -> str:
    known = tree(row.district_id)
    node = known.by_id.get(row.place_id)
    return known.full_name(node) if node else row.place.name


@require_http_methods(["GET", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Write one. Whoever serves one building finds it chosen."""
    _must_announce(actor)
    form = TellForm(actor, request.POST if request.method == "POST" else None, place=param(request, "place", 32))
    if request.method != "POST":
        return render(request, "board/notice_new.html", {"form": form})
    if "find" in request.POST:
        form.is_valid()
        for name in [n for n in form.errors if n != "place" or not form.data.get("place_word")]:
            del form.errors[name]
    elif form.is_valid() and (made := _publish(actor, form)) is not None:
        shell.toast(request, _("挂上去了：%s") % made.title)
        return HttpResponseRedirect(reverse("board:notice", args=[made.pk]))
    return render(request, "board/notice_new.html", {"form": form}, status=422 if form.errors else 200)


def _publish(actor: Actor, form: TellForm) -> Announcement | None:
    data, node = form.cleaned_data, form.node()
    if node is None:
        form.add_error("place", _("没有找到这个地方。"))
        return None
    try:
        return actions.publish(
            actor=actor, place=node, title=data["title"], text=data["text"], until=data["until"],
            key=data["key"] or uuid.uuid4().hex, channels=data["channels"],
        )  # fmt: skip
    except Refused as refused:
        for name, words in (refused.fields or {"place": refused.message}).items():
            form.add_error(name if name in form.fields else None, words)
    return None


@require_GET
@staff_page
def one(request: HttpRequest, actor: Actor, announcement_id: uuid.UUID) -> HttpResponseBase:
    """One notice with its numbers: inboxes it went to, times it was opened. Never who."""
    _must_announce(actor)
    row = queries.of_mine(actor, announcement_id)
    context = {
        "row": row, "where": _where(row), "counts": queries.counts([row])[row.pk], "address": queries.address(row),
        "stands": row.stands(timezone.localdate()), "ways": [CHANNELS[c] for c in row.channels if c in CHANNELS],
    }  # fmt: skip
    return render(request, "board/notice.html", context)


@require_POST
@staff_page
def withdraw(request: HttpRequest, actor: Actor, announcement_id: uuid.UUID) -> HttpResponseBase:
    """Take it down."""
    _must_announce(actor)
    try:
        row = actions.withdraw(actor=actor, announcement_id=announcement_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        shell.toast(request, refused.message)
    else:
        shell.toast(request, _("撤下来了：%s") % row.title)
    return HttpResponseRedirect(reverse("board:notice", args=[announcement_id]))


@require_GET
@staff_page
def sheet(request: HttpRequest, actor: Actor, announcement_id: uuid.UUID) -> HttpResponseBase:
    """The notice as a sheet for the board, drawn while one waits (about a second)."""
    _must_announce(actor)
    row = queries.of_mine(actor, announcement_id)
    known = tree(row.district_id)
    site = request.build_absolute_uri("/").rstrip("/")
    made = sheets.at_once([_sheet(known, row, site)], shape="board")
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="linli-notice-{row.at:%Y%m%d}.pdf"'
    return response


def _sheet(known: Tree, row: Announcement, site: str) -> dict[str, Any]:
    """What stands on it, as the press wants it (``offices/posters/sheets.py``)."""
    node = known.by_id.get(row.place_id)
    return {
        "url": f"{site}{queries.address(row)}?from=web", "file": "notice", "mark": "邻",
        "above": known.full_name(node) if node else known.district.name, "name": row.title,
        "paragraphs": [line for line in row.text.splitlines() if line.strip()], "by": row.by,
        "foot": _("%(at)s 贴，到 %(until)s 为止。扫码看原文。") % {
            "at": f"{timezone.localtime(row.at):%Y-%m-%d}", "until": f"{row.until:%Y-%m-%d}"},
    }  # fmt: skip
