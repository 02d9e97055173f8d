"""What residents say about a text, word for word and by receipt; who says the same; and the answer to each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.said import committed
from linli.core.matters.step import optional, required
from linli.core.people import notices
from linli.core.people.actor import Actor
from linli.kit import codes, crypto, rates
from linli.kit.figures import on
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.covenants import booked
from linli.offices.covenants.actions.common import at, day_of, host_of, label, locked, wrong
from linli.offices.covenants.models import Answer, Comment, Covenant, Follow, Support, Version
from linli.offices.covenants.models.comments import Outcome

OFTEN = 20  # an hour, by one account or from one address
MOST_AT_ONCE = 100
SHORTEST_KEY = 32  # whoever guessed it could read the receipt


@dataclass(frozen=True)
class Spoken:
    """A comment that was taken; ``receipt`` is made of the sender's key and stands in no table."""

    comment: Comment
    receipt: str


def say(
    *, actor: Actor, covenant: Covenant, text: str, retry: str, article: str = "", helper: str = "", source: str = "",
    now: datetime | None = None,
) -> Spoken:  # fmt: skip
    """Say something about an article or the whole, with or without an account (then ``source`` is the address).

    Written down by a ``helper``, it is the receipt's alone.
    """
    now = at(now)
    if len(retry) < SHORTEST_KEY:
        raise Invalid(_("这一页旧了，请再试一次。"), code="stale")
    known = actor.user_id is not None and actor.district_id == covenant.district_id
    key = f"{actor.user_id if known else ''}:{retry}"[:120]
    if (there := _kept(covenant.district_id, key)) is not None:
        return there
    _must_take(covenant, now)
    helped, words = optional(helper, "helper", limit=60), required(text, "text", limit=1000)
    if article and not _stands(covenant, article):
        raise NotFound(_("这一稿里没有这一条。"))
    rates.count("covenant-say", str(actor.user_id) if known else f"@{source}", limit=OFTEN, seconds=3600)
    account = actor.user_id if known else None
    comment = Comment(
        id=new_id(), district_id=covenant.district_id, covenant=covenant, number=covenant.shown, article=article,
        **committed(words), author_id=None if helped else account, recorded_by_id=account if helped else None,
        helper=helped,
        receipt_hash=crypto.hash_secret(_receipt(covenant.district_id, key), "covenant"), retry=key, at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
            records.keep(booked.COMMENT, comment.district_id, [comment.pk], now=now)
    except IntegrityError:
        if (there := _kept(covenant.district_id, key)) is None:
            raise
        return there
    return Spoken(comment, _receipt(covenant.district_id, key))


def _kept(district_id: int, key: str) -> Spoken | None:
    row = Comment.objects.filter(district_id=district_id, retry=key).first()
    return Spoken(row, _receipt(district_id, key)) if row else None


def _receipt(district_id: int, key: str) -> str:
    secret = crypto.blind_index(key, purpose="covenant-receipt")
    return codes.receipt_of(district_id, int(secret[:20], 16))


def _must_take(covenant: Covenant, now: datetime) -> None:
    today = day_of(now)
    if covenant.takes_words(today):
        return
    if covenant.state == "comment" and covenant.closes_on and covenant.closes_on < today:
        message = _("征求意见到 %s 截止了，正在一条一条回复。") % on(covenant.closes_on)
    else:
        message = _("现在不在征求意见的日子里。想改，可以到议事厅提一个议题。")
    raise Conflict(message, code="closed")


def _stands(covenant: Covenant, article: str) -> bool:
    version = Version.objects.get(district_id=covenant.district_id, covenant=covenant, number=covenant.shown)
    return bool(version.said.place_of(article))


def support(*, actor: Actor, comment: Comment, on: bool = True, now: datetime | None = None) -> int:
    """Say the same as a comment, or take that back. Returns the count; who said so is nowhere to be read."""
    if actor.user_id is None or actor.district_id != comment.district_id:
        raise Forbidden(_("请先登录。"))
    _must_take(comment.covenant, at(now))
    if comment.author_id == actor.user_id:
        raise Conflict(_("这是您自己说的，已经算上了。"), code="own")
    with transaction.atomic():
        Support.say(actor, comment, on=on)
        records.keep(booked.COMMENT, comment.district_id, [comment.pk], now=now)
    return Support.counts(comment.district_id, [comment.pk]).get(comment.pk, 0)


def follow(*, actor: Actor, covenant: Covenant, on: bool = True) -> None:
    """Be told what happens to it, or no longer."""
    if actor.user_id is None or actor.district_id != covenant.district_id:
        raise Forbidden(_("请先登录。"))
    mine = {"district_id": covenant.district_id, "covenant": covenant, "user_id": actor.user_id}
    if on:
        Follow.objects.get_or_create(**mine, defaults={"id": new_id()})
    else:
        Follow.objects.filter(**mine).delete()


# ── the answer ──────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Answering:
    """What became of a comment: taken over in version ``number``, or not, and why."""

    outcome: str
    text: str
    number: int | None = None


def answer(
    *, actor: Actor, covenant: Covenant, ids: Iterable[uuid.UUID], answering: Answering, now: datetime | None = None
) -> list[Comment]:
    """Answer one comment, or several that say the same. Each keeps its own words and is told by itself."""
    now, wanted = at(now), list(dict.fromkeys(ids))
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise Invalid(_("一次回复 1 到 %d 条。") % MOST_AT_ONCE)
    if answering.outcome not in Outcome.values or answering.outcome == Outcome.WAITING:
        raise wrong("outcome", _("请选一种。"))
    words = required(answering.text, "text", limit=500)
    with locked(actor, covenant) as row:
        rows = Comment.objects.filter(district_id=row.district_id, covenant=row, pk__in=wanted).order_by("pk")
        found = list(rows)
        if len(found) != len(wanted):
            raise NotFound(_("没有找到这条意见。"))
        number = _in_version(row, found, answering)
        Answer.objects.bulk_create(
            Answer(id=new_id(), district_id=row.district_id, comment=each, outcome=answering.outcome, number=number,
                   text=words, by=label(actor, row), at=now)
            for each in found
        )  # fmt: skip
        rows.update(outcome=answering.outcome)
        records.keep(booked.COMMENT, row.district_id, wanted, now=now)
        authors = sorted({each.author_id for each in found if each.author_id is not None})
        told = _("您对《%(title)s》的意见有回复了：%(said)s") % {"title": row.title, "said": words[:60]}
        notices.leave(row.district_id, told, now, users=authors, url="/covenant/words/")
    return found


def _in_version(covenant: Covenant, comments: list[Comment], answering: Answering) -> int:
    """The version that took it over: one that is written, and later than the one that was read."""
    if answering.outcome not in (Outcome.TAKEN, Outcome.PARTLY):
        return 0
    number, read = answering.number or 0, max(each.number for each in comments)
    if not read < number <= covenant.newest:
        message = _("采纳了就写明在第几稿：先把改好的一稿存下来，再回复。")
        raise Invalid(message, fields={"number": message})
    return number


def may_answer(actor: Actor, covenant: Covenant) -> bool:
    return host_of(actor, covenant) is not None
