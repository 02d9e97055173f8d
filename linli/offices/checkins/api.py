"""``/api/v1/checkins``: one's own reports, and a community's figures for everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from linli.core.matters.api import reply, signed_in
from linli.core.places.api import find_place
from linli.kit.api import Body
from linli.kit.refusal import NotFound
from linli.offices.checkins import actions, queries
from linli.offices.checkins.models import CheckIn

router = Router(tags=["checkins"])


class CheckInIn(Body):
    code: str
    how: str
    name: str = ""
    unit: str = ""
    party_member: bool = False


def shown(row: CheckIn) -> dict[str, Any]:
    return {
        "id": str(row.pk), "how": row.how, "place": {"code": row.place.code, "name": row.place.name},
        "unit": row.organisation.code if row.organisation else None, "at": row.at.isoformat(timespec="seconds"),
    }  # fmt: skip


@router.get("/checkins", auth=None)
def mine(request: HttpRequest) -> HttpResponse:
    """Where the caller has reported, and what was certified in all."""
    actor = signed_in(request)
    total = queries.total(queries.my_services(actor))
    items = [shown(row) for row in queries.mine(actor)]
    return reply({"items": items, "next": None, "services": total.services, "minutes": total.minutes})


@router.post("/checkins", auth=None)
def check_in(request: HttpRequest, payload: CheckInIn) -> HttpResponse:
    """Report by a community's printed code. Reported already, it is the report that stands: it may be repeated."""
    actor = signed_in(request)
    said = actions.Reporting(payload.how, payload.name, payload.unit, payload.party_member)
    made = actions.check_in(actor=actor, code=payload.code, said=said)
    row = CheckIn.objects.select_related("place", "organisation").get(district_id=made.district_id, pk=made.pk)
    return reply(shown(row), 201)


@router.get("/places/{code}/checkins", auth=None)
def of_place(request: HttpRequest, code: str) -> HttpResponse:
    """A community's figures, counted from rows, and what it offers."""
    known, node = find_place(code)
    if node.level != "community":
        raise NotFound(_("报到到社区，这里不是社区。"))
    line = queries.figures(known, [node])[0]
    offered = [
        {"id": str(o.item.pk), "title": o.item.title, "what": o.item.what, "times": o.item.times,
         "needed": o.item.needed, "left": o.left}
        for o in queries.items(known.district.id, [node.id])
    ]  # fmt: skip
    figures = {"units": line.units, "by_unit": line.by_unit, "by_home": line.by_home, "services": line.services,
               "minutes": line.minutes}  # fmt: skip
    return reply({"figures": figures, "items": offered, "next": None})
