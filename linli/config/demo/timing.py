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


def promised(point: Point, start: datetime, policy: Policy, known: Catalogue) -> datetime:
    """The end of the promise that a point lies in; the point itself where the promise is broken on purpose."""
    stage, fraction = point.parts[-1]
    return moment(Point((*point.parts[:-1], (stage, max(fraction, 1.0)))), start, policy, known)


def by_day(at: datetime, after: datetime, before: datetime, minute: int) -> datetime:
    """What would be done at night was done the evening before or is done the next morning, where the order of things
    and the promise (``before``) leave room for that; somebody may be on duty at night where they do not."""
    at = max(at, after + timedelta(minutes=2))
    local = timezone.localtime(at)
    if FIRST_HOUR <= local.hour < FIRST_HOUR + HOURS:
        return at
    day = local if local.hour >= FIRST_HOUR else local - timedelta(days=1)
    evening = day.replace(hour=17 + minute % 4, minute=minute % 60, second=0, microsecond=0)
    morning = (day + timedelta(days=1)).replace(hour=FIRST_HOUR + 1, minute=minute % 60, second=0, microsecond=0)
    if evening > after:
        return evening
    return morning if at < morning < before else at


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
