"""What the council adds to matters and gatherings: topics, support, the speaking order, dissent, and review."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings import actions as gathering
from linli.core.gatherings.actions import Charge
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution
from linli.core.matters.actions.opening import Asked, Opened, open_matter
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Link, Matter
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node
from linli.kit import crypto
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.councils.models import Dissent, Support, Turn

TOPIC = "topic"
RAISED = "raised_as"  # from what somebody said to the topic that was made of it


def propose(*, actor: Actor, place: Node, text: str, now: datetime | None = None) -> Opened:
    """Ask that something be talked about. Residents propose where they live, staff where they convene."""
    if actor.district_id is None or actor.user_id is None:
        raise Forbidden(_("请先登录，再提议题。"))
    words = required(text, "text", limit=2000)
    asked = Asked(kind=TOPIC, text=words, district_id=actor.district_id, place=place, confidential=False)
    return open_matter(actor=actor, asked=asked, now=now)


def raise_topic(
    *, actor: Actor, sources: list[Matter], place: Node, text: str, now: datetime | None = None
) -> Matter:  # fmt: skip
    """Make one topic of what several people said. Each keeps its own words and is led to the topic; nothing merges."""
    if actor.over(duties.CONVENE, place.path) is None:
        raise Forbidden(_("那里的议题不由您来立。"))
    if not sources:
        raise Invalid(_("要写从哪几件来。"), fields={"sources": _("至少一件。")})
    for source in sources:
        if source.confidential:
            raise Conflict(_("保密的事不上会。要议，请另立一件不带人名的议题。"), code="confidential")
        if source.kind == TOPIC:
            raise Conflict(_("%s 已经是议题。") % source.number, code="already")
    with transaction.atomic():
        topic = propose(actor=actor, place=place, text=text, now=now).matter
        link_sources(actor=actor, topic=topic, sources=sources, now=now)
    return topic


def link_sources(*, actor: Actor, topic: Matter, sources: list[Matter], now: datetime | None = None) -> int:
    """Lead more of what was said to a topic; a repeat adds nothing. Returns how many are new."""
    if actor.over(duties.CONVENE, topic.scope_path) is None:
        raise Forbidden(_("那里的议题不由您来立。"))
    ids: dict[str, Any] = {"district_id": topic.district_id, "target": topic, "type": RAISED, "ended_at": None}
    made = 0
    for source in sources:
        if source.confidential or source.pk == topic.pk or source.district_id != topic.district_id:
            raise Conflict(_("%s 不能列进这个议题。") % source.number, code="confidential")
        _link, new = Link.objects.get_or_create(
            **ids, source=source, defaults={"id": new_id(), "at": now or timezone.now()}
        )
        made += new
    return made


def support(*, actor: Actor, topic: Matter, on: bool = True) -> int:
    """Say that it is worth a sitting, or take that back. Returns the count; who said so is nowhere to be read."""
    if actor.user_id is None or actor.district_id != topic.district_id:
        raise Forbidden(_("请先登录。"))
    if topic.kind != TOPIC or topic.confidential:
        raise NotFound(_("没有找到这个议题。"))
    if topic.state in ENDED:
        raise Conflict(_("这个议题已经有结果了。"), code="ended")
    mine = {"district_id": topic.district_id, "matter": topic, "mark": mark_of(actor, topic)}
    if on:
        Support.objects.get_or_create(**mine, defaults={"id": new_id()})
    else:
        Support.objects.filter(**mine).delete()
    return Support.objects.filter(district_id=topic.district_id, matter=topic).count()


def mark_of(actor: Actor, topic: Matter) -> str:
    """The keyed hash by which a second support of the same account is known."""
    return crypto.hash_secret(f"{actor.person_id or actor.user_id}:{topic.pk}", "topic-support")


# ── in the sitting ──────────────────────────────────────────────────────────────────────────────────────────
def queue(*, actor: Actor, item: AgendaItem, label: str, minutes: int = 3) -> Turn:
    """Put somebody at the end of the speaking order of a point."""
    _must_run(actor, item)
    if not 1 <= minutes <= 60:
        raise Invalid(_("发言 1 到 60 分钟。"), fields={"minutes": _("1 到 60。")})
    with transaction.atomic():
        AgendaItem.objects.select_for_update(of=("self",)).get(district_id=item.district_id, pk=item.pk)
        rows = Turn.objects.filter(district_id=item.district_id, item=item)
        last = rows.aggregate(p=Max("position"))["p"] or 0
        if last >= 200:
            raise Conflict(_("一项最多排 200 人发言。"), code="full")
        return Turn.objects.create(
            id=new_id(), district_id=item.district_id, item=item, position=last + 1,
            label=required(label, "label", limit=80), minutes=minutes,
        )  # fmt: skip


def next_speaker(*, actor: Actor, item: AgendaItem, now: datetime | None = None) -> Turn | None:
    """End the turn that runs and begin the next one; None where nobody waits."""
    _must_run(actor, item)
    at = now or timezone.now()
    with transaction.atomic():
        rows = Turn.objects.select_for_update(of=("self",)).filter(district_id=item.district_id, item=item)
        rows.filter(began_at__isnull=False, ended_at=None).update(ended_at=at)
        turn = rows.filter(began_at=None).order_by("position").first()
        if turn is not None:
            turn.began_at = at
            turn.save(update_fields=["began_at"])
    return turn


def dissent(
    *, actor: Actor, item: AgendaItem, text: str, label: str = "", now: datetime | None = None
) -> Dissent:  # fmt: skip
    """Keep what is said against it: by the host for somebody in the room, or by who was there for oneself."""
    held = actor.over(duties.CONVENE, item.gathering.scope_path)
    there = gathering_attended(actor, item.gathering)
    if held is None and not there:
        raise Forbidden(_("到会的人才能在这里留下不同意见。"))
    own = held is None or not label.strip()
    with transaction.atomic():
        found = Dissent.objects.filter(district_id=item.district_id, item=item, text=text.strip()).first()
        if found is not None:
            return found
        return Dissent.objects.create(
            id=new_id(), district_id=item.district_id, item=item, person_id=actor.person_id if own else None,
            label=(actor.name if own else label.strip())[:80], text=required(text, "text", limit=500),
            at=now or timezone.now(),
        )  # fmt: skip


def gathering_attended(actor: Actor, sitting: Gathering) -> bool:
    if actor.person_id is None and actor.user_id is None:
        return False
    rows = sitting.attendances.filter(district_id=sitting.district_id, state="present")
    return any(
        (r.user_id is not None and r.user_id == actor.user_id)
        or (r.person_id is not None and r.person_id == actor.person_id)
        for r in rows
    )


# ── review ──────────────────────────────────────────────────────────────────────────────────────────────────
def ask_objector(
    *, actor: Actor, dissent_id: uuid.UUID, content: bool, answer: str = "", now: datetime | None = None
) -> Dissent:  # fmt: skip
    """Write down what somebody who was against it says now that it was done."""
    row = Dissent.objects.select_related("item__gathering").filter(
        district_id=actor.district_id or 0, pk=dissent_id).first()  # fmt: skip
    if row is None or (
        actor.over(duties.CONVENE, row.item.gathering.scope_path) is None
        and (row.person_id is None or row.person_id != actor.person_id)
    ):
        raise NotFound(_("没有找到这条意见。"))
    row.content, row.answer = content, optional(answer, "answer", limit=300)
    row.asked_at = now or timezone.now()
    row.save(update_fields=["content", "answer", "asked_at"])
    return row


def review(
    *, actor: Actor, resolution: Resolution, upheld: bool, text: str, satisfied: int = 0, dissatisfied: int = 0,
    again: Charge | None = None, now: datetime | None = None,
) -> Resolution:  # fmt: skip
    """The residents' review. Those who were against it are asked first; their words stand in front of it."""
    waiting = Dissent.objects.filter(district_id=resolution.district_id, item=resolution.item, asked_at=None).count()
    if upheld and waiting:
        raise Conflict(_("当初不同意的还有 %d 位没问。先问他们，再记评审。") % waiting, code="objectors_first")
    return gathering.review(
        actor=actor, district_id=resolution.district_id, resolution_id=resolution.pk, upheld=upheld, text=text,
        satisfied=satisfied, dissatisfied=dissatisfied, again=again, now=now,
    )  # fmt: skip


def end_sitting(*, actor: Actor, sitting: Gathering, now: datetime | None = None) -> Gathering:
    """Close the sitting. What was split has a whole resolution by then, or the one who closes is told which has not."""
    loose = Resolution.objects.filter(district_id=sitting.district_id, gathering=sitting, state="draft").first()
    if loose is not None:
        raise Conflict(_("“%s”还没有写清谁办、哪天办完、哪天评审。") % loose.text[:30], code="resolution_open")
    bound = AgendaItem.objects.filter(district_id=sitting.district_id, gathering=sitting, outcome="split")
    bare = bound.exclude(pk__in=Resolution.objects.filter(
        district_id=sitting.district_id, gathering=sitting).values("item_id")).first()  # fmt: skip
    if bare is not None:
        raise Conflict(_("“%s”说要分流，还没有写成决议。") % bare.title, code="resolution_missing")
    return gathering.end(actor=actor, district_id=sitting.district_id, gathering_id=sitting.pk, now=now)


def _must_run(actor: Actor, item: AgendaItem) -> None:
    if actor.over(duties.CONVENE, item.gathering.scope_path) is None:
        raise Forbidden(_("会由主持的人来办。"))
    if item.gathering.state != "sitting":
        raise Conflict(_("会还没开始，或者已经散了。"), code="wrong_state")
