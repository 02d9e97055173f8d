"""When a room is open, as a profile and a form write it."""

from __future__ import annotations

from datetime import time

from django.utils.translation import gettext as _


def parse_hours(text: str) -> tuple[time, time] | None:
    """``08:00-21:30``; None where a room is always open. ValueError in words."""
    if not text.strip():
        return None
    opens, dash, closes = text.strip().partition("-")
    try:
        found = (time.fromisoformat(opens), time.fromisoformat(closes))
    except ValueError:
        raise ValueError(_("开放时间要写成 08:00-21:30 这样。")) from None
    if not dash or found[0] >= found[1]:
        raise ValueError(_("开放时间要写成 08:00-21:30 这样。"))
    return found
