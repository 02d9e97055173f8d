"""Where pairings are entered."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from linli.core.people import duties
from linli.core.people.entering import actor_of, serves
from linli.core.places.tree import tree
from linli.kit.nav import NavEntry, register_nav
from linli.offices.pairing.scheme import scheme


def _here(request: HttpRequest) -> bool:
    """A district without a scheme of pairing has no such page in its navigation."""
    return serves(request) and bool(scheme(tree(actor_of(request).district_id or 0)).roles)


def looks(request: HttpRequest) -> bool:
    actor = actor_of(request) if serves(request) else None
    return bool(actor and _here(request) and (actor.has(duties.STATS) or actor.has(duties.PAIR)))


def visits(request: HttpRequest) -> bool:
    """Leaders, cadres and units: whoever a scheme may name."""
    if not _here(request):
        return False
    actor = actor_of(request)
    roles = scheme(tree(actor.district_id or 0)).roles
    may = {code for role in roles for code in role.posts} | {"department_officer", "department_unit"}
    return any(post.role in may for post in actor.posts)


def register() -> None:
    """Called once, when the room is ready."""
    register_nav(
        NavEntry(room="desk", label=_("包联"), url="pairing:board", icon="heart-handshake", order=60, allowed=looks),
        NavEntry(room="open", label=_("谁包联我们"), url="pairing:public", icon="heart-handshake", order=35),
        NavEntry(
            room="field", label=_("包联走访"), url="pairing:mine", icon="heart-handshake", order=35, allowed=visits
        ),
    )
