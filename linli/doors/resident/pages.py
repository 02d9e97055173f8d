"""The notice by the door: one big act, my matters, who serves my door; all my matters; how it is kept honest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters import seeing
from linli.core.matters.ledger.sealing import day_root
from linli.core.matters.models import Matter
from linli.core.people import roster, signing
from linli.core.people.actor import ANONYMOUS, Actor
from linli.doors.resident import placing, remembered, where
from linli.doors.resident.placing import Spot
from linli.doors.resident.thread import Card, cards
from linli.doors.resident.visitor import visitor
from linli.kit import shell
from linli.kit.refusal import Refused
from linli.offices.notices import queries as announcements

ON_HOME: Final = 3
Text = str | Promise
EVERYTHING: Final = seeing.Filters()
# Nearest first: whom one meets on the stairs, then in the yard, then across the street.
NEAR: Final = ("unit_head", "building_head", "building_party_head", "grid_worker", "grid_head", "community_secretary")
FURTHER: Final = (
    "building_head_online", "quarter_secretary", "steward", "property_manager",
    "committee_chair", "community_worker", "community_office", "property_unit",
)  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """One way to look at one's own matters: by what they wait for."""

    code: str
    name: Text
    states: str


MINE_TABS: Final = (
    Tab("", gettext_lazy("全部"), ""),
    Tab("doing", gettext_lazy("在办"), "open,dispatched,accepted,in_progress,paused,resolved,declining,merged"),
    Tab("mine", gettext_lazy("等您评"), "verified"),
    Tab("contested", gettext_lazy("有异议"), "contested"),
    Tab("done", gettext_lazy("办完了"), "closed,declined"),
)


@dataclass(frozen=True)
class Serving:
    """Who serves a door: the few one needs, and the rest behind one tap. Names and duties, never a number."""

    near: list[dict[str, Any]]
    further: list[dict[str, Any]]


@dataclass(frozen=True)
class Mine:
    """One's own matters: of the account, and what this phone remembers besides."""

    cards: list[Card]
    next: str | None = None
    remembered: bool = False
    any: bool = True  # whether there is anything at all, whatever is searched for


# ── home ────────────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """``/``"""
    actor = visitor(request)
    spot = placing.home_of(request, actor)
    context = {
        "spot": spot, "mine": _mine(request, actor, limit=ON_HOME), "serving": serving(spot) if spot else None,
        "door_url": _door_url(spot), "door": signing.door_of(actor), "actor": actor, "hotline": _hotline(spot),
        "announcements": announcements.standing(spot.tree, spot.node)[:ON_HOME] if spot else [],
    }  # fmt: skip
    return render(request, "resident/home.html", context)


def _door_url(spot: Spot | None) -> str:
    """The door's own page, where this door has a code and the district runs such pages."""
    code = getattr(spot.node, "door", "") if spot else ""
    if not code:
        return ""
    try:
        resolve(url := f"/d/{code}")
    except Resolver404:
        return ""
    return url


def _hotline(spot: Spot | None) -> str:
    """A number to ring, where the district has set one; digits only, so that it is safe in a link."""
    said = str(spot.tree.district.settings.get("hotline", "")) if spot else ""
    return said if said.replace("-", "").isdigit() else ""


def _mine(
    request: HttpRequest, actor: Actor, *, limit: int, cursor: str = "", asked: seeing.Filters = EVERYTHING
) -> Mine:
    found, onward = _of_account(actor, limit, cursor, asked)
    here = [] if cursor else remembered.matters(request)
    known = {m.pk for m in found}
    mine = [m for m in here if m.opened_by_id is None or m.opened_by_id != actor.user_id]
    others = [m for m in mine if m.pk not in known and _fits(m, asked)]
    shown = sorted([*found, *others], key=lambda m: m.pk, reverse=True)
    more = onward or (str(limit) if len(shown) > limit and not found else None)
    return Mine(_cards(shown[:limit] if limit == ON_HOME else shown, actor), more, bool(here), bool(shown or mine))


def _fits(matter: Matter, asked: seeing.Filters) -> bool:
    """The same question asked of what this phone remembers: ten rows at the most, in memory already."""
    if asked.state and matter.state not in asked.state.split(","):
        return False
    words = asked.q.strip().lower()
    return not words or words in matter.text.lower() or words == matter.number.lower()


def _of_account(actor: Actor, limit: int, cursor: str, asked: seeing.Filters) -> tuple[list[Matter], str | None]:
    if actor.user_id is None or actor.is_staff:
        return [], None
    page = seeing.list_matters(actor, asked, cursor=cursor, limit=limit)
    return page.rows, page.next


def _cards(matters: Sequence[Matter], actor: Actor) -> list[Card]:
    """A presenter for each district that occurs: nearly always one."""
    made: dict[object, Card] = {}
    for district_id in dict.fromkeys(m.district_id for m in matters):
        whose = actor if actor.district_id == district_id else ANONYMOUS
        made.update({card.matter.pk: card for card in cards(district_id, matters, whose)})
    return [made[m.pk] for m in matters]


def serving(spot: Spot) -> Serving:
    """The posts over a door as a neighbour asks for them: on my stairs, in my yard, in the community."""
    rows = [row for row in roster.serving(spot.tree, spot.node) if row["name"]]
    near = _in_order(rows, NEAR)
    return Serving(near, _in_order(rows, FURTHER))


def _in_order(rows: list[dict[str, Any]], roles: Sequence[str]) -> list[dict[str, Any]]:
    return [row for role in roles for row in rows if row["role"] == role]


# ── all of mine ─────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Everything one has said, newest first, by what it waits for and by words."""
    actor = visitor(request)
    at, words = request.GET.get("at", ""), request.GET.get("q", "").strip()[:100]
    tab = next((tab for tab in MINE_TABS if tab.code == at), MINE_TABS[0])
    asked = seeing.Filters(state=tab.states, q=words)
    try:
        found = _mine(request, actor, limit=20, cursor=request.GET.get("cursor", ""), asked=asked)
    except Refused:
        raise Http404 from None
    context = {"mine": found, "actor": actor, "tabs": MINE_TABS, "tab": tab.code, "q": words}
    return render(request, "resident/mine.html", context)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Clear what this phone remembers; the matters go on, and the receipts open them as before."""
    response = redirect("resident:mine")
    remembered.clear(response)
    shell.toast(request, _("这部手机不再记着了。凭回执码照样能查。"))
    return response


# ── my door ─────────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Choose one's own door, step by step; kept in the account, or on this phone."""
    actor = visitor(request)
    known = placing.home_of(request, actor)
    district_id = known.district_id if known else actor.district_id or placing.first_district()
    if district_id is None:
        raise Http404
    onward = _onward(request)
    if request.method != "POST":
        chosen = where.Where(district_id, "steps", known, placing.steps(district_id, _trail(known)))
        return render(request, "resident/place.html", {"place": chosen, "next": onward, "known": known})
    chosen = where.read(_steps_only(request), district_id, None)
    if request.POST.get("go"):
        template = "resident/_steps.html" if request.headers.get("HX-Request") else "resident/place.html"
        return render(request, template, {"place": chosen, "next": onward, "known": known})
    try:
        spot, _lon, _lat = chosen.settle()
    except Refused as refused:
        context = {"place": chosen, "next": onward, "known": known, "error": refused.message}
        return render(request, "resident/place.html", context, status=422)
    return _keep(request, actor, spot, onward)


def _trail(known: Spot | None) -> list[str]:
    return placing.trail_to(known) if known else []


def _steps_only(request: HttpRequest) -> Any:
    data = request.POST.copy()
    data["way"] = "steps"
    data.pop("place", None)
    if data.get("go"):
        data["go"] = "steps"
    return data


def _keep(request: HttpRequest, actor: Actor, spot: Spot, onward: str) -> HttpResponse:
    response = redirect(onward)
    if actor.user_id is not None:
        signing.set_home(user=request.user, district_id=spot.district_id, place=spot.node)  # type: ignore[arg-type]
    else:
        placing.remember(response, spot)
    shell.toast(request, _("记下了：%s。") % spot.name)
    return response


def _onward(request: HttpRequest) -> str:
    url = request.POST.get("next", "") or request.GET.get("next", "")
    fine = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and fine else reverse("resident:home")


# ── how it is kept honest ───────────────────────────────────────────────────────────────────────────────────────
@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """怎么保证没人改过: in words first, and how to check it oneself."""
    district_id = visitor(request).district_id or placing.first_district()
    today: date = timezone.localdate()
    seal = day_root(district_id, today) if district_id else None
    groups = [seal.root[at : at + 4] for at in range(0, len(seal.root), 4)] if seal else []
    return render(request, "resident/how.html", {"seal": seal, "groups": groups, "demo": settings.DEMO})
