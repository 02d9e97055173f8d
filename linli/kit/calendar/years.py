"""One year of a calendar, laid out once so that every later question is a binary search."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from linli.kit.calendar.hours import DAY, Shifts

Interval = tuple[datetime, datetime]
ZERO = timedelta(0)
ONE_DAY = timedelta(days=1)


def instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The UTC moment at so many wall-clock minutes after local midnight."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (midnight + timedelta(minutes=minutes)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Year:
    """Open intervals of one local year in UTC, clipped at its two midnights, and the time counted so far.

    ``before`` and ``through`` are the totals at each opening and closing. ``by_day`` keeps the intervals
    unclipped under the day they opened on: working days are counted by it.
    """

    opens: list[datetime]
    closes: list[datetime]
    before: list[timedelta]
    through: list[timedelta]
    total: timedelta
    days: list[date]
    by_day: dict[date, tuple[Interval, ...]]

    def counted(self, at: datetime) -> timedelta:
        """Open time of this year before ``at``."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return ZERO
        return self.before[index] + (min(at, self.closes[index]) - self.opens[index])

    def reached(self, counted: timedelta) -> datetime:
        """First moment by which so much time is counted: on a tie the end of a shift, not an opening."""
        index = bisect_left(self.through, counted)
        return self.opens[index] + (counted - self.before[index])

    def reached_backwards(self, counted: timedelta) -> datetime:
        """Last moment before which so much time was counted: on a tie the opening of a shift."""
        index = bisect_right(self.before, counted) - 1
        return self.opens[index] + (counted - self.before[index])

    def open_from(self, at: datetime) -> datetime | None:
        """``at`` itself when open, else the next opening of this year, else None."""
        index = bisect_right(self.closes, at)
        if index == len(self.closes):
            return None
        return max(at, self.opens[index])


def lay_out(number: int, shifts_of: Callable[[date], Shifts], zone: ZoneInfo) -> Year:
    """Lay out one year.

    A night shift may run into the next day's hours. The day that opened first owns the common part, so no
    minute counts twice and the days stay in order. The last day of the year before is walked too, for its
    night shift; both ends are clipped at midnight so that neighbouring years never share a minute.
    """
    new_year, next_year = instant(date(number, 1, 1), 0, zone), instant(date(number + 1, 1, 1), 0, zone)
    day = date(number, 1, 1) - ONE_DAY
    spill = _spill(shifts_of(day - ONE_DAY))
    by_day: dict[date, tuple[Interval, ...]] = {}
    while day.year <= number:
        shifts = shifts_of(day)
        intervals = _intervals(day, shifts, spill, zone)
        if intervals:
            by_day[day] = intervals
        spill = _spill(shifts)
        day += ONE_DAY
    clipped = [
        (max(opens, new_year), min(closes, next_year))
        for intervals in by_day.values()
        for opens, closes in intervals
        if closes > new_year and opens < next_year
    ]
    return _total_up(clipped, [each for each in by_day if each.year == number], by_day)


def _spill(shifts: Shifts) -> int:
    return max(shifts[-1].closes - DAY, 0) if shifts else 0


def _intervals(day: date, shifts: Shifts, spill: int, zone: ZoneInfo) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for shift in shifts:
        opens, closes = instant(day, max(shift.opens, spill), zone), instant(day, shift.closes, zone)
        if found:
            # Where clocks jump forward, a wall time that does not exist may land behind the next opening.
            opens = max(opens, found[-1][1])
        if shift.closes > spill and opens < closes:
            found.append((opens, closes))
    return tuple(found)


def _total_up(clipped: list[Interval], days: list[date], by_day: dict[date, tuple[Interval, ...]]) -> Year:
    before: list[timedelta] = []
    through: list[timedelta] = []
    total = ZERO
    for opens, closes in clipped:
        before.append(total)
        total += closes - opens
        through.append(total)
    return Year(
        opens=[opens for opens, _ in clipped],
        closes=[closes for _, closes in clipped],
        before=before,
        through=through,
        total=total,
        days=days,
        by_day=by_day,
    )
