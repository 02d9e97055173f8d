"""When places pass (split, merged, moved, ended), what hangs on them follows: posts, rules and promises, open matters.

``places.actions`` leaves a row ``succession`` in the outbox with the change itself; the worker does it after the
commit. First whoever serves there and what was decided for there, so that new matters find their handler; then the
matters that are not at rest, each through a step of its own, in stretches, so that no transaction gets long. History
stays: a matter's place, the path it was opened in and all that is closed for good keep pointing to the old row.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters import booked, records, routing
from linli.core.matters.actions.moving import leave_pause
from linli.core.matters.flow import ENDED, LIVE
from linli.core.matters.models import Admission, Matter, Policy, Rule
from linli.core.matters.step import Step, step
from linli.core.people import actor as actors
from linli.core.people.actor import SYSTEM
from linli.core.people.models import Organisation, Post, User
from linli.core.places.locating import locate
from linli.core.places.models import District, Place, Succession
from linli.core.places.tree import Node, tree
from linli.kit import memory, outbox
from linli.kit.fields import subtree
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.kit.outbox import handles

STRETCH = 100  # matters of one transaction
STILL_OPEN_TO_RESIDENTS = timedelta(days=31)  # closed ones may be reopened for so long, so they follow too
Row = TypeVar("Row", bound=models.Model)


@handles("succession", lazy("地点拆并后事情跟过去"))
def _succession(row: Outbox, now: datetime) -> None:
    """``{old, new, on, kind}``, and ``matters`` in the rows that go on with the rest of the matters."""
    asked = row.payload
    old = Place.objects.get(district_id=row.district_id, pk=asked["old"])
    if not asked.get("matters"):
        _follow(old, date.fromisoformat(asked["on"]))
    left = _matters(old, now)
    for matter in left[:STRETCH]:
        _move(matter, now)
    if len(left) > STRETCH:
        rest = {**asked, "matters": True}
        outbox.leave(row.district_id, "succession", [rest], now)


# ── who inherits ────────────────────────────────────────────────────────────────────────────────────────────
def heirs(place: Place) -> list[Place]:
    """The current places that a place went on as, first heir first; itself while it is current; none if it just ended.

    An heir may have passed meanwhile, so this looks on until it finds places of today.
    """
    if place.until is None:
        return [place]
    links = Succession.objects.filter(district_id=place.district_id, old_id=place.pk).select_related("new")
    found: dict[uuid.UUID, Place] = {}
    for link in links.order_by("new__path"):
        found |= {heir.pk: heir for heir in heirs(link.new)}
    return list(found.values())


def _above(place: Place) -> Place:
    """The nearest current place above: what was open in a place that ended without heirs belongs there."""
    up = place
    while up.parent is not None:
        up = up.parent
        if found := heirs(up):
            return found[0]
    return up


# ── posts, bodies, homes, rules ─────────────────────────────────────────────────────────────────────────────
def _follow(old: Place, day: date) -> None:
    low, high = subtree(old.path)
    gone = Place.objects.filter(district_id=old.district_id, path__gte=low, path__lt=high, until__isnull=False)
    for place in gone.order_by("path"):
        found = heirs(place)
        _posts(place, found, day)
        nearest = found or [_above(place)]
        Organisation.objects.filter(district_id=place.district_id, place_id=place.pk).update(
            place=nearest[0], scope_path=nearest[0].path
        )
        User.objects.filter(district_id=place.district_id, home_id=place.pk).update(home=nearest[0])
        _decided(place, found)
    District.objects.filter(pk=old.district_id).update(version=F("version") + 1)
    memory.forget(old.district_id)
    actors.forget()


def _posts(place: Place, found: Sequence[Place], day: date) -> None:
    """A post goes with the first heir and keeps what it holds; for the others its holder serves in a copy of it.

    Where a place ended without heirs its posts end: moved upward they would reach further than anybody decided.
    """
    current = Post.objects.filter(Q(until=None) | Q(until__gt=day), district_id=place.district_id, place_id=place.pk)
    if not found:
        current.update(until=day)
        return
    _spread(current, found, lambda copy, number: _coded(copy, "code", number, day), path="scope_path")


def _coded(copy: Any, name: str, number: int, day: date | None = None) -> None:
    """A code of its own for a copy: the original's with the next free number behind it."""
    original, longest = getattr(copy, name), copy._meta.get_field(name).max_length
    while True:
        ending = f"-{number}"
        code = original[: longest - len(ending)] + ending
        if not type(copy).objects.filter(district_id=copy.district_id, **{name: code}).exists():
            break
        number += 1
    setattr(copy, name, code)
    if day is not None:
        copy.since = day


def _decided(place: Place, found: Sequence[Place]) -> None:
    """Promises, dispatch rules and admissions made for a place hold for its heirs; without heirs they end with it."""
    mine = {"district_id": place.district_id, "scope_path": place.path}
    policies = Policy.objects.filter(until=None, place_id=place.pk, district_id=place.district_id)
    admissions = Admission.objects.filter(**mine, state__in=["applied", "approved"])
    rules = Rule.objects.filter(**mine, active=True)
    if not found:
        rules.update(active=False)
        ended = list(admissions.values_list("pk", flat=True))
        admissions.update(state="ended")
        records.keep(booked.ADMISSION, place.district_id, ended)
        return
    _promises(policies, found)
    held = _spread(admissions, found, lambda copy, number: _coded(copy, "number", number), path="scope_path")
    records.keep(booked.ADMISSION, place.district_id, held)
    _spread(rules, found, lambda copy, number: _ordered(copy), path="scope_path", place=False)


def _promises(policies: QuerySet[Policy], found: Sequence[Place]) -> None:
    """Where two merged places each had a promise of their own, the first one's holds and the other's ends."""
    for policy in policies:
        same = {"kind": policy.kind, "urgency": policy.urgency, "until": None}
        taken = Policy.objects.filter(place__in=found, **same).values_list("place_id", flat=True)
        free = [heir for heir in found if heir.pk not in set(taken)]
        if free:
            _spread(policies.filter(pk=policy.pk), free, lambda copy, number: None, path="scope_path")
        else:
            policies.filter(pk=policy.pk).update(until=timezone.now())


def _ordered(copy: Rule) -> None:
    """The next free order after the rule that it is a copy of."""
    taken = set(Rule.objects.filter(district_id=copy.district_id).values_list("order", flat=True))
    while copy.order in taken:
        copy.order += 1


def _spread(
    rows: QuerySet[Row], found: Sequence[Place], adapt: Callable[[Any, int], None], *, path: str, place: bool = True
) -> list[uuid.UUID]:
    """Each row goes to the first heir; a copy of it, adapted so that it is unique, to each of the others."""
    written = []
    for row in rows:
        held: Any = row
        for number, heir in enumerate(found, start=1):
            if number > 1:
                held = type(row)(**{f.attname: getattr(row, f.attname) for f in row._meta.local_concrete_fields})
                held.pk, held._state.adding = new_id(), True
                adapt(held, number)
            setattr(held, path, heir.path)
            if place:
                held.place = heir
            held.save()
            written.append(held.pk)
    return written


# ── matters ─────────────────────────────────────────────────────────────────────────────────────────────────
def _matters(old: Place, now: datetime) -> list[Matter]:
    """The next ones whose scope still lies below the old place, and one more to know whether that is all."""
    low, high = subtree(old.path)
    moving = ~Q(state__in=ENDED) | Q(closed_at__gte=now - STILL_OPEN_TO_RESIDENTS)
    rows = Matter.objects.filter(moving, district_id=old.district_id, scope_path__gte=low, scope_path__lt=high)
    return list(rows.order_by("pk")[: STRETCH + 1])


def _move(matter: Matter, now: datetime) -> None:
    """Move one matter's scope to where its place went on; who handles it goes on handling it, if still there."""
    with step(matter.district_id, matter.pk, actor=SYSTEM, act="move", now=now) as current:
        held = current.matter
        old = Place.objects.get(district_id=held.district_id, path=held.scope_path)
        node = _target(held, old)
        before = held.community_id
        routing.rescope(held, current.tree, node)
        if held.community_id != before:
            office = current.roster.office("community", held.scope_path)
            held.first_id = office.id if office else held.first_id
        _hand_over(current)
        words = _("%(old)s改为%(new)s，这件事归到那里。") % {"old": old.name, "new": current.tree.full_name(node)}
        current.say(words, place=node.code, path=node.path)


def _hand_over(current: Step) -> None:
    """Whose post ended with the place cannot go on: the community takes over, so that it is in somebody's hands."""
    matter = current.matter
    if matter.handler_id is None or matter.handler_id in current.roster.by_id or matter.state not in LIVE:
        return
    office = current.roster.office("community", matter.scope_path) or current.roster.office("street", matter.scope_path)
    if office is not None:
        leave_pause(current)
        current.give(office)


def _target(matter: Matter, old: Place) -> Node:
    known = tree(matter.district_id)
    found = heirs(old) or [_above(old)]
    nodes = [known.by_id[place.pk] for place in found]
    if len(nodes) == 1:
        return nodes[0]
    lon, lat = (matter.lon, matter.lat) if matter.lon is not None else (old.lon, old.lat)
    at = locate(lon, lat, matter.district_id) if lon is not None and lat is not None else None
    return next((node for node in nodes if at and at[1].path.startswith(node.path)), nodes[0])
