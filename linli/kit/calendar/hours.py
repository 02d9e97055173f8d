"""Opening hours: shifts of one day, a week of them, and seasons that replace the week."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

DAY: Final = 24 * 60
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
_MONTH_DAY: Final = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)


class Shift(NamedTuple):
    """Minutes after local midnight; ``closes`` passes 1440 when the shift runs into the next morning.

    A shift belongs to the day it opens on, so a night that begins on Friday is Friday's work until it ends.
    """

    opens: int
    closes: int


Shifts = tuple[Shift, ...]
ShiftText = str | Sequence[str]


def clock_minutes(text: str) -> int:
    """``"08:30"`` → 510; ``"24:00"`` is the end of the day."""
    found = _CLOCK.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else DAY + 1
    if minutes > DAY:
        raise ValueError(f"{text!r} is not a time of day: write HH:MM from 00:00 to 24:00")
    return minutes


def parse_shift(text: ShiftText) -> Shift:
    """``"08:30-12:00"`` or ``("08:30", "12:00")``; ``22:00-06:00`` crosses midnight.

    ``09:00-00:00`` ends at midnight. A closing at 23:59 is refused instead of counted: whoever writes it
    means the whole day, and the missing minute would move every promise; ``00:00-24:00`` says it exactly.
    """
    ends = text.split("-") if isinstance(text, str) else list(text)
    if len(ends) != 2:
        raise ValueError(f"{text!r} is not a shift: write it as 08:30-12:00")
    opens, closes = clock_minutes(ends[0]), clock_minutes(ends[1])
    if closes == DAY - 1:
        raise ValueError(f"{text!r} loses the last minute of the day: close at 24:00")
    if opens in (closes, DAY):
        raise ValueError(f"{text!r} has no length: a whole day is 00:00-24:00")
    return Shift(opens, closes if closes > opens else closes + DAY)


def parse_shifts(texts: Iterable[ShiftText]) -> Shifts:
    """The shifts of one day in order; shifts that overlap each other raise ValueError."""
    shifts = tuple(sorted(parse_shift(text) for text in texts))
    for one, other in pairwise(shifts):
        if other.opens < one.closes:
            raise ValueError(f"shifts overlap: {_show(one)} and {_show(other)}")
    return shifts


def _show(shift: Shift) -> str:
    closes = shift.closes if shift.closes <= DAY else shift.closes - DAY
    return f"{shift.opens // 60:02}:{shift.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


@dataclass(frozen=True, slots=True)
class Week:
    """The shifts of Monday to Sunday, and what a make-up working day at a weekend (调休上班) keeps."""

    days: tuple[Shifts, ...]

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise ValueError("a week has seven days")

    @classmethod
    def of(cls, *shifts: ShiftText, **other_days: Iterable[ShiftText]) -> "Week":
        """``Week.of("08:30-12:00", "13:30-17:30", saturday=["09:00-12:00"], friday=[])``; weekdays alike."""
        unknown = sorted(set(other_days) - set(WEEKDAYS))
        if unknown:
            raise ValueError(f"unknown day of the week: {', '.join(unknown)}")
        usual = parse_shifts(shifts)
        return cls(
            tuple(
                parse_shifts(other_days[name]) if name in other_days else usual if index < 5 else ()
                for index, name in enumerate(WEEKDAYS)
            )
        )

    @classmethod
    def daily(cls, *shifts: ShiftText) -> "Week":
        """The same shifts on all seven days."""
        return cls((parse_shifts(shifts),) * 7)

    @property
    def working(self) -> Shifts:
        """Hours of a make-up or extra working day: those of the first day of the week that opens at all."""
        return next((shifts for shifts in self.days if shifts), ())

    @property
    def always(self) -> bool:
        """True when no minute of the week is closed; three shifts that touch count like one."""
        return all(_whole_day(shifts) for shifts in self.days)


def _whole_day(shifts: Shifts) -> bool:
    # A night shift never fills its own early morning, so only days from midnight to midnight qualify.
    ends = [0, *(end for shift in shifts for end in shift), DAY]
    return bool(shifts) and all(ends[i] == ends[i + 1] for i in range(0, len(ends), 2))


@dataclass(frozen=True, slots=True)
class Season:
    """Hours that replace the usual week every year from one day to another (夏令、冬令作息), both included.

    ``Season.of("10-01", "04-30", week)`` runs over the new year.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    week: Week

    @classmethod
    def of(cls, first: str, last: str, week: Week) -> "Season":
        return cls(_month_day(first), _month_day(last), week)

    def covers(self, day: date) -> bool:
        mark = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= mark <= self.last
        return mark >= self.first or mark <= self.last


def _month_day(text: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(text)
    try:
        # A leap year, so that 29 February may begin or end a season.
        day = date(2024, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{text!r} is not a day of the year: write MM-DD such as 06-01")
    return day.month, day.day


def check_seasons(seasons: Sequence[Season]) -> None:
    """Two seasons on one day would make the hours depend on the order they were typed in."""
    for number in range(366):
        day = date(2024, 1, 1) + timedelta(days=number)
        if sum(season.covers(day) for season in seasons) > 1:
            raise ValueError(f"two seasons cover {day:%m-%d}")
