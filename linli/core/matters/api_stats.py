"""``/api/v1/stats/matters``: figures that anybody may read, each of which opens its cases."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from linli.core.matters import stats
from linli.core.matters.api import caller, reply
from linli.core.places.api import find_place
from linli.core.places.tree import district_ids
from linli.kit.refusal import NotFound

router = Router(tags=["stats"])


class GroupOut(Schema):
    key: str
    name: str
    received: int
    answered_in_time: int
    acted_in_time: int
    resolved_in_time: int
    resolved: int
    satisfied: int
    rated: int
    median_seconds: int | None


class StatsOut(Schema):
    groups: list[GroupOut]
    formula: dict[str, Any]


class StatsQuery(Schema):
    by: str = "place"
    place: str = ""
    kind: str = ""
    level: str = ""
    since: str = ""
    until: str = ""


@router.get("/stats/matters", response={200: StatsOut}, auth=None)
def matters(request: HttpRequest, asked: Query[StatsQuery]) -> HttpResponse:
    """Figures by place, kind, state, channel, day or hour of opening. ``since`` and ``until`` are RFC 3339 or dates.

    Figures are public, as on ``/open/``: nothing in them names anybody.
    """
    actor = caller(request)
    if asked.place:
        known, node = find_place(asked.place)
        district_id, path = known.district.id, node.path
    else:
        district_id, path = actor.district_id or next(iter(district_ids()), 0), None
        if not district_id:
            raise NotFound("")
    found = stats.query(
        district_id=district_id, by=asked.by, path=path, kind=asked.kind or None, since=asked.since or None,
        until=asked.until or None, level=asked.level or None,
    )  # fmt: skip
    return reply(found.as_json())
