"""A topic: proposed by a resident, raised from what several people said, found worth a sitting by neighbours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import booked as links
from linli.core.matters import records
from linli.core.matters.actions.opening import Asked, Opened, open_matter
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Link, Matter
from linli.core.matters.step import required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.councils import booked
from linli.offices.councils.marks import RAISED, TOPIC
from linli.offices.councils.models import Support

MOST_SOURCES = 50


def propose(*, actor: Actor, place: Node, text: str, helper: bool = False, now: datetime | None = None) -> Opened:
    """Ask that something be talked about. With ``helper`` it is somebody else's: theirs is the receipt."""
    if actor.district_id is None or actor.user_id is None:
        raise Forbidden(_("请先登录，再提议题。"))
    words = required(text, "text", limit=2000)
    asked = Asked(kind=TOPIC, text=words, district_id=actor.district_id, place=place, confidential=False, helper=helper)
    return open_matter(actor=actor, asked=asked, now=now)


def raise_topic(
    *, actor: Actor, sources: list[Matter], place: Node, text: str, now: datetime | None = None
) -> Matter:  # fmt: skip
    """Make one topic of what several people said. Each keeps its own words and is led to the topic; nothing merges."""
    if actor.over(duties.CONVENE, place.path) is None:
        raise Forbidden(_("那里的议题不由您来立。"))
    if not 1 <= len(sources) <= MOST_SOURCES:
        message = _("从 1 到 %d 件事里立一个议题。") % MOST_SOURCES
        raise Invalid(message, fields={"sources": message})
    for source in sources:
        _may_be_raised(source)
    with transaction.atomic():
        topic = propose(actor=actor, place=place, text=text, now=now).matter
        link_sources(actor=actor, topic=topic, sources=sources, now=now)
    return topic


def _may_be_raised(source: Matter) -> None:
    if source.confidential:
        message = _("保密的事不上会。要议，请另立一件不带人名的议题。")
        raise Conflict(message, code="confidential", fields={"sources": message})
    if source.kind == TOPIC:
        message = _("%s 已经是议题。") % source.number
        raise Conflict(message, code="already", fields={"sources": message})


def link_sources(*, actor: Actor, topic: Matter, sources: list[Matter], now: datetime | None = None) -> int:
    """Lead more of what was said to a topic; a repeat adds nothing. Returns how many are new."""
    if actor.over(duties.CONVENE, topic.scope_path) is None:
        raise Forbidden(_("那里的议题不由您来立。"))
    ids: dict[str, Any] = {"district_id": topic.district_id, "target": topic, "type": RAISED, "ended_at": None}
    made = []
    with transaction.atomic():
        for source in sources:
            _may_be_raised(source)
            if source.district_id != topic.district_id:
                raise NotFound(_("没有找到这件事。"))
            defaults = {"id": new_id(), "at": now or timezone.now()}
            link, fresh = Link.objects.get_or_create(**ids, source=source, defaults=defaults)
            if fresh:
                made.append(link.pk)
        records.keep(links.LINK, topic.district_id, made, now=now)
    return len(made)


def support(*, actor: Actor, topic: Matter, on: bool = True) -> int:
    """Say that it is worth a sitting, or take that back. Returns the count; who said so is nowhere to be read."""
    if actor.user_id is None or actor.district_id != topic.district_id:
        raise Forbidden(_("请先登录。"))
    if topic.kind != TOPIC or topic.confidential:
        raise NotFound(_("没有找到这个议题。"))
    if topic.state in ENDED:
        raise Conflict(_("这个议题已经有结果了。"), code="ended")
    with transaction.atomic():
        Support.say(actor, topic, on=on)
        records.keep(booked.SUPPORT, topic.district_id, [topic.pk])
    return Support.counts(topic.district_id, [topic.pk]).get(topic.pk, 0)
