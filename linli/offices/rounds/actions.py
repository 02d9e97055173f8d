"""What is done at a round: begin, write down, end. Receipts pass through and are never kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.actions.opening import Asked, Opened, prepare
from linli.core.matters.catalogue import catalogue
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node
from linli.kit import files
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid
from linli.kit.writer import insert
from linli.offices.rounds.models import Round, Said

# How far back a phone without a network may say that something was: the answers to its keys are kept as long.
BACK = timedelta(days=7)
Answer = Callable[[Opened], models.Model]


def start(
    *, actor: Actor, place: Node, channel: str, spot: str = "", started_at: datetime | None = None,
    now: datetime | None = None,
) -> Round:  # fmt: skip
    """Sit down somewhere inside one's own post."""
    now = now or timezone.now()
    if actor.district_id is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    held = actor.over(duties.RECORD, place.path)
    if held is None:
        message = _("这里不在您的片里。")
        raise Forbidden(message) if not actor.has(duties.RECORD) else Invalid(message, fields={"place": message})
    if channel not in catalogue(actor.district_id).channels:
        raise Invalid(_("没有这个来源：%s。") % channel, fields={"channel": _("不认识的来源。")})
    made = Round(
        id=new_id(), district_id=actor.district_id, place_id=place.id, scope_path=place.path, spot=spot.strip()[:40],
        channel=channel, post_id=held.id, by=actor.label(held), started_at=_when(started_at, now),
    )  # fmt: skip
    made.save(force_insert=True)
    return made


def record(
    *, actor: Actor, round_id: uuid.UUID, asked: Asked, said_at: datetime | None = None, answer: Answer | None = None,
    now: datetime | None = None,
) -> Opened:  # fmt: skip
    """Write down what somebody says: the matter, its link to the round and the sealed answer in one write.

    A round that has ended still takes what was said before its end: a phone sends when it has a network again.
    """
    now = now or timezone.now()
    round_ = _mine(actor, round_id)
    said = _when(said_at, now)
    if round_.ended_at is not None and said > round_.ended_at:
        raise Conflict(_("这一场已经收摊了，另开一场再记。"), code="ended")
    if asked.district_id != round_.district_id:
        raise Invalid(_("这个位置不在本区。"), fields={"place": _("这个位置不在本区。")})
    opened, rows = prepare(actor=actor, asked=asked, now=now)
    link = Said(
        id=new_id(), district_id=round_.district_id, round_id=round_.pk, matter_id=opened.matter.pk,
        said_at=max(said, round_.started_at), at=now,
    )  # fmt: skip
    insert([*rows, link, *([answer(opened)] if answer else [])])
    files.used(asked.uploads)
    return opened


def end(*, actor: Actor, round_id: uuid.UUID, ended_at: datetime | None = None, now: datetime | None = None) -> Round:
    """Pack up. Once more changes nothing."""
    now = now or timezone.now()
    with transaction.atomic():
        round_ = _mine(actor, round_id, lock=True)
        if round_.ended_at is None:
            round_.ended_at = max(_when(ended_at, now), round_.started_at)
            round_.save(update_fields=["ended_at"])
    return round_


def _mine(actor: Actor, round_id: uuid.UUID, *, lock: bool = False) -> Round:
    """A round that the actor's own post holds; any other is not there."""
    rows = Round.objects.select_for_update() if lock else Round.objects.all()
    mine = [post.id for post in actor.posts]
    return the_one(
        rows.filter(district_id=actor.district_id or 0, pk=round_id, post_id__in=mine), _("没有找到这一场。")
    )


def _when(told: datetime | None, now: datetime) -> datetime:
    """What the phone's clock says, where that can be: not in the future, not a week ago."""
    if told is None or told > now or told < now - BACK:
        return now
    return told
