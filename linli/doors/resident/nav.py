"""The tabs of the notice by the door."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.kit.nav import NavEntry, room_of
from linli.kit.shell import register_nav


def elsewhere(request: HttpRequest) -> bool:
    """Nobody needs a way to where he stands."""
    return room_of(request) != "resident"


def register() -> None:
    """Called once, when the doors are ready."""
    register_nav(
        NavEntry(room="resident", label=_("首页"), url="resident:home", icon="home", order=10),
        NavEntry(room="resident", label=_("我的事"), url="resident:mine", icon="list", order=20),
        NavEntry(room="resident", label=_("查一件"), url="resident:ask", icon="receipt", order=30),
        NavEntry(room="resident", label=_("我"), url="me", icon="user", order=40),
        NavEntry(room="doors", label=_("居民"), url="resident:home", icon="home", order=10, allowed=elsewhere),
    )
