"""The working calendar of a place or a post: when it is open, and what open time adds up to."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from linli.kit.calendar.hours import Season, Shifts, Week, check_seasons
from linli.kit.calendar.statutory import PUBLISHED, Statutory
from linli.kit.calendar.years import ONE_DAY, ZERO, Interval, Year, instant, lay_out

OFFICE: Final = Week.of("08:30-12:00", "13:30-17:30")
# A search over this many years has met a calendar that all but never opens: better an error than a wait.
HORIZON_YEARS: Final = 60


def to_utc(at: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is refused, nobody could say which moment it means."""
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC)


class OpenDay(NamedTuple):
    """A day the deployment opens by itself; without shifts it keeps the hours of a usual working day."""

    day: date
    shifts: Shifts = ()


@dataclass(frozen=True)
class WorkCalendar:
    """Immutable hours of work. Build one per profile and keep it: it remembers each year it has laid out.

    Which shifts a day has, first match wins:

    1. ``closed``: none. 2. ``opened``: its own, or the week's working hours. 3. a statutory holiday: none;
    a make-up working day: the week's working hours. 4. the season's week, else the usual week.

    ``statutory=None`` is for posts that never close with the State. In a year the State has not published
    rule 3 is silent, which leaves the week (Monday to Friday as a rule) and makes the day provisional, unless the
    deployment says by ``told_to`` that ``closed`` and ``opened`` hold the State's arrangement up to a later day.
    A shift that crosses midnight belongs to the day it opens on, also when the next day is closed.
    Intervals are half open: at 12:00:00 sharp the morning is over; a holiday closes on its first instant.
    """

    name: str
    week: Week = OFFICE
    timezone: str = "Asia/Shanghai"
    seasons: tuple[Season, ...] = ()
    closed: frozenset[date] = frozenset()
    opened: tuple[OpenDay, ...] = ()
    statutory: Statutory | None = PUBLISHED
    told_to: date | None = None
    zone: ZoneInfo = field(init=False, repr=False, compare=False)
    always: bool = field(init=False, repr=False, compare=False)
    _opened: dict[date, Shifts] = field(init=False, repr=False, compare=False)
    _certain: Interval | None = field(init=False, repr=False, compare=False)
    _years: dict[int, Year] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        try:
            zone = ZoneInfo(self.timezone)
        except (KeyError, ValueError) as error:
            raise ValueError(f"calendar {self.name!r}: unknown time zone {self.timezone!r}") from error
        self._check()
        weeks = [self.week, *(season.week for season in self.seasons)]
        law = self.statutory
        last = self.known_to
        certain = (instant(law.first, 0, zone), instant(last + ONE_DAY, 0, zone)) if law and last else None
        for name, value in (
            ("zone", zone),
            ("always", law is None and not self.closed and not self.opened and all(w.always for w in weeks)),
            ("_opened", {each.day: each.shifts or self._week(each.day).working for each in self.opened}),
            ("_certain", certain),
        ):
            object.__setattr__(self, name, value)

    def _check(self) -> None:
        check_seasons(self.seasons)
        both = sorted(self.closed & {each.day for each in self.opened})
        if both:
            raise ValueError(f"calendar {self.name!r}: {both[0]} is both closed and opened")
        # 2023 is no leap year: hours that exist on 29 February alone do not keep a calendar open.
        year = (date(2023, 1, 1) + timedelta(days=number) for number in range(365))
        if not any(self._week(day).working for day in year):
            raise ValueError(f"calendar {self.name!r} never opens: give it at least one shift")

    def _week(self, day: date) -> Week:
        for season in self.seasons:
            if season.covers(day):
                return season.week
        return self.week

    def shifts_of(self, day: date) -> Shifts:
        """The shifts that open on ``day``, by the order in the class docstring."""
        if day in self.closed:
            return ()
        if day in self._opened:
            return self._opened[day]
        week = self._week(day)
        if self.statutory is not None and self.statutory.certain(day):
            if day in self.statutory.holidays:
                return ()
            if day in self.statutory.makeups:
                return week.working
        return week.days[day.weekday()]

    def is_holiday(self, day: date) -> bool:
        """Whether the State or the deployment closes this day, as far as that is known; a weekend by itself is none."""
        if day in self._opened:
            return False
        return day in self.closed or (self.statutory is not None and day in self.statutory.holidays)

    @property
    def known_to(self) -> date | None:
        """The last day up to which holidays are known, from the State or from here; None where they do not matter."""
        return max(self.statutory.last, self.told_to or self.statutory.last) if self.statutory is not None else None

    def is_provisional(self, day: date) -> bool:
        """True when the State may still move this day; a day the deployment has set itself is certain."""
        last = self.known_to
        if self.statutory is None or last is None or self.statutory.first <= day <= last:
            return False
        return day not in self.closed and day not in self._opened

    def provisional_between(self, start: datetime, end: datetime) -> bool:
        """True when any local day from ``start`` to ``end`` (both UTC) is provisional."""
        if self._certain is None or (self._certain[0] <= start and end <= self._certain[1]):
            return False
        day, last = self.local(start).date(), self.local(end).date()
        return any(self.is_provisional(day + timedelta(days=n)) for n in range((last - day).days + 1))

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def year(self, number: int) -> Year:
        """The laid-out year; two threads may lay it out twice, with the same result."""
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = lay_out(number, self.shifts_of, self.zone)
        return found

    def _search(self, first: int, step: int) -> Iterator[Year]:
        for number in range(first, first + step * HORIZON_YEARS, step):
            yield self.year(number)
        raise ValueError(f"calendar {self.name!r} has not enough open time within {HORIZON_YEARS} years of {first}")

    def is_open(self, at: datetime) -> bool:
        moment = to_utc(at)
        return self.year(self.local(moment).year).open_from(moment) == moment

    def next_open(self, at: datetime) -> datetime:
        """``at`` itself when open, else the next opening."""
        moment = to_utc(at)
        for year in self._search(self.local(moment).year, 1):
            found = year.open_from(moment)
            if found is not None:
                return found
        raise AssertionError("unreachable: the search ends by itself")

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """Open time from ``start`` to ``end``, negative when ``end`` is the earlier one."""
        start, end = to_utc(start), to_utc(end)
        if self.always:
            return end - start
        if end < start:
            return -self.counted(end, start)
        first, last = self.local(start).year, self.local(end).year
        between = sum((self.year(number).total for number in range(first, last)), ZERO)
        return between + self.year(last).counted(end) - self.year(first).counted(start)

    def shifted(self, start: datetime, delta: timedelta) -> datetime:
        """The moment that lies ``delta`` of open time after (or, when negative, before) ``start``."""
        start = to_utc(start)
        if self.always:
            return start + delta
        if not delta:
            return self.next_open(start)
        first = self.local(start).year
        need = self.year(first).counted(start) + delta
        if delta > ZERO:
            for year in self._search(first, 1):
                if need <= year.total:
                    return year.reached(need)
                need -= year.total
        for year in self._search(first - 1, -1) if need < ZERO else ():
            need += year.total
            if need >= ZERO:
                return year.reached_backwards(need)
        return self.year(first).reached_backwards(need)

    def nth_day(self, start: datetime, count: int) -> datetime:
        """``count`` working days after ``start``; the definition stands at ``linli.kit.calendar.due``."""
        moment = self.next_open(start)
        day = self._day_of(moment)
        target, intervals = self._day_after(day, count)
        # Within one zone Python adds by the wall clock: the same local time, so many calendar days later.
        wanted = (self.local(moment) + (target - day)).astimezone(UTC)
        for opens, closes in intervals:
            if wanted <= closes:
                return max(wanted, opens)
        return intervals[-1][1]

    def _day_of(self, moment: datetime) -> date:
        """The day whose shift is open at ``moment``: yesterday for the small hours of a night shift."""
        day = self.local(moment).date()
        today = self.year(day.year).by_day.get(day, ())
        return day if any(opens <= moment < closes for opens, closes in today) else day - ONE_DAY

    def _day_after(self, day: date, count: int) -> tuple[date, tuple[Interval, ...]]:
        index = count - 1
        for year in self._search(day.year, 1):
            passed = bisect_right(year.days, day)
            if passed + index < len(year.days):
                target = year.days[passed + index]
                return target, year.by_day[target]
            index -= len(year.days) - passed
        raise AssertionError("unreachable: the search ends by itself")


NATURAL: Final = WorkCalendar("natural", week=Week.daily("00:00-24:00"), statutory=None)
