"""Where the survey of dwellings is entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, register_nav


def looks(request: HttpRequest) -> bool:
    if not serves(request):
        return False
    actor = actor_of(request)
    return any(actor.over(duties.SEE, path) for path in actor.paths(duties.STATS))


def surveys(request: HttpRequest) -> bool:
    return serves(request) and (actor_of(request).has(duties.RECORD) or actor_of(request).has(duties.HANDLE))


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("房屋摸排"), url="dwellings:board", icon="door", order=64, allowed=looks),
        NavEntry(room="field", label=_("摸排"), url="dwellings:mine", icon="door", order=36, allowed=surveys),
    )
