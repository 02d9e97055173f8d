"""What every act on a gathering begins and ends with: the lock, the duty, the entries on the topics' timelines."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings import booked, stepping
from linli.core.gatherings.inviting import Addressed
from linli.core.gatherings.models import AgendaItem, Gathering
from linli.core.matters import records
from linli.core.matters.actions.noting import note
from linli.core.people import duties, notices
from linli.core.people.actor import Actor, Held
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict, Forbidden, NotFound


@contextmanager
def locked(
    actor: Actor, district_id: int, gathering_id: uuid.UUID, *states: str, version: int | None = None,
    now: datetime | None = None,
) -> Iterator[Gathering]:  # fmt: skip
    """The gathering under its row lock, in one of these states; saved afterwards with the next version."""
    with transaction.atomic():
        gathering = (
            Gathering.objects.select_for_update(of=("self",))
            .select_related("kind", "place", "host")
            .filter(district_id=district_id, pk=gathering_id)
            .first()
        )
        if gathering is None or (actor.kind != "system" and actor.district_id != district_id):
            raise NotFound(_("没有找到这个会。"))
        if version is not None and version != gathering.version:
            raise Conflict(_("这个会刚被别人改过，请看一眼新的再办。"), code="stale")
        must_be(gathering, *states)
        before = Told.of(gathering)
        yield gathering
        gathering.version += 1
        keep_up(gathering, before, at(now))
        gathering.save()
        records.keep(booked.GATHERING, district_id, [gathering.pk], now=now)


@dataclass(frozen=True)
class Told:
    """What a calendar shows of a gathering, and by what its next step is planned."""

    state: str
    title: str
    starts_at: datetime
    ends_at: datetime
    room_id: uuid.UUID | None
    where: str

    @classmethod
    def of(cls, row: Gathering) -> Told:
        return cls(row.state, row.title, row.starts_at, row.ends_at, row.room_id, row.where)


_GONE = ("cancelled", "lapsed")


def keep_up(gathering: Gathering, before: Told, now: datetime) -> None:
    """Plan the worker's next step where state or time changed, and count what calendars have to show anew."""
    after = Told.of(gathering)
    if (after.state, after.starts_at, after.ends_at) != (before.state, before.starts_at, before.ends_at):
        stepping.plan(gathering, now)
    moved = replace(after, state="") != replace(before, state="")
    gone = after.state in _GONE and before.state not in _GONE
    if gathering.called_at is not None and (moved or gone):
        gathering.revision += 1
    if moved or gone or after.state != before.state:
        gathering.changed_at = now


def must_be(gathering: Gathering, *states: str) -> None:
    """Conflict where the gathering waits for something else."""
    if states and gathering.state not in states:
        raise Conflict(_("这个会现在是“%s”，不能这样做。") % gathering.get_state_display(), code="wrong_state")


def must_host(gathering: Gathering, actor: Actor) -> Held:
    """The post by which the actor may run this gathering; Forbidden where the actor only sees it."""
    held = actor.over(duties.CONVENE, gathering.scope_path)
    if held is None:
        raise Forbidden(_("会由主持的人来办。"))
    return held


def must_person(actor: Actor) -> uuid.UUID:
    """The person behind the actor; Forbidden for a receipt, a channel, nobody."""
    if actor.person_id is None:
        raise Forbidden(_("请先登录，会上的事要有名有姓。"))
    return actor.person_id


def item_of(gathering: Gathering, item_id: uuid.UUID) -> AgendaItem:
    """A point of this gathering's agenda; another's is not found."""
    items = AgendaItem.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk, pk=item_id)
    return the_one(items, _("议程里没有这一项。"))


def tell(
    gathering: Gathering, matter_id: uuid.UUID | None, actor: Actor, act: str, text: str, now: datetime, **data: Any
) -> None:
    """One entry on a topic's timeline: chained, sealed and published with everything else. Headings have none."""
    if matter_id is not None:
        note(
            actor=actor, district_id=gathering.district_id, matter_id=matter_id, act=act, text=text, now=now,
            gathering=gathering.number, kind=gathering.kind.code, **data,
        )  # fmt: skip


def topics(gathering: Gathering) -> list[uuid.UUID]:
    """The matters on the agenda, in one order, so that two sittings lock them the same way round."""
    items = AgendaItem.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    found = items.exclude(matter=None).exclude(state="withdrawn").values_list("matter_id", flat=True)
    return sorted(pk for pk in found if pk is not None)


def notify(gathering: Gathering, posts: Iterable[uuid.UUID], text: str, now: datetime, *, urgent: bool = False) -> None:
    """A notice to whoever serves in these posts; it leads to the gathering's own page."""
    notify_all(gathering, Addressed(list(posts), []), text, now, urgent=urgent)


def notify_all(gathering: Gathering, to: Addressed, text: str, now: datetime, *, urgent: bool = False) -> None:
    url = f"/gatherings/{gathering.number}/"
    notices.leave(gathering.district_id, text, now, posts=to.posts, users=to.users, url=url, urgent=urgent)


def at(now: datetime | None) -> datetime:
    return now or timezone.now()


def when(moment: datetime) -> str:
    """11月27日 19:00, by the wall clock."""
    local = timezone.localtime(moment)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
