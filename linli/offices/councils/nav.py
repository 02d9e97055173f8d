"""Where the council is entered."""

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
        NavEntry(room="desk", label=_("议事厅"), url="councils:board", icon="messages", order=35, allowed=hosts),
        NavEntry(room="doors", label=_("议事厅"), url="councils:home", icon="messages", order=30, allowed=logged_in),
        NavEntry(room="open", label=_("议事"), url="councils:public", icon="messages", order=30),
    )
