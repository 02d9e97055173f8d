"""The worker's side: what acts appended goes into the cells, in one transaction with its own removal.

A reader sees a change either as a delta or inside a cell, never twice and never not at all.
"""

from __future__ import annotations

import uuid
from collections import defaultdict

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from linli.core.matters import figures
from linli.core.matters.models import Delta
from linli.core.matters.stats.cells import Fact, Sums, batches, only_writer, write
from linli.core.matters.stats.recount import recount
from linli.core.matters.stats.rows import COUNTS
from linli.core.places.models import District


def fold(limit: int = 5000) -> int:
    """Fold up to ``limit`` deltas, the oldest first, one district after another; returns how many.

    A district that another worker has in hand is left to it.
    """
    done = 0
    for district_id in _waiting():
        if done >= limit:
            break
        done += _fold_district(district_id, limit - done)
    return done


def _waiting() -> list[int]:
    """Districts with something to fold, the one that waits longest first."""
    oldest = Delta.objects.filter(district_id=OuterRef("pk")).order_by("id").values("id")[:1]
    rows = District.objects.annotate(oldest=Subquery(oldest)).filter(oldest__isnull=False)
    return list(rows.order_by(F("oldest")).values_list("pk", flat=True))


def _fold_district(district_id: int, limit: int) -> int:
    with only_writer(district_id, wait=False) as lock:
        if lock is None:
            return 0
        if lock.formula != figures.FORMULA:  # the old cells were counted by other rules
            recount(lock)
        ids, sums = _take(district_id, limit)
        write(district_id, sums)
        # Exactly those that were read: one written meanwhile may have a smaller id.
        for some in batches(ids):
            Delta.objects.filter(district_id=district_id, id__in=some).delete()
        lock.folded_at = timezone.now()
        lock.save(update_fields=["folded_at"])
    return len(ids)


def _take(district_id: int, limit: int) -> tuple[list[uuid.UUID], Sums]:
    """The oldest deltas' ids and what they come to; most of what a busy matter did cancels out before it is spread."""
    net: dict[Fact, list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    ids = []
    rows = Delta.objects.filter(district_id=district_id).order_by("id")[:limit]
    told = ("id", *COUNTS, "place_id", "day", "hour", "kind", "channel", "state", "seconds")
    for row in rows.values_list(*told):
        ids.append(row[0])
        held = net[Fact(*row[1 + len(COUNTS) :])]
        for i, n in enumerate(row[1 : 1 + len(COUNTS)]):
            held[i] += n
    sums = Sums()
    for fact, counted in net.items():
        if any(counted):
            sums.add(fact, counted)
    return ids, sums
