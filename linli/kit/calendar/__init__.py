"""Time arithmetic without models: spans, working calendars, promises, pauses, quiet hours, wording."""

from linli.kit.calendar.config import as_json, read_calendar
from linli.kit.calendar.hours import Season, Shift, Week, parse_shifts
from linli.kit.calendar.quiet import quiet_until
from linli.kit.calendar.reckon import (
    Due,
    add_working,
    counts_on,
    due,
    elapsed,
    remaining,
    resume_due,
    soon_at,
)
from linli.kit.calendar.span import Span
from linli.kit.calendar.statutory import PUBLISHED, Statutory
from linli.kit.calendar.wording import Words, left_words, words
from linli.kit.calendar.work import NATURAL, OFFICE, OpenDay, WorkCalendar

__all__ = [
    "NATURAL",
    "OFFICE",
    "PUBLISHED",
    "Due",
    "OpenDay",
    "Season",
    "Shift",
    "Span",
    "Statutory",
    "Week",
    "Words",
    "WorkCalendar",
    "add_working",
    "as_json",
    "counts_on",
    "due",
    "elapsed",
    "left_words",
    "parse_shifts",
    "quiet_until",
    "read_calendar",
    "remaining",
    "resume_due",
    "soon_at",
    "words",
]
