"""Writing down what a door came to and what somebody said; once, however often it is sent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.said import committed
from linli.core.matters.step import optional, required
from linli.core.people.actor import Actor
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node, tree
from linli.kit import codes, crypto, rates
from linli.kit.api import key_reused
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.kit.sharing import share
from linli.offices.opinions import booked, queries
from linli.offices.opinions.models import Knock, Opinion, Round
from linli.offices.opinions.models.rounds import Outcome, State
from linli.offices.opinions.models.words import left
from linli.offices.opinions.telling import compare

BACK = timedelta(days=7)  # how far back a phone without a network may say that something was
OFTEN = 20  # words an hour, by one account or address


@dataclass(frozen=True)
class Heard:
    """What somebody says."""

    text: str = ""
    question: int = 0
    name: str = ""
    helper: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Kept:
    """What was taken. ``receipt`` is made of the sender's key and stands in no table; empty where nothing was said."""

    outcome: str
    opinion: Opinion | None = None
    receipt: str = ""


def record(
    *, actor: Actor, row: Round, building: Node, outcome: str, key: str, heard: Heard | None = None,
    dwelling_id: uuid.UUID | None = None, at: datetime | None = None, now: datetime | None = None,
) -> Kept:  # fmt: skip
    """One door: what it came to, and the words where there were any. The door and the words are not joined."""
    moment = now or timezone.now()
    told = at if at is not None and moment - BACK < at <= moment else moment
    paths = queries.reach(actor, row)
    if not paths:
        raise NotFound(_("没有找到这次征求意见。"))
    if outcome not in Outcome.values:
        raise Invalid(_("选一种：说了、没什么要说、没人、不想说。"), fields={"outcome": _("选一种。")})
    mark = _mark(row, paths, building, dwelling_id, _key(key, actor))
    with transaction.atomic():
        kept = _shared(row)
        _still(kept, told)
        made = Kept(outcome)
        if outcome == Outcome.SPOKE:
            held = next((p for p in actor.posts if p.path in paths and p.role in kept.roles), None)
            made = _hear(kept, building, heard or Heard(), _key(key, actor), told, via="door", by=actor.label(held))
        if kept.state == State.OPEN:  # what comes late from a phone is heard, but no door is marked any more
            _knock(kept, building, dwelling_id, mark, outcome, timezone.localdate(told))
    return made


def say(
    *, actor: Actor, row: Round, heard: Heard, key: str, building: Node | None = None, address: str = "",
    now: datetime | None = None,
) -> Kept:  # fmt: skip
    """Answer by oneself, from the sheet on the door or a link; with an account or without."""
    at = now or timezone.now()
    rates.count("opinion-round", str(actor.user_id or address), limit=OFTEN, seconds=3600)
    with transaction.atomic():
        kept = _shared(row)
        _still(kept, at)
        if building is not None and not kept.stretches.filter(building_id=building.id).exists():
            raise Invalid(_("这栋楼不在这次里面。"), fields={"building": _("选一栋，或者空着。")})
        author = actor.user_id if actor.district_id == kept.district_id and not heard.helper.strip() else None
        return _hear(kept, building, heard, _key(key, actor), at, via="self", author=author)


def correct(*, receipt: str, text: str) -> Opinion:
    """What was written down is not what was meant: the speaker's correction stands beside it, the words stay."""
    words = required(text, "text", limit=500)
    try:
        found = queries.of_receipt(receipt)
    except ValueError as error:
        raise Invalid(str(error), fields={"receipt": str(error)}) from error
    if found is None:
        raise NotFound(_("没有找到这张回执。"))
    if found.erased_at is not None:
        raise Conflict(_("这句话已经抹去了。"), code="erased")
    if found.correction and found.correction != words:
        raise Conflict(_("已经更正过一次了。"), code="once")
    with transaction.atomic():
        Opinion.objects.filter(district_id=found.district_id, pk=found.pk).update(correction=words)
        records.keep(booked.VOICE, found.district_id, [found.pk])
    found.correction = words
    return found


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _key(key: str, actor: Actor) -> str:
    """The sender's own key: whoever guessed it could read the receipt, so it must be long."""
    if not 32 <= len(key) <= 120:
        raise Invalid(_("这一页旧了，请再试一次。"), code="stale")
    return f"{actor.user_id or ''}:{key}"


def _shared(row: Round) -> Round:
    """The round as it stands now. Writers share it; whoever ends it waits for them, and then counts their rows."""
    share(Round, row.district_id, row.pk)
    return Round.objects.get(district_id=row.district_id, pk=row.pk)


def _still(row: Round, told: datetime) -> None:
    if row.state == State.DRAFT or row.opened_at is None:
        raise Conflict(_("还没开始征求。"), code="wrong_state")
    if row.ended_at is not None and told > row.ended_at:
        raise Conflict(_("这次已经收齐了，谢谢您。"), code="ended")


def _hear(
    row: Round, building: Node | None, heard: Heard, key: str, at: datetime, *, via: str, by: str = "",
    author: uuid.UUID | None = None,
) -> Kept:  # fmt: skip
    if not 0 <= heard.question < len(row.questions):
        raise Invalid(_("没有这一问。"), fields={"question": _("没有这一问。")})
    text = required(heard.text, "text", limit=1000)
    retry = crypto.blind_index(f"{row.pk}:{key}", purpose="opinion-round-key")
    receipt = receipt_for(row.district_id, retry)
    made = Opinion(
        id=new_id(), district_id=row.district_id, round=row, building_id=building.id if building else None,
        question=heard.question, **committed(text),
        **left(optional(heard.name, "name", limit=40), optional(heard.helper, "helper", limit=60)), quiet=heard.quiet,
        via=via, by=by[:80], author_id=author, receipt_hash=queries.receipt_hash(receipt), retry=retry, at=at,
    )  # fmt: skip
    there = Opinion.objects.filter(district_id=row.district_id, retry=retry).first()
    if there is None:
        there = _insert(made)
        compare(row, at)
    if there.erased_at is not None:  # sent once more after it was asked to be erased: it stays erased
        return Kept(Outcome.SPOKE, there, receipt)
    if there.text != text or there.question != heard.question:
        raise key_reused()
    return Kept(Outcome.SPOKE, there, receipt)


def _insert(made: Opinion) -> Opinion:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            records.keep(booked.VOICE, made.district_id, [made.pk], now=made.at)
    except IntegrityError:  # the same press twice at once
        return Opinion.objects.get(district_id=made.district_id, retry=made.retry)
    return made


def receipt_for(district_id: int, retry: str) -> str:
    """The receipt comes out again wherever the same key comes in again, and stands nowhere."""
    secret = crypto.blind_index(retry, purpose="opinion-round-receipt")
    return codes.receipt_of(district_id, int(secret[:20], 16))


def _mark(row: Round, paths: tuple[str, ...], building: Node, dwelling_id: uuid.UUID | None, key: str) -> str:
    """How this door is known in this round; a building without doors on file counts every sending once."""
    if building.id not in {s.building_id for s in queries.my_stretches(row, paths)}:
        raise NotFound(_("没有这栋楼。"), fields={"building": _("没有这栋楼。")})
    if dwelling_id is None:
        return crypto.blind_index(f"{row.pk}:{key}", purpose="opinion-knock")
    home = Dwelling.objects.filter(district_id=row.district_id, pk=dwelling_id).first()
    node = tree(row.district_id).by_id.get(home.place_id) if home else None
    if node is None or not node.path.startswith(building.path) or not queries.covered(paths, node.path):
        raise NotFound(_("没有这一户。"), fields={"dwelling": _("没有这一户。")})
    return crypto.blind_index(f"{row.pk}:{dwelling_id}", purpose="opinion-knock")


def _knock(row: Round, building: Node, dwelling_id: uuid.UUID | None, mark: str, outcome: str, on: date) -> None:
    """The last look counts; but who has spoken has spoken, whatever the next visit finds."""
    ids: dict[str, Any] = {"district_id": row.district_id, "round": row, "mark": mark}
    first = {"building_id": building.id, "dwelling_id": dwelling_id, "outcome": outcome, "on": on}
    there, new = Knock.objects.get_or_create(**ids, defaults=first)  # two at one door at once: the second finds it
    if not new:
        again = Knock.objects.filter(district_id=row.district_id, pk=there.pk)
        again.exclude(outcome__in=[Outcome.SPOKE, outcome]).update(outcome=outcome, on=on)
