"""The period that is asked about: instants on the outside, whole local days, months and years on the inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.models.figures import Grain
from linli.kit.refusal import Invalid

DAY, MONTH, YEAR = Grain.DAY.value, Grain.MONTH.value, Grain.YEAR.value
Moment = str | date | datetime | None

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?")


class Piece(NamedTuple):
    """Spans of one grain, from the one that begins on ``low`` up to, not including, the one on ``high``."""

    grain: str
    low: date | None
    high: date | None


@dataclass(frozen=True)
class Period:
    """From ``since`` up to, not including, ``until``; None is without end."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def days(self) -> tuple[date | None, date | None] | None:
        """The whole local days inside, half-open; None where there is not one."""
        low = high = None
        if self.since is not None:
            local = timezone.localtime(self.since)
            low = local.date() if self.since == start_of(local.date()) else local.date() + timedelta(days=1)
        if self.until is not None:
            high = timezone.localtime(self.until).date()
        return None if low is not None and high is not None and low >= high else (low, high)

    @property
    def edges(self) -> list[tuple[datetime, datetime]]:
        """The parts of a day at both ends, as instants."""
        whole = self.days
        if whole is None:
            since, until = self.since, self.until
            return [(since, until)] if since is not None and until is not None and since < until else []
        parts = []
        if self.since is not None and whole[0] is not None and self.since < start_of(whole[0]):
            parts.append((self.since, start_of(whole[0])))
        if self.until is not None and whole[1] is not None and start_of(whole[1]) < self.until:
            parts.append((start_of(whole[1]), self.until))
        return parts

    def pieces(self, grains: Sequence[str] = (YEAR, MONTH, DAY)) -> list[Piece]:
        """The whole days as few spans as the ``grains`` (from the longest to days) allow."""
        whole = self.days
        return [] if whole is None else list(_split(whole[0], whole[1], grains))

    def within(self, day: date) -> Period:
        """The part of ``day`` that lies inside."""
        low, high = start_of(day), start_of(day + timedelta(days=1))
        return Period(max(low, self.since) if self.since else low, min(high, self.until) if self.until else high)


def _split(low: date | None, high: date | None, grains: Sequence[str]) -> Iterator[Piece]:
    if low is not None and high is not None and low >= high:
        return
    grain, rest = grains[0], grains[1:]
    up = low if low is None or floor(low, grain) == low else after(floor(low, grain), grain)
    down = None if high is None else floor(high, grain)
    if up is not None and down is not None and up >= down:
        yield from _split(low, high, rest)
        return
    yield Piece(grain, up, down)
    if up is not None:
        yield from _split(low, up, rest)
    if down is not None:
        yield from _split(down, high, rest)


def floor(day: date, grain: str) -> date:
    """The first day of the span that ``day`` lies in."""
    if grain == YEAR:
        return day.replace(month=1, day=1)
    return day.replace(day=1) if grain == MONTH else day


def after(first: date, grain: str) -> date:
    """The first day of the span after the one that begins on ``first``."""
    if grain == YEAR:
        return date(first.year + 1, 1, 1)
    if grain == MONTH:
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first + timedelta(days=1)


def start_of(day: date) -> datetime:
    """Local midnight, aware."""
    return timezone.make_aware(datetime.combine(day, time.min))


def parse(since: Moment, until: Moment) -> Period:
    """What a caller wrote: RFC 3339 instants or dates. A bare date is a local day, and as ``until`` it is included.

    An instant without an offset is local time. Raises Invalid with the field's name.
    """
    period = Period(_read(since, "since"), _read(until, "until"))
    if period.since is not None and period.until is not None and period.until < period.since:
        raise Invalid(_("止的时间要在起的时间以后。"), fields={"until": _("要在起的时间以后。")})
    return period


def _read(given: Moment, name: str) -> datetime | None:
    try:
        read = _typed(given)
        if read is None:
            return None
        if not isinstance(read, datetime):
            aware = start_of(read + timedelta(days=1) if name == "until" else read)
        else:
            aware = read if timezone.is_aware(read) else timezone.make_aware(read)
        # What local time cannot tell, or the span after it, is refused here and not half-way.
        if not date.min.year < timezone.localtime(aware).year < date.max.year:
            raise OverflowError(aware)
        return aware
    except (ValueError, OverflowError) as error:
        message = _("看不懂这个时间，写 2026-03-01 或 2026-03-01T08:00:00+08:00。")
        raise Invalid(message, fields={name: message}) from error


def _typed(given: Moment) -> date | None:
    if not isinstance(given, str):
        return given
    text = given.strip()
    if not text:
        return None
    if _DATE.fullmatch(text):
        return date.fromisoformat(text)
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper())
