"""What happens by itself: rounds end on their last day, speakers are told outcomes, names are not kept for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from linli.offices.opinions.actions.answering import tell_outcomes
from linli.offices.opinions.actions.rounds import end_due
from linli.offices.opinions.models import Opinion, Round
from linli.offices.opinions.models.words import NAMELESS

NAMES = timedelta(days=180)


def run_due(now: datetime | None = None) -> int:
    """One turn of the worker, once a minute."""
    at = now or timezone.now()
    return end_due(at) + tell_outcomes(at) + forget_names(at)


def forget_names(now: datetime, limit: int = 20) -> int:
    """Names that people left are for the answer only: half a year after the end they go, the words stay."""
    old = Round.objects.filter(ended_at__lt=now - NAMES, names_gone=False).order_by("ended_at")[:limit]
    for row in old:
        with transaction.atomic():
            named = Opinion.objects.filter(district_id=row.district_id, round=row)
            named.exclude(**NAMELESS).update(**NAMELESS)
            Round.objects.filter(district_id=row.district_id, pk=row.pk).update(names_gone=True)
    return len(old)
