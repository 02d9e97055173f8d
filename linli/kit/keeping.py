"""What the kit keeps only for a while: answers to Idempotency-Keys, unused pictures, rates."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from linli.kit import files
from linli.kit.models import Answered, Rate

ANSWERS = timedelta(days=7)  # how long the same key gets the same answer
BATCH = 1000


def purge() -> int:
    """One small batch of each; call again while it answers more than nothing."""
    old = Answered.objects.filter(at__lt=timezone.now() - ANSWERS)
    idle = Rate.objects.filter(started__lt=int(time.time()) - 3600)
    return _delete(old) + _delete(idle) + files.purge()


def _delete(rows: QuerySet[Answered] | QuerySet[Rate]) -> int:
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    return rows.model._default_manager.filter(pk__in=keys).delete()[0] if keys else 0
