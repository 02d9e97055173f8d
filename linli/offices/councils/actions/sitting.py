"""In the sitting: who speaks, what is said against it, a ballot, what is settled with owner and days, and the end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.decisions import actions as decisions
from linli.core.decisions.actions.drafting import Asking
from linli.core.decisions.actions.gathered import NOT_COUNTED, Show
from linli.core.decisions.models import Question
from linli.core.gatherings import actions as core
from linli.core.gatherings.actions import Charge, Part
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution, SplitMatter
from linli.core.matters import records
from linli.core.matters.models import Matter
from linli.core.matters.step import required
from linli.core.people import duties, notices
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.councils import ballots, booked
from linli.offices.councils.marks import RAISED
from linli.offices.councils.models import Dissent, Turn

MOST_TURNS, MOST_PARTS = 200, 12
RUNNING = ("open", "closed", "stripped")


# ── who speaks ──────────────────────────────────────────────────────────────────────────────────────────────
def queue(*, actor: Actor, item: AgendaItem, label: str, minutes: int = 3) -> Turn:
    """Put somebody at the end of the speaking order of a point."""
    _must_run(actor, item)
    if not 1 <= minutes <= 60:
        raise Invalid(_("发言 1 到 60 分钟。"), fields={"minutes": _("1 到 60。")})
    with transaction.atomic():
        AgendaItem.objects.select_for_update(of=("self",)).get(district_id=item.district_id, pk=item.pk)
        rows = Turn.objects.filter(district_id=item.district_id, item=item)
        last = rows.aggregate(p=Max("position"))["p"] or 0
        if last >= MOST_TURNS:
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
        AgendaItem.objects.select_for_update(of=("self",)).get(district_id=item.district_id, pk=item.pk)
        rows = Turn.objects.filter(district_id=item.district_id, item=item)
        rows.filter(began_at__isnull=False, ended_at=None).update(ended_at=at)
        turn = rows.filter(began_at=None).order_by("position").first()
        if turn is not None:
            turn.began_at = at
            turn.save(update_fields=["began_at"])
    return turn


def dissent(
    *, actor: Actor, item: AgendaItem, text: str, retry: str, label: str = "", now: datetime | None = None
) -> Dissent:
    """Keep what is said against it: by the host for somebody in the room, or by who was there for oneself.

    Two who say the same words are two; only the same form sent again (``retry``) is one.
    """
    held = actor.over(duties.CONVENE, item.gathering.scope_path)
    if held is None and not attended(actor, item.gathering):
        raise Forbidden(_("到会的人才能在这里留下不同意见。"))
    if item.state == "withdrawn":
        raise Conflict(_("这一项已经撤下。"), code="wrong_state")
    own = held is None or not label.strip()
    with transaction.atomic():
        kept, _made = Dissent.objects.get_or_create(
            district_id=item.district_id, item=item,
            retry=f"{actor.user_id.hex if actor.user_id else ''}{retry}"[:64],
            defaults={
                "id": new_id(), "person_id": actor.person_id if own else None, "at": now or timezone.now(),
                "label": (actor.name if own else label.strip())[:80], "text": required(text, "text", limit=500),
            },
        )  # fmt: skip
        records.keep(booked.DISSENT, item.district_id, [kept.pk], now=now)
    return kept


def attended(actor: Actor, sitting: Gathering) -> bool:
    """Whether the actor was there, by account or by person."""
    if actor.person_id is None and actor.user_id is None:
        return False
    rows = sitting.attendances.filter(district_id=sitting.district_id, state="present")
    return any(
        (r.user_id is not None and r.user_id == actor.user_id)
        or (r.person_id is not None and r.person_id == actor.person_id)
        for r in rows
    )


# ── a ballot ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Vote:
    """What is put to the vote out of a sitting: yes, no or abstention, of whom, by which rule, until when."""

    title: str
    rule_id: uuid.UUID
    roll_kind: str
    closes_at: datetime
    review_on: date
    text: str = ""


def ask_room(*, actor: Actor, item: AgendaItem, show: Show, now: datetime | None = None) -> Question:
    """Ask those who are in the room. A point without a topic becomes one first, in the same breath."""
    ids: dict[str, Any] = {"actor": actor, "district_id": item.district_id, "item_id": item.pk, "now": now}
    with transaction.atomic():
        if item.matter_id is None:
            core.stand_as_topic(**ids)
        return decisions.ask_present(show=show, **ids)


def put_to_vote(*, actor: Actor, item: AgendaItem, vote: Vote, now: datetime | None = None) -> Question:
    """Ask a question on the point's topic and open it: roll frozen, voting begun, the point noted as put to the vote.

    All of it or nothing; while one question on the topic is open no second one is asked. A point without a topic
    becomes one first.
    """
    if actor.over(duties.CONVENE, item.gathering.scope_path) is None:
        raise Forbidden(_("会由主持的人来办。"))
    ids: dict[str, Any] = {"actor": actor, "district_id": item.district_id, "now": now}
    with transaction.atomic():
        topic = item.matter or core.stand_as_topic(item_id=item.pk, **ids).matter
        if topic is None:
            raise NotFound(_("议程里没有这一项。"))
        item.matter = topic
        Matter.objects.select_for_update(of=("self",)).get(district_id=item.district_id, pk=topic.pk)
        mine = Question.objects.filter(district_id=item.district_id, matter_id=topic.pk)
        if (going := mine.filter(state__in=RUNNING).first()) is not None:
            raise Conflict(_("%s 还在表决，等它有结果。") % going.number, code="voting")
        node = tree(item.district_id).by_id[item.gathering.place_id]
        asking = Asking(
            title=vote.title, place=node, closes_at=vote.closes_at, rule_id=vote.rule_id, text=vote.text,
            roll_kind=vote.roll_kind, binding=True, review_on=vote.review_on,
        )  # fmt: skip
        made = decisions.draft(matter_id=topic.pk, asking=asking, **ids)
        if "vote" in item.gathering.kind.says.outcomes and item.gathering.state == "sitting":
            core.discuss(gathering_id=item.gathering_id, item_id=item.pk, outcome="vote", text=vote.title, **ids)
        return decisions.open_question(question_id=made.pk, **ids)


# ── what is settled ─────────────────────────────────────────────────────────────────────────────────────────
def resolve(
    *, actor: Actor, item: AgendaItem, text: str, charge: Charge, parts: list[str] | None = None, retry: str = "",
    now: datetime | None = None,
) -> Resolution:  # fmt: skip
    """A whole resolution (owner, day, review), and the matters it is split into: all of it or nothing.

    The same ``retry`` again gives the resolution back as it is.
    """
    if charge.owner_id is None or charge.due_on is None or charge.review_on is None:
        missing = {name: _("要写。") for name in ("owner_id", "due_on", "review_on") if not getattr(charge, name)}
        raise Invalid(_("谁办、哪天办完、哪天评审，三样都要写。"), fields=missing)
    wanted = [line.strip() for line in parts or [] if line.strip()]
    if len(wanted) > MOST_PARTS:
        raise Invalid(_("一次最多分成 %d 件。") % MOST_PARTS, fields={"parts": _("太多了。")})
    ids: dict[str, Any] = {"actor": actor, "district_id": item.district_id, "now": now}
    with transaction.atomic():
        before = SplitMatter.objects.filter(district_id=item.district_id, retry=f"{retry}-0", resolution__item=item)
        if retry and (row := before.select_related("resolution").first()) is not None:
            return row.resolution
        made = core.resolve(gathering_id=item.gathering_id, item_id=item.pk, text=text, charge=charge, **ids)
        if wanted:
            node = tree(item.district_id).by_id[item.matter.place_id if item.matter else item.gathering.place_id]
            owner = made.owner.code if made.owner else ""
            key = retry or new_id().hex
            cut = [Part(retry=f"{key}-{n}", kind="appeal", text=line, place=node, to=owner)
                   for n, line in enumerate(wanted)]  # fmt: skip
            core.split(resolution_id=made.pk, parts=cut, **ids)
    return made


def withdraw(*, actor: Actor, item: AgendaItem, reason: str, now: datetime | None = None) -> AgendaItem:
    """Take a point off with all that hangs on it: turns that run, votes not yet counted; those who spoke are told why.

    What was said against it stays. The topic itself lives on and may be tabled again.
    """
    at = now or timezone.now()
    ids: dict[str, Any] = {"actor": actor, "district_id": item.district_id, "now": at}
    with transaction.atomic():
        done = core.withdraw_item(gathering_id=item.gathering_id, item_id=item.pk, reason=reason, **ids)
        turns = Turn.objects.filter(district_id=item.district_id, item=item, ended_at=None)
        turns.filter(began_at=None).delete()
        turns.update(ended_at=at)
        if item.matter_id is None or item.gathering.state == "draft":
            return done
        going = Question.objects.filter(district_id=item.district_id, matter_id=item.matter_id)
        for question in going.filter(state__in=("draft", "open", "closed")):
            decisions.withdraw(question_id=question.pk, reason=done.text, **ids)
        words = _("“%(title)s”这次不议了：%(why)s。议题还在，以后可以再排。") % {"title": item.title, "why": done.text}
        matter = Matter.objects.get(district_id=item.district_id, pk=item.matter_id)
        notices.leave(item.district_id, words[:200], at, users=_speakers(matter), url=f"/council/t/{matter.number}/")
    return done


def _speakers(matter: Matter) -> list[uuid.UUID]:
    """Accounts of those whose words the topic is made of."""
    rows = Matter.objects.filter(
        district_id=matter.district_id, links_out__target=matter, links_out__type=RAISED, links_out__ended_at=None
    )
    users = {matter.opened_by_id, *rows.values_list("opened_by_id", flat=True)[:200]}
    return sorted(u for u in users if u is not None)


def end_sitting(*, actor: Actor, sitting: Gathering, now: datetime | None = None) -> Gathering:
    """Close the sitting. What was settled has owner, day and review by then, and what is split lies in matters."""
    mine = Resolution.objects.filter(district_id=sitting.district_id, gathering=sitting)
    if (loose := mine.filter(state="draft").first()) is not None:
        raise Conflict(_("“%s”还没有写清谁办、哪天办完、哪天评审。") % loose.text[:30], code="resolution_open")
    _must_be_counted(sitting)
    asking = {p.code for p in sitting.kind.says.procedures if p.needs_resolution}
    items = AgendaItem.objects.filter(district_id=sitting.district_id, gathering=sitting, state="discussed")
    for item in items.prefetch_related("resolutions__matters").order_by("position"):
        made = list(item.resolutions.all())
        if not made and (item.outcome == "split" or (item.procedure in asking and item.outcome in _SETTLED)):
            raise Conflict(_("“%s”定了要办，还没有写成决议。") % item.title, code="resolution_missing")
        if item.outcome == "split" and not any(r.matters.all() for r in made):
            raise Conflict(_("“%s”说要分流，还没有分出一件事。") % item.title, code="not_split")
    return core.end(actor=actor, district_id=sitting.district_id, gathering_id=sitting.pk, now=now)


def _must_be_counted(sitting: Gathering) -> None:
    """What the room was asked is counted, or taken back, before the room is empty."""
    items = sitting.items.exclude(matter=None)
    for rows in ballots.of_items(items).values():
        for ballot in rows:
            if ballot.question.state in NOT_COUNTED:
                raise Conflict(_("“%s”在会场里还没有数完票。") % ballot.question.title, code="not_counted")


_SETTLED = ("settled", "decided")


def _must_run(actor: Actor, item: AgendaItem) -> None:
    if actor.over(duties.CONVENE, item.gathering.scope_path) is None:
        raise Forbidden(_("会由主持的人来办。"))
    if item.gathering.state != "sitting":
        raise Conflict(_("会还没开始，或者已经散了。"), code="wrong_state")
