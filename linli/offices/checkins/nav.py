"""Where the double check-in is entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, logged_in, register_nav
from linli.offices.checkins.queries import KEEPS


def keeps(request: HttpRequest) -> bool:
    return serves(request) and bool(actor_of(request).paths(KEEPS))


def looks(request: HttpRequest) -> bool:
    """Whoever keeps a community's book, and units that report."""
    return serves(request) and bool(actor_of(request).paths(KEEPS) or actor_of(request).organisation_ids)


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("双报到"), url="checkins:board", icon="id-badge-2", order=62, allowed=looks),
        NavEntry(
            room="doors", label=_("我的报到"), url="checkins:mine", icon="id-badge-2", order=45, allowed=logged_in
        ),
        NavEntry(
            room="field", label=_("等认定的服务"), url="checkins:field", icon="id-badge-2", order=40, allowed=keeps
        ),
        NavEntry(room="open", label=_("双报到"), url="checkins:public", icon="id-badge-2", order=36),
    )
