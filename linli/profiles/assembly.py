"""What a profile says of gatherings: kinds, committees with their part-time members, rooms. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sitting:
    """A kind of gathering (会); ``spec`` is what ``linli.core.gatherings.rules.spec`` reads, checked on load."""

    code: str
    name: str
    about: str
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Committee:
    """A committee at every place of a level (大工委, 大党委), and how many part-time members all of them have."""

    name: str
    level: str
    part_time: int


@dataclass(frozen=True, slots=True)
class RoomKind:
    """A room that every place of a level has; ``hall`` is the council's own (居民议事厅)."""

    name: str
    purpose: str
    level: str
    seats: int
    hours: str
