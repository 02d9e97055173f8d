"""Covering more of a picture by hand, and keeping one from others: the handler, or the one who spoke up."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.matters.actions.rights import is_reporter
from linli.core.matters.models import Attachment, Matter
from linli.core.matters.step import Step, optional, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict, Forbidden, Invalid

MOST_BOXES = 20


def cover(
    *, actor: Actor, district_id: int, matter_id: uuid.UUID, attachment: uuid.UUID, x: float, y: float, w: float,
    h: float, version: int | None = None, now: datetime | None = None,
) -> Matter:  # fmt: skip
    """Cover a box (parts of width and height). Until it is done, nobody but the handler sees the picture."""
    with step(district_id, matter_id, actor=actor, act="cover", version=version, now=now) as current:
        held = _held(current, actor, attachment)
        if not held.path:
            raise Conflict(_("原照片已经删了，只能把整张收起来。"), code="original_gone")
        box = _box(x, y, w, h)
        if len(held.covered) >= MOST_BOXES:
            raise Invalid(_("一张照片最多手工遮 %d 处。") % MOST_BOXES)
        Attachment.objects.filter(district_id=district_id, pk=held.pk).update(
            covered=[*held.covered, box], shown_path="", shown_sha256=""
        )
        current.leave("mask", attachment=str(held.pk))
        current.say("在照片上多遮了一处。", picture=held.sha256)
        return current.matter


def hide(
    *, actor: Actor, district_id: int, matter_id: uuid.UUID, attachment: uuid.UUID, hidden: bool = True,
    reason: str = "", version: int | None = None, now: datetime | None = None,
) -> Matter:  # fmt: skip
    """Keep a picture from everybody else, or show it again; hiding needs a reason from staff, none from a resident."""
    act = "hide" if hidden else "show"
    with step(district_id, matter_id, actor=actor, act=act, version=version, now=now) as current:
        held = _held(current, actor, attachment)
        own = is_reporter(current.matter, actor)
        why = optional(reason, "reason", limit=200) if own or not hidden else required(reason, "reason", limit=200)
        Attachment.objects.filter(district_id=district_id, pk=held.pk).update(hidden=hidden)
        words = "照片不给别人看了。" if hidden else "照片可以给别人看了。"
        current.say(f"{words}{why}", picture=held.sha256)
        return current.matter


def _held(current: Step, actor: Actor, attachment: uuid.UUID) -> Attachment:
    """The picture of this matter, and whether this is somebody who may; the label for the entry."""
    matter = current.matter
    rows = Attachment.objects.filter(district_id=matter.district_id, matter_id=matter.pk, pk=attachment)
    held = the_one(rows, _("没有找到这张照片。"))
    post = actor.held(duties.HANDLE, matter.handler_id)
    if post is not None:
        current.label = actor.label(post)
    elif is_reporter(matter, actor):
        current.label = "一位居民"
    else:
        raise Forbidden(_("照片由经办人或说事的人处理。"))
    return held


def _box(x: float, y: float, w: float, h: float) -> list[float]:
    box = [round(part, 5) for part in (x, y, w, h)]
    if not (0 <= x < 1 and 0 <= y < 1 and 0.005 <= w <= 1 and 0.005 <= h <= 1):
        raise Invalid(_("框要在照片里面：四个数都是 0 到 1。"))
    return [box[0], box[1], min(box[2], 1 - box[0]), min(box[3], 1 - box[1])]
