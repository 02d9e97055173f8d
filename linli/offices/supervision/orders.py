"""Orders from above as one list: on matters, and key tasks of their own. Who owes what by when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from linli.core.matters import seeing
from linli.core.matters.clocks import GOING
from linli.core.matters.models import Clock, Entry, Matter
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef, roster
from linli.core.places.tree import Node, tree
from linli.kit import paging
from linli.kit.fields import subtree

KEY_TASK: Final = "key_task"  # the kind of a matter that is an order of its own
SOON = timedelta(days=3)
TABS: Final = ("open", "overdue", "soon", "tasks", "done")
CAP = 1000


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to. ``owner`` is a post's code, ``place`` a place's."""

    tab: str = "open"
    owner: str = ""
    place: str = ""
    q: str = ""
    cursor: str = ""


@dataclass(frozen=True)
class Order:
    """One order: on what, what for, from whom, to whom, by when."""

    clock: Clock
    matter: Matter
    text: str
    who: str
    given: datetime
    owner: PostRef | None
    where: str

    @property
    def task(self) -> bool:
        return self.matter.kind == KEY_TASK

    def state(self, now: datetime) -> str:
        """done, late (done after its date), overdue, soon or open."""
        if self.clock.state not in GOING:
            return {"met": "done", "missed": "late"}.get(self.clock.state, "ended")
        left = self.clock.due_at - now
        return "overdue" if left < timedelta(0) else "soon" if left < SOON else "open"


@dataclass(frozen=True)
class Listed:
    orders: list[Order]
    next: str | None


def visible(actor: Actor) -> QuerySet[Clock]:
    """Every order on a matter that the actor sees. From the clocks to the matters: orders are few, matters many."""
    found = seeing.branches(actor)
    if not found:
        return Clock.objects.none()
    inside = Matter.objects.filter(reduce(or_, found), district_id=actor.district_id or 0)
    return Clock.objects.filter(district_id=actor.district_id or 0, stage="supervise", matter__in=inside)


def of_place(district_id: int, node: Node) -> QuerySet[Clock]:
    """Every order of a place, whoever asks: for the bulletin that its supervisor draws up."""
    low, high = subtree(node.path)
    return Clock.objects.filter(
        district_id=district_id, stage="supervise", matter__scope_path__gte=low, matter__scope_path__lt=high
    )


def narrowed(rows: QuerySet[Clock], asked: Asked, actor: Actor, now: datetime) -> QuerySet[Clock]:
    return _tabbed(_where(rows, asked, actor), asked.tab, now)


def _where(rows: QuerySet[Clock], asked: Asked, actor: Actor) -> QuerySet[Clock]:
    known = tree(actor.district_id or 0)
    node = known.by_code.get(asked.place)
    if node is not None:
        low, high = subtree(node.path)
        rows = rows.filter(matter__scope_path__gte=low, matter__scope_path__lt=high)
    if asked.owner and (owner := roster(actor.district_id or 0).find(asked.owner)):
        rows = rows.filter(Q(matter__handler_id=owner.id) | Q(matter__handler=None, matter__first_id=owner.id))
    if asked.q:
        rows = rows.filter(Q(matter__text__icontains=asked.q) | Q(matter__number__istartswith=asked.q))
    return rows


def _tabbed(rows: QuerySet[Clock], tab: str, now: datetime) -> QuerySet[Clock]:
    going = rows.filter(state__in=GOING)
    return {
        "open": going,
        "overdue": going.filter(due_at__lt=now),
        "soon": going.filter(due_at__gte=now, due_at__lt=now + SOON),
        "tasks": going.filter(matter__kind=KEY_TASK),
        "done": rows.filter(state__in=["met", "missed"]),
    }[tab]


def listing(actor: Actor, asked: Asked, *, limit: int = 50) -> Listed:
    """One page, the most pressing first; those that were answered, newest first."""
    now = timezone.now()
    rows = narrowed(visible(actor), asked, actor, now).select_related("matter")
    ended = asked.tab == "done"
    try:
        at, key = paging.decode(asked.cursor) if asked.cursor else (None, None)
    except paging.BadCursorError:
        at, key = None, None
    if ended:
        if at is not None:
            rows = rows.filter(Q(stopped_at__lt=at) | Q(stopped_at=at, pk__lt=key))
        found = list(rows.order_by("-stopped_at", "-pk")[: limit + 1])
    else:
        if at is not None:
            rows = rows.filter(Q(due_at__gt=at) | Q(due_at=at, pk__gt=key))
        found = list(rows.order_by("due_at", "pk")[: limit + 1])
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    cursor = paging.encode((last.stopped_at if ended else None) or last.due_at, last.pk) if last else None
    return Listed(told(actor.district_id or 0, shown), cursor)


def tally(actor: Actor, asked: Asked) -> dict[str, int]:
    """How many each tab holds, in one statement, with the same owner, place and words."""
    now = timezone.now()
    rows = _where(visible(actor), asked, actor).filter(state__in=[*GOING, "met", "missed"])
    out = dict.fromkeys(TABS, 0)
    for state, due_at, kind in rows.values_list("state", "due_at", "matter__kind")[:CAP]:
        if state in GOING:
            out["open"] += 1
            out["overdue"] += due_at < now
            out["soon"] += now <= due_at < now + SOON
            out["tasks"] += kind == KEY_TASK
        else:
            out["done"] += 1
    return out


def owners(actor: Actor) -> list[tuple[str, str, int, int]]:
    """Who owes orders now: code, name, how many, how many of them late; by name, for nobody is ranked."""
    now, posts = timezone.now(), roster(actor.district_id or 0)
    counts: dict[PostRef, list[int]] = {}
    rows = visible(actor).filter(state__in=GOING).values_list("matter__handler_id", "matter__first_id", "due_at")
    for handler, first, due_at in rows[:CAP]:
        post = posts.by_id.get(handler or first)
        if post is not None:
            held = counts.setdefault(post, [0, 0])
            held[0] += 1
            held[1] += due_at < now
    return sorted((post.code, post.name, n, late) for post, (n, late) in counts.items())


def told(district_id: int, clocks: Iterable[Clock]) -> list[Order]:
    """Orders with their words and owners: one more query for however many."""
    found = list(clocks)
    known, posts = tree(district_id), roster(district_id)
    ids = {c.matter_id for c in found}
    entries = Entry.objects.filter(district_id=district_id, matter_id__in=ids, act="supervise") if ids else ()
    words = {(e.matter_id, e.at): e for e in entries}
    out = []
    for clock in found:
        matter, entry = clock.matter, words.get((clock.matter_id, clock.started_at))
        node, held_by = known.by_id.get(matter.place_id), matter.handler_id or matter.first_id
        out.append(Order(
            clock, matter, entry.text if entry else "", entry.actor if entry else "", clock.started_at,
            posts.by_id.get(held_by) if held_by else None, known.full_name(node) if node else "",
        ))  # fmt: skip
    return out
