"""吹哨报到: several units called at once; each comes, says how it ended, or says why it does not come.

A whistle stands beside the matter's state and never moves it. The resident sees one thread.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.matters import clocks, routing
from linli.core.matters.actions.moving import must_over, target
from linli.core.matters.flow import SAME
from linli.core.matters.models import Call, Matter, Whistle
from linli.core.matters.step import Step, optional, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit import chain
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

NEEDS = {"needed": "该叫", "needless": "不该叫"}
WORKS = {"good": "到位", "partly": "打了折扣", "poor": "没到位"}
ENDED_CALL = ("done", "refused")
KINDS = {"problem": "街道解决不了的难题", "joint": "联合处置", "emergency": "突发应急"}
MOST_UNITS = 20
_FROM = {"arrived": ("called",), "done": ("called", "arrived"), "refused": ("called", "arrived")}


def whistle(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    units: list[str],
    reason: str,
    kind: str = "problem",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Call units. Each call has its own arrival clock from the policy's ``arrive`` span."""
    if kind not in KINDS:
        raise Invalid(_("哨要选一类。"), fields={"kind": _("可选：%s") % "、".join(KINDS)})
    with step(district_id, matter_id, actor=actor, act="whistle", version=version, now=now) as current:
        held = must_over(current, actor, duties.WHISTLE)
        words = required(reason, "reason", limit=500)
        posts = _called(current, units)
        current.move(SAME)
        blown = Whistle(
            id=new_id(), district_id=district_id, matter_id=matter_id, kind=kind, reason=words, by_id=held.id,
            actor=current.label, at=current.now,
        )  # fmt: skip
        current.added.append(blown)
        for post in posts:
            call = Call(id=new_id(), district_id=district_id, whistle_id=blown.pk, matter_id=matter_id,
                        post_id=post.id, due_at=current.now)  # fmt: skip
            clock = current.start("arrive", call_id=call.pk)
            if clock is not None:
                call.due_at = clock.due_at
            current.added.append(call)
            current.involve(post, "call")
            current.notify(post.id, f"吹哨叫您：{words[:60]}", urgent=True)
        current.matter.calls_open += len(posts)
        due = chain.instant(call.due_at)  # the same for all of them
        current.say(words, kind=kind, units=[p.code for p in posts], names=[p.name for p in posts], by=held.code,
                    due=due)  # fmt: skip
        return current.matter


def _called(current: Step, units: list[str]) -> list:  # type: ignore[type-arg]
    if not units:
        raise Invalid(_("叫哪几家？"), fields={"units": _("至少选一家。")})
    if len(units) > MOST_UNITS:
        raise Invalid(_("一次最多叫 %d 家。") % MOST_UNITS, fields={"units": _("太多了。")})
    posts = list({post.id: post for post in (target(current, unit, "units") for unit in units)}.values())
    team = current.tree.district.settings.get("callable_roles")
    outside = [p.name for p in posts if team and p.role not in team]
    if outside:
        message = _("不在本区联动队伍里，叫不了：%s。") % "、".join(outside)
        raise Invalid(message, fields={"units": message})
    waiting = Call.objects.filter(
        district_id=current.matter.district_id, matter_id=current.matter.pk, state__in=["called", "arrived"],
        post_id__in=[p.id for p in posts],
    )  # fmt: skip
    for post in posts:  # a whistle is no way round the admission (M16)
        routing.admitted(current.matter, current.catalogue, post, current.now)
    if waiting.exists():
        raise Conflict(_("这几家里有已经叫过、还没办完的。"), code="already_called")
    return posts


def report(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    state: str,
    unit: str = "",
    text: str = "",
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """A called unit says: arrived, done, or refused with a reason (which shows upward)."""
    if state not in _FROM:
        raise Invalid(_("报到要说到了、办好了还是不来。"), fields={"state": "arrived | done | refused"})
    with step(district_id, matter_id, actor=actor, act="report", version=version, now=now) as current:
        call = _own_call(current, actor, unit)
        if call.state not in _FROM[state]:
            raise Conflict(_("这一家已经报过了。"), code="wrong_state")
        if state == "refused":
            reason = required(reason or text, "reason", limit=500)
        elif state == "done":
            text = required(text, "text")
        text, reason = optional(text, "text"), optional(reason, "reason", limit=500)
        _stamp(current, call, state, text, reason)
        current.move(SAME)
        name = current.roster.by_id[call.post_id].name if call.post_id in current.roster.by_id else ""
        facts = {"reason": reason} if reason else {}
        current.say(text, unit=_code(current, call), name=name, report=state, late=call.late, **facts)
        _look_up(current, call, state, name)
        return current.matter


def appraise(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    unit: str,
    verdict: str,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """双考核: the whistler says what a called unit's work was worth, the unit whether it was needed; each once.

    Which side speaks follows from the verdict. What is not well needs a reason, and goes one level up.
    """
    if verdict not in NEEDS and verdict not in WORKS:
        raise Invalid(_("评哨要选一个。"), fields={"verdict": _("可选：%s") % "、".join((*WORKS, *NEEDS))})
    side = "work" if verdict in WORKS else "need"
    with step(district_id, matter_id, actor=actor, act="appraise", version=version, now=now) as current:
        call = _judged_call(current, actor, unit, side)
        bad = verdict in ("partly", "poor", "needless")
        words = (required if bad else optional)(text, "text", limit=500)
        setattr(call, side, verdict)
        setattr(call, f"{side}_text", words)
        call.save(update_fields=[side, f"{side}_text"])
        name = _name(current, call)
        current.say(words, unit=_code(current, call), name=name, side=side, verdict=verdict)
        _tell_verdict(current, call, side, verdict, name)
        return current.matter


def _judged_call(current: Step, actor: Actor, unit: str, side: str) -> Call:
    """The last call of that unit, if this side may judge it now."""
    post = current.roster.find(unit or "", current.matter.scope_path)
    rows = Call.objects.filter(district_id=current.matter.district_id, matter_id=current.matter.pk)
    call = rows.filter(post_id=post.id).select_related("whistle").order_by("-id").first() if post else None
    if call is None:
        raise Invalid(_("这件事没有叫过这一家。"), fields={"unit": _("没有找到：%s") % unit})
    held = judging_side(actor, call, current.matter.scope_path, side)
    if held is None:
        raise Forbidden(_("吹哨的评报到的，被叫的评该不该叫，各评各的。"))
    if call.state not in ENDED_CALL and not (side == "work" and call.late):
        raise Conflict(_("这一家还没办完，等报了结果再评。"), code="wrong_state")
    if getattr(call, side):
        raise Conflict(_("这一边已经评过了。"), code="judged")
    current.label = actor.label(held)
    return call


def judging_side(actor: Actor, call: Call, path: str, side: str) -> Held | None:
    """The post by which the actor judges this side of a call: the whistler's own office, or the called unit itself."""
    if side == "need":
        return actor.held(duties.REPORT, call.post_id)
    if call.post_id in actor.post_ids:
        return None  # nobody judges the work of a unit of his own
    whistler = next((p for p in (*actor.posts, *actor.unit_posts) if p.id == call.whistle.by_id), None)
    return whistler or actor.over(duties.SUPERVISE, path)


def _name(current: Step, call: Call) -> str:
    post = current.roster.by_id.get(call.post_id)
    return post.name if post else ""


def _tell_verdict(current: Step, call: Call, side: str, verdict: str, name: str) -> None:
    to = call.post_id if side == "work" else call.whistle.by_id
    said = {**WORKS, **NEEDS}[verdict]
    words = f"评哨：{name}，{said}"
    current.notify(to, words)
    if verdict in ("poor", "needless"):
        upper = current.roster.office("district", current.matter.scope_path)
        if upper is not None and upper.id != to:
            current.notify(upper.id, words)


def _own_call(current: Step, actor: Actor, unit: str) -> Call:
    calls = Call.objects.filter(
        district_id=current.matter.district_id, matter_id=current.matter.pk, post_id__in=actor.post_ids
    ).order_by("-id")
    if unit:
        post = current.roster.find(unit, current.matter.scope_path)
        calls = calls.filter(post_id=post.id) if post else calls.none()
    # Who speaks for several called units means the one that has not ended yet.
    call = calls.filter(state__in=["called", "arrived"]).first() or calls.first()
    if call is None:
        if Call.objects.filter(district_id=current.matter.district_id, matter_id=current.matter.pk).exists():
            raise Forbidden(_("这一哨没有叫您的单位。"))
        raise NotFound(_("这件事没有吹过哨。"))
    held = actor.held(duties.REPORT, call.post_id)
    if held is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    current.label = actor.label(held)
    return call


def _stamp(current: Step, call: Call, state: str, text: str, reason: str) -> None:
    if call.state == "called":
        call.arrived_at = current.now if state != "refused" else None
        call.late = call.late or current.now > call.due_at
        for clock in current.going("arrive"):
            if clock.call_id == call.pk:
                clocks.stop(clock, current.now) if state != "refused" else clocks.cancel(clock, current.now)
    if state in ("done", "refused"):
        call.ended_at = current.now
        current.matter.calls_open = max(0, current.matter.calls_open - 1)
    call.state, call.text, call.reason = state, text or call.text, reason or call.reason
    call.save(update_fields=["state", "arrived_at", "late", "ended_at", "text", "reason"])


def _code(current: Step, call: Call) -> str:
    post = current.roster.by_id.get(call.post_id)
    return post.code if post else str(call.post_id)


def _look_up(current: Step, call: Call, state: str, name: str) -> None:
    """Tell the whistler; a refusal also goes one level up."""
    blown = Whistle.objects.get(district_id=call.district_id, pk=call.whistle_id)
    words = {"arrived": "%s到了", "done": "%s办好了", "refused": "%s说不来"}[state] % name
    current.notify(blown.by_id, words)
    if state == "refused":
        upper = current.roster.office("district", current.matter.scope_path)
        current.notify(upper.id if upper else None, words, urgent=True)
