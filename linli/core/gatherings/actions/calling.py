"""Calling a gathering: the notice period, the agenda's least, who is asked, and what they answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from linli.core.gatherings.actions.common import at, locked, must_be, must_host, notify_all, tell, topics, when
from linli.core.gatherings.actions.preparing import must_be_somewhere
from linli.core.gatherings.inviting import Candidate, addresses, chosen, proposed
from linli.core.gatherings.models import AgendaItem, Gathering, Invitation
from linli.core.matters.step import optional, required
from linli.core.people.actor import SYSTEM, Actor
from linli.kit import codes, crypto
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

ANSWERS = ("yes", "no", "substitute")


@dataclass(frozen=True)
class Called:
    """A gathering just called; ``receipts`` by invitation exist here and nowhere else: they are printed on slips."""

    gathering: Gathering
    receipts: dict[uuid.UUID, str]


def call(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, also: Sequence[uuid.UUID] = (), waive: str = "",
    version: int | None = None, now: datetime | None = None,
) -> Called:  # fmt: skip
    """Send the invitations: whom the kind asks, and ``also`` (posts).

    The notice period is kept or ``waive`` says why not; the agenda has the least number of topics. Each topic's
    timeline says that it is tabled.
    """
    now = at(now)
    with locked(actor, district_id, gathering_id, "draft", version=version, now=now) as gathering:
        must_host(gathering, actor)
        receipts = _call(gathering, actor, also, waive, now)
    return Called(gathering, receipts)


def call_by_itself(gathering: Gathering, now: datetime) -> None:
    """The worker's: what comes back is called when its notice period begins, or late and saying so.

    The caller holds the row's lock and saves.
    """
    _call(gathering, SYSTEM, (), "例会按期自动通知，这一次备得晚了。", now)


def _call(
    gathering: Gathering, actor: Actor, also: Sequence[uuid.UUID], waive: str, now: datetime
) -> dict[uuid.UUID, str]:
    must_be_somewhere(gathering)
    gathering.waived = _notice(gathering, waive, now)
    _must_have_topics(gathering)
    district_id, says = gathering.district_id, gathering.kind.says
    asked = [*proposed(district_id, says, gathering.scope_path), *chosen(district_id, also)]
    if not asked and not says.residents:
        raise Invalid(_("一个人也没请，开不了会。"), code="nobody_asked", fields={"also": _("请加上要来的人。")})
    gathering.state, gathering.called_at = "called", now
    receipts = _invite(gathering, asked, now)
    for matter_id in topics(gathering):
        tell(gathering, matter_id, actor, "table", gathering.title, now, starts_at=gathering.starts_at.isoformat())
    return receipts


def invite(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, posts: Sequence[uuid.UUID], now: datetime | None = None
) -> Called:
    """Ask more people to a gathering that was called already; who was asked before is not asked again."""
    with locked(actor, district_id, gathering_id, "called", "sitting") as gathering:
        must_host(gathering, actor)
        receipts = _invite(gathering, chosen(district_id, posts), at(now))
    return Called(gathering, receipts)


def slips(*, actor: Actor, district_id: int, gathering_id: uuid.UUID) -> Called:
    """New codes for everybody who has not answered yet, to be printed on slips; the codes before them end."""
    with locked(actor, district_id, gathering_id, "called") as gathering:
        must_host(gathering, actor)
        receipts: dict[uuid.UUID, str] = {}
        waiting = Invitation.objects.filter(district_id=district_id, gathering_id=gathering.pk, answer="")
        for row in waiting.order_by("pk"):
            receipts[row.pk] = codes.new_receipt(district_id)
            row.receipt_hash = crypto.hash_secret(receipts[row.pk], "invitation")
            row.save(update_fields=["receipt_hash"])
        if not receipts:
            raise Conflict(_("请的人都回过了，不用再印。"), code="all_answered")
    return Called(gathering, receipts)


def answer(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, answer: str, substitute: str = "", reason: str = "",
    now: datetime | None = None,
) -> Invitation:  # fmt: skip
    """Say whether one comes, for one's own post, one's unit, or oneself. The last answer counts."""
    with locked(actor, district_id, gathering_id, "called") as gathering:
        invitation = mine(gathering, actor)
        if invitation is None:
            raise NotFound(_("没有找到这个会。"))
        return _answer(invitation, answer, substitute, reason, at(now))


def answer_slip(
    *, receipt: str, answer: str, substitute: str = "", reason: str = "", now: datetime | None = None
) -> Invitation:
    """The same with the receipt of a paper slip: whoever holds the slip answers for the invitation."""
    try:
        written, district_id = codes.read_receipt(receipt)
    except ValueError as wrong:
        raise NotFound(str(wrong)) from wrong
    rows = Invitation.objects.filter(district_id=district_id, receipt_hash=crypto.hash_secret(written, "invitation"))
    invitation = the_one(rows.select_related("gathering"), _("没有找到这张通知的回执，请再看一遍。"))
    must_be(invitation.gathering, "called")
    return _answer(invitation, answer, substitute, reason, at(now))


def mine(gathering: Gathering, actor: Actor) -> Invitation | None:
    """The actor's own invitation: by post first, then by person, then by the unit the actor speaks for."""
    rows = Invitation.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    own = {post.id for post in actor.posts}
    found = [
        row for row in rows.select_related("post")
        if (row.post_id in actor.post_ids if row.post_id else False)
        or (row.person_id is not None and row.person_id == actor.person_id)
        or (row.organisation_id in actor.organisation_ids if row.organisation_id and _of_unit(row) else False)
    ]  # fmt: skip
    return min(found, key=lambda row: (row.post_id not in own, row.person_id != actor.person_id), default=None)


def _of_unit(row: Invitation) -> bool:
    """Asked as a body and not as one of its people."""
    return row.post is None or row.post.person_id is None


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _notice(gathering: Gathering, waive: str, now: datetime) -> str:
    days = gathering.kind.says.notice_days
    if gathering.starts_at <= now:
        raise Invalid(_("开始的时间已经过了。"), code="too_late", fields={"starts_at": _("要在以后。")})
    if gathering.starts_at - now >= timedelta(days=days):
        return ""
    if not waive.strip():
        message = _("这种会要提前 %d 天通知。急的话写明为什么。") % days
        raise Invalid(message, code="notice_too_short", fields={"waive": message})
    return required(waive, "waive", limit=300)


def _must_have_topics(gathering: Gathering) -> None:
    least = gathering.kind.says.least
    items = AgendaItem.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    have = items.exclude(state="withdrawn").count()
    if have < least:
        message = _("议程至少要有 %(least)d 项，现在 %(have)d 项。") % {"least": least, "have": have}
        raise Invalid(message, code="agenda_too_short", fields={"items": message})


def _invite(gathering: Gathering, asked: Sequence[Candidate], now: datetime) -> dict[uuid.UUID, str]:
    before = Invitation.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    known = {pk for row in before.values_list("post_id", "person_id") for pk in row if pk}
    rows: list[Invitation] = []
    receipts: dict[uuid.UUID, str] = {}
    for each in asked:
        who = {pk for pk in (each.post_id, each.person_id) if pk}
        if known & who:
            continue
        known |= who
        receipt, key = codes.new_receipt(gathering.district_id), new_id()
        receipts[key] = receipt
        rows.append(
            Invitation(
                id=key, district_id=gathering.district_id, gathering=gathering, post_id=each.post_id,
                person_id=each.person_id, organisation_id=each.organisation_id, label=each.label,
                observer=each.observer, receipt_hash=crypto.hash_secret(receipt, "invitation"), at=now,
            )
        )  # fmt: skip
    Invitation.objects.bulk_create(rows)
    text = f"请您{when(gathering.starts_at)}来开“{gathering.title}”，能不能来请回一声。"
    notify_all(gathering, addresses(gathering, list(receipts)), text, now, urgent=bool(gathering.waived))
    return receipts


def _answer(invitation: Invitation, said: str, substitute: str, reason: str, now: datetime) -> Invitation:
    if said not in ANSWERS:
        raise Invalid(_("请回来、来不了，或者派人来。"), fields={"answer": _("请选一个。")})
    invitation.answer = said
    invitation.substitute = required(substitute, "substitute", limit=60) if said == "substitute" else ""
    invitation.reason = optional(reason, "reason", limit=200)
    invitation.answered_at = now
    rows = Invitation.objects.filter(district_id=invitation.district_id, pk=invitation.pk)
    rows.update(answer=said, substitute=invitation.substitute, reason=invitation.reason, answered_at=now)
    return invitation


def must_be_asked(gathering: Gathering, actor: Actor) -> Invitation | None:
    """The actor's invitation, None where residents may come unasked; Forbidden where one had to be asked."""
    invitation = mine(gathering, actor)
    if invitation is None and not gathering.kind.says.residents:
        raise Forbidden(_("这个会是按名单请的，名单上没有您。"))
    return invitation
