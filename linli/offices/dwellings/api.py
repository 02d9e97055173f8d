"""``/api/v1/units/{code}/dwellings`` and ``/dwellings/{id}/survey``: for those who go from door to door."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from ninja import Router

from linli.core.matters.api import reply, signed_in
from linli.core.places.tree import tree
from linli.kit.api import Body
from linli.offices.dwellings import actions, queries

router = Router(tags=["dwellings"])


class SurveyIn(Body):
    status: str


@router.get("/units/{code}/dwellings", auth=None)
def of_unit(request: HttpRequest, code: str) -> HttpResponse:
    """The dwellings of a unit that the caller surveys, floor by floor, and how far the survey is."""
    actor = signed_in(request)
    node = queries.unit(actor, code)
    known = tree(actor.district_id or 0)
    made = queries.covers(known, [node]).get(node.id) or queries.Cover()
    items = [
        {"id": str(d.id), "number": d.number, "floor": floor.name, "status": d.status or None,
         "on": d.on.isoformat() if d.on else None}
        for floor in queries.floors(known, node) for d in floor.doors
    ]  # fmt: skip
    return reply({"items": items, "next": None, "dwellings": made.dwellings, "surveyed": made.surveyed})


@router.post("/dwellings/{dwelling_id}/survey", auth=None)
def survey(request: HttpRequest, dwelling_id: uuid.UUID, payload: SurveyIn) -> HttpResponse:
    """One look. The same status again on the same day is the same look, so it may be repeated."""
    actor = signed_in(request)
    made = actions.survey(actor=actor, dwelling_id=dwelling_id, status=payload.status)
    return reply({"id": str(made.dwelling_id), "status": made.status, "at": made.at.isoformat(timespec="seconds")}, 201)
