"""Published amendments: the only way in which anything of an open question moves."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from linli.core.decisions import rolls, terms
from linli.core.decisions.actions.common import at, locked, must_host, tell
from linli.core.decisions.counting import parse_rule
from linli.core.decisions.models import Amendment, Question, RollEntry
from linli.core.matters.step import required
from linli.core.people.actor import Actor
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound


def extend(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, closes_at: datetime, reason: str,
    now: datetime | None = None,
) -> Question:  # fmt: skip
    """Give people more time. Less time is never given: whoever trusted the first date would find the door shut."""
    now = at(now)
    with locked(actor, district_id, question_id, "open") as question:
        must_host(question, actor)
        if now >= question.closes_at:
            raise Conflict(_("已经截止了，不能再延。"), code="late")
        if closes_at <= question.closes_at:
            raise Invalid(_("只能往后延，不能提前收。"), fields={"closes_at": _("要比原来的晚。")})
        before, question.closes_at = question.closes_at, closes_at
        question.objections_until = closes_at + timedelta(days=parse_rule(question.rule.spec).objection_days)
        _publish(question, actor, "closes_at", reason, _iso(before), _iso(closes_at), now)
    return question


def correct_entry(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, seq: int, state: str, reason: str,
    now: datetime | None = None,
) -> Question:  # fmt: skip
    """Let an entry stand back, be struck off, or vote again; a ballot it has cast is annulled unless it may vote."""
    now = at(now)
    if state not in ("voting", "recused", "removed"):
        raise Invalid(_("只能是可投票、回避或除名。"), fields={"state": _("不认识。")})
    with locked(actor, district_id, question_id, "open") as question:
        must_host(question, actor)
        entry = question.roll.select_for_update(of=("self",)).filter(seq=seq).first()
        if entry is None:
            raise NotFound(_("名册里没有这个号。"), fields={"seq": _("名册里没有这个号。")})
        if entry.state == state:
            raise Conflict(_("这个号已经是这样了。"))
        before, entry.state = entry.state, state
        entry.reason = required(reason, "reason", limit=200)
        entry.save(update_fields=["state", "reason"])
        if state != "voting":
            entry.envelopes.filter(state="valid").update(state="annulled", sealed=None, choice=None, commit="",
                                                         reason=entry.reason)  # fmt: skip
        _hash_again(question)
        _publish(question, actor, "roll", reason, {"seq": seq, "state": before},
                 {"seq": seq, "state": state, "roll": question.roll_hash}, now,
                 voices=terms.voices_digest(question))  # fmt: skip
    return question


def _hash_again(question: Question) -> None:
    rows = question.roll.order_by("seq").values_list("seq", "salt", "heads", "area_m2", "state")
    question.roll_hash = rolls.roll_hash(rolls.line(*row) for row in rows.iterator(chunk_size=5000))
    voting = RollEntry.objects.filter(district_id=question.district_id, question_id=question.pk, state="voting")
    sums = voting.aggregate(heads=Sum("heads"), area=Sum("area_m2"))
    question.roll_heads, question.roll_area = sums["heads"] or 0, sums["area"] or Decimal(0)


def _publish(
    question: Question, actor: Actor, what: str, reason: str, before: Any, after: Any, now: datetime, **beside: str
) -> None:
    words = required(reason, "reason", limit=500)
    Amendment.objects.create(
        id=new_id(), district_id=question.district_id, question=question, seq=question.amendments.count() + 1,
        what=what, reason=words, before=before, after=after, by=actor.label()[:80], at=now,
    )  # fmt: skip
    tell(question, actor, "amend", words, now, what=what, before=before, after=after, **beside)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
