"""From a point to a grid, with the district's polygons in memory."""

from __future__ import annotations

import shapely

from linli.core.places.geo.locate import Locator
from linli.core.places.models import Boundary
from linli.core.places.tree import Node, district_ids, tree
from linli.kit import memory


def _make(district_id: int) -> Locator[str]:
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
    return Locator(codes, list(shapely.from_geojson(shapes)))


_locators: memory.PerDistrict[Locator[str]] = memory.PerDistrict(_make)


def locator(district_id: int) -> Locator[str]:
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


def find(word: str, *, door: bool = False) -> tuple[int, Node] | None:
    """The district and place of a place code or a door code."""
    for each in district_ids():
        known = tree(each)
        node = known.by_door.get(word) if door else known.by_code.get(word)
        if node is not None:
            return each, node
    return None
