"""Figures and dates as Linli writes them: thousands take a comma, a code stands in fours, a day carries its weekday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

NBSP = "\u00a0"
NEAR = timedelta(days=60)  # so far over the turn of the year the hour still matters


def comma(value: object) -> str:
    """1234 → 1,234; 1234.50 → 1,234.5; words stay as they are."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return "" if value is None else str(value)
    if isinstance(value, int):
        return f"{value:,}"
    said = f"{value:,.2f}"
    return said.rstrip("0").rstrip(".")


def yuan(fen: int) -> str:
    """Fen as yuan: 123456 → ¥1,234.56. Integer arithmetic, because money is never a float."""
    sign, whole, rest = "-" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    return f"{sign}¥{whole:,}.{rest:02d}"


def percent(part: float, whole: float) -> str:
    """A share of a bar's length, kept inside the bar; no comma, because SVG reads it."""
    share = max(0.0, min(1.0, part / whole)) if whole > 0 else 0.0
    return f"{share * 100:.1f}%"


def group(code: str) -> str:
    """A receipt in groups of four, whatever groups it came in."""
    plain = "".join(ch for ch in code if ch.isalnum())
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def day(at: date | datetime) -> str:
    """11 月 18 日　周三, with the year when it is not this one."""
    on = timezone.localtime(at).date() if isinstance(at, datetime) else at
    week = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[on.weekday()]
    if on.year != timezone.localdate().year:
        return full_day(on)
    return _("%(day)s　%(week)s") % {"day": short_day(on), "week": week}


def short_day(at: date) -> str:
    """11 月 18 日; to readers of English 18 Nov, because 11/5 is two different days to them."""
    return dateformat.format(at, pgettext("date", "n 月 j 日"))


def full_day(at: date) -> str:
    """2026 年 11 月 18 日."""
    return dateformat.format(at, pgettext("date", "Y 年 n 月 j 日"))


def month(at: date) -> str:
    """2026 年 11 月."""
    return dateformat.format(at, pgettext("date", "Y 年 n 月"))


def listed(names: Iterable[object]) -> str:
    """A、B、C; in English A, B and C."""
    *before, last = [str(name) for name in names] or [""]
    if not before:
        return last
    return pgettext("before the last name", "%(names)s、%(last)s") % {
        "names": _("、").join(before), "last": last,
    }  # fmt: skip


def on(at: date | datetime | str | None, style: str = "") -> str:
    """11 月 18 日, with the year when it is not this one or ``style`` is ``year``; also of a frozen ``2026-11-18``."""
    if not at:
        return ""
    if isinstance(at, str):
        try:
            at = date.fromisoformat(at[:10])
        except ValueError:
            return str(at)
    found = at
    if isinstance(at, datetime):
        found = (timezone.localtime(at) if timezone.is_aware(at) else at).date()
    far = style == "year" or found.year != timezone.localdate().year
    return (full_day(found) if far else short_day(found)).replace(" ", NBSP)


def when(at: datetime, now: datetime | None = None) -> str:
    """Today only the time, this year day and time, else the date; around New Year all of it; as seen at ``now``."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.year == today.year:
        return f"{short_day(local.date())} {local:%H:%M}".replace(" ", NBSP)  # 27 日 on two lines is no date
    return daytime(at) if abs(local.date() - today) <= NEAR else day(at)


def daytime(at: datetime | str | None) -> str:
    """11 月 18 日 09:30, today's too: of what was agreed for a time, also frozen as ``2026-11-18T09:30``."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return str(at)
    if not at:
        return ""
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return f"{on(local)}{NBSP}{local:%H:%M}"
