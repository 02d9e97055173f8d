"""Opening hours: spans a day, for working days and weekends. Open now? Until when? When again?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.kit import figures
from linli.offices.facilities.models import Condition, Facility

SPAN = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)\s*[-–—~至到]\s*([01]?\d|2[0-4]):([0-5]\d)$")
DAYS = ("weekday", "weekend")
AHEAD = 7
Hours = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Now:
    """Whether it is open at this moment, in words that say when that changes."""

    open: bool
    words: str


def read(typed: str) -> list[str]:
    """``8:00-12:00 14:00-18:00`` as a list of spans in order. ValueError with the reason, in plain words."""
    spans = [_span(part) for part in re.split(r"[，,、;；]+|\s+(?=\d)", typed.strip()) if part.strip()]
    for before, after in pairwise(spans):
        if after[:5] < before[6:]:
            raise ValueError(_("两段时间叠在一起了，从早到晚写。"))
    return spans


def _span(part: str) -> str:
    found = SPAN.match(part.strip())
    if not found:
        raise ValueError(_("时间写成 08:00-12:00 这样，两段之间空一格。"))
    begin, end = (f"{int(found[n]):02d}:{found[n + 1]}" for n in (1, 3))
    if not begin < end <= "24:00":
        raise ValueError(_("关门要晚于开门；通宵写 00:00-24:00。"))
    return f"{begin}-{end}"


def of_day(hours: Hours, day: date) -> Sequence[str]:
    """The spans of one day. Saturday and Sunday are the weekend; stations keep no statutory calendar."""
    return hours.get("weekend" if day.weekday() >= 5 else "weekday") or ()


def now(facility: Facility, at: datetime) -> Now:
    """Open, closed or paused, and what comes next."""
    local = timezone.localtime(at)
    if facility.condition == Condition.PAUSED and not _over(facility, local.date()):
        until = facility.paused_until
        words = _("暂停开放，%s 恢复") % figures.on(until) if until else _("暂停开放")
        return Now(open=False, words=words)
    if not any(facility.hours.get(kind) for kind in DAYS):
        return Now(open=False, words=_("没有登记开放时间"))
    clock = f"{local:%H:%M}"
    for span in of_day(facility.hours, local.date()):
        if span[:5] <= clock < span[6:]:
            return Now(open=True, words=_all_day(span) or _("开着，到 %s") % span[6:])
    return Now(open=False, words=_next(facility.hours, local))


def _over(facility: Facility, today: date) -> bool:
    return facility.paused_until is not None and facility.paused_until <= today


def _all_day(span: str) -> str:
    return _("通宵开着") if span == "00:00-24:00" else ""


def _next(hours: Hours, local: datetime) -> str:
    for ahead in range(AHEAD + 1):
        day = local.date() + timedelta(days=ahead)
        for span in of_day(hours, day):
            opens = datetime.combine(day, time.fromisoformat(span[:5]), local.tzinfo)
            if opens > local:
                return _("关着，%s开") % _day_words(ahead, day, span[:5])
    return _("关着")


def _day_words(ahead: int, day: date, clock: str) -> str:
    names = (_("今天 %s "), _("明天 %s "))
    return names[ahead] % clock if ahead < 2 else f"{figures.on(day)} {clock} "


def lines(hours: Hours) -> list[tuple[str, str]]:
    """The hours as they are written by the door."""
    names = {"weekday": _("周一到周五"), "weekend": _("周末")}
    if hours.get("weekday") == hours.get("weekend") and hours.get("weekday"):
        return [(_("每天"), " ".join(hours["weekday"]))]
    return [(names[kind], " ".join(hours.get(kind) or ()) or _("不开")) for kind in DAYS]
