"""``/api/v1/admissions``: a department's leave to bring a task to communities (M16)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema

from linli.core.matters import seeing
from linli.core.matters.actions import admissions
from linli.core.matters.api import reply, signed_in
from linli.core.matters.models import Admission
from linli.core.matters.present import iso
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import api as manners
from linli.kit.finding import the_one

router = Router(tags=["admissions"])


class ApplyIn(manners.Body):
    title: str
    basis: str
    place: str
    since: date
    until: date


class DecideIn(Schema):
    reason: str = ""


def shown(row: Admission, actor: Actor) -> dict[str, Any]:
    """One admission as data, with what the caller may do."""
    node = tree(row.district_id).by_id.get(row.place_id)
    admits = actor.over(duties.ADMIT, row.scope_path) is not None
    acts = {"applied": ["approve", "refuse"], "approved": ["end"]}.get(row.state, []) if admits else []
    return {
        "number": row.number, "title": row.title, "basis": row.basis, "state": row.state,
        "department": {"code": row.department.code, "name": row.department.name},
        "place": {"code": node.code, "name": node.name, "level": node.level} if node else None,
        "since": row.since.isoformat(), "until": row.until.isoformat(), "reason": row.reason,
        "decided_at": iso(row.decided_at), "allowed": acts,
    }  # fmt: skip


@router.get("/admissions", auth=None)
def list_admissions(request: HttpRequest, state: str = "", cursor: str = "", limit: int = 50) -> HttpResponse:
    """Newest first, what the caller sees."""
    actor = signed_in(request)
    rows = admissions.visible(actor).select_related("department")
    if state:
        rows = rows.filter(state=state)
    if cursor:
        rows = rows.filter(pk__lt=seeing.read_cursor(cursor))
    limit = max(1, min(limit, 200))
    page = list(rows[: limit + 1])
    more = page[limit - 1].pk.hex if len(page) > limit else None
    return reply({"items": [shown(row, actor) for row in page[:limit]], "next": more})


@router.post("/admissions", auth=None)
def apply(request: HttpRequest, payload: ApplyIn) -> HttpResponse:
    """A department's officer asks for leave. Takes an ``Idempotency-Key``."""
    actor = signed_in(request)
    key = request.headers.get("Idempotency-Key", "")
    repeat = manners.Repeat(key, manners.parse(request), f"admission {actor.user_id}") if key else None
    if repeat and (earlier := repeat.answered()) is not None:
        return HttpResponse(earlier, content_type="application/json")
    try:
        with transaction.atomic():  # the leave and the answer to its key stand or fall together
            made = admissions.apply(actor=actor, **payload.dict())
            answer = reply(shown(made, actor), 201)
            if repeat:
                repeat.row(made.district_id, answer.content).save()
    except IntegrityError:  # the same request twice at once: the other one was first
        earlier = repeat.answered() if repeat else None
        if earlier is None:
            raise
        return HttpResponse(earlier, content_type="application/json")
    return answer


def _one(actor: Actor, number: str) -> Admission:
    return the_one(
        admissions.visible(actor).select_related("department").filter(number=number), _("没有找到这一条准入。")
    )


@router.get("/admissions/{number}", auth=None)
def get_admission(request: HttpRequest, number: str) -> HttpResponse:
    actor = signed_in(request)
    return reply(shown(_one(actor, number), actor))


@router.post("/admissions/{number}/approve", auth=None)
def approve(request: HttpRequest, number: str, payload: DecideIn) -> HttpResponse:
    actor = signed_in(request)
    admissions.decide(actor=actor, number=number, approved=True, reason=payload.reason)
    return reply(shown(_one(actor, number), actor))


@router.post("/admissions/{number}/refuse", auth=None)
def refuse(request: HttpRequest, number: str, payload: DecideIn) -> HttpResponse:
    actor = signed_in(request)
    admissions.decide(actor=actor, number=number, approved=False, reason=payload.reason)
    return reply(shown(_one(actor, number), actor))


@router.post("/admissions/{number}/end", auth=None)
def end(request: HttpRequest, number: str, payload: DecideIn) -> HttpResponse:
    actor = signed_in(request)
    admissions.end(actor=actor, number=number, reason=payload.reason)
    return reply(shown(_one(actor, number), actor))
