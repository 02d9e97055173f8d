"""What a process keeps in memory of a district's configuration, and how it notices that it changed.

Places, posts, kinds, policies and rules change a few times a day and are read in every intake. Each district has one
``version`` number that every such change raises in its own transaction. A process looks at it at most every
``CHECK_SECONDS`` and throws away what it kept when the number moved: no message bus, no process left behind for longer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.utils import timezone

T = TypeVar("T")
Stamp = tuple[int, int]  # the district's version, and the day: posts and places begin and end at midnight

CHECK_SECONDS = 0.0 if settings.TESTING else 2.0
_read_version: Callable[[int], int] | None = None
_seen: dict[int, tuple[float, Stamp]] = {}
_kept: list[PerDistrict[object]] = []
_forgetting: list[Callable[[], None]] = []  # what else a room keeps, by how to drop it


def on_forget(drop: Callable[[], None]) -> None:
    """A room that keeps something of its own has it dropped with the rest."""
    _forgetting.append(drop)


def version_reader(reader: Callable[[int], int]) -> None:
    """The places room says how a district's version is read; the kit knows no models of other rooms."""
    global _read_version
    _read_version = reader


def version(district_id: int) -> Stamp:
    """The district's version and the local day, as they stood at most ``CHECK_SECONDS`` ago."""
    now = time.monotonic()
    seen = _seen.get(district_id)
    if seen and now - seen[0] < CHECK_SECONDS:
        return seen[1]
    if _read_version is None:
        raise RuntimeError("no version reader")
    current = (_read_version(district_id), timezone.localdate().toordinal())
    _seen[district_id] = (now, current)
    return current


class PerDistrict(Generic[T]):
    """A value made from a district's configuration, kept until the district's version moves."""

    def __init__(self, make: Callable[[int], T]) -> None:
        self._make = make
        self._values: dict[int, tuple[Stamp, T]] = {}
        self._lock = threading.Lock()
        _kept.append(self)  # type: ignore[arg-type]

    def get(self, district_id: int) -> T:
        now = version(district_id)
        held = self._values.get(district_id)
        if held and held[0] == now:
            return held[1]
        with self._lock:  # one thread builds, the others wait for it
            held = self._values.get(district_id)
            if held and held[0] == now:
                return held[1]
            value = self._make(district_id)
            self._values[district_id] = (now, value)
            return value

    def clear(self) -> None:
        self._values.clear()


def forget(district_id: int | None = None) -> None:
    """Look again at once: after a change made in this process, and between tests."""
    if district_id is not None:
        _seen.pop(district_id, None)
        return
    _seen.clear()
    for also in _forgetting:
        also()
    for kept in _kept:
        kept.clear()
