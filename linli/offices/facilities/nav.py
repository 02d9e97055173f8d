"""Where the stations are entered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from linli.kit.nav import NavEntry
from linli.kit.shell import register_nav


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(NavEntry(room="doors", label=_("暖心驿站"), url="facilities:stations", icon="home-heart", order=45))
