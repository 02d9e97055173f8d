"""Casting a ballot: the one act that many do at once.

1. The voter's own roll entry is locked, and nothing else: two thousand neighbours never wait for one another.
2. An earlier valid ballot of the same entry is superseded; its content is wiped at once.
3. The receipt is made from the sender's own key and a secret of the deployment, so that a repeat gives the same one
   without it being stored. It proves that a ballot was taken and says nothing of what it said.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.decisions import sealing
from linli.core.decisions.actions.common import at
from linli.core.decisions.counting import check_choice
from linli.core.decisions.models import Envelope, Member, Proxy, Question, RollEntry, Teller
from linli.core.decisions.queries import speaks
from linli.core.people.actor import Actor
from linli.kit import codes, crypto, outbox
from linli.kit.figures import daytime
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.kit.writer import insert

LONGEST_CHOICE = 900  # bytes, as in the padded ballot


@dataclass(frozen=True)
class Taken:
    """A ballot that was taken. ``receipt`` exists here and in no table."""

    envelope: Envelope
    receipt: str
    again: bool = False  # the same key arrived before


def cast(
    *,
    actor: Actor,
    district_id: int,
    question_id: uuid.UUID,
    choice: Any,
    key: str,
    entry: int | None = None,
    slip: str = "",
    helper: str = "",
    now: datetime | None = None,
) -> Taken:
    """Take a ballot from whoever speaks for a roll entry: by account, by the code on the printed slip, or as a proxy.

    ``entry`` is the roll's serial where the actor speaks for several; ``key`` is the sender's own, for repeats.
    """
    now = at(now)
    question = open_for_voting(district_id, question_id, now)
    found, channel = voice_of(actor, question, entry, slip)
    return take(question, found, choice, key, channel="helper" if helper else channel, helper=helper, now=now)


def open_for_voting(district_id: int, question_id: uuid.UUID, now: datetime) -> Question:
    """The question, if ballots are still taken; otherwise a Conflict that says since when not."""
    question = the_one(
        Question.objects.select_related("rule").filter(district_id=district_id, pk=question_id).exclude(state="draft"),
        _("没有找到这个表决。"),
    )
    if question.state == "withdrawn":
        raise Conflict(_("这个表决已经撤回了，不再收票。"), code="withdrawn")
    if question.state != "open" or now >= question.closes_at:
        closed = daytime(question.closes_at)
        raise Conflict(_("%s 已经截止，这张票来晚了，没有收。") % closed, code="late")
    return question


def voice_of(actor: Actor, question: Question, seq: int | None, slip: str) -> tuple[RollEntry, str]:
    """The entry that the actor speaks for, and by which way; NotFound for somebody who is not on the roll."""
    rows = RollEntry.objects.filter(district_id=question.district_id, question_id=question.pk)
    if slip:
        found = the_one(
            rows.filter(slip_hash=crypto.hash_secret(_slip(slip), f"slip.{question.pk.hex}")),
            _("这个投票码对不上，请照着投票单再看一遍。"),
        )
        return found, "slip"
    mine = entries_of(actor, question)
    chosen = [e for e in mine if seq is None or e.seq == seq]
    if seq is not None and not chosen:
        return _by_proxy(question, mine, seq), "proxy"
    if not chosen:
        raise NotFound(_("名册上没有您家。要是弄错了，请找主持的人看看名册。"))
    if len(chosen) > 1:
        raise Invalid(_("您能替几户投，请选是哪一户。"), fields={"entry": _("请选一户。")})
    return chosen[0], "web"


def entries_of(actor: Actor, question: Question) -> list[RollEntry]:
    """Those that the actor's person stands behind; of those present, the actor's account."""
    own = speaks(actor)
    if own is None or actor.district_id != question.district_id:
        return []
    mine = Member.objects.filter(own, district_id=question.district_id, question_id=question.pk)
    rows = RollEntry.objects.filter(district_id=question.district_id, pk__in=mine.values("entry_id"))
    return list(rows.order_by("seq"))


def _by_proxy(question: Question, mine: list[RollEntry], seq: int) -> RollEntry:
    given = the_one(
        Proxy.objects.filter(
            district_id=question.district_id, question_id=question.pk, holder__in=mine, giver__seq=seq, revoked_at=None
        ).select_related("giver"),
        _("名册上这一户不由您投。"),
    )
    return given.giver


def _slip(text: str) -> str:
    try:
        return codes.read_receipt(text)[0]
    except ValueError as wrong:
        raise Invalid(str(wrong), fields={"slip": str(wrong)}) from wrong


# ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────
def take(
    question: Question, entry: RollEntry, choice: Any, key: str, *, channel: str, helper: str = "", now: datetime
) -> Taken:
    """Put a checked choice into an envelope for this entry."""
    wrong = check_choice(question.method, choice, question.codes)
    if wrong:
        raise Invalid(wrong, fields={"choice": wrong})
    if not 8 <= len(key) <= 200:
        raise Invalid(_("缺少这次投票的编号，请刷新再投。"), fields={"Idempotency-Key": _("8 到 200 个字符。")})
    receipt, key_hash = _receipt(question, entry, key), crypto.blind_index(f"{entry.pk}\0{key}", purpose="ballot")
    # Of a secret ballot nothing is kept that depends on what it said: whoever gets hold of receipt and database could
    # try the few choices there are. So a repeat of its key is answered as the first was, whatever it says.
    commit = "" if question.secret else _commit(receipt, choice)
    with transaction.atomic():
        fresh = RollEntry.objects.select_for_update(of=("self",)).get(district_id=question.district_id, pk=entry.pk)
        earlier = list(fresh.envelopes.order_by("serial"))
        same = next((e for e in earlier if e.key_hash and e.key_hash == key_hash), None)
        if same is not None:
            return _again(same, receipt, commit)
        _must_vote(fresh, earlier, channel)
        envelope = _envelope(question, fresh, choice, channel, helper, now)
        envelope.serial = len(earlier) + 1
        envelope.receipt_hash, envelope.board = crypto.hash_secret(receipt, "ballot"), board_of(receipt)
        envelope.key_hash, envelope.commit = key_hash, commit
        for one in earlier:
            if one.state == "valid":
                _supersede(one)
        payload = {"question": str(question.pk), "entry": str(fresh.pk), "channel": channel}
        insert([envelope, outbox.row(question.district_id, "ballot", payload, now)])
    return Taken(envelope, receipt)


def _again(envelope: Envelope, receipt: str, commit: str) -> Taken:
    if envelope.commit and not hmac.compare_digest(envelope.commit, commit):
        raise Conflict(_("这个 Idempotency-Key 已经用在另一份内容上。"), code="key_reused")
    return Taken(envelope, receipt, again=True)


def _must_vote(entry: RollEntry, earlier: list[Envelope], channel: str) -> None:
    if entry.state == "recused":
        raise Conflict(_("这一户在这个表决里回避：%s") % entry.reason, code="recused")
    if entry.state == "removed":
        raise Conflict(_("这一户不在名册上了：%s") % entry.reason, code="removed")
    own = any(e.state == "valid" and e.channel != "proxy" for e in earlier)
    if channel == "proxy" and own:
        raise Conflict(_("这一户自己投过了，代投的不作数。"), code="voted_themselves")


def _supersede(envelope: Envelope) -> None:
    rows = Envelope.objects.filter(district_id=envelope.district_id, pk=envelope.pk)
    rows.update(state="superseded", sealed=None, choice=None, commit="")


def _envelope(question: Question, entry: RollEntry, choice: Any, channel: str, helper: str, now: datetime) -> Envelope:
    made = Envelope(
        id=new_id(), district_id=question.district_id, question=question, entry=entry, channel=channel[:8],
        helper=helper.strip()[:60], taken_at=now,
    )  # fmt: skip
    if question.secret:
        keys = {t.position: bytes(t.public) for t in Teller.objects.filter(
            district_id=question.district_id, question_id=question.pk)}  # fmt: skip
        made.sealed = sealing.seal(choice, question.pk.bytes, outer=keys[1], inner=keys[2])
    else:
        made.choice = choice
    return made


def _receipt(question: Question, entry: RollEntry, key: str) -> str:
    """80 bits that only the holder of ``key`` and this deployment together can make again."""
    mixed = crypto.blind_index(f"{question.pk}\0{entry.pk}\0{key}", purpose="ballot.receipt")
    return codes.receipt_of(question.district_id, int(mixed[:20], 16))


def _commit(receipt: str, choice: Any) -> str:
    """Lets a repeat with another choice be refused without keeping the choice: the receipt is in no table."""
    return hmac.new(receipt.encode(), repr(_canonical(choice)).encode(), hashlib.sha256).hexdigest()


def _canonical(choice: Any) -> Any:
    return sorted(choice.items()) if isinstance(choice, dict) else choice


def board_of(receipt: str) -> str:
    """The short code that stands on the public list of taken ballots: nobody gets from it to the receipt."""
    short = hashlib.sha256(b"linli.ballot.board\0" + receipt.encode()).hexdigest()[:8].upper()
    return f"{short[:4]}-{short[4:]}"
