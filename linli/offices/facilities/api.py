"""``/api/v1/facilities``: what stands where, and whether it is open."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from linli.core.matters import api as matters
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit.refusal import Invalid, NotFound
from linli.offices.facilities import queries
from linli.offices.facilities.kinds import KINDS

router = Router(tags=["facilities"])


class FacilityOut(Schema):
    code: str
    kind: str
    name: str
    address: str
    lon: float
    lat: float
    services: list[str]
    hours: dict[str, list[str]]
    condition: str
    open: bool
    words: str


class FacilityListOut(Schema):
    items: list[FacilityOut]
    next: str | None


def shown(station: queries.Station) -> dict[str, Any]:
    row = station.row
    return {
        "code": row.code, "kind": row.kind, "name": row.name, "address": row.address, "lon": row.lon, "lat": row.lat,
        "services": row.services, "hours": row.hours, "condition": str(row.condition), "open": station.now.open,
        "words": station.now.words,
    }  # fmt: skip


def _district(request: HttpRequest) -> int:
    found = matters.caller(request).district_id or District.objects.order_by("pk").values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(_("没有找到。"))
    return found


@router.get("/facilities", response={200: FacilityListOut}, auth=None)
def list_facilities(
    request: HttpRequest, kind: str = "rest_station", service: str = "", open: bool = False, q: str = "",
    place: str = "", cursor: str = "", limit: int = 50,
) -> HttpResponse:  # fmt: skip
    """By kind, service, place and word; ``open=true`` leaves those that are open now."""
    if kind not in KINDS:
        raise Invalid(_("没有这一种设施。"), fields={"kind": _("没有这一种设施。")})
    wanted = queries.Wanted(kind=kind, service=service, open_now=open, q=q[:30], place=place)
    found = queries.listed(_district(request), wanted, cursor=cursor, limit=max(1, min(limit, 200)))
    return matters.reply({"items": [shown(s) for s in found.items], "next": found.next})


@router.get("/facilities/{code}", response={200: FacilityOut}, auth=None)
def get_facility(request: HttpRequest, code: str) -> HttpResponse:
    district_id = _district(request)
    row = queries.one(district_id, code)
    return matters.reply(shown(queries.shown(row, tree(district_id), timezone.now())))
