"""Statutory holidays and make-up working days (法定节假日与调休) as far as the State has published them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import chinese_calendar


@dataclass(frozen=True, slots=True)
class Statutory:
    """Published arrangements: certain from ``first`` to ``last``, both included; outside nothing is known."""

    holidays: frozenset[date]
    makeups: frozenset[date]
    first: date
    last: date

    def certain(self, day: date) -> bool:
        return self.first <= day <= self.last


def published() -> Statutory:
    """What the installed ``chinesecalendar`` knows.

    The arrangement of a year may reach back into the last week of the year before (the make-up Saturday
    2018-12-29 was published with 2019), so the final week of the last known year is not certain yet.
    """
    holidays = frozenset(chinese_calendar.holidays)
    years = {day.year for day in holidays}
    return Statutory(
        holidays=holidays,
        makeups=frozenset(chinese_calendar.workdays),
        first=date(min(years), 1, 1),
        last=date(max(years), 12, 24),
    )


PUBLISHED: Final = published()
