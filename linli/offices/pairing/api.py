"""``/api/v1/pairings``: who answers for which place, and days on site."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router

from linli.core.matters.api import reply, signed_in
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, Post
from linli.core.places.api import find_place
from linli.core.places.tree import tree
from linli.kit import api as manners
from linli.kit.fields import subtree
from linli.offices.pairing import actions, queries
from linli.offices.pairing.models import Pairing, Visit
from linli.offices.pairing.scheme import Promise, scheme

router = Router(tags=["pairings"])


class AssignIn(manners.Body):
    role: str
    place: str
    post: str = ""
    unit: str = ""
    since: date | None = None


class EndIn(manners.Body):
    on: date | None = None
    reason: str = ""


class VisitIn(manners.Body):
    on: date
    note: str = ""
    text: str = ""
    kind: str = "appeal"


def shown(row: Pairing, actor: Actor) -> dict[str, Any]:
    """One pairing as data, with what the caller may do."""
    known = tree(row.district_id)
    node, role = known.by_id.get(row.place_id), scheme(known).role(row.role)
    acts = []
    if row.until is None and role and actions.may_assign(actor, role, row.scope_path):
        acts = ["end", "hand_over"]
    if row.until is None and queries.is_holder(actor, row):
        acts.append("visits")
    return {
        "id": str(row.pk), "role": row.role, "role_name": role.name if role else row.role,
        "place": {"code": node.code, "name": node.name, "level": node.level} if node else None,
        "post": row.post.code if row.post else None, "unit": row.organisation.code if row.organisation else None,
        "name": row.holder, "title": row.title, "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None, "promise": row.promise or None,
        "promise_words": Promise.read(row.promise).words(), "allowed": acts,
    }  # fmt: skip


def _visit(visit: Visit) -> dict[str, Any]:
    return {"id": str(visit.pk), "on": visit.on.isoformat(), "note": visit.note, "state": visit.state,
            "matter": visit.matter.number if visit.matter else None}  # fmt: skip


@router.get("/pairings", auth=None)
def list_pairings(
    request: HttpRequest, place: str = "", role: str = "", mine: bool = False, cursor: str = "", limit: int = 50
) -> HttpResponse:
    """What the caller sees: under his places, and his own. In the order of ids."""
    actor = signed_in(request)
    rows = queries.visible(actor).select_related("post__person", "organisation").filter(until=None)
    if place and actor.district_id:
        node = tree(actor.district_id).by_code.get(place)
        low, high = subtree(node.path if node else "~")
        rows = rows.filter(scope_path__gte=low, scope_path__lt=high)
    if role:
        rows = rows.filter(role=role)
    if mine:
        rows = rows.filter(pk__in=[p.pk for p in queries.mine(actor)])
    if cursor:
        rows = rows.filter(pk__gt=_key(cursor))
    limit = max(1, min(limit, 200))
    page = list(rows.order_by("pk")[: limit + 1])
    more = page[limit - 1].pk.hex if len(page) > limit else None
    return reply({"items": [shown(row, actor) for row in page[:limit]], "next": more})


def _key(cursor: str) -> uuid.UUID:
    from linli.core.matters import seeing  # one cursor of ids for every list of the API

    return seeing.read_cursor(cursor)


@router.post("/pairings", auth=None)
def assign(request: HttpRequest, payload: AssignIn) -> HttpResponse:
    """Somebody answers for a place. The same asked again is the one that stands, so it may be repeated."""
    actor = signed_in(request)
    node = tree(actor.district_id).by_code.get(payload.place) if actor.district_id else None
    mine = {"district_id": actor.district_id or 0}
    made = actions.assign(
        actor=actor, role=payload.role, place_id=node.id if node else uuid.UUID(int=0), since=payload.since,
        post_id=Post.objects.filter(**mine, code=payload.post).values_list("pk", flat=True).first(),
        organisation_id=Organisation.objects.filter(**mine, code=payload.unit).values_list("pk", flat=True).first(),
    )  # fmt: skip
    return reply(shown(made, actor), 201)


@router.get("/pairings/{pairing_id}", auth=None)
def get_pairing(request: HttpRequest, pairing_id: uuid.UUID) -> HttpResponse:
    actor = signed_in(request)
    row = queries.one(actor, pairing_id)
    visits = [_visit(v) for v in queries.visits(actor).filter(pairing=row).order_by("-on", "-id")[:50]]
    return reply(shown(row, actor) | {"visits": visits})


@router.post("/pairings/{pairing_id}/end", auth=None)
def end(request: HttpRequest, pairing_id: uuid.UUID, payload: EndIn) -> HttpResponse:
    actor = signed_in(request)
    actions.end(actor=actor, pairing_id=pairing_id, on=payload.on, reason=payload.reason)
    return reply(shown(queries.one(actor, pairing_id), actor))


@router.post("/pairings/{pairing_id}/visits", auth=None)
def log_visit(request: HttpRequest, pairing_id: uuid.UUID, payload: VisitIn) -> HttpResponse:
    """A day on site by the holder; ``text`` opens a matter. Takes an ``Idempotency-Key``."""
    actor = signed_in(request)
    found = actions.Found(payload.text, payload.kind) if payload.text.strip() else None

    def do() -> tuple[int, bytes]:
        visit = actions.log_visit(actor=actor, pairing_id=pairing_id, on=payload.on, note=payload.note, found=found)
        return visit.district_id, orjson.dumps(_visit(visit))

    return manners.once(request, f"visit:{actor.user_id}:{pairing_id}", do)


@router.get("/places/{code}/pairings", auth=None)
def of_place(request: HttpRequest, code: str) -> HttpResponse:
    """Who answers for a place, at its own level and every one above: what hangs at the gate."""
    known, node = find_place(code)
    items = [
        {"role": p.role, "place": p.place, "name": p.name, "title": p.title, "since": p.since.isoformat(),
         "promise": p.promise}
        for p in queries.public_of(known, node)
    ]  # fmt: skip
    return reply({"items": items, "next": None})
