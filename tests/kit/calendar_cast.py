"""What the calendar tests share: Shanghai wall time, and the small cast of calendars."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from linli.kit.calendar import Season, Statutory, Week, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
STREET = WorkCalendar("street")
NIGHT = WorkCalendar("night patrol", week=Week.of("22:00-06:00"))
ROUND = WorkCalendar("gate", week=Week.daily("00:00-24:00"), statutory=None)
SEASONAL = WorkCalendar(
    "hall",
    week=Week.of("08:30-12:00", "13:30-17:30"),
    seasons=(Season.of("06-01", "09-30", Week.of("08:00-12:00", "15:00-18:00")),),
)
# A State that has published 2025 and nothing else, whatever the installed package has learnt since.
LAW_2025 = Statutory(
    holidays=frozenset({date(2025, 1, 1), *(date(2025, 10, day) for day in range(1, 9))}),
    makeups=frozenset({date(2025, 9, 28), date(2025, 10, 11)}),
    first=date(2025, 1, 1),
    last=date(2025, 12, 24),
)


def at(text: str) -> datetime:
    """``at("2026-01-12 09:40")`` is that wall time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
