"""What people look for among facilities: one list for everybody, because they stand there for everybody."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.models import Boundary
from linli.core.places.tree import Node, Tree, tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import Invalid
from linli.offices.facilities import hours
from linli.offices.facilities.kinds import ICONS, SERVICES
from linli.offices.facilities.models import Facility

MOST = 2000  # of a kind in a district, for the map
CHUNK = 200  # rows that stream past at once


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for. ``near`` orders by distance instead of by code."""

    kind: str
    service: str = ""
    open_now: bool = False
    q: str = ""
    place: str = ""
    near: tuple[float, float] | None = None


@dataclass(frozen=True)
class Station:
    """One of the list, as it is shown."""

    row: Facility
    now: hours.Now
    where: str
    services: list[tuple[str, str]]  # word, icon
    metres: int | None = None


@dataclass(frozen=True)
class Listed:
    """A page, the cursor of the next one, and how many there are and are open."""

    items: list[Station]
    next: str | None
    total: int
    open: int


def listed(
    district_id: int, wanted: Wanted, *, cursor: str = "", limit: int = 30, now: datetime | None = None
) -> Listed:
    """A page. Hours and distance cannot be asked of the database, so rows stream past and only a page is kept."""
    now = now or timezone.now()
    known = tree(district_id)
    rows = _rows(district_id, known, wanted)
    total, opened = _counted(rows, now)
    if wanted.near:
        found = _nearest(rows, known, now, wanted, cursor, limit + 1)
    else:
        found = _by_code(rows.filter(code__gt=cursor), known, now, wanted, limit + 1)
    page = found[:limit]
    return Listed(page, _cursor(page[-1], wanted) if len(found) > limit else None, total, opened)


def _counted(rows: QuerySet[Facility], now: datetime) -> tuple[int, int]:
    """How many there are, and how many of them are open now; nothing of them is kept."""
    total = opened = 0
    for row in rows.only("id", "hours", "condition", "reason", "paused_until").iterator(chunk_size=CHUNK):
        total += 1
        opened += hours.now(row, now).open
    return total, opened


def _by_code(rows: QuerySet[Facility], known: Tree, now: datetime, wanted: Wanted, most: int) -> list[Station]:
    """The next of them by code; where only open ones are asked for, reading stops with the last one needed."""
    if not wanted.open_now:
        return [shown(row, known, now) for row in rows[:most]]
    found = (shown(row, known, now) for row in rows.iterator(chunk_size=CHUNK))
    return list(islice((station for station in found if station.now.open), most))


def _nearest(
    rows: QuerySet[Facility], known: Tree, now: datetime, wanted: Wanted, cursor: str, most: int
) -> list[Station]:
    """The next of them by distance, out of a stream: no more is held than a page."""
    behind = _behind(cursor)
    found = (shown(row, known, now, wanted.near) for row in rows.iterator(chunk_size=CHUNK))
    left = (s for s in found if (s.now.open or not wanted.open_now) and _far(s) > behind)
    return heapq.nsmallest(most, left, key=_far)


def _far(station: Station) -> tuple[int, str]:
    return station.metres or 0, station.row.code


def _cursor(last: Station, wanted: Wanted) -> str:
    return f"{last.metres or 0}~{last.row.code}" if wanted.near else last.row.code


def _behind(cursor: str) -> tuple[int, str]:
    """What a cursor by distance says; from the beginning where it says nothing of ours."""
    metres_text, _, code = cursor.partition("~")
    return (
        (int(metres_text), code)
        if metres_text.isascii() and metres_text.isdigit() and len(metres_text) < 9
        else (-1, "")
    )


def _rows(district_id: int, known: Tree, wanted: Wanted) -> QuerySet[Facility]:
    rows = Facility.objects.filter(district_id=district_id, kind=wanted.kind, until=None)
    if wanted.place:
        node = known.by_code.get(wanted.place)
        if node is None:
            raise Invalid(_("没有这个地方。"), fields={"place": _("没有找到：%s") % wanted.place})
        low, high = subtree(node.path)
        rows = rows.filter(scope_path__gte=low, scope_path__lt=high)
    if wanted.service:
        rows = rows.filter(services__icontains=f'"{wanted.service}"')
    if wanted.q:
        rows = rows.filter(Q(name__icontains=wanted.q) | Q(address__icontains=wanted.q))
    return rows.order_by("code")


def shown(row: Facility, known: Tree, now: datetime, near: tuple[float, float] | None = None) -> Station:
    """A row with its words."""
    node = known.by_id.get(row.place_id)
    words = [(str(SERVICES[code]), ICONS.get(code, "")) for code in row.services if code in SERVICES]
    where = known.full_name(node, below="street") if node else ""
    return Station(row, hours.now(row, now), where, words, metres(near, (row.lon, row.lat)) if near else None)


def metres(a: tuple[float, float], b: tuple[float, float]) -> int:
    """The way as the crow flies, to the ten metres; good enough to choose by."""
    middle = math.radians((a[1] + b[1]) / 2)
    x, y = (a[0] - b[0]) * 111_320 * math.cos(middle), (a[1] - b[1]) * 110_540
    return round(math.hypot(x, y) / 10) * 10


def one(district_id: int, code: str) -> Facility:
    """By its code; NotFound where there is none any more."""
    return the_one(
        Facility.objects.filter(district_id=district_id, code=code, until=None).select_related("keeper"),
        _("没有找到这一处。"),
    )


def geojson(stations: Iterable[Station], url: str) -> dict[str, Any]:
    """For the map: a point each, quiet where it is closed. ``url`` holds ``{code}``."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature", "geometry": {"type": "Point", "coordinates": [s.row.lon, s.row.lat]},
                "properties": {"name": s.row.name, "code": s.row.code, "open": s.now.open, "words": s.now.words,
                               "tone": "" if s.now.open else "closed", "url": url.replace("{code}", s.row.code)},
            }
            for s in stations
        ],
    }  # fmt: skip


def outline(row: Facility) -> list[dict[str, Any]]:
    """The ground that it stands on, so that a single point does not hang in the air."""
    found = Boundary.objects.filter(district_id=row.district_id, place_id=row.place_id, until=None)
    return [
        {"type": "Feature", "geometry": orjson.Fragment(b.geojson),
         "properties": {"name": b.place.name, "code": b.place.code, "chosen": True}}
        for b in found.select_related("place")[:1]
    ]  # fmt: skip


def keeps(actor: Actor, row: Facility) -> bool:
    """Whether the actor may change it."""
    return actor.district_id == row.district_id and actor.over(duties.FACILITIES, row.scope_path) is not None


def kept_places(actor: Actor) -> list[Node]:
    """Where a keeper may add one: the communities and quarters below his posts."""
    if actor.district_id is None:
        return []
    known = tree(actor.district_id)
    paths = actor.paths(duties.FACILITIES)
    inside = [n for n in known.by_id.values() if any(n.path.startswith(p) for p in paths)]
    return sorted((n for n in inside if n.level in ("community", "quarter")), key=lambda n: n.path)[:400]
