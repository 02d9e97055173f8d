"""Where these pages are entered: at the desk, and notices also from the notebook."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as lazy

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.kit.nav import NavEntry, register_nav
from linli.offices.posters.places import grounds


def announces(request: HttpRequest) -> bool:
    return serves(request) and actor_of(request).has(duties.ANNOUNCE)


def prints(request: HttpRequest) -> bool:
    return serves(request) and bool(grounds(actor_of(request)))


def counts(request: HttpRequest) -> bool:
    return serves(request) and bool(actor_of(request).paths(duties.STATS))


def register() -> None:
    """Called when the addresses are read; the same entry again replaces the first."""
    told = {"label": lazy("发通知"), "url": "board:notices", "icon": "speakerphone", "allowed": announces}
    register_nav(
        NavEntry(room="desk", order=60, **told),  # type: ignore[arg-type]
        NavEntry(room="field", order=35, **told),  # type: ignore[arg-type]
        NavEntry(room="desk", label=lazy("海报"), url="board:posters", icon="qrcode", order=62, allowed=prints),
        NavEntry(room="desk", label=lazy("双楼长"), url="board:heads", icon="building", order=64, allowed=counts),
    )
