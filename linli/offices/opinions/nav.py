"""Where opinion rounds are entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, register_nav


def owns(request: HttpRequest) -> bool:
    """Whoever convenes somewhere may ask there."""
    return serves(request) and bool(actor_of(request).paths(duties.CONVENE))


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("征求意见"), url="opinions:board", icon="message", order=36, allowed=owns),
        NavEntry(room="open", label=_("征求意见"), url="opinions:public", icon="message", order=31),
    )
