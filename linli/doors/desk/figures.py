"""Simple figures of the visitor's own area: each number opens the matters that it counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.core.matters import stats
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import Node, tree
from linli.doors.desk.facets import Facet, menu
from linli.doors.desk.gate import param
from linli.kit.calendar.wording import words

BY = ("place", "kind", "state", "channel")
SPANS = {"7": 7, "30": 30, "90": 90, "365": 365}


@dataclass(frozen=True)
class Line:
    """One group: its counts, the median in words, and where its cases are."""

    group: stats.Group
    median: str
    url: str


@require_GET
@staff_page
def figures(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """By place, kind, state or channel over the last days."""
    if not actor.has(duties.STATS):
        raise Http404
    by = param(request, "by") if param(request, "by") in BY else "place"
    days = param(request, "days") if param(request, "days") in SPANS else "30"
    scope = _scope(actor, param(request, "place"))
    since = timezone.localdate() - timedelta(days=SPANS[days] - 1)
    result = stats.query(district_id=actor.district_id or 0, by=by, path=scope.path, since=since)
    context = {
        "lines": [_line(group) for group in result.groups if group.received or by in ("place", "kind")],
        "total": _line(result.total), "formula": result.formula, "scope": scope, "by": by, "days": days,
        "kpis": _kpis(result), "minimum": result.formula["minimum_sample"], "since": since,
        "answers": actor.has(duties.JUDGE), "said": _said(result.formula),
        "menus": [menu(request, facet) for facet in _menus(actor, scope)],
    }  # fmt: skip
    return render(request, "desk/figures.html", context)


def _scope(actor: Actor, code: str) -> Node:
    """The place asked for, if the actor's figures reach it, else the widest of the actor's own."""
    known = tree(actor.district_id or 0)
    paths = actor.paths(duties.STATS)
    asked = known.by_code.get(code)
    if asked is not None and any(asked.path.startswith(p) for p in paths):
        return asked
    if code:
        raise Http404
    return known.by_path.get(min(paths, key=len), known.root)


def _scopes(actor: Actor) -> list[tuple[str, str]]:
    """The actor's own places, and what lies right below them."""
    known = tree(actor.district_id or 0)
    roots = [known.by_path[p] for p in actor.paths(duties.STATS) if p in known.by_path]
    below = [n for root in roots for n in known.children.get(root.id, []) if n.level in ("street", "community")]
    return [(n.code, n.name) for n in [*roots, *below]] if below else []


def _line(group: stats.Group) -> Line:
    return Line(group, _length(group.median_seconds), _cases(group))


def _length(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return " ".join(str(p) for p in words(timedelta(seconds=seconds), "resident").pieces)


def _cases(group: stats.Group) -> str:
    """The list behind a figure, in every state; "" where no list of ours says the same."""
    if "without" in group.cases:
        return ""
    return f"{reverse('desk:queue')}?{urlencode({'tab': 'all', 'state': 'any', 'order': 'new', **group.cases})}"


def _kpis(result: stats.Result) -> list[dict[str, Any]]:
    """The three rates, as in public: less what is left out; below the minimum sample the page shows none."""
    named = {"answered_in_time": _("按时答复"), "resolved_in_time": _("按时解决"), "satisfied": _("满意")}
    shares = {figure: result.share(result.total, figure) for figure in named}
    return [{"label": label, "value": round(100 * shares[figure].part / shares[figure].sample, 1)
             if shares[figure].sample else 0, "sample": shares[figure].sample, "excluded": shares[figure].excluded}
            for figure, label in named.items()]  # fmt: skip


def _menus(actor: Actor, scope: Node) -> list[Facet]:
    scopes = _scopes(actor)
    made = [Facet("by", _("分开看"), _bys(), "place"), Facet("days", _("多久"), _spans(), "30")]
    return [*made, Facet("place", _("哪里"), scopes, scope.code)] if scopes else made


def _said(formula: dict[str, Any]) -> dict[str, Any]:
    """The formula for readers: each figure by the word that its column carries."""
    names = {
        "received": _("收到"), "answered_in_time": _("按时答复"), "acted_in_time": _("按时行动"),
        "resolved_in_time": _("按时解决"), "resolved": _("解决"), "satisfied": _("满意"), "rated": _("评价"),
        "median_seconds": _("一半在多久内解决"),
    }  # fmt: skip
    told = [(names.get(key, key), words) for key, words in formula["definitions"].items()]
    notes = [formula["excluded"], formula["sample"], formula["median"]["how"], formula.get("grouping", "")]
    return {"version": formula["version"], "definitions": told, "notes": [note for note in notes if note]}


def _bys() -> list[tuple[str, str]]:
    return [("place", _("按地方")), ("kind", _("按种类")), ("state", _("按状态")), ("channel", _("按来源"))]


def _spans() -> list[tuple[str, str]]:
    return [("7", _("近 7 天")), ("30", _("近 30 天")), ("90", _("近 90 天")), ("365", _("近一年"))]
