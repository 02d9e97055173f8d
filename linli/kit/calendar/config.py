"""Reading a working calendar from a profile's TOML table.

::

    [calendars.street]
    hours = ["08:30-12:00", "13:30-17:30"]        # Monday to Friday
    saturday = ["09:00-12:00"]                    # any day of the week by its name
    statutory = true                              # closes on statutory holidays, opens on make-up days
    timezone = "Asia/Shanghai"
    closed = [2026-03-02]
    opened = [2026-03-07, {day = 2026-03-08, hours = ["09:00-12:00"]}]
    known_to = 2026-12-24                         # closed and opened hold what the State arranged up to this day
    seasons = [{from = "06-01", to = "09-30", hours = ["08:00-12:00", "15:00-18:00"]}]

A date may also be text, ``"2026-03-02"``: JSON, in which a running district keeps its calendars, knows no other.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from linli.kit.calendar.hours import WEEKDAYS, Season, Week, parse_shifts
from linli.kit.calendar.statutory import PUBLISHED
from linli.kit.calendar.work import OpenDay, WorkCalendar

_WEEK_KEYS: Final = frozenset({"hours", *WEEKDAYS})
_KEYS: Final = _WEEK_KEYS | {"statutory", "timezone", "closed", "opened", "known_to", "seasons"}


def read_calendar(name: str, table: Mapping[str, Any]) -> WorkCalendar:
    """Build the calendar, or raise ValueError that names it: a misspelt key must not fall back in silence."""
    try:
        _only(table, _KEYS)
        return WorkCalendar(
            name,
            week=_read_week(table),
            timezone=table.get("timezone", "Asia/Shanghai"),
            seasons=tuple(_read_season(each) for each in table.get("seasons", ())),
            closed=frozenset(_read_day(each) for each in table.get("closed", ())),
            opened=tuple(_read_opened(each) for each in table.get("opened", ())),
            statutory=PUBLISHED if table.get("statutory", True) else None,
            told_to=_read_day(table["known_to"]) if "known_to" in table else None,
        )
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise ValueError(f"calendar {name!r}: {error}") from error


def _only(table: Mapping[str, Any], keys: frozenset[str]) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        raise ValueError(f"unknown keys {', '.join(unknown)}")


def _read_week(table: Mapping[str, Any]) -> Week:
    return Week.of(*table.get("hours", ()), **{day: table[day] for day in WEEKDAYS if day in table})


def _read_season(table: Mapping[str, Any]) -> Season:
    _only(table, _WEEK_KEYS | {"from", "to"})
    if "from" not in table or "to" not in table:
        raise ValueError("a season needs from and to")
    return Season.of(table["from"], table["to"], _read_week(table))


def _read_day(value: object) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a date") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"{value!r} is not a date")


def as_json(value: Any) -> Any:
    """A table of calendars as JSON can keep it, and ``read_calendar`` reads it."""
    if isinstance(value, Mapping):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _read_opened(value: object) -> OpenDay:
    if not isinstance(value, Mapping):
        return OpenDay(_read_day(value))
    _only(value, frozenset({"day", "hours"}))
    return OpenDay(_read_day(value.get("day")), parse_shifts(value.get("hours", ())))
