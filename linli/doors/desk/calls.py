"""Whistles that wait for the visitor's units, and orders from above with their dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from linli.core.matters.models import Call
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
