"""Moving a matter: triage, dispatch, up the levels and down again, and orders from above."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import clocks, routing
from linli.core.matters.flow import DISPATCHED, SAME
from linli.core.matters.models import Matter, Urgency
from linli.core.matters.step import Step, optional, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.core.people.posts import PostRef
from linli.kit.refusal import Conflict, Forbidden, Invalid

TIERS = ("grid", "community", "street", "district")


def must_over(current: Step, actor: Actor, duty: str) -> Held:
    """The actor's post with ``duty`` over the matter's place; Forbidden otherwise."""
    held = actor.over(duty, current.matter.scope_path)
    if held is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    current.label = actor.label(held)
    return held


def triage(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    category: str,
    urgency: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Say what it is. The promise stays the one that was made at the opening: a category never rewrites it."""
    with step(district_id, matter_id, actor=actor, act="triage", version=version, now=now) as current:
        must_over(current, actor, duties.TRIAGE)
        if category not in current.catalogue.categories:
            raise Invalid(_("没有这个分类。"), fields={"category": _("不认识的分类：%s") % category})
        if urgency and urgency not in Urgency.values:
            raise Invalid(_("没有这一档急缓。"), fields={"urgency": _("可选：%s") % "、".join(Urgency.values)})
        current.move(SAME)
        matter = current.matter
        matter.category = category
        matter.urgency = urgency or matter.urgency
        current.say(category=category, urgency=matter.urgency)
        current.leave("returns", category=category)  # what was given back before anybody had said what it is
        return matter


def target(current: Step, to: str, field: str = "to") -> PostRef:
    """The post or unit that ``to`` (a post's code, an organisation's code or name) means."""
    post = current.roster.find(to or "", current.matter.scope_path)
    if post is None or not duties.role(post.role).handles:
        raise Invalid(_("没有找到能接这件事的岗位或单位。"), fields={field: _("没有找到：%s") % to})
    return post


def dispatch(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    to: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Give it to a post or a unit. The first receiver keeps responsibility until somebody accepts."""
    with step(district_id, matter_id, actor=actor, act="dispatch", version=version, now=now) as current:
        held = must_over(current, actor, duties.DISPATCH)
        post = target(current, to)
        admission = routing.admitted(current.matter, current.catalogue, post, current.now)
        matter = current.matter
        if matter.first_id is None:
            matter.first_id = held.id
        current.move(DISPATCHED)
        if admission:
            routing.bring_home(matter, current.tree)
        current.give(post)
        facts = {"admission": admission} if admission else {}
        current.say(f"派给{post.name}。", to=post.code, **facts)
        return matter


def escalate(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """大事及时上报: to the office one level above the one who holds it. Number, clocks and history stay."""
    with step(district_id, matter_id, actor=actor, act="escalate", version=version, now=now) as current:
        if actor.kind != "system":
            held = actor.held(duties.ESCALATE, current.matter.handler_id)
            if held is None:
                raise Forbidden(_("这件事现在不在您手上。"))
            current.label = actor.label(held)
        words = required(reason, "reason", limit=500)
        above = next_above(current)
        if above is None:
            raise Conflict(_("已经到最上面一级了。"), code="top_level")
        leave_pause(current)
        current.move(DISPATCHED)
        current.give(above, urgent=True)
        current.say(words, to=above.code)
        return current.matter


def next_above(current: Step) -> PostRef | None:
    """The nearest office above the present handler's tier that is not the handler's own unit."""
    handler = current.handler
    path = current.matter.scope_path
    for tier in TIERS[_tier(handler) + 1 :]:
        office = current.roster.office(tier, path)
        if office is not None and (handler is None or office.unit != handler.unit):
            return office
    return None


def _tier(handler: PostRef | None) -> int:
    """How high the handler stands, by its role; a department stands beside the street."""
    if handler is None:
        return 0
    by_role = {
        "community_office": 1, "community_secretary": 1, "community_worker": 1,
        "street_office": 2, "street_leader": 2, "street_cadre": 2,
        "department_unit": 2, "department_officer": 2, "district_office": 3, "district_leader": 3,
    }  # fmt: skip
    return by_role.get(handler.role, 0)


def leave_pause(current: Step) -> None:
    """A paused matter that moves runs again: nobody may take over a stopped clock."""
    if current.matter.paused_until is not None:
        current.matter.state = current.matter.before
        for clock in current.going(*clocks.PROMISES, "accept"):
            clocks.go_on(clock, current.now, current.catalogue)
        current.cancel("pause")
        current.matter.paused_until, current.matter.before = None, ""


def hand_down(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    to: str,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """An upper level gives it back down with its reason."""
    with step(district_id, matter_id, actor=actor, act="hand_down", version=version, now=now) as current:
        held = must_over(current, actor, duties.HAND_DOWN)
        words = required(reason, "reason", limit=500)
        post = target(current, to)
        if not post.path.startswith(held.path):
            raise Invalid(_("只能交办给自己管的范围。"), fields={"to": _("不在您管的范围里。")})
        admission = routing.admitted(current.matter, current.catalogue, post, current.now)
        leave_pause(current)
        current.move(DISPATCHED)
        if admission:
            routing.bring_home(current.matter, current.tree)
        current.give(post)
        facts = {"admission": admission} if admission else {}
        current.say(words, to=post.code, **facts)
        return current.matter


def urge(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """催办: whoever dispatches or supervises here asks the one who has it; no clock changes, and it is on record."""
    with step(district_id, matter_id, actor=actor, act="urge", version=version, now=now) as current:
        held = may_urge(actor, current.matter)
        if held is None:
            raise Forbidden(_("您的岗位没有这一项。"))
        current.label = actor.label(held)
        words = optional(text, "text", limit=500)
        current.move(SAME)
        owed = current.matter.handler_id or current.matter.first_id
        post = current.roster.by_id.get(owed) if owed else None
        facts = {"to": post.code} if post else {}
        current.say(words, **facts)
        current.notify(owed, f"催办：{words[:60] or current.matter.title}", urgent=True)
        return current.matter


def may_urge(actor: Actor, matter: Matter) -> Held | None:
    return actor.over(duties.SUPERVISE, matter.scope_path) or actor.over(duties.DISPATCH, matter.scope_path)


def supervise(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str,
    due_at: datetime,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """督办: an order with a date and its own clock, beside the matter's own."""
    with step(district_id, matter_id, actor=actor, act="supervise", version=version, now=now) as current:
        must_over(current, actor, duties.SUPERVISE)
        words = required(text, "text")
        if due_at <= current.now:
            raise Invalid(_("督办的期限要在以后。"), fields={"due_at": _("要在以后。")})
        current.move(SAME)
        current.start("supervise", due_at=due_at)
        when = timezone.localtime(due_at).isoformat(timespec="seconds")
        current.say(words, due_at=when)
        current.notify(current.matter.handler_id or current.matter.first_id, f"督办：{words[:60]}", urgent=True)
        return current.matter
