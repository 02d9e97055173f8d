"""My piece on the map: grids, buildings, and what is open where. The same as a list, one tap away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from linli.core.matters import clocks, seeing, showing
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.models import Boundary
from linli.core.places.tree import Node, Tree, tree
from linli.kit import clockface

MOST = 200  # open ones on one phone's map; who has more works at the desk


@dataclass(frozen=True)
class Spot:
    """One open matter where it lies."""

    number: str
    title: str
    where: str
    state: str
    tone: str
    lon: float | None
    lat: float | None


def home(actor: Actor) -> Node | None:
    """The place of my first post that sees anything."""
    paths = actor.paths(duties.SEE) or tuple(p.path for p in actor.posts[:1])
    known = tree(actor.district_id or 0)
    return known.by_path.get(paths[0]) if paths else None


def spots(actor: Actor) -> list[Spot]:
    """What is open in what I see, newest first."""
    known, now = tree(actor.district_id or 0), timezone.now()
    rows = seeing.list_matters(actor, seeing.Filters(state="live"), limit=MOST).rows
    return [_spot(matter, known, now) for matter in rows]


def _spot(matter: Matter, known: Tree, now: datetime) -> Spot:
    node = known.by_id.get(matter.place_id)
    lon, lat = matter.lon, matter.lat
    if (lon is None or lat is None) and node is not None:  # a staircase lies where its house lies
        near = next((n for n in reversed(known.chain(node)) if n.lon is not None), node)
        lon, lat = near.lon, near.lat
    where = known.full_name(node, below="quarter") if node else ""
    return Spot(matter.number, matter.title, where, matter.state, _tone(matter, now), lon, lat)


def _tone(matter: Matter, now: datetime) -> str:
    """What the chip of its card says."""
    clock = showing.leading(matter, clocks.shown(matter.clocks, now))
    tone = clockface.face(clock, style="staff", now=now).tone if clock else ""
    return tone if tone in ("over", "soon") else ""


def shapes(actor: Actor) -> bytes:
    """Outlines of my cells and a point for each open matter. The name of a matter stays in the list."""
    known = tree(actor.district_id or 0)
    root = home(actor)
    features = _outlines(known, root) if root is not None else []
    features += [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [s.lon, s.lat]},
            "properties": {"name": s.title, "code": s.number, "tone": s.tone,
                           "url": reverse("field:matter", args=[s.number])},
        }
        for s in spots(actor)
        if s.lon is not None and s.lat is not None
    ]  # fmt: skip
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _outlines(known: Tree, root: Node) -> list[dict[str, Any]]:
    """The cells below my place, else the one it lies in."""
    cell = known.district.cell_level
    below = [n for n in known.by_id.values() if n.level == cell and n.path.startswith(root.path)]
    around = known.at_level(root, cell)
    cells = below or ([around] if around else [])
    names = {n.id: n for n in cells[:MOST]}
    rows = Boundary.objects.filter(district_id=known.district.id, until=None, place_id__in=list(names))
    return [
        {
            "type": "Feature", "geometry": orjson.Fragment(row.geojson),
            "properties": {"name": names[row.place_id].name, "code": names[row.place_id].code, "chosen": True},
        }
        for row in rows
    ]  # fmt: skip


def open_by_place(actor: Actor, places: Iterable[Node], known: Tree) -> dict[UUID, int]:
    """How many are open in each of some buildings: one query, counted by place and added up."""
    wanted = list(places)
    if not wanted:
        return {}
    # Nobody counts what he does not see: a place is named by its path, and each must lie under a post that sees.
    seen = actor.paths(duties.SEE)
    inside = [n for n in wanted if any(n.path.startswith(p) for p in seen)]
    under = {n.id: b.id for b in inside for n in _and_below(known, b)}
    rows = (
        Matter.objects.filter(Q(place_id__in=list(under)), district_id=known.district.id)
        .exclude(state__in=("closed", "declined", "merged"))
        .values("place_id").annotate(n=Count("id"))
    )  # fmt: skip
    out: dict[UUID, int] = {}
    for row in rows.order_by():
        building = under[row["place_id"]]
        out[building] = out.get(building, 0) + row["n"]
    return out


def _and_below(known: Tree, node: Node) -> list[Node]:
    return [node, *known.children.get(node.id, [])]
