"""Whistles that wait for the visitor's units, and orders from above with their dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from linli.core.matters import seeing
from linli.core.matters.clocks import GOING
from linli.core.matters.models import Call, Clock, Entry, Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.doors.desk.gate import district_of, param, staff_required

MOST = 100


@dataclass(frozen=True)
class Waiting:
    """One call as the called unit reads it."""

    call: Call
    unit: str
    code: str
    where: str
    at: str
    mine: bool
    clock: dict[str, Any] | None


@require_GET
@staff_required
def waiting(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Calls to my units: those that wait, or (``ended=1``) those that were answered in the last days."""
    ended = bool(param(request, "ended"))
    states = ["done", "refused"] if ended else ["called", "arrived"]
    found = Call.objects.filter(district_id=district_of(actor), post_id__in=list(actor.post_ids), state__in=states)
    order = ("-id",) if ended else ("state", "due_at")
    calls = list(found.select_related("whistle", "matter").order_by(*order)[:MOST])
    rows = [_waiting(call, actor) for call in calls]
    return render(request, "desk/calls.html", {"calls": rows, "ended": ended, "now": timezone.now()})


def _waiting(call: Call, actor: Actor) -> Waiting:
    known, posts = tree(call.district_id), roster(call.district_id)
    node, unit = known.by_id.get(call.matter.place_id), posts.by_id.get(call.post_id)
    clock = {"state": "running", "due_at": call.due_at} if call.state == "called" else None
    return Waiting(
        call, unit.name if unit else "", unit.code if unit else "", known.full_name(node) if node else "",
        reverse("desk:matter", args=[call.matter.number]), actor.held(duties.REPORT, call.post_id) is not None, clock,
    )  # fmt: skip


# ── orders from above ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Order:
    """One order: what, from whom, to whom, by when."""

    matter: Matter
    text: str
    who: str
    given: datetime | None
    holder: str
    where: str
    clock: dict[str, Any]


@require_GET
@staff_required
def orders(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Orders whose clock still runs, the most pressing first; ``ended=1`` those that were answered."""
    ended = bool(param(request, "ended"))
    states = Q(state__in=["met", "missed"]) if ended else Q(state__in=GOING)
    found: list[Clock] = []
    for branch in seeing.branches(actor):
        # From the clocks to the matters: orders are few, live matters many.
        inside = Matter.objects.filter(branch, district_id=district_of(actor))
        rows = Clock.objects.filter(states, district_id=district_of(actor), stage="supervise", matter__in=inside)
        found += rows.select_related("matter").order_by("-stopped_at" if ended else "due_at")[:MOST]
    found.sort(key=lambda c: c.due_at, reverse=ended)
    context = {"orders": _orders(found[:MOST], actor), "ended": ended}
    return render(request, "desk/orders.html", context)


def _orders(clocks: list[Clock], actor: Actor) -> list[Order]:
    known, posts = tree(district_of(actor)), roster(district_of(actor))
    ids = {c.matter_id for c in clocks}
    entries = Entry.objects.filter(district_id=district_of(actor), matter_id__in=ids, act="supervise") if ids else ()
    words = {(e.matter_id, e.at): e for e in entries}
    out = []
    for clock in clocks:
        matter, entry = clock.matter, words.get((clock.matter_id, clock.started_at))
        node = known.by_id.get(matter.place_id)
        held_by = matter.handler_id or matter.first_id
        holder = posts.by_id.get(held_by) if held_by else None
        out.append(Order(
            matter, entry.text if entry else "", entry.actor if entry else "", entry.at if entry else None,
            holder.name if holder else "", known.full_name(node) if node else "", _clock(clock),
        ))  # fmt: skip
    return out


def _clock(clock: Clock) -> dict[str, Any]:
    return {"state": clock.state, "due_at": clock.due_at, "warn_at": clock.warn_at, "stopped_at": clock.stopped_at}
