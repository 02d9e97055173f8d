"""How a matter ends: resolved with evidence, verified by another, judged by the resident, contested, declined."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.matters import clocks
from linli.core.matters.actions.handling import must_handle, stamp_reply
from linli.core.matters.actions.moving import must_over
from linli.core.matters.actions.rights import (
    ended_at,
    is_rated,
    is_reporter,
    judging_office,
    may_contest_affected,
    may_rate,
    must_be_resident,
    must_have_contest_left,
    must_have_reopening_left,
    persons_involved,
    taking_up,
    units_involved,
    verified_round,
    window_open,
)
from linli.core.matters.flow import (
    CLOSED,
    CONTESTED,
    DECLINED,
    DECLINING,
    IN_PROGRESS,
    MERGED,
    OPEN,
    RESOLVED,
    SAME,
    VERIFIED,
)
from linli.core.matters.models import Attachment, Matter
from linli.core.matters.step import Step, optional, required, shots, step
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit.models import Upload
from linli.kit.refusal import Conflict, Forbidden, Invalid


def resolve(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str,
    cause: str,
    uploads: list[Upload] | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """The handler says it is done: words to the resident, the cause, and evidence where the kind asks for it."""
    with step(district_id, matter_id, actor=actor, act="resolve", version=version, now=now) as current:
        held = must_handle(current, actor)
        words = required(text, "text")
        found = current.catalogue.cause_words.get((cause or "").strip())
        if found is None:
            raise Invalid(_("原因要从目录里选。"), fields={"cause": _("没有这个原因：%s") % cause})
        _evidence(current, uploads or [])
        matter = current.matter
        matter.resolver_id, matter.resolver_person = held.id, actor.person_id
        matter.resolved_at, matter.cause = current.now, found.code
        if matter.acted_at is None:
            matter.acted_at = current.now
        current.move(RESOLVED)
        current.stop("act", "accept")
        stamp_reply(current)
        pictures = current.attach(uploads or [])
        current.say(words, cause=found.code, cause_name=found.name, **shots(pictures))
        current.tell_reporter(words)
        _ask_verifier(current)
        return matter


def _evidence(current: Step, uploads: list[Upload]) -> None:
    kind = current.catalogue.kinds.get(current.matter.kind)
    if kind is None or not kind.evidence or uploads:
        return
    of_work = Attachment.objects.filter(district_id=current.matter.district_id, matter_id=current.matter.pk, seq__gt=1)
    if not of_work.exists():
        message = _("这一类事办结要有现场照片。")
        raise Invalid(message, code="evidence_required", fields={"attachments": message})


def _ask_verifier(current: Step) -> None:
    matter, handler = current.matter, current.handler
    for tier in ("community", "street", "district"):
        office = current.roster.office(tier, matter.scope_path)
        if office is not None and (handler is None or office.unit != handler.unit):
            current.notify(office.id, f"等您核查：{matter.title}")
            return


def verify(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    passed: bool,
    text: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """A second person looks: passed opens the rating window, failed sends it back with the result clock running."""
    with step(district_id, matter_id, actor=actor, act="verify", version=version, now=now) as current:
        held = must_over(current, actor, duties.VERIFY)
        matter = current.matter
        if actor.person_id == matter.resolver_person:
            raise Forbidden(_("自己办的要换个人来核查。"), code="second_person")
        words = required(text, "text")
        if not passed:
            current.move(IN_PROGRESS)
            current.say(words, passed=False)
            current.notify(matter.handler_id, f"核查没过：{matter.title}", urgent=True)
            return matter
        matter.verifier_id, matter.verifier_person = held.id, actor.person_id
        if matter.verified_at is None:
            matter.verified_at = current.now
        current.move(VERIFIED)
        current.stop("act", "result", "contest", "supervise")
        current.start("rating")
        current.say(words, passed=True)
        current.tell_reporter(f"办好了，有人去看过：{words[:200].rstrip('。')}。您看办得怎么样？")
        current.tell_members("和邻居一起办的那件办好了，有人去看过。您看办得怎么样？")
        return matter


def rate(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    score: int,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """The resident's own word, once for each verified result. A merged one is rated by itself once its job is verified.

    What was done anew is rated anew: the figures count the last word, the timeline keeps both.
    """
    if not isinstance(score, int) or isinstance(score, bool) or not 1 <= score <= 5:
        raise Invalid(_("分数是 1 到 5。"), fields={"score": "1–5"})
    with step(district_id, matter_id, actor=actor, act="rate", version=version, now=now) as current:
        called_back = _rater(current, actor)
        matter = current.matter
        job = _job_done(matter) if matter.state == MERGED else None
        if is_rated(matter, job):
            raise Conflict(_("已经评过了。"), code="already_rated")
        matter.score, matter.rated_at = score, current.now
        matter.rated_round = verified_round(job or matter)
        if matter.state == VERIFIED:
            matter.closed_at = current.now
            current.move(CLOSED)
            current.stop("rating")
        else:
            current.move(SAME)
        current.say(optional(text, "text"), score=score, **called_back)
        current.notify(matter.handler_id, f"居民评了 {score} 分：{matter.title}")
        return matter


def _rater(current: Step, actor: Actor) -> dict[str, Any]:
    """Who speaks: the resident, or somebody who called back, which the entry then says."""
    if not may_rate(current.matter, actor):
        raise Forbidden(_("评价由说事的居民自己来；替人记的，由没经手的人回访后记。"))
    if is_reporter(current.matter, actor):
        current.label = "一位居民"
        return {}
    current.label = actor.label(actor.over(duties.VERIFY, current.matter.scope_path))
    return {"called_back": True}


def _job_done(matter: Matter) -> Matter:
    """The job of a merged one, which has to be verified by now."""
    job = Matter.objects.filter(district_id=matter.district_id, pk__in=[matter.job_id]).first()
    if job is None or job.state not in (VERIFIED, CLOSED):
        raise Conflict(_("并到的那一件还没核查完，核查完就能评。"), code="wrong_state")
    return job


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


def close(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """销号: by itself when the rating window passes, or by the verifier with the call-back in words."""
    with step(district_id, matter_id, actor=actor, act="close", version=version, now=now) as current:
        if actor.kind == "system":
            words = text or "评价期过了，自动销号。"
        else:
            must_over(current, actor, duties.CLOSE)
            if actor.person_id == current.matter.resolver_person:
                raise Forbidden(_("自己办的要换个人来销号。"), code="second_person")
            words = required(text, "text")
        current.matter.closed_at = current.now
        current.move(CLOSED)
        current.stop("rating")
        current.say(words)
        return current.matter


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


def decline(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    basis: str,
    redirect: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Propose not to take it: with its legal basis and where to go instead; a second person has to agree."""
    with step(district_id, matter_id, actor=actor, act="decline", version=version, now=now) as current:
        must_over(current, actor, duties.DECLINE)
        words, elsewhere = required(basis, "basis", limit=500), required(redirect, "redirect", limit=500)
        current.matter.decliner_person = actor.person_id
        current.move(DECLINING)
        current.say(words, redirect=elsewhere)
        office = current.roster.office("street", current.matter.scope_path)
        current.notify(office.id if office else None, f"请复核不受理：{current.matter.title}")
        return current.matter


def confirm(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    agreed: bool,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Another person agrees (the matter is declined, and the resident told why) or sends it back to be taken on."""
    with step(district_id, matter_id, actor=actor, act="confirm", version=version, now=now) as current:
        held = must_over(current, actor, duties.CONFIRM)
        matter = current.matter
        if actor.person_id == matter.decliner_person:
            raise Forbidden(_("要换一个人来复核。"), code="second_person")
        if not agreed:
            words = required(text, "text")
            current.move(OPEN)
            current.say(words, agreed=False)
            current.notify(matter.first_id, f"不同意不受理，请接着办：{matter.title}")
            return matter
        # Who decided does not judge a contest of it.
        matter.verifier_id, matter.verifier_person = held.id, actor.person_id
        current.move(DECLINED)
        matter.closed_at = current.now
        stamp_reply(current)
        current.cancel(*clocks.PROMISES, "accept")
        current.say(optional(text, "text"), agreed=True)
        current.tell_reporter("这件事不归我们受理，原因和去处都写在里面，您也可以提异议。")
        current.tell_members("和邻居一起办的那件不归我们受理，您也可以提异议。")
        return matter
