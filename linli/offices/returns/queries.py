"""What came back in one's places, what still waits there, and which changes are asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.offices.returns.jobs import WITHIN, alike
from linli.offices.returns.models import WAITING, Proposal, Returned

MOST = 100


def _reach(actor: Actor) -> Q:
    """The places whose dispatch is one's business; the administrator's is the district."""
    paths = actor.paths(duties.DISPATCH) or actor.paths(duties.CONFIGURE)
    ranges = [Q(scope_path__gte=low, scope_path__lt=high) for low, high in (subtree(p) for p in paths)]
    return reduce(or_, ranges, Q(pk__in=[]))


def may_look(actor: Actor) -> bool:
    return bool(actor.paths(duties.DISPATCH) or actor.paths(duties.CONFIGURE))


@dataclass(frozen=True)
class Pile:
    """Returns that have everything in common: what, where, by whom, why, and who should have it."""

    kind: str
    category: str
    scope_path: str
    by: uuid.UUID | None
    suggest: uuid.UUID | None
    reason: str
    count: int
    last: datetime


def piles(actor: Actor, now: datetime | None = None) -> list[Pile]:
    """Ninety days of returns, gathered; the fullest first, for there is most to learn there."""
    since = (now or timezone.now()) - WITHIN
    rows = Returned.objects.filter(_reach(actor), district_id=actor.district_id or 0, at__gt=since)
    names = ("kind", "category", "scope_path", "by_id", "suggest_id", "reason")
    found = rows.values_list(*names).annotate(n=Count("id"), last=Max("at")).order_by("-n", "-last", "kind")
    return [Pile(*row) for row in found[:MOST]]


def waiting(actor: Actor) -> QuerySet[Matter]:
    """首接协调: given back and dispatched to nobody since, longest first."""
    paths = actor.paths(duties.DISPATCH)
    ranges = [Q(scope_path__gte=low, scope_path__lt=high) for low, high in (subtree(p) for p in paths)]
    inside = reduce(or_, ranges, Q(pk__in=[]))
    back = Returned.objects.filter(district_id=actor.district_id or 0).values("matter_id")
    rows = Matter.objects.filter(inside, district_id=actor.district_id or 0, state="open", pk__in=back)
    return rows.order_by("next_due", "pk")


def last_returns(district_id: int, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Returned]:
    """The last return of each of these matters."""
    rows = Returned.objects.filter(district_id=district_id, matter_id__in=list(ids)).order_by("at")
    return {row.matter_id: row for row in rows}


def proposals(actor: Actor, *, decided: bool = False) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(_reach(actor), district_id=actor.district_id or 0)
    if decided:
        return rows.exclude(state__in=WAITING).order_by("-decided_at", "-id")
    return rows.filter(state__in=WAITING).order_by("-id")


def proposal(actor: Actor, proposal_id: uuid.UUID) -> Proposal:
    return the_one(
        Proposal.objects.filter(_reach(actor), district_id=actor.district_id or 0, pk=proposal_id),
        _("没有找到这一条建议。"),
    )


@dataclass(frozen=True)
class Behind:
    """The cases behind a proposal."""

    rows: list[Returned] = field(default_factory=list)

    @property
    def ids(self) -> list[uuid.UUID]:
        return [row.matter_id for row in self.rows]


def behind(found: Proposal) -> Behind:
    """Returns of the ninety days before it was noticed and of all the time since, up to its decision."""
    rows = Returned.objects.filter(**alike(found, to=found.to_id), at__gt=found.at - WITHIN - timedelta(seconds=1))
    if found.decided_at is not None:
        rows = rows.filter(at__lte=found.decided_at)
    return Behind(list(rows.select_related("matter").order_by("-at")[:MOST]))
