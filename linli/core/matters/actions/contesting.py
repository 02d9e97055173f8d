"""The resident has another word: a contest, who is right about it, and a matter that is done once more."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.matters.actions.moving import must_over
from linli.core.matters.actions.rights import (
    ended_at,
    is_reporter,
    judging_office,
    may_contest_affected,
    must_be_resident,
    must_have_contest_left,
    must_have_reopening_left,
    persons_involved,
    taking_up,
    units_involved,
    window_open,
)
from linli.core.matters.flow import CLOSED, CONTESTED, IN_PROGRESS, MERGED, SAME, VERIFIED
from linli.core.matters.models import Matter
from linli.core.matters.step import Step, required, shots, step
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit.models import Upload
from linli.kit.refusal import Conflict, Forbidden


def contest(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str,
    uploads: list[Upload] | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Not fixed: a different unit checks, on a clock of its own. A merged one contests the job.

    A neighbour whom it touches may say so too, of what stands on the public ledger; no name goes with it.
    """
    job_id = _job_of(district_id, matter_id)
    if job_id is not None:
        return _contest_job(actor, district_id, matter_id, job_id, text, uploads or [], version, now)
    with step(district_id, matter_id, actor=actor, act="contest", version=version, now=now) as current:
        who = _contester(current, actor)
        _must_still(current.matter.job_id is None)
        _contested(current, text, uploads or [], who)
        return current.matter


def _contester(current: Step, actor: Actor) -> str:
    """The one who spoke up, or a neighbour whom it touches: by what is public, and once it is done."""
    matter = current.matter
    kind = current.catalogue.kinds.get(matter.kind)
    if matter.state in (VERIFIED, CLOSED) and may_contest_affected(matter, actor, kind):
        current.label = "受影响的居民"
        return "affected"
    must_be_resident(current, actor)
    return "reporter"


def _contested(current: Step, text: str, uploads: list[Upload], who: str = "reporter", by_member: str = "") -> None:
    words = required(text, "text")
    matter = current.matter
    must_have_contest_left(matter, who)
    # Until it is closed the resident has the last word; only the first verification's time is kept (``verified_at``).
    if not window_open(current, "reopen", ended_at(matter)):
        raise Conflict(_("提异议的期限过了，可以再说一件。"), code="window_over")
    matter.before = matter.state
    matter.closed_at = None
    current.cancel("rating")
    current.move(CONTESTED)
    matter.rounds += 1
    current.start("contest")
    pictures = current.attach(uploads)
    facts: dict[str, Any] = {"member": by_member} if by_member else {}
    if who == "affected":
        facts["affected"] = True
        current.tell_reporter("有受影响的邻居说还没办好，换一家没经手的来看。")
    current.say(words, **facts, **shots(pictures))
    judge_post = judging_office(current)
    current.notify(judge_post, f"有异议，请换人去看：{matter.title}", urgent=True)


def _job_of(district_id: int, matter_id: uuid.UUID) -> uuid.UUID | None:
    row = Matter.objects.filter(district_id=district_id, pk=matter_id, state=MERGED).values_list("job_id", flat=True)
    return row.first()


def _contest_job(
    actor: Actor, district_id: int, matter_id: uuid.UUID, job_id: uuid.UUID, text: str,
    uploads: list[Upload], version: int | None, now: datetime | None,
) -> Matter:  # fmt: skip
    """The member's own thread says so, and the job is contested, in one transaction.

    Both rows are locked in the order that merging takes (by id) before either step begins.
    """
    with transaction.atomic():
        both = Matter.objects.filter(district_id=district_id, pk__in=(matter_id, job_id)).order_by("pk")
        list(both.select_for_update().values_list("pk"))
        with step(district_id, matter_id, actor=actor, act="contest", version=version, now=now) as member:
            must_be_resident(member, actor)
            _must_still(member.matter.job_id == job_id)
            member.move(SAME)
            pictures = member.attach(uploads)
            member.say(required(text, "text"), **shots(pictures))
            # The job has readers of its own: what was said in confidence stays in the member's thread.
            words = "并进来的一件提了异议。" if member.matter.confidential else text
            with step(district_id, job_id, actor=actor, act="contest", now=member.now) as job:
                _contested(job, words, [], by_member=member.matter.number)
        return member.matter


def _must_still(same: bool) -> None:
    """It was merged or taken out between the look and the lock."""
    if not same:
        raise Conflict(_("这件事刚被别人改过，请看一眼新的再办。"), code="stale")


def judge(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    upheld: bool,
    text: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """A unit that neither resolved nor verified says who is right. Upheld: work and clocks begin anew, visibly."""
    with step(district_id, matter_id, actor=actor, act="judge", version=version, now=now) as current:
        held = must_over(current, actor, duties.JUDGE)
        _must_be_other(current, actor, held)
        words = required(text, "text")
        matter = current.matter
        current.stop("contest")
        matter.before = ""
        if not upheld:
            matter.closed_at = current.now
            current.move(CLOSED)
            current.say(words, upheld=False)
            current.tell_reporter(f"异议看过了，维持原来的结果：{words[:200]}")
            return matter
        current.move(IN_PROGRESS)
        _again(current)
        current.say(words, upheld=True)
        current.tell_reporter(f"您说得对，重新办：{words[:200]}")
        return matter


def _must_be_other(current: Step, actor: Actor, held: Held) -> None:
    matter = current.matter
    if actor.person_id in persons_involved(matter):
        raise Forbidden(_("经手过的人不能裁定。"), code="different_unit")
    if (held.organisation_id or held.id) in units_involved(matter, current.roster):
        raise Forbidden(_("经手过的单位不能裁定，请上一级来。"), code="different_unit")


def _again(current: Step) -> None:
    """A new round: the handler works again under new act and result clocks; old verdicts stay."""
    matter = current.matter
    matter.handler_id = taking_up(current)
    current.start("act")
    current.start("result")
    current.notify(matter.handler_id, f"要重新办：{matter.title}", urgent=True)


def reopen(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """The resident inside the window and so often as the district's number says, or a supervisor at any time."""
    with step(district_id, matter_id, actor=actor, act="reopen", version=version, now=now) as current:
        matter = current.matter
        supervisor = actor.over(duties.REOPEN, matter.scope_path)
        if supervisor is not None:
            current.label = actor.label(supervisor)
        elif is_reporter(matter, actor):
            if not window_open(current, "reopen", ended_at(matter)):
                raise Conflict(_("重办的期限过了，可以再说一件。"), code="window_over")
            must_have_reopening_left(matter)
            current.label = "一位居民"
        else:
            raise Forbidden(_("您的岗位没有这一项。"))
        words = required(reason, "reason")
        matter.rounds += 1
        matter.closed_at = None
        current.move(IN_PROGRESS)
        _again(current)
        current.say(words)
        return matter
