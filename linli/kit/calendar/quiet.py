"""Quiet hours: nobody is woken by a notice that can wait until morning (免打扰)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from linli.kit.calendar.hours import DAY, clock_minutes
from linli.kit.calendar.work import to_utc

MINUTE = timedelta(minutes=1)


def quiet_until(
    at: datetime,
    quiet: tuple[str, str] = ("21:00", "07:00"),
    *,
    urgent: bool = False,
    timezone: str = "Asia/Shanghai",
) -> datetime:
    """When a notice of ``at`` may go out, in UTC: at the end of the quiet hours it falls in, else at once.

    Urgent notices always go at once. Both ends are sharp: 21:00 waits, 07:00 goes.
    """
    moment = to_utc(at)
    if urgent:
        return moment
    begins, ends = _bounds(quiet)
    local = moment.astimezone(ZoneInfo(timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    minute = local.hour * 60 + local.minute
    if begins < ends:
        silent, wake = begins <= minute < ends, ends
    else:
        silent, wake = minute >= begins or minute < ends, ends + DAY if minute >= begins else ends
    return (midnight + wake * MINUTE).astimezone(UTC) if silent else moment


@lru_cache(maxsize=64)
def _bounds(quiet: tuple[str, str]) -> tuple[int, int]:
    begins, ends = (clock_minutes(text) % DAY for text in quiet)
    if begins == ends:
        raise ValueError(f"quiet hours {quiet[0]}-{quiet[1]} have no length or never end")
    return begins, ends or DAY
