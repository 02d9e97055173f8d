"""What people look at: notices that stand at a door, those that somebody has put up, and how often they were read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places import doors
from linli.core.places.tree import Node, Tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.offices.notices.models import Announcement, Tally

MOST = 20


@dataclass(frozen=True)
class Counts:
    """Of one notice: inboxes it went to, times it was opened, and where."""

    told: int = 0
    read: int = 0
    door: int = 0


def address(row: Announcement) -> str:
    """Its page, open to everybody: what hangs on a door is no secret."""
    return f"/n/{row.pk}/"


def standing(known: Tree, node: Node) -> list[Announcement]:
    """What stands at a place today: said to it, to what lies above it, or to what it came from. Newest first."""
    ids = [above.id for above in known.chain(node)]
    ids += doors.came_from(known.district.id, ids)
    rows = Announcement.objects.filter(
        district_id=known.district.id, place_id__in=ids, until__gte=timezone.localdate(), withdrawn_at=None
    )
    return [row for row in rows.order_by("-id")[: MOST * 2] if "door" in row.channels][:MOST]


def one(announcement_id: uuid.UUID) -> Announcement:
    """A notice that everybody may read: one that stands, or stood and was not taken down."""
    return the_one(
        Announcement.objects.filter(pk=announcement_id, withdrawn_at=None).select_related("place"), "no such notice"
    )


def mine(actor: Actor) -> QuerySet[Announcement]:
    """Those that somebody may take down: said to places under the actor's own."""
    inside = Q()
    for path in actor.paths(duties.ANNOUNCE):
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    if not inside:
        return Announcement.objects.none()
    return Announcement.objects.filter(inside, district_id=actor.district_id or 0).select_related("place")


def of_mine(actor: Actor, announcement_id: uuid.UUID) -> Announcement:
    return the_one(mine(actor).filter(pk=announcement_id), "no such notice")


def counts(rows: Iterable[Announcement]) -> dict[uuid.UUID, Counts]:
    """How often each was sent and opened, in one query."""
    found = list(rows)
    if not found:
        return {}
    sums: dict[uuid.UUID, dict[str, int]] = {row.pk: {} for row in found}
    tallies = Tally.objects.filter(district_id=found[0].district_id, announcement_id__in=list(sums))
    for key, what, total in tallies.order_by().values_list("announcement_id", "what").annotate(total=Sum("count")):
        sums[key][what] = total
    return {key: _counts(each) for key, each in sums.items()}


def _counts(each: dict[str, int]) -> Counts:
    read = sum(total for what, total in each.items() if what.startswith("read:"))
    return Counts(each.get("told", 0), read, each.get("read:door", 0))
