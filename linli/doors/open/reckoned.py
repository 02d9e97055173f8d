"""算法、剔除、申诉 in public: how figures are reckoned, what is left out and why, what was said against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.matters import masks, reckoning, stats
from linli.core.matters.models import Exclusion, Ground, Matter, Objection, Rated
from linli.core.people.models import Post
from linli.core.places.meant import district_asked
from linli.core.places.tree import tree
from linli.doors.open.asking import OF_CASES
from linli.doors.open.queries import Ledger
from linli.kit import paging
from linli.kit.refusal import NotFound, Refused

FORCE = ("force", "ended")
PAGE = 30


@dataclass(frozen=True)
class Left:
    """One exclusion in public words. ``number`` is empty where the matter itself is not public."""

    number: str
    about: str
    place: str
    figure: str
    figure_code: str
    ground: str
    basis: str
    by: str
    at: datetime
    ended_at: datetime | None
    ended_by: str
    ended_why: str


@dataclass(frozen=True)
class Said:
    """One objection in public words: what a unit said by its name, what a resident said without one."""

    number: str
    about: str
    place: str
    figure: str
    against: str  # "exclusion" or "count"
    who: str
    text: str
    at: datetime
    state: str
    state_name: str
    answer: str
    answered_by: str
    answered_at: datetime | None


class Teller:
    """Puts rows into words for everybody: names as people serve, words masked, no number of what is not public."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def left(self, rows: Iterable[Exclusion]) -> list[Left]:
        return [self._left(row) for row in rows]

    def said(self, rows: Iterable[Objection]) -> list[Said]:
        return [self._said(row) for row in rows]

    def _left(self, row: Exclusion) -> Left:
        number, about, place = self._matter(row.matter)
        return Left(
            number=number, about=about, place=place, figure=row.get_figure_display(), figure_code=row.figure,
            ground=row.get_ground_display(), basis=masks.mask(row.basis), by=self._who(row.by), at=row.at,
            ended_at=row.ended_at, ended_by=self._who(row.ended_by), ended_why=masks.mask(row.ended_why),
        )  # fmt: skip

    def _said(self, row: Objection) -> Said:
        number, about, place = self._matter(row.matter)
        return Said(
            number=number, about=about, place=place, figure=row.get_figure_display(),
            against="exclusion" if row.exclusion_id else "count",
            who=self._who(row.post) if row.post_id else _("一位居民"),
            text=self._words(row, row.text), at=row.at, state=row.state, state_name=row.get_state_display(),
            answer=self._words(row, row.answer), answered_by=self._who(row.answered_by), answered_at=row.answered_at,
        )  # fmt: skip

    def _words(self, row: Objection, text: str) -> str:
        """Of a matter that is not public nobody's words are shown: they could tell whose it is."""
        return masks.mask(text) if self.ledger.is_public(row.matter) else ""

    def _matter(self, matter: Matter) -> tuple[str, str, str]:
        if not self.ledger.is_public(matter):
            return "", _("一件不公开的事"), self._community(matter)
        return matter.number, masks.title(matter.text), self.ledger.place_name(matter.place_id)

    def _community(self, matter: Matter) -> str:
        node = self.ledger.tree.by_id.get(matter.community_id or matter.street_id or matter.place_id)
        return node.name if node else ""

    def _who(self, post: Post | None) -> str:
        if post is None:
            return ""
        return self.ledger.name_of(post.pk).replace("\u3000", " ") or post.title


@require_safe
def formula(request: HttpRequest) -> HttpResponse:
    """算法: every version, the one in force first."""
    known = tree(district_asked(request))
    now = stats.current(known.district.id)
    names = dict(Rated.choices) | {"resolved": _("办结率")}
    told = [
        {"v": version, "now": version == now, "announced": version.since is not None and _later(version, now),
         "rates": [{**rate, "name": names.get(rate["figure"], rate["figure"])} for rate in version.rates]}
        for version in stats.every_version(known.district.id)
    ]  # fmt: skip
    grounds = [str(ground.label) for ground in Ground]
    made = {"versions": told, "district": known.district.name, "grounds": grounds}
    return render(request, "open/formula.html", made)


def _later(version: stats.Version, now: stats.Version) -> bool:
    return version.since is not None and now.since is not None and version.since > now.since


@require_safe
def exclusions(request: HttpRequest) -> HttpResponse:
    """剔除: one by one, with reason, basis, who and when, and whether it was taken back."""
    ledger = Ledger(district_asked(request))
    page = listed(request.GET, ledger)
    made = {
        "page": page, "rows": Teller(ledger).left(page.items), "district": ledger.tree.district.name,
        "figures": [(code, name) for code, name in Rated.choices if code != "all"],
        "states": [("force", _("现在剔除着的")), ("ended", _("撤掉了的"))],
        "narrowed": any(request.GET.get(name) for name in (*OF_CASES, "figure", "state", "matters")),
    }  # fmt: skip
    return render(request, "open/exclusions.html", made)


def listed(params: QueryDict, ledger: Ledger, limit: int = PAGE) -> paging.Page[Exclusion]:
    """A page of exclusions by the filters of a figure. BadRequest for nonsense, Http404 for no such place."""
    figure, state = params.get("figure", ""), params.get("state", "")
    if (figure and figure not in Rated.values) or (state and state not in FORCE):
        raise BadRequest
    asked = {name: typed[:40] for name in OF_CASES if name != "state" and (typed := params.get(name, "").strip())}
    if matters := params.get("matters", "").strip()[:24]:
        asked["state"] = matters
    try:
        within = stats.cases(ledger.district_id, asked) if asked else None
        rows = reckoning.exclusions(ledger.district_id, figure=figure, state=state, within=within)
        return paging.page(rows, cursor=params.get("cursor") or None, limit=limit, at="at")
    except NotFound as refused:
        raise Http404 from refused
    except (Refused, paging.BadCursorError) as refused:
        raise BadRequest from refused


@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """申诉: who objected to what, and what was answered."""
    ledger = Ledger(district_asked(request))
    page = objected(request.GET, ledger)
    made = {
        "page": page, "rows": Teller(ledger).said(page.items), "district": ledger.tree.district.name,
        "states": list(Objection.State.choices), "narrowed": bool(request.GET.get("state")),
    }  # fmt: skip
    return render(request, "open/objections.html", made)


def objected(params: QueryDict, ledger: Ledger, limit: int = PAGE) -> paging.Page[Objection]:
    """A page of objections by state and place."""
    state, place = params.get("state", ""), params.get("place", "")
    node = ledger.tree.by_code.get(place) if place else None
    if state and state not in Objection.State.values:
        raise BadRequest
    if place and node is None:
        raise Http404
    rows = reckoning.objections(ledger.district_id, path=node.path if node else "", state=state)
    try:
        return paging.page(rows, cursor=params.get("cursor") or None, limit=limit, at="at")
    except paging.BadCursorError as refused:
        raise BadRequest from refused
