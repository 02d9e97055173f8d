"""Opening a question: two tellers for a secret one, the roll built, checked, frozen and hashed, and the ledger told."""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from linli.core.decisions import gathered, rolls, sealing, terms
from linli.core.decisions.actions.common import at, locked, must_host, tell
from linli.core.decisions.counting import parse_rule
from linli.core.decisions.models import Member, Question, RollEntry, Teller
from linli.core.decisions.rolls import Found
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import codes, crypto
from linli.kit.filling import fill
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

FEWEST_SECRET = 5  # below this a count tells who said what
SHARED_AREA = 5  # limits.md, rule 7
SHORTEST_PASSPHRASE = 8


def become_teller(*, actor: Actor, district_id: int, question_id: uuid.UUID, position: int, passphrase: str) -> Teller:
    """Take one of the two keys of a secret vote. The passphrase is kept nowhere: who forgets it voids the vote."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        message = _("口令至少 %d 个字。") % SHORTEST_PASSPHRASE
        raise Invalid(message, fields={"passphrase": message})
    if position not in (1, 2):
        raise Invalid(_("计票人只有两位。"), fields={"position": _("1 或 2。")})
    with locked(actor, district_id, question_id, "draft") as question:
        if not question.secret:
            raise Conflict(_("这是公开的表决，不用计票人的钥匙。"))
        if actor.user_id is None or (not actor.is_staff and not _on_site(actor, question)):
            raise Forbidden(_("计票人要是这里的人。"))
        if question.tellers.filter(user_id=actor.user_id).exclude(position=position).exists():
            raise Conflict(_("两把钥匙要在两个人手里，您已经有一把了。"))
        question.tellers.filter(position=position, user_id=actor.user_id).delete()
        if question.tellers.filter(position=position).exists():
            raise Conflict(_("这把钥匙已经有人拿了。"))
        public, private = sealing.new_teller(passphrase)
        return Teller.objects.create(
            id=new_id(), district_id=district_id, question=question, position=position, user_id=actor.user_id,
            name=actor.name[:60], public=public, private=private,
        )  # fmt: skip


def _on_site(actor: Actor, question: Question) -> bool:
    home = tree(question.district_id).by_id.get(actor.home_id) if actor.home_id else None
    return home is not None and home.path.startswith(question.scope_path)


def preview_roll(question: Question) -> Found:
    """The roll as it would be frozen now, with what is missing; nothing is written."""
    if question.gathered:
        return gathered.collect(question)
    return rolls.collect(
        question.roll_kind, tree(question.district_id), question.scope_path, parking=question.parking,
        weighted=question.weighted, roles=question.more.get("roles", ()),
    )  # fmt: skip


def open_question(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, recused: dict[int, str] | None = None,
    now: datetime | None = None,
) -> Question:  # fmt: skip
    """Freeze the roll and let the voting begin. From here on roll, rule and time move only by published amendment.

    ``recused`` maps a serial of the preview to the reason why that voice stands back (conflict of interest).
    """
    now = at(now)
    with locked(actor, district_id, question_id, "draft") as question:
        must_host(question, actor)
        if question.closes_at <= now:
            raise Invalid(_("截止的时间已经过了，改了再开。"), fields={"closes_at": _("要在以后。")})
        if question.review_on is None:
            raise Invalid(_("写明哪天回头看，再开。"), fields={"review_on": _("通过以后哪天回头看？")})
        found = preview_roll(question)
        rolls.must_be_whole(found, weighted=question.weighted)
        if question.gathered:
            gathered.must_be_ready(question, actor, found)
            recused = {n: voice.recused for n, voice in enumerate(found.voices, 1) if voice.recused} | (recused or {})
        _must_keep_secret(question, found)
        entries = _freeze(question, found, recused or {})
        _settle(question, entries, now)
        tell(question, actor, "ask", question.title, now, roll=question.roll_hash, heads=question.roll_heads,
             area=str(question.roll_area), rule=question.rule.code, rule_version=question.rule.version,
             secret=question.secret, closes=question.closes_at.isoformat(timespec="seconds"),
             terms=terms.digest(question), named=terms.roll_digest(question),
             voices=terms.voices_digest(question))  # fmt: skip
    return question


def _must_keep_secret(question: Question, found: Found) -> None:
    if not question.secret:
        return
    if question.tellers.count() != 2:
        raise Conflict(_("秘密投票要先有两位计票人各拿一把钥匙。"), code="tellers_missing")
    if len(found.voices) < FEWEST_SECRET:  # in a room: gathered.must_be_ready
        raise Conflict(_("不到 %d 户，秘密投票藏不住谁投了什么，请改成公开。") % FEWEST_SECRET, code="too_few")
    if question.weighted:
        rare = [area for area, n in Counter(v.area for v in found.voices).items() if n < SHARED_AREA]
        if rare:
            raise Conflict(
                _("按面积算又要秘密，每一种面积至少要有 %(least)d 户同样的，现在有 %(n)d 种不够。请改成公开。")
                % {"least": SHARED_AREA, "n": len(rare)},
                code="area_tells",
            )


_ENTRY = ("id", "district_id", "question_id", "seq", "label", "holder", "place_path", "organisation_id", "post_id",
          "heads", "area_m2", "units", "state", "reason", "salt", "slip_hash")  # fmt: skip
_MEMBER = ("id", "district_id", "question_id", "entry_id", "person_id", "user_id")


class Frozen(NamedTuple):
    """What the roll's hash and sums take of an entry."""

    id: uuid.UUID
    seq: int
    salt: str
    area: Decimal
    state: str


def _freeze(question: Question, found: Found, recused: dict[int, str]) -> list[Frozen]:
    """The roll's rows: by the ten thousand, and so without an instance for each."""
    weighted, district_id = question.weighted, question.district_id
    entries = [
        Frozen(new_id(), seq, secrets.token_hex(16), voice.area if weighted else Decimal(0),
               "recused" if seq in recused else "voting")
        for seq, voice in enumerate(found.voices, 1)
    ]  # fmt: skip
    both = list(zip(entries, found.voices, strict=True))
    fill(RollEntry, _ENTRY, (
        (e.id, district_id, question.pk, e.seq, v.label[:120], v.holder, v.path, v.organisation, v.post, 1, e.area,
         v.units, e.state, recused.get(e.seq, "")[:200], e.salt, "")
        for e, v in both
    ))  # fmt: skip
    fill(Member, _MEMBER, (
        (new_id(), district_id, question.pk, e.id, person, None) for e, v in both for person in v.persons
    ))  # fmt: skip
    fill(Member, _MEMBER, ((new_id(), district_id, question.pk, e.id, None, v.user) for e, v in both if v.user))
    return entries


def _settle(question: Question, entries: list[Frozen], now: datetime) -> None:
    voting = [e for e in entries if e.state == "voting"]
    question.roll_hash = rolls.roll_hash(rolls.line(e.seq, e.salt, 1, e.area, e.state) for e in entries)
    question.roll_heads = len(voting)
    question.roll_area = sum((e.area for e in voting), Decimal(0))
    question.opened_at, question.state = now, "open"
    question.objections_until = question.closes_at + timedelta(days=parse_rule(question.rule.spec).objection_days)
    question.sample_seed = secrets.token_hex(16)


def issue_slips(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, entries: list[int] | None = None,
    now: datetime | None = None,
) -> list[tuple[RollEntry, str]]:  # fmt: skip
    """Codes for printed invitations, by which a household without an account votes. Shown once; a new one ends it."""
    with locked(actor, district_id, question_id, "open") as question:
        must_host(question, actor)
        rows = question.roll.filter(state="voting").order_by("seq")
        chosen = list(rows if entries is None else rows.filter(seq__in=entries))
        if not chosen:
            raise NotFound(_("名册里没有这些号。"), fields={"entries": _("名册里没有这些号。")})
        issued = []
        for entry in chosen:
            code = codes.new_receipt(district_id)
            entry.slip_hash = crypto.hash_secret(code, f"slip.{question.pk.hex}")
            issued.append((entry, code))
        RollEntry.objects.bulk_update(chosen, ["slip_hash"], batch_size=500)
        tell(question, actor, "slips", "", at(now), slips=len(issued), voices=terms.voices_digest(question))
        return issued
