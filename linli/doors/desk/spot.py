"""Where a matter lies, as the small map on its page shows it: the cell, the houses in it, and the point."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.models import Boundary
from linli.core.places.tree import Node, tree
from linli.doors.desk.gate import seen

MOST = 200
_TALL = 18  # metres, where a house's own height is not known


@require_GET
@staff_page
def spot(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """GeoJSON for ``{% map_view %}``."""
    matter = seen(actor, number)
    known = tree(matter.district_id)
    node = known.by_id.get(matter.place_id)
    around = (known.cell(node) or node) if node else None
    features = [_point(matter, node)] if matter.lon is not None and matter.lat is not None else []
    shapes = _shapes(matter.district_id, around, node)
    return JsonResponse({"type": "FeatureCollection", "features": [*shapes, *features]})


def _shapes(district_id: int, around: Node | None, node: Node | None) -> list[dict[str, Any]]:
    if around is None:
        return []
    rows = Boundary.objects.filter(
        district_id=district_id, until=None, place__path__gte=around.path, place__path__lt=around.path + "~"
    )
    found = list(rows.select_related("place").order_by("place__path")[:MOST])
    # An entrance has no outline of its own: its house has.
    inside = [row for row in found if node is not None and node.path.startswith(row.place.path)]
    chosen = max(inside, key=lambda row: len(row.place.path), default=None)
    return [_area(row, chosen=row is chosen) for row in found]


def _area(row: Boundary, *, chosen: bool) -> dict[str, Any]:
    house = row.place.level == "building"
    # One name is enough on a map of a hand's width: that of the house, or of the quarter where no house is known.
    said: dict[str, Any] = {"code": row.place.code, "name": row.place.name if chosen else "", "chosen": chosen}
    if house:
        said["height"] = row.place.attrs.get("height_m", _TALL)
    return {"type": "Feature", "properties": said, "geometry": json.loads(row.geojson)}


def _point(matter: Matter, node: Node | None) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [matter.lon, matter.lat]}
    said = {"name": node.name if node else ""}
    return {"type": "Feature", "properties": said, "geometry": geometry}
