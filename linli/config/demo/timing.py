"""When things happen in the demo: promises measured as the policies measure them, openings spread over the month."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from linli.config.demo.lives import Life, Point
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import Policy
from linli.kit.calendar import Span, due

MONTH = timedelta(days=30)
FARTHEST = timedelta(days=60)
FIRST_HOUR, HOURS = 7, 14  # people speak up between seven in the morning and nine in the evening


def moment(point: Point, start: datetime, policy: Policy, known: Catalogue, pace: float = 1.0) -> datetime:
    """The time of a point in the life of a matter that was opened at ``start``.

    ``pace`` under 1 shortens what was done in time, so that not every house is as quick as the next.
    """
    at = start
    for stage, fraction in point.parts:
        span = Span.parse(policy.stages.get(stage, "1d"))
        at += (due(at, span, known.calendar(policy.calendar)).at - at) * (fraction * pace if fraction < 1 else fraction)
    return at


def by_day(at: datetime, after: datetime, minute: int) -> datetime:
    """What would be done at night was done the evening before, where that comes after what came before it."""
    local = timezone.localtime(at)
    if FIRST_HOUR <= local.hour < FIRST_HOUR + HOURS:
        return at
    evening = local if local.hour >= FIRST_HOUR else local - timedelta(days=1)
    earlier = evening.replace(hour=17 + minute % 4, minute=minute % 60, second=0, microsecond=0)
    return earlier if earlier > after else at


def opening_of_going(point: Point, now: datetime, policy: Policy, known: Catalogue) -> datetime:
    """The opening from which ``point`` falls on the present, by halving: working hours have no formula."""
    low, high = now - FARTHEST, now
    for _ in range(40):
        middle = low + (high - low) / 2
        low, high = (middle, high) if moment(point, middle, policy, known) < now else (low, middle)
    return low


def opening_of_ended(life: Life, share: float, now: datetime, policy: Policy, known: Catalogue) -> datetime:
    """Somewhere in the month by ``share`` (0 its beginning, 1 its end), by day, and early enough to have ended."""
    latest = opening_of_going(life.end, now - timedelta(hours=1), policy, known)
    earliest = min(now - MONTH, latest - timedelta(days=2))
    wanted = timezone.localtime(earliest + (latest - earliest) * share)
    minutes = int(share * 7919) % (HOURS * 60)
    by_day = wanted.replace(hour=FIRST_HOUR + minutes // 60, minute=minutes % 60, second=0, microsecond=0)
    while by_day > latest:
        by_day -= timedelta(days=1)
    return by_day
