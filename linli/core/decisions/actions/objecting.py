"""The window in which a household may say: that ballot was not ours. And calls at random, so that few dare to try.

Every unit is told that a ballot was recorded for it (``telling.py``). An objection upheld annuls the ballot while it
can still be found, that is, before the envelopes are stripped.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.decisions.actions.casting import voice_of
from linli.core.decisions.actions.common import at, locked, must_host, tell
from linli.core.decisions.models import Envelope, Objection, Question, RollEntry
from linli.core.matters.step import required
from linli.core.people.actor import Actor
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid

CALLS_PER_HUNDRED = 5
FEWEST_CALLS = 3


def object_to(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, text: str, entry: int | None = None, slip: str = "",
    now: datetime | None = None,
) -> Objection:  # fmt: skip
    """Say that the ballot recorded for one's unit was not cast by it."""
    now = at(now)
    with locked(actor, district_id, question_id, "open", "closed") as question:
        if question.objections_until is not None and now >= question.objections_until:
            raise Conflict(_("公示期过了，不能再提。"), code="late")
        voice, _channel = voice_of(actor, question, entry, slip)
        return _object(question, voice, required(text, "text", limit=500), now, from_call=False)


def _object(question: Question, voice: RollEntry, words: str, now: datetime, *, from_call: bool) -> Objection:
    envelope = voice.envelopes.filter(state="valid").first()
    if envelope is None:
        raise Conflict(_("您家名下现在没有收到票，不用提。您可以直接投。"), code="no_ballot")
    if envelope.objections.filter(state="open").exists():
        raise Conflict(_("已经有人在查这张票了。"), code="objected")
    return Objection.objects.create(
        id=new_id(), district_id=question.district_id, question=question, entry=voice, envelope=envelope, text=words,
        from_call=from_call, at=now,
    )  # fmt: skip


def judge_objection(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, objection_id: uuid.UUID, upheld: bool, finding: str,
    now: datetime | None = None,
) -> Objection:  # fmt: skip
    """Find out and say so. Upheld, the ballot is annulled; while votes are taken the household may vote anew."""
    now = at(now)
    with locked(actor, district_id, question_id, "open", "closed") as question:
        must_host(question, actor)
        objection = the_one(
            question.objections.select_related("envelope").filter(pk=objection_id), _("没有找到这条异议。")
        )
        if objection.state != "open":
            raise Conflict(_("这条已经有结论了。"))
        objection.state = "upheld" if upheld else "refused"
        objection.finding = required(finding, "finding", limit=500)
        objection.judged_by, objection.judged_at = actor.label()[:80], now
        objection.save()
        if upheld:
            rows = Envelope.objects.filter(district_id=district_id, pk=objection.envelope_id, state="valid")
            rows.update(state="annulled", sealed=None, choice=None, commit="", reason=_("异议成立")[:200])
        tell(question, actor, "amend", "", now, what="objection", upheld=upheld)
        return objection


def draw_calls(question: Question) -> list[RollEntry]:
    """Who is called back: the lowest hashes under the published seed among those with a ballot, nobody's choice."""
    voted = list(question.roll.filter(envelopes__state="valid").order_by("seq"))
    wanted = max(FEWEST_CALLS, len(voted) * CALLS_PER_HUNDRED // 100)

    def drawn(entry: RollEntry) -> str:
        return hashlib.sha256(f"{question.sample_seed}\0{entry.seq}".encode()).hexdigest()

    return sorted(voted, key=drawn)[:wanted]


def note_call(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, seq: int, answer: str, now: datetime | None = None
) -> Objection | None:
    """What a call brought: ``ours``, ``not_ours`` (which opens an objection), or ``no_answer``."""
    now = at(now)
    if answer not in ("ours", "not_ours", "no_answer"):
        raise Invalid(_("请选一种答复。"), fields={"answer": _("不认识。")})
    with locked(actor, district_id, question_id, "open", "closed") as question:
        must_host(question, actor)
        entry = next((e for e in draw_calls(question) if e.seq == seq), None)
        if entry is None:
            raise Forbidden(_("只给抽到的户打。"))
        calls = {**question.more.get("calls", {}), str(seq): answer}
        question.more = {**question.more, "calls": calls}
        if answer != "not_ours":
            return None
        return _object(question, entry, _("回访时说不是自己投的。"), now, from_call=True)
