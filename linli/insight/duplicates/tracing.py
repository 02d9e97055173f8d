"""Writing what matters are compared by, after the commit, in the worker; and taking it away again.

A matter leaves its heaviest pairs as numbers (``Trace``) and the pairs of its names as postings. The numbers are no
words, yet a lawful erasure takes them too.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from linli.core.matters.models import Matter
from linli.core.matters.models.matter import ERASED_TEXT
from linli.core.places.tree import tree
from linli.insight.duplicates import likeness
from linli.insight.duplicates.commonness import Weights, weights
from linli.insight.duplicates.words import grams, key, names
from linli.insight.models import Posting, Trace
from linli.kit.ids import new_id
from linli.kit.writer import insert

KEYS: Final = 56  # pairs that a trace keeps: all of a short text
NAMES: Final = 12  # postings of one matter
KEEP: Final = timedelta(days=400)  # what comes back every spring is still found
_COMMON: Final = 3.0  # pairs lighter than this say nothing


def area_of(district_id: int, community_id: UUID | None, street_id: UUID | None) -> UUID:
    """Whose newest matters are looked through for this one."""
    return community_id or street_id or tree(district_id).root.id


def heaviest(text: str, weigh: Weights) -> list[int]:
    """The headline's pairs and those of names before all others, then by weight."""
    named = names(text) | grams(likeness.lead(text))
    ranked = sorted(
        (gram for gram in grams(text) if weigh(gram) > _COMMON), key=lambda g: (g not in named, -weigh(g), g)
    )
    return [key(gram) for gram in ranked[:KEYS]]


def naming(text: str, weigh: Weights) -> list[int]:
    """The pairs of the names, the headline's before the others: by these it is found from anywhere in the district."""
    first = names(likeness.lead(text))
    heavy = [gram for gram in names(text) & grams(text) if weigh(gram) >= likeness.RARE]
    ranked = sorted(heavy, key=lambda gram: (gram not in first, -weigh(gram), gram))
    return [key(gram) for gram in ranked[:NAMES]]


def packed(keys: Iterable[int]) -> bytes:
    return array("i", keys).tobytes()


def trace(matter: Matter) -> None:
    """Leave the traces of one matter, in place of those it had. An erased one leaves none."""
    forget(matter.district_id, matter.pk)
    rows = list(_rows(matter, weights(matter.district_id)))
    insert(rows)


def _rows(matter: Matter, weigh: Weights) -> Iterator[Trace | Posting]:
    if matter.text == ERASED_TEXT:
        return
    district = matter.district_id
    area = area_of(district, matter.community_id, matter.street_id)
    keys = packed(heaviest(matter.text, weigh))
    yield Trace(id=new_id(), district_id=district, matter_id=matter.pk, area=area, at=matter.opened_at, keys=keys)
    for name in naming(matter.text, weigh):
        yield Posting(id=new_id(), district_id=district, key=name, matter_id=matter.pk)


def trace_many(matters: list[Matter]) -> None:
    """A batch of one district, for backfilling: one insert a table."""
    if not matters:
        return
    district, keys = matters[0].district_id, [matter.pk for matter in matters]
    for model in (Trace, Posting):
        model._default_manager.filter(district_id=district, matter_id__in=keys).delete()
    weigh = weights(district)
    rows = [row for matter in matters for row in _rows(matter, weigh)]
    Trace.objects.bulk_create([row for row in rows if isinstance(row, Trace)], batch_size=500)
    Posting.objects.bulk_create([row for row in rows if isinstance(row, Posting)], batch_size=2000)


def forget(district_id: int, matter_id: UUID) -> None:
    """Take a matter's traces away."""
    for model in (Trace, Posting):
        model._default_manager.filter(district_id=district_id, matter_id=matter_id).delete()


def purge(limit: int = 500, now: datetime | None = None) -> int:
    """A small batch of traces older than what is ever compared; call again while it answers more than nothing."""
    before = (now or timezone.now()) - KEEP
    old = list(Trace.objects.filter(at__lt=before).order_by("at").values_list("district_id", "matter_id")[:limit])
    for district_id in {district for district, _ in old}:
        keys = [matter for district, matter in old if district == district_id]
        for model in (Posting, Trace):
            model._default_manager.filter(district_id=district_id, matter_id__in=keys).delete()
    return len(old)
