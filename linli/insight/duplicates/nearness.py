"""How near two matters lie: by the tree of places, and by the points where both have one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from linli.core.matters.models import Matter
from linli.core.places.tree import STEP, Node, Tree

_LEVELS: Final = {"unit": 1.0, "building": 1.0, "grid": 0.6, "quarter": 0.5, "community": 0.3}
_METRES: Final = ((60.0, 0.9), (200.0, 0.6), (500.0, 0.4))  # within, worth
_DEGREE: Final = 111_320.0


@dataclass(frozen=True)
class Spot:
    """Where something is: its place, and its point where it has one of its own."""

    node: Node | None
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, known: Tree, place: Node | None, lon: float | None, lat: float | None) -> Spot | None:
        if place is None and (lon is None or lat is None):
            return None
        return cls(place, lon, lat)

    @classmethod
    def of_matter(cls, known: Tree, matter: Matter) -> Spot:
        return cls(known.by_id.get(matter.place_id), matter.lon, matter.lat)


@dataclass(frozen=True)
class Near:
    """``value`` 0 … 1; ``level`` of the lowest place in common, "" where none that says anything; metres between."""

    value: float = 0.0
    level: str = ""
    metres: int | None = None
    same_house: bool = False


def nearness(one: Spot | None, other: Spot, known: Tree) -> Near:
    """The nearer of what the tree and what the points say."""
    if one is None:
        return Near()
    level = _common(one.node, other.node, known)
    metres = _metres(one, other)
    by_point = next((worth for within, worth in _METRES if metres is not None and metres <= within), 0.0)
    same_house = level in ("unit", "building")
    return Near(max(_LEVELS.get(level, 0.0), by_point), level, metres, same_house)


def _common(one: Node | None, other: Node | None, known: Tree) -> str:
    """The lowest level that both lie in. A place that both only mean as a whole (the community) is that level."""
    if one is None or other is None:
        return ""
    shared = 0
    for end in range(STEP, min(len(one.path), len(other.path)) + 1, STEP):
        if one.path[:end] != other.path[:end]:
            break
        shared = end
    node = known.by_path.get(one.path[:shared])
    return node.level if node is not None and node.level in _LEVELS else ""


def _metres(one: Spot, other: Spot) -> int | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return round(math.hypot(east, one.lat - other.lat) * _DEGREE)
