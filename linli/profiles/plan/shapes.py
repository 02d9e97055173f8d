"""Shapes of a planned district: an outline, cells that tile it, footprints of buildings, doors of units."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import Polygon

from linli.core.places.geo.footprints import footprints
from linli.core.places.geo.organic import organic_outline
from linli.core.places.geo.tiling import Branch, nest
from linli.profiles.plan.tree import Node
from linli.profiles.schema import Profile

DECIMALS = 7
_CORE = "core"


class Shapes:
    """Every place's polygon or point, by place code."""

    def __init__(self, profile: Profile, root: Node) -> None:
        self.profile, self.root = profile, root
        self.polygons: dict[str, Polygon] = {}
        self.points: dict[str, tuple[float, float]] = {}

    def draw(self) -> None:
        ground = self.profile.ground
        outline = organic_outline(ground.lon, ground.lat, ground.outline_km2, self.profile.adcode)
        drawn = nest(outline, self._branches(), self.profile.adcode).shapes
        east, north = self._to_centre(drawn[_CORE])
        for code, polygon in drawn.items():
            if code != _CORE:
                self.polygons[code] = _moved(polygon, east, north)
        for node in self.root.walk():
            self._build(node)
        for code, polygon in self.polygons.items():
            point = polygon.representative_point()
            self.points.setdefault(code, (round(point.x, DECIMALS), round(point.y, DECIMALS)))

    def _branches(self) -> Branch:
        """The tree as the tiling takes it: the built-up core as one branch among the towns around it.

        The core's own branch has no place; it keeps the streets together however the outline is cut.
        """
        ground = self.profile.ground
        streets = [street for street in self.root.children if not street.generic]
        towns = [street for street in self.root.children if street.generic]
        core = Branch(_CORE, tuple(self._branch(street) for street in streets), ground.core_km2)
        share = (ground.outline_km2 - ground.core_km2) / max(1, len(towns))
        around = [Branch(town.code, tuple(self._branch(cell) for cell in town.children), share) for town in towns]
        half = len(around) // 2
        return Branch(self.root.code, (*around[:half], core, *around[half:]))

    def _branch(self, node: Node) -> Branch:
        inner = tuple(self._branch(child) for child in node.children if child.level not in {"building", "unit"})
        return Branch(node.code, inner, None if inner else node.weight)

    def _to_centre(self, core: Polygon) -> tuple[float, float]:
        """How far everything moves so that the built-up core lies where the profile says, in whole last decimals."""
        middle = core.representative_point()
        ground = self.profile.ground
        return round(ground.lon - middle.x, DECIMALS), round(ground.lat - middle.y, DECIMALS)

    def _build(self, cell: Node) -> None:
        """Put the buildings of a cell into it, and each unit's door along its building."""
        buildings = [child for child in cell.children if child.level == "building"]
        if not buildings:
            return
        placed = footprints(self.polygons[cell.code], len(buildings), cell.code)
        for building, (polygon, _storeys) in zip(buildings, placed, strict=True):
            self.polygons[building.code] = polygon
            doors = _along(polygon, len(building.children))
            self.points |= {unit.code: door for unit, door in zip(building.children, doors, strict=True)}


def _moved(polygon: Polygon, east: float, north: float) -> Polygon:
    """The same polygon elsewhere: rounding after the move keeps shared vertices shared."""
    way = np.array((east, north))
    moved: Polygon = shapely.transform(polygon, lambda xy: np.round(xy + way, DECIMALS))
    return moved


def _along(building: Polygon, count: int) -> list[tuple[float, float]]:
    """Doors spread along the middle of a building, from one end to the other."""
    corners = shapely.get_coordinates(building)[:4]
    first = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    second = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
    start, stop = max((first, second), key=lambda ends: float(np.hypot(*(ends[1] - ends[0]))))
    steps = [(number + 0.5) / count for number in range(count)]
    places = [start + (stop - start) * step for step in steps]
    return [(round(float(x), DECIMALS + 1), round(float(y), DECIMALS + 1)) for x, y in places]
