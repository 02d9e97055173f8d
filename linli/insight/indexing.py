"""Filling the index for matters that were there before it: after an import, a restore, or the first time.

In batches by id, each in a transaction of its own, so that a run that is cut off has done what it says; running again
does everything anew and changes nothing that is right.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from linli.core.matters.models import Matter
from linli.insight.duplicates import commonness, tracing

BATCH = 500


def index(district_id: int, progress: Callable[[int], object] | None = None) -> int:
    """Count commonness anew, then trace every matter that is young enough to be compared; how many."""
    commonness.recount(district_id)
    after: UUID | None = None
    done, since = 0, timezone.now() - tracing.KEEP
    while True:
        rows = Matter.objects.filter(district_id=district_id, opened_at__gte=since).order_by("pk")
        batch = list((rows.filter(pk__gt=after) if after else rows)[:BATCH])
        if not batch:
            return done
        with transaction.atomic():
            tracing.trace_many(batch)
        done, after = done + len(batch), batch[-1].pk
        if progress:
            progress(done)
