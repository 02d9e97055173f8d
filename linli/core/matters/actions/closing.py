"""How a matter ends: resolved with evidence, verified by another, rated by the resident, closed, or declined."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters import clocks
from linli.core.matters.actions.handling import must_handle, stamp_reply
from linli.core.matters.actions.moving import must_over
from linli.core.matters.actions.rights import (
    is_rated,
    is_reporter,
    may_rate,
    verified_round,
)
from linli.core.matters.flow import (
    CLOSED,
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
from linli.core.people.actor import Actor
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
