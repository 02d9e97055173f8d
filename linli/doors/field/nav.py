"""Where the pocket notebook is entered: by whoever serves in a post. Each entry only for who may use it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.doors.field import spotting
from linli.kit.nav import NavEntry
from linli.kit.shell import register_nav
from linli.offices.opinions.actions.rounds import ROLES as GOERS


def records(request: HttpRequest) -> bool:
    """Who writes down what others say, as a duty."""
    return serves(request) and actor_of(request).has(duties.RECORD) and not rides(request)


def rides(request: HttpRequest) -> bool:
    """A rider has a notebook of two pages."""
    return serves(request) and spotting.only_rides(actor_of(request))


def works(request: HttpRequest) -> bool:
    """Everybody who serves, but a rider."""
    return serves(request) and not rides(request)


def goes(request: HttpRequest) -> bool:
    """Whoever may be sent from door to door; whether a round is open is asked where its list is."""
    return serves(request) and any(post.role in GOERS for post in actor_of(request).posts)


def register() -> None:
    """Called once, when the doors are ready."""
    register_nav(
        NavEntry(room="field", label=_("手上"), url="field:inbox", icon="clipboard-list", order=10, allowed=works),
        NavEntry(room="field", label=_("随手报"), url="field:spot", icon="camera", order=11, allowed=rides),
        NavEntry(room="field", label=_("我报的"), url="field:spotted", icon="receipt", order=12, allowed=rides),
        NavEntry(room="field", label=_("随手报"), url="/field/spot/", icon="camera", order=38, allowed=records),
        NavEntry(room="field", label=_("驿站"), url="facilities:stations", icon="home-heart", order=13, allowed=rides),
        NavEntry(room="field", label=_("记一件"), url="field:new", icon="plus", order=20, allowed=records),
        NavEntry(room="field", label=_("说事点"), url="field:rounds", icon="messages", order=25, allowed=records),
        NavEntry(room="field", label=_("征求意见"), url="field:opinions", icon="message", order=27, allowed=goes),
        NavEntry(room="field", label=_("我的片"), url="field:people", icon="building", order=30, allowed=works),
        NavEntry(room="doors", label=_("走访"), url="field:inbox", icon="route", order=20, allowed=serves),
    )
