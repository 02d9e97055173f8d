"""``/desk/covenants/``: the host's list, what has to be looked at again, and one covenant with its next acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.matters import seeing
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit.lists import as_csv
from linli.offices.covenants import cautions, queries, standing, words
from linli.offices.covenants.models import Covenant, Passage
from linli.offices.covenants.models.covenant import Kind
from linli.offices.covenants.pages.common import hosted, must_host, page_of, rows_of, two, wanted

SOON = 30  # days before the day on which a covenant is looked at again


def tabs(chosen: str, *, drafts: bool) -> list[dict[str, Any]]:
    named = [("", _("全部")), ("force", _("施行中")), ("comment", _("征求意见")), ("voting", _("表决中")),
             *([("draft", _("起草"))] if drafts else []), ("ended", _("已废止"))]  # fmt: skip
    return [{"label": name, "url": f"?tab={code}" if code else "?", "current": code == chosen} for code, name in named]


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Everything that the actor may host, the newest first."""
    must_host(actor)
    narrow, district_id = wanted(request), actor.district_id or 0
    page = page_of(request, queries.narrowed(district_id, queries.hosted(actor), narrow), "made_at")
    unanswered = queries.waiting(district_id, [c.pk for c in page.items])
    rows = [{**row, "waiting": unanswered.get(row["c"].pk, 0)} for row in rows_of(district_id, page.items)]
    context = {
        "page": page, "rows": rows, "tabs": tabs(narrow.tab, drafts=True), "wanted": narrow, "kinds": Kind.choices,
        "due": queries.to_review(actor, timezone.localdate() + timedelta(days=SOON)),
    }  # fmt: skip
    return render(request, "covenants/board.html", context)


@require_safe
@staff_page
def board_csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same list as a file."""
    must_host(actor)
    rows = queries.narrowed(actor.district_id or 0, queries.hosted(actor), wanted(request)).order_by("-made_at", "-pk")
    return as_csv("covenants", head(), lines(actor.district_id or 0, rows))


def head() -> list[str]:
    """What the columns are called."""
    return [_("编号"), _("名称"), _("哪一种"), _("地方"), _("现在"), _("施行的是第几稿"), _("哪天起"), _("哪天回头看")]


def lines(district_id: int, rows: Any) -> Iterator[list[Any]]:
    """One line a covenant, by the hundred."""
    found = list(rows[:2000])
    for row in rows_of(district_id, found):
        covenant, held = row["c"], row["holds"]
        yield [covenant.number, covenant.title, covenant.get_kind_display(), covenant.place.name,
               row["standing"].words, held.number if held else "", held.since if held else None,
               held.review_on if held else None]  # fmt: skip


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Where it stands, what comes next, its text, its versions and its history."""
    covenant = hosted(actor, number)
    versions, passages = queries.versions(covenant, upto=covenant.newest), queries.passages(covenant)
    today, newest = timezone.localdate(), versions[-1]
    held = next((p for p in passages if p.holds(today)), None)
    context = {
        "opens": seeing.may_see(actor, covenant.matter),
        "c": covenant, "standing": standing.of(covenant, held, today), "versions": versions[::-1], "newest": newest,
        "held": held, "passages": passages, "tally": queries.tally(covenant), "events": told_events(covenant),
        "cautions": cautions.find(newest.said), "may": may(covenant, passages), "taking": covenant.takes_words(today),
        "over": bool(covenant.closes_on and covenant.closes_on < today),
        "open_vote": next((p for p in passages if not p.outcome), None),
    }  # fmt: skip
    return render(request, "covenants/one.html", context)


def told_events(covenant: Covenant) -> list[tuple[Any, Any]]:
    return [(e, words.ACTS.get(e.act, e.act)) for e in queries.events(covenant)]


def may(covenant: Covenant, passages: list[Passage]) -> list[str]:
    """Acts in the order in which they are offered; the first one is the next."""
    lasting = any(p.outcome == "adopted" and p.until is None for p in passages)
    found = {
        "draft": ["open", "text", "drop"], "comment": ["vote", "text", "extend", "drop"], "voting": [],
        "settled": ["review", "amend", *(["file"] if lasting else []), "end"], "ended": [],
    }[covenant.state]  # fmt: skip
    counted = any(not p.outcome and p.question.state in ("decided", "withdrawn") for p in passages)
    return [*(["settle"] if counted else []), *found]


@require_safe
@staff_page
def compare(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Two versions, drafts too."""
    covenant = hosted(actor, number)
    return render(request, "covenants/compare_desk.html", two(request, covenant, upto=covenant.newest))
