"""Opinions on a topic, word for word, each with a receipt; and the answer to each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Matter
from linli.core.matters.said import committed
from linli.core.matters.step import optional, required
from linli.core.people import duties, notices
from linli.core.people.actor import Actor
from linli.kit import codes, crypto, rates
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.councils import booked, queries
from linli.offices.councils.models import Opinion

OFTEN = 20  # an hour, by one account


@dataclass(frozen=True)
class Spoken:
    """An opinion that was taken; ``receipt`` is made of the sender's key and stands in no table."""

    opinion: Opinion
    receipt: str


def speak(
    *, actor: Actor, topic: Matter, text: str, retry: str, helper: str = "", now: datetime | None = None
) -> Spoken:
    """Say something about a topic before it is settled. Written down by a ``helper``, it is the receipt's alone."""
    if actor.user_id is None or actor.district_id != topic.district_id:
        raise Forbidden(_("请先登录，再说。"))
    if topic.state in ENDED:
        raise Conflict(_("这个议题已经有结果了。"), code="ended")
    rates.count("topic-opinion", str(actor.user_id), limit=OFTEN, seconds=3600)
    helped = optional(helper, "helper", limit=60)
    opinion = Opinion(
        id=new_id(), district_id=topic.district_id, topic=topic, **committed(required(text, "text", limit=1000)),
        author_id=None if helped else actor.user_id, recorded_by_id=actor.user_id if helped else None, helper=helped,
        at=now or timezone.now(),
    )  # fmt: skip
    return keep(opinion, f"{actor.user_id}:{retry}")


def keep(opinion: Opinion, retry: str) -> Spoken:
    """Write it once: the same key again gives the same opinion and the same receipt."""
    if len(retry) < 44:  # a name and half a uuid: whoever guessed it could read the receipt
        raise Invalid(_("这一页旧了，请再试一次。"), code="stale")
    opinion.retry = retry[:120]
    secret = crypto.blind_index(opinion.retry, purpose="opinion-receipt")
    receipt = codes.receipt_of(opinion.district_id, int(secret[:20], 16))
    opinion.receipt_hash = queries.receipt_hash(receipt)
    rows = Opinion.objects.filter(district_id=opinion.district_id, retry=opinion.retry)
    if (there := rows.first()) is not None:
        return Spoken(there, receipt)
    try:
        with transaction.atomic():
            opinion.save(force_insert=True)
            records.keep(booked.OPINION, opinion.district_id, [opinion.pk], now=opinion.at)
    except IntegrityError:
        return Spoken(rows.get(), receipt)
    return Spoken(opinion, receipt)


def answer(*, actor: Actor, opinion_id: uuid.UUID, text: str, now: datetime | None = None) -> Opinion:
    """Answer one opinion on a topic. Whoever said it is told; the last answer counts and nothing said is touched."""
    with transaction.atomic():
        rows = Opinion.objects.select_for_update(of=("self",)).select_related("topic")
        row = rows.filter(district_id=actor.district_id or 0, pk=opinion_id).first()
        held = actor.over(duties.CONVENE, row.topic.scope_path) if row else None
        if row is None or held is None:
            raise NotFound(_("没有找到这条意见。"))
        row.reply, row.replied_by = required(text, "text", limit=1000), actor.label(held)[:80]
        row.replied_at = now or timezone.now()
        row.save(update_fields=["reply", "replied_by", "replied_at"])
        records.keep(booked.OPINION, row.district_id, [row.pk], now=now)
        if row.author_id is not None:
            words = _("您的意见有回复了：%s") % row.reply[:60]
            notices.leave(row.district_id, words, row.replied_at, users=[row.author_id], url="/council/words/")
    return row
