"""A month as a page draws it: weeks of days from Monday, each with its gatherings; and the ways to its neighbours."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from linli.core.gatherings.models import Gathering

_MONTH = re.compile(r"(\d{4})-(\d{2})")
FIRST, LAST = 2000, 2100


@dataclass(frozen=True)
class Day:
    """One cell: outside days belong to the neighbouring months."""

    on: date
    inside: bool
    today: bool
    rows: list[Gathering]


@dataclass(frozen=True)
class Month:
    """A year and a month, as the address writes it."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Month:
        """``2026-11``; anything else is the present month."""
        found = _MONTH.fullmatch(text)
        if found and FIRST <= int(found[1]) <= LAST and 1 <= int(found[2]) <= 12:
            return cls(int(found[1]), int(found[2]))
        today = timezone.localdate()
        return cls(today.year, today.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def code(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def shifted(self, by: int) -> Month:
        months = self.year * 12 + self.number - 1 + by
        return Month(months // 12, months % 12 + 1)

    def weeks(self, rows: Iterable[Gathering]) -> list[list[Day]]:
        by_day: dict[date, list[Gathering]] = {}
        for row in rows:
            by_day.setdefault(timezone.localtime(row.starts_at).date(), []).append(row)
        today = timezone.localdate()
        return [
            [Day(on, on.month == self.number, on == today, by_day.get(on, [])) for on in week]
            for week in calendar.Calendar().monthdatescalendar(self.year, self.number)
        ]
