"""Where votes are entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, register_nav


def hosts(request: HttpRequest) -> bool:
    return serves(request) and bool(actor_of(request).paths(duties.CONVENE))


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("表决"), url="voting:board", icon="checklist", order=38, allowed=hosts),
        NavEntry(room="doors", label=_("投票"), url="voting:home", icon="checklist", order=40),
        NavEntry(room="open", label=_("大家的决定"), url="voting:list", icon="checklist", order=34),
    )
