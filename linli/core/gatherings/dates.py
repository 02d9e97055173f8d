"""What calendars and rooms show: somebody's own dates, a place's public ones, and what holds a room."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from linli.core.gatherings.actions.feeding import hashed_token
from linli.core.gatherings.booking import overlapping
from linli.core.gatherings.models import FeedToken, Gathering, Invitation, Room
from linli.core.gatherings.models.sitting import HOLDING
from linli.core.gatherings.queries import asked_of, at_path
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP
from linli.kit.refusal import NotFound

AHEAD = timedelta(days=60)


def fed(actor: Actor, since: datetime, *, home: str = "") -> list[Gathering]:
    """What stands in somebody's own calendar: what they are asked to or host, and what is public where they live."""
    seen: Any = Q(host_id__in=actor.post_ids)
    if asked := asked_of(actor):
        mine = Invitation.objects.filter(asked, district_id=actor.district_id or 0, gathering_id=OuterRef("pk"))
        seen |= Exists(mine.values("pk"))
    if home:
        seen |= Q(public=True, scope_path__in=[home[:n] for n in range(STEP, len(home) + 1, STEP)])
    return _calendar(Gathering.objects.filter(seen, district_id=actor.district_id or 0), since)


def posted(district_id: int, path: str, since: datetime) -> list[Gathering]:
    """What stands in a place's public calendar: its own, those below, and those of every place above it."""
    above = [path[:n] for n in range(STEP, len(path), STEP)]
    here = at_path(path) | Q(scope_path__in=above)
    return _calendar(Gathering.objects.filter(here, district_id=district_id, public=True), since)


def _calendar(rows: QuerySet[Gathering], since: datetime) -> list[Gathering]:
    """Those that people were asked to, cancelled ones too: a calendar has to be told that they are off."""
    rows = rows.filter(called_at__isnull=False, starts_at__gte=since).select_related("kind", "place", "room")
    return list(rows.order_by("starts_at", "pk")[:1000])


def feed_user(token: str) -> uuid.UUID | None:
    """Whose calendar a secret address shows; None where it was ended or never was."""
    return FeedToken.objects.filter(hash=hashed_token(token)).values_list("user_id", flat=True).first()


def feed_since(actor: Actor) -> datetime | None:
    """When the actor's own address was made; None where there is none."""
    if actor.user_id is None:
        return None
    rows = FeedToken.objects.filter(district_id=actor.district_id or 0, user_id=actor.user_id)
    return rows.values_list("at", flat=True).first()


def bookings(room: Room, since: datetime, until: datetime) -> list[Gathering]:
    """What holds a room in a span, the earliest first."""
    return list(overlapping(room.district_id, room.pk, since, until).select_related("kind", "place")[:200])


def next_bookings(rooms: Iterable[Room], now: datetime) -> dict[uuid.UUID, Gathering]:
    """What holds each room now or next: one question for all of them."""
    found: dict[uuid.UUID, Gathering] = {}
    held = list(rooms)
    ids = [row.pk for row in held]
    if held:
        rows = Gathering.objects.filter(
            district_id=held[0].district_id, room_id__in=ids, state__in=HOLDING, ends_at__gt=now,
            starts_at__lt=now + AHEAD,
        )  # fmt: skip
        for row in rows.order_by("starts_at", "pk"):
            if row.room_id is not None:
                found.setdefault(row.room_id, row)
    return found


def room(actor: Actor, code: str) -> Room:
    """A room of a place that the actor convenes at, or above or below one; NotFound otherwise."""
    found = Room.objects.filter(district_id=actor.district_id or 0, code=code).select_related("place").first()
    near = actor.paths(duties.CONVENE) if found else ()
    if found is None or not any(found.scope_path.startswith(p) or p.startswith(found.scope_path) for p in near):
        raise NotFound(_("没有找到这间屋子。"))
    return found


def house(actor: Actor, q: str = "", purpose: str = "") -> QuerySet[Room]:
    """The rooms that the actor may book: in one's scope, and of the places above it."""
    seen = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        seen |= at_path(path) | Q(scope_path__in=[path[:n] for n in range(STEP, len(path), STEP)])
    rows = Room.objects.filter(seen, district_id=actor.district_id or 0).select_related("place")
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(place__name__icontains=q))
    return rows.filter(purpose=purpose) if purpose else rows
