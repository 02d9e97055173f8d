"""Histograms of seconds: how a median is told from counts, when there are too many rows to sort.

Below ``EXACT`` seconds every second has its own bucket; above, each bucket is 2 % wider than the one before, and a
median told by a bucket's geometric middle is at most 1 % off (and half a second, by rounding).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import orjson

EXACT = 50
RATIO = 1.02
LOG = math.log(RATIO)

Histogram = dict[int, int]


def bucket(seconds: int) -> int:
    """The bucket that ``seconds`` falls into; never negative."""
    if seconds < EXACT:
        return max(0, seconds)
    return EXACT + int(math.log(seconds / EXACT) / LOG)


def middle(which: int) -> int:
    """The seconds that stand for a bucket."""
    if which < EXACT:
        return which
    return round(EXACT * math.pow(RATIO, which - EXACT + 0.5))


def pack(histogram: Mapping[int, int]) -> str:
    """Bucket and count in turn, in order: the smallest thing that both databases keep and a person can read."""
    return json.dumps([n for key in sorted(histogram) if histogram[key] for n in (key, histogram[key])])


def unpack(packed: str) -> Histogram:
    """What ``pack`` wrote."""
    flat = orjson.loads(packed)
    return dict(zip(flat[::2], flat[1::2], strict=True))


def unpack_all(joined: str) -> Histogram:
    """The sum of many, as they come out of the database: with a comma between one and the next."""
    found: Histogram = {}
    get = found.get
    for flat in orjson.loads(f"[{joined}]"):
        for key, count in zip(flat[::2], flat[1::2], strict=True):
            found[key] = get(key, 0) + count
    return found


def add(into: Histogram, more: Mapping[int, int], sign: int = 1) -> None:
    """Add counts in place; a bucket that comes to zero goes."""
    for key, count in more.items():
        total = into.get(key, 0) + sign * count
        if total:
            into[key] = total
        else:
            into.pop(key, None)


def merge(into: Histogram | None, more: Histogram) -> Histogram:
    """The sum of two, quickly: a bucket at zero does no harm to a median. ``into`` is used up; None is nothing yet."""
    if into is None:
        return more
    get = into.get
    for key, count in more.items():
        into[key] = get(key, 0) + count
    return into


def middle_pair(counted: Mapping[int, int]) -> tuple[int, int] | None:
    """The two values in the middle (the same one twice for an odd number); None where nothing was counted."""
    total = sum(counted.values())
    if total < 1:
        return None
    low, high, seen = (total + 1) // 2, total // 2 + 1, 0
    first: int | None = None
    for value in sorted(counted):
        seen += counted[value]
        if first is None and seen >= low:
            first = value
        if first is not None and seen >= high:
            return first, value
    return None
