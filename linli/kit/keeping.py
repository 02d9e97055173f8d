"""What the kit keeps only for a while: answers to Idempotency-Keys, unused pictures, rates."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone

from linli.kit import files
from linli.kit.models import Answered, Rate

ANSWERS = timedelta(days=7)  # how long the same key gets the same answer
BATCH = 1000


def purge() -> int:
    """One small batch of each; call again while it answers more than nothing."""
    old = Answered.objects.filter(at__lt=timezone.now() - ANSWERS)
    idle = Rate.objects.filter(started__lt=int(time.time()) - 3600)
    some = [answer.pk for answer in old.only("pk")[:BATCH]]
    keys = [rate.pk for rate in idle.only("pk")[:BATCH]]
    gone = Answered.objects.filter(pk__in=some).delete()[0] + Rate.objects.filter(pk__in=keys).delete()[0]
    return gone + files.purge()
