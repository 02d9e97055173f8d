"""Promises: when a span is due, how much of it has run, what is left after a pause."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from linli.kit.calendar.span import Span
from linli.kit.calendar.work import NATURAL, WorkCalendar, to_utc

# A clock turns to "soon" under a quarter of its time, or under half an hour if that is longer; yet a promise shorter
# than an hour is not born "soon": it turns at its half.
SOON_SHARE: Final = 4
SOON_LEAST: Final = timedelta(minutes=30)
SOON_MOST: Final = 2


class Due(NamedTuple):
    """When a promise falls due, in UTC, and whether a day on the way was not yet published by the State.

    Store both. A promise is data once computed: a later publication, a change of hours or of policy never
    rewrites it, so nothing in this package finds a stored due again from its span.
    """

    at: datetime
    provisional: bool


def due(start: datetime, span: Span, calendar: WorkCalendar) -> Due:
    """When ``span``, promised at ``start``, falls due.

    ``m``, ``h``: natural time, whatever the calendar. ``d``: the same local time so many days later.
    ``wh``: so much open time later; one that fills a shift is due at its end, not at the next opening.

    ``wd``, the nth working day after the start day:

    1. A start outside working time (night, lunch, holiday, or the closing minute itself) counts from the next
       opening: Friday 20:00 is Monday 08:30, 12:40 is 13:30 the same day.
    2. The start day is the day whose shift is open then; small hours of a night shift belong to the evening
       before. A working day is a day on which a shift opens, so make-up Saturdays count and holidays do not.
    3. Due is the same local time on the nth working day after the start day. If that lies before the first
       opening or in a break there (other hours, another season), it is the next opening of that day; if it
       lies after the last closing, it is that closing: the promise never slips to one day more.

    Nothing is ever due at or before its start, so an escalation after ``due`` cannot come first.
    """
    moment = to_utc(start)
    unit = span.unit
    if span.length is not None and (unit in ("m", "h") or (unit == "wh" and calendar.always)):
        return Due(moment + span.length, False)
    if span.length is not None and unit == "d":
        # Within one zone Python adds by the wall clock, which is what "the same local time" asks for.
        return Due((calendar.local(moment) + span.length).astimezone(UTC), False)
    at = calendar.nth_day(moment, span.count) if span.length is None else calendar.shifted(moment, span.length)
    return Due(at, calendar.provisional_between(moment, at))


def counts_on(span: Span, calendar: WorkCalendar) -> WorkCalendar:
    """The calendar on which the time of ``span`` is counted: natural spans run round the clock everywhere.

    Pass its result to elapsed, remaining, resume_due and soon_at, so that a pause of a 6h promise keeps
    natural hours and a pause of a 4wh promise keeps working hours.
    """
    return NATURAL if span.natural else calendar


def elapsed(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """Counted time from ``start`` to ``end``; negative when ``end`` is earlier."""
    return calendar.counted(start, end)


def remaining(now: datetime, due_at: datetime, calendar: WorkCalendar) -> timedelta:
    """Counted time left at ``now``; negative when late. Keep it when pausing."""
    return calendar.counted(now, due_at)


def add_working(start: datetime, delta: timedelta, calendar: WorkCalendar) -> datetime:
    """``start`` plus counted time; a negative ``delta`` walks back.

    On a tie between the end of a shift and the next opening the nearer one wins in the direction walked.
    Zero gives ``start`` when open, else the next opening.
    """
    return calendar.shifted(start, delta)


def resume_due(now: datetime, remaining_counted: timedelta, calendar: WorkCalendar) -> Due:
    """The new due of a clock that was paused with ``remaining_counted`` left.

    What ran before the pause stays spent and the pause itself costs nothing. A clock that was late when it
    was paused comes back late by the same counted time: pausing forgives nothing.
    """
    moment = to_utc(now)
    at = calendar.shifted(moment, remaining_counted)
    return Due(at, calendar.provisional_between(min(moment, at), max(moment, at)))


def soon_at(start: datetime, due_at: datetime, calendar: WorkCalendar) -> datetime:
    """When the clock turns to "soon" (快到点): never before ``start``, never after ``due_at``."""
    start, due_at = to_utc(start), to_utc(due_at)
    whole = calendar.counted(start, due_at)
    warning = max(whole / SOON_SHARE, min(SOON_LEAST, whole / SOON_MOST))
    return min(max(start, calendar.shifted(due_at, -warning)), due_at)
