"""From a point to a grid, with the district's polygons in memory."""

from __future__ import annotations

import math
from uuid import UUID

from linli.core.places.geo.point import Frame, PointLocator, frame_of
from linli.core.places.models import Boundary
from linli.core.places.tree import Node, district_ids, tree
from linli.kit import memory


def _make(district_id: int) -> PointLocator[str]:
    known = tree(district_id)
    rows = Boundary.objects.filter(
        district_id=district_id, until=None, place__level=known.district.cell_level
    ).values_list("place_id", "geojson")
    codes, shapes = [], []
    for place_id, geojson in rows.iterator(chunk_size=500):
        node = known.by_id.get(place_id)
        if node is not None:
            codes.append(node.code)
            shapes.append(geojson)
    return PointLocator(codes, shapes)


_locators: memory.PerDistrict[PointLocator[str]] = memory.PerDistrict(_make)


def locator(district_id: int) -> PointLocator[str]:
    """The district's locator over its current cells, by code."""
    return _locators.get(district_id)


def locate(lon: float, lat: float, district_id: int | None = None) -> tuple[int, Node] | None:
    """The district and the cell that a WGS 84 point lies in; None outside every district."""
    ids = (district_id,) if district_id else district_ids()
    for each in ids:
        found = locator(each).locate(lon, lat)
        if found is not None:
            return each, tree(each).by_code[found]
    return None


_Frames = list[tuple[UUID, Frame]]
_EVERYWHERE: Frame = (-math.inf, -math.inf, math.inf, math.inf)


def _frame(district_id: int) -> _Frames:
    """Current boundaries in the order of the tree, with the box that each fills."""
    rows = Boundary.objects.filter(district_id=district_id, until=None).order_by("place__path")
    told = rows.values_list("place_id", "geojson").iterator(chunk_size=500)
    return [(place_id, frame_of(geojson)) for place_id, geojson in told]


_frames: memory.PerDistrict[_Frames] = memory.PerDistrict(_frame)


def drawn(district_id: int, *, below: str = "", level: str = "", box: Frame | None = None) -> list[Node]:
    """Places with a boundary in the order of the tree: below a path, of a level ("grid": the cells), touching a box."""
    west, south, east, north = box or _EVERYWHERE
    places = tree(district_id)
    known = places.by_id
    level = places.district.cell_level if level == "grid" else level
    hit = (
        place_id
        for place_id, (left, low, right, high) in _frames.get(district_id)
        if left <= east and right >= west and low <= north and high >= south
    )
    nodes = (known[place_id] for place_id in hit if place_id in known)
    return [n for n in nodes if n.path.startswith(below) and level in ("", n.level)]


def find(word: str, *, door: bool = False) -> tuple[int, Node] | None:
    """The district and place of a place code or a door code."""
    for each in district_ids():
        known = tree(each)
        node = known.by_door.get(word) if door else known.by_code.get(word)
        if node is not None:
            return each, node
    return None
