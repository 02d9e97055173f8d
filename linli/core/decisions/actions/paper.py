"""Paper ballots: two persons type the same sheet in, neither seeing what the other typed.

An open vote's sheet is known by its number in the roll, and may be kept as a scan. A secret one's is known by the code
printed on it alone, so that whoever types it in does not learn whose it is; and it is never scanned.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.decisions.actions.casting import Taken, open_for_voting, take, voice_of
from linli.core.decisions.actions.common import at
from linli.core.decisions.counting import check_choice
from linli.core.decisions.models import PaperEntry, Question, RollEntry
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit import crypto, files
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound


def enter_paper(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, choice: Any, entry: int = 0, slip: str = "",
    scan: uuid.UUID | None = None, now: datetime | None = None,
) -> tuple[PaperEntry, Taken | None]:  # fmt: skip
    """The first or the second typing of an entry's sheet. Agreement makes an envelope; a difference takes nothing."""
    now = at(now)
    question = open_for_voting(district_id, question_id, now)
    _must_enter(actor, question)
    wrong = check_choice(question.method, choice, question.codes)
    if wrong:
        raise Invalid(wrong, fields={"choice": wrong})
    if question.secret and scan is not None:
        raise Invalid(_("秘密投票的票面不留影。"), fields={"scan": _("不要扫描票面。")})
    if question.secret and not slip:
        raise Invalid(_("秘密投票的纸票凭票上的码录，不凭名册的号。"), fields={"slip": _("写票上的码。")})
    with transaction.atomic():
        voice = _sheet(actor, question, entry, slip)
        paper = voice.papers.filter(state="first").first()
        if paper is None:
            return _first(question, voice, actor, choice, scan, now), None
        return _second(question, voice, paper, actor, choice, scan, now)


def _sheet(actor: Actor, question: Question, entry: int, slip: str) -> RollEntry:
    """Whose sheet it is, locked."""
    if slip:
        entry = voice_of(actor, question, None, slip)[0].seq
    voice = question.roll.select_for_update(of=("self",)).filter(seq=entry).first()
    if voice is None:
        message = _("名册里没有 %d 号。") % entry
        raise NotFound(message, fields={"entry": message})
    if voice.state != "voting":
        words = _("这一户在这个表决里回避：%s") if voice.state == "recused" else _("这一户不在名册上了：%s")
        raise Conflict(words % voice.reason, code=voice.state)
    return voice


def _must_enter(actor: Actor, question: Question) -> None:
    allowed = actor.over(duties.CONVENE, question.scope_path) or actor.over(duties.RECORD, question.scope_path)
    if allowed is None or actor.user_id is None:
        raise Forbidden(_("纸票由这里的工作人员录。"))


def _first(
    question: Question, voice: RollEntry, actor: Actor, choice: Any, scan: uuid.UUID | None, now: datetime
) -> PaperEntry:
    paper = PaperEntry(
        id=new_id(), district_id=question.district_id, question=question, entry=voice, first_by_id=actor.user_id or "",
        at=now,
    )  # fmt: skip
    _keep(paper, scan, actor.user_id)
    paper.commit = _commit(paper, choice)
    paper.save(force_insert=True)
    return paper


def _second(
    question: Question, voice: RollEntry, paper: PaperEntry, actor: Actor, choice: Any, scan: uuid.UUID | None,
    now: datetime,
) -> tuple[PaperEntry, Taken | None]:  # fmt: skip
    if paper.first_by_id == actor.user_id:
        raise Conflict(_("第二遍要换一个人录。"), code="same_person")
    agree = paper.commit == _commit(paper, choice)
    paper.commit = ""
    paper.state, paper.second_by_id = ("taken" if agree else "differ"), actor.user_id
    _keep(paper, scan, actor.user_id)
    paper.save(update_fields=["state", "second_by", "commit", "scan"])
    if not agree:
        return paper, None
    return paper, take(question, voice, choice, paper.pk.hex, channel="paper", now=now)


def _keep(paper: PaperEntry, scan: uuid.UUID | None, by: uuid.UUID | None) -> None:
    """The scan, once: whoever types second adds it where the first did not, and replaces none."""
    if scan is not None and paper.scan is None:
        files.used(files.waiting([str(scan)], by))
        paper.scan = scan


def _commit(paper: PaperEntry, choice: Any) -> str:
    """Keyed by the deployment and by the sheet; it lives only between the two typings."""
    said = hashlib.sha256(repr(sorted(choice.items()) if isinstance(choice, dict) else choice).encode()).hexdigest()
    return crypto.blind_index(f"{paper.pk}\0{said}", purpose="ballot.paper")
