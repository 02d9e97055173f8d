"""Where covenants are entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, register_nav


def hosts(request: HttpRequest) -> bool:
    """Whoever convenes somewhere."""
    return serves(request) and bool(actor_of(request).paths(duties.CONVENE))


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("公约"), url="covenants:board", icon="file-text", order=37, allowed=hosts),
        NavEntry(room="doors", label=_("公约"), url="covenants:home", icon="file-text", order=35),
        NavEntry(room="open", label=_("公约"), url="covenants:public", icon="file-text", order=32),
    )
