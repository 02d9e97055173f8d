"""What every act on a covenant begins and ends with: the lock, the duty, the sentence in its history."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.decisions.models import Question
from linli.core.matters import records
from linli.core.matters.actions.noting import note
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.covenants import booked
from linli.offices.covenants.models import Covenant, Event, Version

LEAST_DAYS = 3  # somebody who works all week still has a day


@contextmanager
def locked(actor: Actor, covenant: Covenant, *states: str, version: int | None = None) -> Iterator[Covenant]:
    """The covenant under its row lock, in one of these states, for who may host it; saved with the next version."""
    with transaction.atomic():
        rows = Covenant.objects.select_for_update(of=("self",))
        row = rows.filter(district_id=covenant.district_id, pk=covenant.pk).first()
        if row is None or (actor.kind != "system" and host_of(actor, row) is None):
            raise NotFound(_("没有找到这份公约。"))
        if version is not None and version != row.version:
            raise Conflict(_("这份公约刚被别人改过，请看一眼新的再办。您写的还在。"), code="stale")
        must_be(row, *states)
        yield row
        row.version += 1
        row.save()
        records.keep(booked.COVENANT, row.district_id, [row.pk])


def must_be(covenant: Covenant, *states: str) -> None:
    if states and covenant.state not in states:
        raise Conflict(_("这份公约现在是“%s”，不能这样做。") % covenant.get_state_display(), code="wrong_state")


def host_of(actor: Actor, covenant: Covenant) -> Held | None:
    """The post by which the actor may host it."""
    return None if actor.district_id != covenant.district_id else actor.over(duties.CONVENE, covenant.scope_path)


def label(actor: Actor, covenant: Covenant) -> str:
    return actor.label(host_of(actor, covenant))[:80]


def log(covenant: Covenant, actor: Actor, act: str, now: datetime, text: str = "", **data: Any) -> Event:
    """One sentence of its history; the covenant's lock keeps the numbering whole."""
    mine = {"district_id": covenant.district_id, "covenant": covenant}
    last = Event.objects.filter(**mine).aggregate(n=Max("seq"))["n"] or 0
    return Event.objects.create(
        id=new_id(), **mine, seq=last + 1, act=act, number=covenant.newest, text=text[:500], data=data,
        by=label(actor, covenant), at=now,
    )  # fmt: skip


def seal(covenant: Covenant, actor: Actor, act: str, version: Version, now: datetime, text: str) -> None:
    """The version's digest on the topic's timeline: chained, sealed and published with everything else."""
    note(
        actor=actor, district_id=covenant.district_id, matter_id=covenant.matter_id, act=act, text=text, now=now,
        label=label(actor, covenant), covenant=covenant.number, version=version.number, digest=version.digest,
    )  # fmt: skip


def newest(covenant: Covenant) -> Version:
    return Version.objects.get(district_id=covenant.district_id, covenant=covenant, number=covenant.newest)


def at(now: datetime | None) -> datetime:
    return now or timezone.now()


def day_of(now: datetime) -> date:
    return timezone.localtime(now).date()


def wrong(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: message})


def running(district_id: int, matter_id: uuid.UUID) -> str:
    """The number of a vote that is going on about a topic."""
    rows = Question.objects.filter(district_id=district_id, matter_id=matter_id)
    found = rows.filter(state__in=("open", "closed", "stripped")).values_list("number", flat=True).first()
    return found or ""
