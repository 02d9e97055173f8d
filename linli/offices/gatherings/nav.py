"""Where the calendar and the rooms are entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, logged_in, register_nav


def hosts(request: HttpRequest) -> bool:
    """Whoever convenes somewhere."""
    return serves(request) and bool(actor_of(request).paths(duties.CONVENE))


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("会议日历"), url="sittings:desk", icon="calendar-event", order=36,
                 allowed=serves),
        NavEntry(room="desk", label=_("会议室"), url="sittings:rooms", icon="door-enter", order=37, allowed=hosts),
        NavEntry(room="doors", label=_("会议日历"), url="sittings:mine", icon="calendar-event", order=31,
                 allowed=logged_in),
        NavEntry(room="open", label=_("开会的日子"), url="sittings:public", icon="calendar-event", order=31),
    )  # fmt: skip
