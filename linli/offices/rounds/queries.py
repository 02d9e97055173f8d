"""Rounds that somebody sees: one's own, and those at places one sees."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit import paging
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.offices.rounds.models import Round, Said

MOST = 300  # of one round; nobody sits that long


@dataclass(frozen=True)
class Line:
    """One matter of a round in its list."""

    said: Said
    matter: Matter


def visible(actor: Actor) -> QuerySet[Round]:
    """An own one, or one at a place that the actor sees."""
    if actor.district_id is None or not actor.is_staff:
        return Round.objects.none()
    inside = Q(post_id__in=[post.id for post in actor.posts])
    for path in actor.paths(duties.SEE):
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    return Round.objects.filter(inside, district_id=actor.district_id)


def page(actor: Actor, *, cursor: str = "", limit: int = 20, mine: bool = False) -> paging.Page[Round]:
    """Newest first, each with how many spoke."""
    rows = visible(actor)
    if mine:
        rows = rows.filter(post_id__in=[post.id for post in actor.posts])
    counted = rows.annotate(count=Count("said")).select_related("place")
    return paging.page(counted, cursor=cursor or None, limit=max(1, min(limit, 200)), at="started_at")


def going(actor: Actor) -> Round | None:
    """The actor's own round that has not ended, the newest one."""
    mine = [post.id for post in actor.posts]
    rows = Round.objects.filter(district_id=actor.district_id or 0, post_id__in=mine, ended_at=None)
    return rows.annotate(count=Count("said")).select_related("place").order_by("-started_at").first()


def one(actor: Actor, round_id: uuid.UUID) -> Round:
    """NotFound for one that is not there or not to be seen."""
    return the_one(visible(actor).select_related("place").filter(pk=round_id), _("没有找到这一场。"))


def lines(actor: Actor, round_: Round) -> Sequence[Line]:
    """What was said, in order, as far as the actor sees it; a round of one's own shows all that one wrote down."""
    rows = Said.objects.filter(district_id=round_.district_id, round_id=round_.pk).select_related("matter")
    found = list(rows.order_by("said_at", "pk")[:MOST])
    own = round_.post_id in {post.id for post in actor.posts}
    paths = actor.paths(duties.SEE)
    seen = [r for r in found if own or any(r.matter.scope_path.startswith(p) for p in paths)]
    return [Line(row, row.matter) for row in seen]
