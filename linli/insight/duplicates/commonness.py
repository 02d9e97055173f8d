"""How common a pair of characters is where it is said: what everybody writes weighs nothing, a name weighs much.

A district's counts are kept hashed (``SIZE`` counters, no words), counted anew from its newest matters when it has
grown by a fifth. A young district leans on a prior made of our own texts (``common.txt``, ``scripts/common_pairs.py``).
"""

from __future__ import annotations

import math
import time
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from linli.core.matters.models import Matter
from linli.core.matters.models.matter import ERASED_TEXT
from linli.insight.duplicates.words import grams, key
from linli.insight.models import Commonness
from linli.kit import memory

SIZE: Final = 1 << 17
SAMPLE: Final = 20_000  # newest matters that are counted
GROWN: Final = 1.2
PRIOR: Final = 300  # how many matters the prior counts for
_MOST: Final = 65_535
_KEEP_SECONDS: Final = 0.0 if settings.TESTING else 300.0
_COMMON: Final = Path(__file__).with_name("common.txt")


class Weights:
    """What each pair weighs in one district: its rarity squared."""

    def __init__(self, documents: int, counts: array[int] | None) -> None:
        prior, whole = _prior(), math.log(documents + PRIOR + 1)
        held = counts if counts is not None else array("H", bytes(2 * SIZE))
        plain = [(whole - math.log(n + 0.5)) ** 2 for n in range(max(held) + 1)]
        self._weights = array("f", (max(plain[n], 0.0) for n in held))
        for bucket, share in prior.items():
            rarity = max(0.0, whole - math.log(held[bucket] + share * PRIOR + 0.5))
            self._weights[bucket] = rarity * rarity

    def __call__(self, gram: str) -> float:
        return self._weights[key(gram) % SIZE]

    def of_keys(self, keys: Iterable[int]) -> float:
        """What pairs weigh together, by their numbers."""
        return sum(self._weights[one % SIZE] for one in keys)


@cache
def _prior() -> dict[int, float]:
    """By bucket: the share of our own texts that hold it."""
    found: dict[int, float] = {}
    for line in _COMMON.read_text(encoding="utf-8").splitlines():
        gram, _, permille = line.partition(" ")
        if permille:
            bucket = key(gram) % SIZE
            found[bucket] = max(found.get(bucket, 0.0), int(permille) / 1000)
    return found


_kept: dict[int, tuple[float, Weights]] = {}
memory.on_forget(_kept.clear)


def weights(district_id: int) -> Weights:
    """The district's weights, as they stood some minutes ago at the most."""
    now = time.monotonic()
    kept = _kept.get(district_id)
    if kept is None or now - kept[0] > _KEEP_SECONDS:
        row = Commonness.objects.filter(district_id=district_id).first()
        kept = now, Weights(row.documents, _unpacked(row.counts)) if row else Weights(0, None)
        _kept[district_id] = kept
    return kept[1]


def counted(texts: Iterable[str]) -> tuple[int, array[int]]:
    """How many texts there are, and how many of them hold each pair."""
    many: Counter[int] = Counter()
    documents = 0
    for text in texts:
        documents += 1
        many.update({key(gram) % SIZE for gram in grams(text)})
    held = array("H", bytes(2 * SIZE))
    for bucket, count in many.items():
        held[bucket] = min(count, _MOST)
    return documents, held


def recount(district_id: int) -> int:
    """Count the newest matters anew; how many there were."""
    newest = Matter.objects.filter(district_id=district_id).exclude(text=ERASED_TEXT).order_by("-pk")
    texts = newest.values_list("text", flat=True)[:SAMPLE]
    documents, held = counted(texts.iterator(chunk_size=500))
    Commonness.objects.update_or_create(
        district_id=district_id,
        defaults={"documents": documents, "counts": zlib.compress(held.tobytes(), 6), "at": timezone.now()},
    )
    _kept.pop(district_id, None)
    return documents


def keep_up(district_id: int) -> int:
    """Recount where the district has grown by a fifth since; a full sample is counted anew once a day."""
    row = Commonness.objects.filter(district_id=district_id).only("documents", "at").first()
    if row is not None and row.documents >= SAMPLE:
        old = (timezone.now() - row.at).total_seconds() > 86_400
        return recount(district_id) if old else 0
    enough = int((row.documents if row else 0) * GROWN) + 20
    there = Matter.objects.filter(district_id=district_id).order_by()[: enough + 1].count()
    return recount(district_id) if there > enough else 0


def _unpacked(packed: bytes | memoryview) -> array[int]:
    held = array("H")
    held.frombytes(zlib.decompress(packed))
    return held
