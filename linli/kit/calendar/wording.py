"""Time left in words, as the clock chip shows it: 还剩 1 小时 46 分 to residents, 剩 1:46 to staff.

Give it natural time (``due_at - now``): that is what a reader's own clock shows. Counted time is for pausing.
"""

from datetime import timedelta
from typing import Final, Literal, NamedTuple

from django.utils.translation import gettext, npgettext

Style = Literal["resident", "staff"]
MINUTES_A_DAY: Final = 24 * 60
# Staff read hours to the minute until two full days are left: "1 day" would hide up to 23 hours.
STAFF_DAYS_FROM: Final = 2


class Piece(NamedTuple):
    """One number with its measure word, so that a page can set numbers larger. Staff times have no unit."""

    number: str
    unit: str

    def __str__(self) -> str:
        return f"{self.number} {self.unit}" if self.unit else self.number


class Words(NamedTuple):
    """A length of time taken apart: the full sentence, and what stands before and after its pieces."""

    late: bool
    days: int
    hours: int
    minutes: int
    lead: str
    pieces: tuple[Piece, ...]
    tail: str

    def __str__(self) -> str:
        time = " ".join(str(piece) for piece in self.pieces)
        return " ".join(part for part in (self.lead, time, self.tail) if part)


def words(left: timedelta, style: Style = "resident") -> Words:
    """Time left (negative: late) in whole minutes, cut, not rounded: no minute is shown that is not there."""
    late = left < timedelta(0)
    total = abs(left) // timedelta(minutes=1)
    days, rest = divmod(total, MINUTES_A_DAY)
    hours, minutes = divmod(rest, 60)
    if style == "staff":
        pieces = _staff_pieces(days, total)
    elif style == "resident":
        pieces = _resident_pieces(days, hours, minutes)
    else:
        raise ValueError(f"unknown style of words: {style!r}")
    lead, tail = _around(style, late=late, under_a_minute=total == 0)
    return Words(late, days, hours, minutes, lead, pieces, tail)


def left_words(seconds_left: float, style: Style = "resident") -> str:
    """``6360`` → 还剩 1 小时 46 分 / 剩 1:46; ``-7200`` → 晚了 2 小时 / 晚 2:00."""
    return str(words(timedelta(seconds=seconds_left), style))


def wait_words(seconds: int) -> str:
    """How long until something may be tried again, never too short: ``48`` → 48 秒, ``86340`` → 24 小时."""
    if seconds <= 90:
        return npgettext("wait", "%d 秒", "%d 秒", seconds) % seconds
    minutes = -(-seconds // 60)
    if minutes <= 90:
        return npgettext("wait", "%d 分钟", "%d 分钟", minutes) % minutes
    hours = -(-minutes // 60)
    return npgettext("wait", "%d 小时", "%d 小时", hours) % hours


def _around(style: Style, *, late: bool, under_a_minute: bool) -> tuple[str, str]:
    # The whole pattern is one message, for other languages put the word behind the time ("1 h 46 min left").
    if style == "staff":
        pattern = gettext("晚 %(time)s") if late else gettext("剩 %(time)s")
    elif under_a_minute:
        pattern = gettext("晚了不到 %(time)s") if late else gettext("还剩不到 %(time)s")
    else:
        pattern = gettext("晚了 %(time)s") if late else gettext("还剩 %(time)s")
    lead, _, tail = pattern.partition("%(time)s")
    return lead.strip(), tail.strip()


def _days(count: int) -> Piece:
    return Piece(str(count), npgettext("duration", "天", "天", count))


def _hours(count: int) -> Piece:
    return Piece(str(count), npgettext("duration", "小时", "小时", count))


def _minutes(count: int) -> Piece:
    # The context keeps the minute apart from the fen, which Chinese writes with the same character.
    return Piece(str(count), npgettext("duration", "分", "分", count))


def _resident_pieces(days: int, hours: int, minutes: int) -> tuple[Piece, ...]:
    if days:
        return (_days(days), _hours(hours)) if hours else (_days(days),)
    if hours:
        return (_hours(hours), _minutes(minutes)) if minutes else (_hours(hours),)
    return (_minutes(max(minutes, 1)),)


def _staff_pieces(days: int, total: int) -> tuple[Piece, ...]:
    if days >= STAFF_DAYS_FROM:
        return (_days(days),)
    return (Piece(f"{total // 60}:{total % 60:02}", ""),)
