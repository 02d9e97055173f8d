"""Merging: many people's words become one job, and everybody keeps their own reply, rating and contest."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.matters import clocks
from linli.core.matters.actions.moving import leave_pause, must_over
from linli.core.matters.flow import BACK, LIVE, MERGED
from linli.core.matters.models import Link, Matter
from linli.core.matters.step import Step, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid


def merge(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    into_id: uuid.UUID,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Make this one a member of the job ``into_id``.

    Locks in one written order (by id), as two dispatchers may merge two matters into each other at once (habit 8).
    """
    if matter_id == into_id:
        raise Invalid(_("不能并到自己。"), fields={"into": _("不能并到自己。")})
    low, high = sorted((matter_id, into_id))
    with (
        step(district_id, low, actor=actor, act=_act(matter_id, low), now=now) as a,
        step(district_id, high, actor=actor, act=_act(matter_id, high), now=now) as b,
    ):
        member, job = (a, b) if a.matter.pk == matter_id else (b, a)
        if version is not None and version != member.matter.version:
            raise Conflict(_("这件事刚被别人改过，请看一眼新的再办。"), code="stale")
        _join(member, job, actor, reason)
        return member.matter


def _act(matter_id: uuid.UUID, locked: uuid.UUID) -> str:
    return "merge" if locked == matter_id else "member"


def _join(member: Step, job: Step, actor: Actor, reason: str) -> None:
    must_over(member, actor, duties.MERGE)
    must_over(job, actor, duties.MERGE)
    words = required(reason, "reason", limit=500)
    if job.matter.state not in LIVE:
        raise Conflict(_("要并到的那一件已经办完了。"), code="wrong_state")
    if member.matter.households > 1:
        raise Conflict(_("这一件下面还有并进来的，请反过来并。"), code="has_members")
    leave_pause(member)
    matter = member.matter
    matter.before, matter.job_id = matter.state, job.matter.pk
    member.move(MERGED)
    for clock in member.going():
        clocks.pause(clock, member.now, member.catalogue)
    member.added.append(
        Link(id=new_id(), district_id=matter.district_id, source_id=matter.pk, target_id=job.matter.pk,
             type="merged_into", reason=words, at=member.now)
    )  # fmt: skip
    member.say(words, into=job.matter.number)
    job.matter.households += 1
    job.say(act="member", member=matter.number, households=job.matter.households)
    member.tell_reporter("有邻居说了同一件事，一起办。您的答复和评价还是您自己的。")


def unmerge(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Take it out of the job again: it goes on where it stood, with the time that was left."""
    job_id = Matter.objects.filter(district_id=district_id, pk=matter_id).values_list("job_id", flat=True).first()
    if job_id is None:
        raise Conflict(_("这一件没有并到别处。"), code="wrong_state")
    low, high = sorted((matter_id, job_id))
    acts = {matter_id: "unmerge", job_id: "member"}
    with (
        step(district_id, low, actor=actor, act=acts[low], now=now) as a,
        step(district_id, high, actor=actor, act=acts[high], now=now) as b,
    ):
        member, job = (a, b) if a.matter.pk == matter_id else (b, a)
        if version is not None and version != member.matter.version:
            raise Conflict(_("这件事刚被别人改过，请看一眼新的再办。"), code="stale")
        if member.matter.job_id != job_id:
            raise Conflict(_("这件事刚被别人改过，请看一眼新的再办。"), code="stale")
        must_over(member, actor, duties.MERGE)
        words = required(reason, "reason", limit=500)
        matter = member.matter
        member.move(BACK)
        for clock in member.going():
            clocks.go_on(clock, member.now, member.catalogue)
        matter.before, matter.job_id = "", None
        Link.objects.filter(
            district_id=district_id, source_id=matter_id, target_id=job_id, type="merged_into", ended_at=None
        ).update(ended_at=member.now)
        member.say(words, out_of=job.matter.number)
        job.matter.households = max(1, job.matter.households - 1)
        job.say(act="member", member=matter.number, left=True, households=job.matter.households)
        return matter
