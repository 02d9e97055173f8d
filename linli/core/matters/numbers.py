"""Numbers that people can read to one another: QX-2611-0347 (district, month, serial).

A process leases a block of serials at a time, so that writers meet on the counter once in fifty matters and not in
each. Numbers rise within a process; a restart leaves a gap, which means nothing.
"""

from __future__ import annotations

import threading
from datetime import datetime

from django.db import connection
from django.utils import timezone

from linli.kit.ids import new_id

BLOCK = 50
_lock = threading.Lock()
_leased: dict[tuple[int, str], tuple[int, int]] = {}  # (district, month) → next, end


def next_number(district_id: int, letters: str, at: datetime, *, series: str = "") -> str:
    """A number never given before in this district. Another ``series`` (J: questions) counts for itself."""
    month = series + timezone.localtime(at).strftime("%y%m")
    key = (district_id, month)
    if connection.in_atomic_block:
        # A lease taken inside somebody's transaction may be rolled back with it: keep none in memory.
        return _spell(letters, month, _lease(district_id, month, 1))
    with _lock:
        following, end = _leased.get(key, (0, 0))
        if following >= end:
            following = _lease(district_id, month, BLOCK)
            end = following + BLOCK
        _leased[key] = (following + 1, end)
    return _spell(letters, month, following)


def many_numbers(district_id: int, letters: str, month: str, count: int) -> list[str]:
    """So many numbers of a month (yymm) at once, for rows that are written together in one transaction."""
    start = _lease(district_id, month, count)
    return [_spell(letters, month, start + i) for i in range(count)]


def _spell(letters: str, month: str, serial: int) -> str:
    return f"{letters}-{month}-{serial:04d}"


def _lease(district_id: int, month: str, count: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matters_numbering (id, district_id, month, next) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (district_id, month) DO UPDATE SET next = matters_numbering.next + %s RETURNING next",
            [_key(), district_id, month, 1 + count, count],
        )
        return int(cursor.fetchone()[0]) - count


def _key() -> str:
    made = new_id()
    return made.hex if connection.vendor == "sqlite" else str(made)


def forget() -> None:
    """Give up what is leased: between tests, whose rollbacks take leases back."""
    _leased.clear()
