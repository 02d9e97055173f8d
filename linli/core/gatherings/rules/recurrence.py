"""When a gathering comes back: every day, week or month, at a time of the wall clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

EVERY: Final = ("day", "week", "month")
_KEYS: Final = {"every", "weekday", "day", "time", "minutes", "ahead"}


@dataclass(frozen=True)
class Recurrence:
    """``weekday`` 1 to 7 from Monday; ``day`` of the month, the last one where the month is shorter.

    ``minutes`` is how long a sitting lasts, ``ahead`` how many days before it the draft is written.
    """

    every: str
    at: time
    weekday: int = 0
    day: int = 0
    minutes: int = 90
    ahead: int = 7

    def after(self, moment: datetime) -> datetime:
        """The first sitting strictly after ``moment``."""
        local = timezone.localtime(moment)
        on = self._first_on(local.date())
        if self._starts(on) <= moment:
            on = self._first_on(on + timedelta(days=1))
        return self._starts(on)

    def ends(self, starts_at: datetime) -> datetime:
        return starts_at + timedelta(minutes=self.minutes)

    def made(self, starts_at: datetime) -> datetime:
        """When the draft of this sitting is written."""
        return starts_at - timedelta(days=self.ahead)

    def _starts(self, on: date) -> datetime:
        return datetime.combine(on, self.at, tzinfo=timezone.get_default_timezone())

    def _first_on(self, on: date) -> date:
        """The first day of the pattern that is not before ``on``."""
        if self.every == "week":
            return on + timedelta(days=(self.weekday - on.isoweekday()) % 7)
        if self.every == "month":
            found = self._in_month(on.year, on.month)
            following = on.replace(day=1) + timedelta(days=32)
            return found if found >= on else self._in_month(following.year, following.month)
        return on

    def _in_month(self, year: int, month: int) -> date:
        return date(year, month, min(self.day, monthrange(year, month)[1]))


def parse_recurrence(raw: Any) -> Recurrence:
    """From its stored form; ValueError in words."""
    if not isinstance(raw, Mapping) or set(raw) - _KEYS:
        raise ValueError(_("多久一次，只能写 %s。") % "、".join(sorted(_KEYS)))
    every = raw.get("every")
    if every not in EVERY:
        raise ValueError(_("多久一次，只能是 %s。") % "、".join(EVERY))
    try:
        at = time.fromisoformat(str(raw.get("time", "")))
    except ValueError:
        raise ValueError(_("几点开要写成 19:00 这样。")) from None
    if at.tzinfo is not None:
        raise ValueError(_("几点开要写成 19:00 这样。"))
    return Recurrence(
        every=every, at=at,
        weekday=_within(raw, "weekday", 1, 7) if every == "week" else 0,
        day=_within(raw, "day", 1, 31) if every == "month" else 0,
        minutes=_within(raw, "minutes", 5, 720, 90), ahead=_within(raw, "ahead", 0, 60, 7),
    )  # fmt: skip


def _within(raw: Mapping[str, Any], key: str, least: int, most: int, usual: int | None = None) -> int:
    value = raw.get(key, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        message = _("%(name)s 要是 %(least)d 到 %(most)d 的整数。") % {"name": key, "least": least, "most": most}
        raise ValueError(message)
    return value
