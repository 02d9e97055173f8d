"""Likely duplicates of a text: candidates from two indexes, then compared word by word.

1. The newest traces of the same community (an index range, ``NEWEST`` at the most): those that share heavy pairs.
2. Postings of the text's names anywhere in the district: at most ``A_NAME`` of each, and a name that is in more of
   them than that is no name. Many households of different communities mean one school, one road, one line.
3. The best ``COMPARED`` of both are read and compared by words, place and time.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from linli.core.matters.models import Matter
from linli.core.places.tree import Node, Tree, tree
from linli.insight.duplicates import likeness, reasons
from linli.insight.duplicates.commonness import Weights, weights
from linli.insight.duplicates.nearness import Near, Spot, nearness
from linli.insight.duplicates.tracing import area_of, heaviest, naming
from linli.insight.models import Posting, Trace
from linli.kit import reader

NEWEST: Final = 600
WINDOW: Final = timedelta(days=90)
A_NAME: Final = 40
COMPARED: Final = 16


@dataclass(frozen=True)
class Likely:
    """A matter that is likely the same: how near, how long apart, which words in common."""

    matter: Matter
    likeness: float
    sure: bool
    near: Near
    apart: timedelta
    common: tuple[str, ...]

    @property
    def why(self) -> tuple[str, ...]:
        """Short words for those who may see the matter itself."""
        return reasons.why(self.near, self.apart, self.common)

    @property
    def public_why(self) -> tuple[str, ...]:
        """For everybody: no staircase, which is somebody's door, and no words, which may be somebody's name."""
        return reasons.why(self.near, self.apart, (), public=True)

    @property
    def percent(self) -> int:
        return round(self.likeness * 100)


def likely(
    district_id: int,
    text: str,
    *,
    place: Node | None = None,
    lon: float | None = None,
    lat: float | None = None,
    at: datetime | None = None,
    but: UUID | None = None,
    most: int = 5,
    least: float = likeness.MAYBE,
) -> list[Likely]:
    """Matters of the district that are likely the same. Not scoped by who looks: callers are ``showing``."""
    if not text.strip():
        return []
    known, now = tree(district_id), at or timezone.now()
    spot = Spot.of(known, place, lon, lat)
    weigh = weights(district_id)
    ranked = _candidates(known, text, place, now, weigh)
    best = [one for one in nlargest(COMPARED + 1, ranked, key=ranked.__getitem__) if one != but][:COMPARED]
    found = (
        reader.fetch(Matter, f"WHERE district_id = %s AND id IN ({_marks(best)})", district_id, *best) if best else []
    )
    said = likeness.read(text, weigh)
    judged = [_judge(said, spot, now, matter, known, weigh) for matter in found]
    kept = [one for one in judged if one.likeness >= least]
    return sorted(kept, key=lambda one: (-one.likeness, one.matter.pk))[:most]


def _judge(
    said: likeness.Said, spot: Spot | None, now: datetime, matter: Matter, known: Tree, weigh: Weights
) -> Likely:
    near = nearness(spot, Spot.of_matter(known, matter), known)
    other = likeness.read(matter.text, weigh)
    by_words = likeness.alike(said, other, weigh, same_house=near.same_house)
    apart = now - matter.opened_at
    value = round(likeness.placed(by_words, near.value, apart), 3)
    common = reasons.shared(matter.text, said.grams & other.grams, weigh)
    return Likely(matter, value, value >= likeness.SURE, near, apart, tuple(common))


def _candidates(known: Tree, text: str, place: Node | None, now: datetime, weigh: Weights) -> dict[UUID, float]:
    """Matters by how much they share, without reading a word of them."""
    found: dict[UUID, float] = {}
    district_id = known.district.id
    if place is not None:
        levels = {node.level: node.id for node in known.chain(place)}
        area = area_of(district_id, levels.get("community"), levels.get("street"))
        wanted = frozenset(heaviest(text, weigh))
        for matter_id, keys in _newest(district_id, area, now):
            shared = _shared(wanted, keys, weigh)
            if shared:
                found[matter_id] = shared
    for matter_id, weight in _named(district_id, naming(text, weigh), weigh).items():
        found[matter_id] = max(found.get(matter_id, 0.0), weight)
    return found


def _shared(wanted: frozenset[int], keys: bytes | memoryview, weigh: Weights) -> float:
    held = array("i")
    held.frombytes(keys)
    shared = wanted.intersection(held)
    return weigh.of_keys(shared) / math.sqrt(len(held) + 8) if shared else 0.0


def _newest(district_id: int, area: UUID, now: datetime) -> list[tuple[UUID, bytes | memoryview]]:
    rows = Trace.objects.filter(district_id=district_id, area=area, at__gte=now - WINDOW)
    return list(rows.order_by("-at").values_list("matter_id", "keys")[:NEWEST])


def _named(district_id: int, keys: list[int], weigh: Weights) -> dict[UUID, float]:
    """One short index range a name; what stands in too many is dropped."""
    found: dict[UUID, float] = {}
    rows = _postings(district_id, keys)
    many = Counter(key for key, _matter in rows)
    for key, matter_id in rows:
        if many[key] <= A_NAME:
            held = reader.as_uuid(matter_id)
            assert held is not None
            found[held] = found.get(held, 0.0) + weigh.of_keys((key,)) / 4
    return found


def _postings(district_id: int, keys: list[int]) -> list[reader.Row]:
    if not keys:
        return []
    table = Posting._meta.db_table
    # Our own table's name; every value is a parameter.
    one = (
        f"SELECT key, matter_id FROM {table} WHERE district_id = %s AND key = %s "  # noqa: S608
        f"ORDER BY district_id, key, matter_id DESC LIMIT {A_NAME + 1}"
    )
    if connection.vendor == "postgresql":
        parts = [f"({one})" for _ in keys]
    else:
        parts = [f"SELECT * FROM ({one})" for _ in keys]  # noqa: S608
    return reader.rows(" UNION ALL ".join(parts), [value for key in keys for value in (district_id, key)])


def _marks(values: list[UUID]) -> str:
    return ", ".join(["%s"] * len(values))
