"""The sitting on one screen: who is there, the code, the point in hand, who speaks, the ballot, what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core.decisions.actions.gathered import NOT_COUNTED
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Attendance, Gathering
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit.ids import new_id
from linli.offices.councils import ballots, queries
from linli.offices.councils.pages.common import hosted


@require_safe
@staff_page
def run(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The whole screen."""
    return render(request, "councils/run.html", _screen(actor, hosted(actor, number)))


@require_safe
@staff_page
def live(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The part of it that changes by itself."""
    return render(request, "councils/_live.html", _room(actor, hosted(actor, number)))


def _room(actor: Actor, gathering: Gathering) -> dict[str, Any]:
    """Code, who is there, who waits for a voucher."""
    rows = list(Attendance.objects.filter(district_id=gathering.district_id, gathering=gathering).order_by("at", "pk"))
    code = None
    if gathering.state in ("called", "sitting"):
        code = core.show_code(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk)
    return {
        "g": gathering, "code": code, "meter": sittings.quorum(gathering),
        "present": [r for r in rows if r.state == "present" and r.left_at is None],
        "waiting": [r for r in rows if r.state == "waiting" and r.evidence == "code"],
        "signed": sum(1 for r in rows if r.state == "waiting" and r.evidence == "sheet"),
    }  # fmt: skip


def _screen(actor: Actor, gathering: Gathering) -> dict[str, Any]:
    items, turns = sittings.agenda(gathering), queries.turns(gathering)
    against = queries.dissents(gathering.district_id, [i.pk for i in items])
    votes = queries.votes(gathering.district_id, [i.matter_id for i in items if i.matter_id])
    shown = ballots.of_items(items)
    says = gathering.kind.says
    points = [
        {
            "item": i, "turns": turns.get(i.pk, []), "against": against.get(i.pk, []),
            "votes": [v for v in votes.get(i.matter_id, []) if not v.gathered] if i.matter_id else [],
            "ballots": shown.get(i.pk, []),
            "asking": any(b.question.state in NOT_COUNTED for b in shown.get(i.pk, [])),
            "procedure": says.procedure(i.procedure),
            "speaking": next((t for t in turns.get(i.pk, []) if t.began_at and not t.ended_at), None),
        }
        for i in items if i.state != "withdrawn"
    ]  # fmt: skip
    return {
        **_room(actor, gathering), "points": points, "retry": new_id().hex,
        "current": next((i.pk for i in items if i.state == "listed"), None),
    }  # fmt: skip
