"""Before a gathering is called: versions of kinds, rooms, the draft and its changes, taking it back."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from linli.core.gatherings import stepping
from linli.core.gatherings.actions.common import at, locked, must_host, notify_all, when
from linli.core.gatherings.booking import book
from linli.core.gatherings.inviting import addresses
from linli.core.gatherings.models import Gathering, GatheringKind, Room
from linli.core.gatherings.numbers import gathering_number
from linli.core.gatherings.rules.hours import parse_hours
from linli.core.gatherings.rules.spec import parse_kind
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.kit.ids import new_id
from linli.kit.refusal import Forbidden, Invalid, NotFound


@dataclass(frozen=True)
class Planned:
    """What a host writes down: nothing of it is judged yet. Either a room of the district's or ``where`` in words."""

    title: str
    place: Node
    starts_at: datetime
    ends_at: datetime
    room_id: uuid.UUID | None = None
    where: str = ""
    text: str = ""


def add_kind(
    *, actor: Actor, district_id: int, code: str, name: str, spec: dict[str, Any], about: str = ""
) -> GatheringKind:
    """The next version of a kind. Gatherings that were planned under an older one keep it."""
    if actor.kind != "system" and not (actor.has(duties.CONFIGURE) and actor.district_id == district_id):
        raise Forbidden(_("会议种类由系统管理员录入。"))
    try:
        parse_kind(spec)
    except ValueError as wrong:
        raise Invalid(str(wrong), fields={"spec": str(wrong)}) from wrong
    with transaction.atomic():
        mine = GatheringKind.objects.filter(district_id=district_id, code=code)
        newest = mine.aggregate(v=Max("version"))["v"]
        return GatheringKind.objects.create(
            id=new_id(), district_id=district_id, code=required(code, "code", limit=24), version=(newest or 0) + 1,
            name=required(name, "name", limit=60), about=optional(about, "about", limit=200), spec=spec,
        )  # fmt: skip


def add_room(
    *, actor: Actor, district_id: int, place: Node, name: str, seats: int | None = None, hours: str = ""
) -> Room:
    """A room that gatherings may book, by whoever convenes there."""
    if actor.district_id != district_id or actor.over(duties.CONVENE, place.path) is None:
        raise Forbidden(_("那里的屋子不归您管。"))
    _must_fit(seats, hours)
    key = new_id()
    return Room.objects.create(
        id=key, district_id=district_id, place_id=place.id, scope_path=place.path, code=f"R{key.hex[-12:]}",
        name=required(name, "name", limit=60), seats=seats, hours=hours.strip(),
    )  # fmt: skip


def change_room(
    *, actor: Actor, district_id: int, code: str, name: str, seats: int | None = None, hours: str = "",
    active: bool = True,
) -> Room:  # fmt: skip
    """What a room is called, how many it seats, when it is open; closed to bookings where it is not active.

    What was booked already stays as it is: whoever runs it sees it in the room's own list.
    """
    with transaction.atomic():
        room = Room.objects.select_for_update().filter(district_id=district_id, code=code).first()
        if room is None or actor.district_id != district_id:
            raise NotFound(_("没有这间屋子。"))
        if actor.over(duties.CONVENE, room.scope_path) is None:
            raise Forbidden(_("那里的屋子不归您管。"))
        _must_fit(seats, hours)
        room.name, room.seats = required(name, "name", limit=60), seats
        room.hours, room.active = hours.strip(), active
        room.save(update_fields=["name", "seats", "hours", "active"])
    return room


def _must_fit(seats: int | None, hours: str) -> None:
    try:
        parse_hours(hours)
    except ValueError as wrong:
        raise Invalid(str(wrong), fields={"hours": str(wrong)}) from wrong
    if seats is not None and not 1 <= seats <= 5000:
        raise Invalid(_("座位数不对。"), fields={"seats": _("1 到 5000 个。")})


def draft(
    *, actor: Actor, district_id: int, kind_id: uuid.UUID, planned: Planned, now: datetime | None = None
) -> Gathering:
    """Plan a gathering and hold its room. Nobody is told yet, and everything can still be changed."""
    now = at(now)
    held = actor.over(duties.CONVENE, planned.place.path)
    kind = GatheringKind.objects.filter(district_id=district_id, pk=kind_id).first()
    if held is None or kind is None or actor.district_id != district_id:
        raise NotFound(_("没有这种会，或那里的会不由您召集。"))
    gathering = Gathering(
        id=new_id(), district_id=district_id, kind=kind, public=kind.says.public, host_id=held.id,
        made_at=now, secret=secrets.token_hex(32),
    )  # fmt: skip
    with transaction.atomic():
        _write(gathering, planned, now)
        gathering.number = gathering_number(district_id, now)
        stepping.plan(gathering, now)
        gathering.save(force_insert=True)
    return gathering


def edit(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, planned: Planned, version: int | None = None,
    now: datetime | None = None,
) -> Gathering:  # fmt: skip
    """Change a draft. Once people have been asked, a change of time or room is ``reschedule``."""
    with locked(actor, district_id, gathering_id, "draft", version=version, now=now) as gathering:
        must_host(gathering, actor)
        if actor.over(duties.CONVENE, planned.place.path) is None:
            raise Forbidden(_("那里的会不由您召集。"))
        _write(gathering, planned, at(now))
    return gathering


def prefill(*, actor: Actor, district_id: int, gathering_id: uuid.UUID, brief: dict[str, Any]) -> Gathering:
    """Put the figures of a period in front of a sitting (D6). Plain JSON without anybody's name."""
    with locked(actor, district_id, gathering_id, "draft", "called", "sitting") as gathering:
        if actor.kind != "system":
            must_host(gathering, actor)
        gathering.brief = brief
    return gathering


def reschedule(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, starts_at: datetime, ends_at: datetime, reason: str,
    room_id: uuid.UUID | None = None, where: str = "", version: int | None = None, now: datetime | None = None,
) -> Gathering:  # fmt: skip
    """Another time or room after people were asked: everybody asked is told why, answers are asked for again."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "called", version=version, now=now) as gathering:
        must_host(gathering, actor)
        words = required(reason, "reason", limit=300)
        _when(gathering, starts_at, ends_at, now)
        book(gathering, room_id)
        gathering.where = optional(where, "where", limit=120)
        must_be_somewhere(gathering)
        gathering.invitations.update(answer="", substitute="", reason="", answered_at=None)
        text = f"“{gathering.title}”改到{when(starts_at)}：{words}"
        notify_all(gathering, addresses(gathering), text, now)
    return gathering


def cancel(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, reason: str, now: datetime | None = None
) -> Gathering:
    """Take it back before it begins. Everybody asked is told; its topics are offered to the next one."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "draft", "called", now=now) as gathering:
        must_host(gathering, actor)
        gathering.reason = required(reason, "reason", limit=300)
        was_called, gathering.state = gathering.state == "called", "cancelled"
        if was_called:
            text = f"{when(gathering.starts_at)}的“{gathering.title}”不开了：{gathering.reason}"
            notify_all(gathering, addresses(gathering), text, now)
    return gathering


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────
def _write(gathering: Gathering, planned: Planned, now: datetime) -> None:
    node = tree(gathering.district_id).by_id.get(planned.place.id)
    if node is None:
        raise Invalid(_("没有这个地方。"), fields={"place": _("请选一个地方。")})
    levels = gathering.kind.says.levels
    if levels and node.level not in levels:
        titles = tree(gathering.district_id).district.titles
        message = _("这种会开在%s一级。") % "、".join(titles.get(level, level) for level in levels)
        raise Invalid(message, fields={"place": message})
    gathering.place_id, gathering.scope_path = node.id, node.path
    gathering.title = required(planned.title, "title", limit=80)
    gathering.text = optional(planned.text, "text", limit=10_000)
    gathering.where = optional(planned.where, "where", limit=120)
    _when(gathering, planned.starts_at, planned.ends_at, now)
    book(gathering, planned.room_id)


def _when(gathering: Gathering, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise Invalid(_("开始的时间已经过了。"), fields={"starts_at": _("要在以后。")})
    if ends_at <= starts_at:
        raise Invalid(_("结束要在开始之后。"), fields={"ends_at": _("要在开始之后。")})
    gathering.starts_at, gathering.ends_at = starts_at, ends_at


def must_be_somewhere(gathering: Gathering) -> None:
    """Nobody is asked to come to nowhere."""
    if gathering.room is None and not gathering.where:
        message = _("要写在哪儿开。")
        raise Invalid(message, fields={"where": message})
