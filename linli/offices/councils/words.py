"""Trail of my words: what somebody said, the topic it became, and how far that is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from linli.core.matters.models import Link, Matter
from linli.core.people.actor import Actor
from linli.kit import codes
from linli.offices.councils import queries
from linli.offices.councils.marks import RAISED, TOPIC
from linli.offices.councils.models import Opinion


@dataclass(frozen=True)
class Said:
    """One thing that somebody said, as they said it."""

    text: str
    at: datetime
    topic: Matter | None
    number: str = ""  # a matter's
    how: str = "opinion"  # proposed, led, opinion
    reply: str = ""
    replied_by: str = ""
    opinion: Opinion | None = None  # where it was said about a topic


def of_actor(actor: Actor, limit: int = 30) -> list[Said]:
    """Everything that an account said and that a council has to do with, the newest first. Three questions."""
    if actor.user_id is None:
        return []
    district_id = actor.district_id or 0
    mine = Matter.objects.filter(district_id=district_id, opened_by_id=actor.user_id, kind=TOPIC)
    found = [Said(m.text, m.opened_at, m, m.number, "proposed") for m in mine.order_by("-id")[:limit]]
    links = Link.objects.filter(
        district_id=district_id, type=RAISED, ended_at=None, source__opened_by_id=actor.user_id
    ).select_related("source", "target")
    found += [
        Said(x.source.text, x.source.opened_at, x.target, x.source.number, "led") for x in links.order_by("-at")[:limit]
    ]
    rows = Opinion.objects.filter(district_id=district_id, author_id=actor.user_id)
    found += [_said(row) for row in _whole(rows)[:limit]]
    return sorted(found, key=lambda said: said.at, reverse=True)[:limit]


def of_receipt(text: str) -> Said | None:
    """The opinion that a receipt stands for; None where there is none. ValueError where it is no receipt."""
    receipt, district_id = codes.read_receipt(text)
    rows = Opinion.objects.filter(district_id=district_id, receipt_hash=queries.receipt_hash(receipt))
    row = _whole(rows).first()
    return _said(row) if row else None


def own(actor: Actor, opinion_id: uuid.UUID) -> Said | None:
    """One opinion of this very account."""
    if actor.user_id is None:
        return None
    rows = Opinion.objects.filter(district_id=actor.district_id or 0, author_id=actor.user_id, pk=opinion_id)
    row = _whole(rows).first()
    return _said(row) if row else None


def _whole(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    return rows.select_related("topic").order_by("-pk")


def _said(row: Opinion) -> Said:
    return Said(row.words, row.at, row.topic, reply=row.reply, replied_by=row.replied_by, opinion=row)
