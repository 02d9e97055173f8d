"""Who may change how a district is set up, and what every such change has in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.people import actor as actors
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.core.places.actions import Changing, changing
from linli.core.places.tree import STEP
from linli.kit.refusal import Forbidden


def may_configure(actor: Actor) -> Held | None:
    """The post that configures the whole district. One over a part of it would be an office nobody ever named."""
    configures = (p for p in actor.posts if duties.CONFIGURE in duties.role(p.role).over)
    return next((p for p in configures if len(p.path) == STEP), None)


@contextmanager
def configuring(actor: Actor) -> Iterator[Changing]:
    """A change under way: Forbidden before anything is locked, then the district's lock, version and sentence."""
    held = may_configure(actor)
    if held is None or actor.district_id is None:
        raise Forbidden(_("这一步归系统管理员办。"))
    with changing(actor.district_id, actor.label(held)) as change:
        yield change
        transaction.on_commit(actors.forget)
