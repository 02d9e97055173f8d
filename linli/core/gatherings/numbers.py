"""Numbers of gatherings: QX-H2611-0003. Leased as matters' are, in a series of their own."""

from __future__ import annotations

from datetime import datetime

from linli.core.matters.numbers import next_number
from linli.core.places.tree import tree


def gathering_number(district_id: int, now: datetime) -> str:
    """A number never given before in this district, told apart from a matter's by its letter (会, huì)."""
    return next_number(district_id, tree(district_id).district.letters, now, series="H")
