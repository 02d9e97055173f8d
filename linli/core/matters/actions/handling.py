"""What the handler does: accept or return, reply, progress, pause and resume."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from linli.core.matters import clocks
from linli.core.matters.flow import BACK, IN_PROGRESS, PAUSED, SAME
from linli.core.matters.models import Clock, Matter
from linli.core.matters.step import Step, optional, required, shots, step
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit.calendar import Span, counts_on, due, elapsed, resume_due
from linli.kit.figures import daytime
from linli.kit.models import Upload
from linli.kit.refusal import Forbidden, Invalid

RETURN_REASONS = {
    "not_ours": "不归我们管",
    "wrong_place": "不在我们这片",
    "no_power": "没有这个权限",
    "need_info": "信息不够，办不了",
    "duplicate": "和别的事重了",
}
PAUSE_REASONS = {
    "material": "等配件材料",
    "resident": "等居民方便",
    "weather": "等天气",
    "decision": "等上级或议事结果",
    "third_party": "等外单位",
}


def must_handle(current: Step, actor: Actor) -> Held:
    """The actor's post that holds this matter; Forbidden otherwise."""
    held = actor.held(duties.HANDLE, current.matter.handler_id)
    if held is None:
        raise Forbidden(_("这件事现在不在您手上。"))
    current.label = actor.label(held)
    return held


def accept(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Take the matter on. Stops the accept window only; *reply* stops at the first words to the resident."""
    with step(district_id, matter_id, actor=actor, act="accept", version=version, now=now) as current:
        must_handle(current, actor)
        current.move("accepted")
        current.stop("accept")
        current.say()
        return current.matter


def return_(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    reason: str,
    text: str,
    suggest: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Give it back with a structured reason; it goes back to the holder of first duty, and no clock stops for it."""
    if reason not in RETURN_REASONS:
        raise Invalid(_("退回要选一个原因。"), fields={"reason": _("可选：%s") % "、".join(RETURN_REASONS)})
    with step(district_id, matter_id, actor=actor, act="return", version=version, now=now) as current:
        holder = must_handle(current, actor)
        words, handler = required(text, "text"), current.handler
        suggested = current.roster.find(suggest, current.matter.scope_path) if suggest else None
        if suggest and suggested is None:
            raise Invalid(_("没有找到建议的单位。"), fields={"suggest": _("没有找到：%s") % suggest})
        current.move("open")
        current.cancel("accept")
        matter = current.matter
        matter.handler_id = None
        facts = {"by": handler.code if handler else holder.code}
        if suggested is not None:
            facts["suggest"] = suggested.code
        current.say(words, reason=reason, **facts)
        for topic in ("returns", "returned"):  # the rules' coordinator, and what suggests handlers
            current.leave(topic, reason=reason, by=facts["by"], suggest=facts.get("suggest", ""))
        current.notify(matter.first_id, f"退回来一件：{matter.title}")
        return matter


def reply(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Words to the resident; the first ones stop the reply clock."""
    with step(district_id, matter_id, actor=actor, act="reply", version=version, now=now) as current:
        must_handle(current, actor)
        words = required(text, "text")
        current.move(SAME)
        stamp_reply(current)
        current.say(words)
        current.tell_reporter(words)
        current.tell_members("和邻居一起办的那件有回话了，打开就能看。")
        return current.matter


def stamp_reply(current: Step) -> None:
    """The first words to the resident, whichever act they came with."""
    if current.matter.replied_at is None:
        current.matter.replied_at = current.now
    current.stop("reply")


def progress(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str,
    uploads: list[Upload] | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """What was done so far; the first time stops *act*, and *reply* if nobody had replied."""
    with step(district_id, matter_id, actor=actor, act="progress", version=version, now=now) as current:
        must_handle(current, actor)
        words = required(text, "text")
        current.move(IN_PROGRESS)
        current.stop("act", "accept")
        if current.matter.acted_at is None:
            current.matter.acted_at = current.now
        stamp_reply(current)
        pictures = current.attach(uploads or [])
        current.say(words, **shots(pictures))
        current.tell_reporter(words)
        return current.matter


def pause(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    reason: str,
    until: datetime,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Hold the clocks for a stated reason and a limited time.

    The handler decides alone up to the policy's ``pause`` span, all pauses of the matter together; beyond it the act
    belongs to a post that has the duty to approve pauses over the place, and never beyond 90 days at once.
    """
    if reason not in PAUSE_REASONS:
        raise Invalid(_("暂停要选一个原因。"), fields={"reason": _("可选：%s") % "、".join(PAUSE_REASONS)})
    with step(district_id, matter_id, actor=actor, act="pause", version=version, now=now) as current:
        _may_pause(current, actor, until)
        matter = current.matter
        matter.before = matter.state
        current.move(PAUSED)
        for clock in current.going(*clocks.PROMISES, "accept"):
            clocks.pause(clock, current.now, current.catalogue)
        matter.paused_until = until
        current.start("pause", due_at=until)
        when = timezone.localtime(until).isoformat(timespec="seconds")
        current.say(optional(text, "text"), reason=reason, until=when)
        with translation.override("zh-hans"):  # as all that a reporter is told; whoever pauses may read English
            resumes = daytime(until)
        current.tell_reporter(f"先停一停：{PAUSE_REASONS[reason]}。最晚 {resumes} 接着办。")
        return matter


def _may_pause(current: Step, actor: Actor, until: datetime) -> None:
    if until <= current.now:
        raise Invalid(_("暂停的截止时间要在以后。"), fields={"until": _("要在以后。")})
    if (until - current.now).days >= 90:
        raise Invalid(_("最多暂停 90 天。"), fields={"until": _("最多 90 天。")})
    approver = actor.over(duties.APPROVE_PAUSE, current.matter.scope_path)
    if approver is not None:
        current.label = actor.label(approver)
        return
    must_handle(current, actor)
    last = _longest_pause(current)
    if last <= current.now:
        raise Forbidden(_("这件事您自己能停的时间用完了，再停要请社区或街道来定。"), code="needs_approval")
    if until > last:
        raise Forbidden(
            _("您自己最多能停到 %s，再久要请社区或街道来定。") % daytime(last),
            code="needs_approval",
        )


def _longest_pause(current: Step) -> datetime:
    """How far the handler may pause alone: the policy's span less what earlier pauses of this matter took of it."""
    span = Span.parse(current.policy.stages.get("pause", "5d"))
    calendar = current.catalogue.calendar(current.policy.calendar)
    counted = counts_on(span, calendar)
    whole = elapsed(current.now, due(current.now, span, calendar).at, counted)
    earlier = Clock.objects.filter(
        district_id=current.matter.district_id, matter_id=current.matter.pk, stage="pause", stopped_at__isnull=False
    )
    for began, ended in earlier.values_list("started_at", "stopped_at"):
        whole -= elapsed(began, ended or began, counted)
    return resume_due(current.now, whole, counted).at if whole > timedelta(0) else current.now


def resume(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Go on: the clocks run again with the time that was left. The system does it when the pause's limit passes."""
    with step(district_id, matter_id, actor=actor, act="resume", version=version, now=now) as current:
        if actor.kind != "system":
            approver = actor.over(duties.APPROVE_PAUSE, current.matter.scope_path)
            if approver is not None:
                current.label = actor.label(approver)
            else:
                must_handle(current, actor)
        current.move(BACK)
        for clock in current.going(*clocks.PROMISES, "accept"):
            clocks.go_on(clock, current.now, current.catalogue)
        current.cancel("pause")
        current.matter.paused_until, current.matter.before = None, ""
        current.say()
        current.notify(current.matter.handler_id, f"接着办：{current.matter.title}")
        return current.matter
