"""Numbers of covenants: QX-G2611-0001. Leased as matters' are, in a series of their own."""

from __future__ import annotations

from datetime import datetime

from linli.core.matters.numbers import next_number
from linli.core.places.tree import tree


def covenant_number(district_id: int, now: datetime) -> str:
    """A number never given before in this district, told apart from a matter's by its letter (公约, gōngyuē)."""
    return next_number(district_id, tree(district_id).district.letters, now, series="G")
