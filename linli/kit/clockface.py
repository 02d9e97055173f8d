"""The face of a clock: which tone, which shape, which words. Colour is never the only carrier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from linli.kit import figures
from linli.kit.calendar import left_words
from linli.kit.calendar.reckon import SOON_LEAST, SOON_MOST
from linli.kit.calendar.wording import Style

ICONS = {
    "ok": "clock-hour-4",
    "soon": "half",
    "over": "alert-circle-filled",
    "pause": "player-pause",
    "done": "check",
    "closed": "circle-dashed",
}
TONES = {"ok": "", "done": ""}  # the class; every other tone is its own
RUNNING = frozenset({"running", "warned", "breached"})


@dataclass(frozen=True)
class Face:
    """What a chip shows. ``due`` and ``warn`` are set only while the clock runs, for ``clock.js``."""

    tone: str
    words: str
    due: str = ""
    warn: str = ""

    @property
    def icon(self) -> str:
        return ICONS[self.tone]

    @property
    def css(self) -> str:
        return TONES.get(self.tone, self.tone)


def face(clock: object, *, style: Style = "resident", now: datetime | None = None) -> Face:
    """The face of anything with ``state`` and ``due_at`` (and ``warn_at``, ``stopped_at``, ``until``, ``label``)."""
    state = str(read(clock, "state", "running"))
    if state in RUNNING:
        return _running(clock, style, now or timezone.now())
    return Face(*_still(clock, state, style))


def _running(clock: object, style: Style, now: datetime) -> Face:
    due: datetime = read(clock, "due_at")
    warn: datetime = read(clock, "warn_at") or _warn(read(clock, "started_at"), due)
    # The instant settles it, not the stored state: the sweep that stores "breached" may be a minute behind.
    tone = "over" if now > due else "soon" if now >= warn or read(clock, "state") == "warned" else "ok"
    words = left_words((due - now).total_seconds(), style)
    return Face(tone, words, due.isoformat(), warn.isoformat())


def _warn(start: datetime | str | None, due: datetime) -> datetime:
    """Without a warn_at of its own: half an hour before it is due, or the half of a promise shorter than an hour."""
    if start is None:
        return due - SOON_LEAST
    began = datetime.fromisoformat(start) if isinstance(start, str) else start
    return due - min(SOON_LEAST, max((due - began) / SOON_MOST, timedelta(0)))


def _still(clock: object, state: str, style: Style) -> tuple[str, str]:
    label = read(clock, "label")
    if state == "paused":
        until = read(clock, "until")
        words = _("停到%(day)s") % {"day": short_day(until)} if until else _("已暂停")
        return "pause", str(label or words)
    if state == "met":
        return "done", str(label or _("按时"))
    if state == "missed":
        due, stopped = read(clock, "due_at"), read(clock, "stopped_at")
        late = left_words((due - stopped).total_seconds(), style) if due and stopped else _("没按时")
        return "over", str(label or late)
    return "closed", str(label or _("不计时"))


def patterns() -> dict[str, str | list[str]]:
    """The messages of ``calendar.wording`` for ``clock.js``, so that a refresh never changes the wording.

    Units come as [one, many]: English needs both.
    """
    return {
        "left": _("还剩 %(time)s"),
        "late": _("晚了 %(time)s"),
        "left_moment": _("还剩不到 %(time)s"),
        "late_moment": _("晚了不到 %(time)s"),
        "staff_left": _("剩 %(time)s"),
        "staff_late": _("晚 %(time)s"),
        "days": [npgettext("duration", "天", "天", count) for count in (1, 2)],
        "hours": [npgettext("duration", "小时", "小时", count) for count in (1, 2)],
        "minutes": [npgettext("duration", "分", "分", count) for count in (1, 2)],
    }


def big(words: str) -> SafeString:
    """The one big clock of a page: its numbers stand out."""
    return mark_safe(re.sub(r"\d+", r"<b>\g<0></b>", conditional_escape(words)))  # noqa: S308  escaped just before


def chip(shape: Face, icon: SafeString, *, style: Style, loud: bool = False) -> SafeString:
    """The chip as HTML. Only the one big clock of a page is announced; a list of chips would never stop talking."""
    attrs = format_html(
        ' data-clock data-due="{}" data-warn="{}" data-style="{}"', shape.due, shape.warn, style
    ) if shape.due else ""  # fmt: skip
    if loud:
        return format_html(
            '<p class="bigclock {}" role="status"{}>{}<span class="w">{}</span></p>',
            shape.css, attrs, icon, big(shape.words),
        )  # fmt: skip
    return format_html(
        '<span class="{}"{}>{}<span class="w">{}</span></span>',
        " ".join(filter(None, ("clock", shape.css))), attrs, icon, shape.words,
    )  # fmt: skip


def short_day(at: datetime) -> str:
    """周五 within the next six days, else 11 月 21 日."""
    local, today = timezone.localtime(at).date(), timezone.localdate()
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    if 0 <= (local - today).days < 7:
        return names[local.weekday()]
    return figures.short_day(local)


def read(thing: object, name: str, default: Any = None) -> Any:
    """A field of a dictionary or an attribute of an object, whichever a caller hands over."""
    found = thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
    return default if found is None else found
