"""Booking a room: no two gatherings at once, and only while the house is open. A plain check under the room's lock."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings.models import Gathering, Room
from linli.core.gatherings.models.sitting import HOLDING
from linli.core.gatherings.rules.hours import parse_hours
from linli.kit.refusal import Conflict, Invalid


def is_open(room: Room, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the house is open from beginning to end, which must lie on one day where it closes at all."""
    hours = parse_hours(room.hours)
    if hours is None:
        return True
    starts, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    return starts.date() == ends.date() and hours[0] <= starts.time() and ends.time() <= hours[1]


def overlapping(district_id: int, room_id: uuid.UUID, starts_at: datetime, ends_at: datetime) -> QuerySet[Gathering]:
    """Gatherings that hold the room at some moment of [starts_at, ends_at). One may begin when another ends."""
    return Gathering.objects.filter(
        Q(starts_at__lt=ends_at, ends_at__gt=starts_at), district_id=district_id, room_id=room_id, state__in=HOLDING
    ).order_by("starts_at")


def book(gathering: Gathering, room_id: uuid.UUID | None) -> None:
    """Take the room for the gathering's time, inside the caller's transaction.

    The room's row is locked first: of two who want the same hour one waits here and then sees the other's booking.
    """
    if room_id is None:
        gathering.room = None
        return
    room = Room.objects.select_for_update().filter(district_id=gathering.district_id, pk=room_id, active=True).first()
    if room is None:
        raise Invalid(_("没有这间屋子。"), fields={"room": _("请选一间屋子。")})
    if not is_open(room, gathering.starts_at, gathering.ends_at):
        message = _("%(room)s开放 %(hours)s，这个时间不开门。") % {"room": room.name, "hours": room.hours}
        raise Invalid(message, code="room_closed", fields={"room": message})
    taken = overlapping(gathering.district_id, room.pk, gathering.starts_at, gathering.ends_at).exclude(pk=gathering.pk)
    if other := taken.first():
        message = _("%(room)s那时有“%(other)s”。") % {"room": room.name, "other": other.title}
        raise Conflict(message, code="room_taken", fields={"room": message})
    gathering.room = room
