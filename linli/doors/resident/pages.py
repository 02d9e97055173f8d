"""The notice by the door: one big act, my matters, who serves my door; all my matters; how it is kept honest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
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
from linli.offices.notices import queries as bulletins

ON_HOME: Final = 3
# Nearest first: whom one meets on the stairs, then in the yard, then across the street.
NEAR: Final = ("unit_head", "building_head", "building_party_head", "grid_worker", "grid_head", "community_secretary")
FURTHER: Final = (
    "building_head_online", "quarter_secretary", "steward", "property_manager",
    "committee_chair", "community_worker", "community_office", "property_unit",
)  # fmt: skip


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


# ── home ────────────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """``/``"""
    actor = visitor(request)
    spot = placing.home_of(request, actor)
    context = {
        "spot": spot, "mine": _mine(request, actor, limit=ON_HOME), "serving": serving(spot) if spot else None,
        "door": signing.door_of(actor), "actor": actor, "hotline": _hotline(spot),
        "bulletins": bulletins.standing(spot.tree, spot.node)[:ON_HOME] if spot else [],
    }  # fmt: skip
    return render(request, "resident/home.html", context)


def _hotline(spot: Spot | None) -> str:
    """A number to ring, where the district has set one; digits only, so that it is safe in a link."""
    said = str(spot.tree.district.settings.get("hotline", "")) if spot else ""
    return said if said.replace("-", "").isdigit() else ""


def _mine(request: HttpRequest, actor: Actor, *, limit: int, cursor: str = "") -> Mine:
    found, onward = _of_account(actor, limit, cursor)
    here = [] if cursor else remembered.matters(request)
    known = {m.pk for m in found}
    others = [m for m in here if m.pk not in known and m.opened_by_id != (actor.user_id or "")]
    shown = sorted([*found, *others], key=lambda m: m.pk, reverse=True)
    more = onward or (str(limit) if len(shown) > limit and not found else None)
    return Mine(_cards(shown[:limit] if limit == ON_HOME else shown, actor), more, bool(here))


def _of_account(actor: Actor, limit: int, cursor: str) -> tuple[list[Matter], str | None]:
    if actor.user_id is None or actor.is_staff:
        return [], None
    page = seeing.list_matters(actor, seeing.Filters(), cursor=cursor, limit=limit)
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
    """Everything one has said, newest first."""
    actor = visitor(request)
    try:
        found = _mine(request, actor, limit=20, cursor=request.GET.get("cursor", ""))
    except Refused:
        raise Http404 from None
    return render(request, "resident/mine.html", {"mine": found, "actor": actor})


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
