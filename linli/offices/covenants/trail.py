"""Trail of my words: what somebody said about which article of which version, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from linli.core.people.actor import Actor
from linli.kit import codes, crypto
from linli.offices.covenants import queries
from linli.offices.covenants.models import Answer, Comment, Covenant, Support, Version
from linli.offices.covenants.text import Text, called


@dataclass(frozen=True)
class Said:
    """One comment as it was said, where the article stands now, and every answer, the last one first."""

    comment: Comment
    covenant: Covenant
    at: datetime
    article: str  # as it was numbered when it was read
    now: str  # as it is numbered today; empty where it is gone or the whole is meant
    answers: list[Answer]
    supports: int


def of_actor(actor: Actor, limit: int = 50) -> list[Said]:
    """Everything that an account said about covenants, the newest first. Four questions, however many."""
    if actor.user_id is None:
        return []
    return _told(Comment.objects.filter(district_id=actor.district_id or 0, author_id=actor.user_id), limit)


def of_receipt(text: str) -> Said | None:
    """The comment that a receipt stands for; None where there is none. ValueError where it is no receipt."""
    receipt, district_id = codes.read_receipt(text)
    rows = Comment.objects.filter(district_id=district_id, receipt_hash=crypto.hash_secret(receipt, "covenant"))
    return next(iter(_told(rows, 1)), None)


def _told(rows: QuerySet[Comment], limit: int) -> list[Said]:
    found = list(rows.select_related("covenant__place").order_by("-pk")[:limit])
    if not found:
        return []
    district_id, ids = found[0].district_id, [c.pk for c in found]
    answers, supports = queries.answers(district_id, ids), Support.counts(district_id, ids)
    texts = _texts(district_id, found)
    return [
        Said(
            c, c.covenant, c.at, named(texts.get((c.covenant_id, c.number)), c.article),
            named(texts.get((c.covenant_id, c.covenant.shown)), c.article), answers.get(c.pk, []),
            supports.get(c.pk, 0),
        )
        for c in found
    ]  # fmt: skip


def _texts(district_id: int, rows: list[Comment]) -> dict[tuple[object, int], Text]:
    numbers = {c.number for c in rows} | {c.covenant.shown for c in rows}
    found = Version.objects.filter(
        district_id=district_id, covenant_id__in={c.covenant_id for c in rows}, number__in=numbers
    )
    return {(v.covenant_id, v.number): v.said for v in found}


def named(text: Text | None, key: str) -> str:
    """第三条　充电, as a version numbers it."""
    if text is None or not key:
        return ""
    n = text.place_of(key)
    heading = text.articles[n - 1].heading if n else ""
    return "　".join(part for part in (called(n), heading) if part) if n else ""
