"""A round from its draft to its published result."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node, tree
from linli.kit import codes
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.opinions import booked, queries
from linli.offices.opinions.actions import tying
from linli.offices.opinions.models import Hint, Knock, Opinion, Round, Stretch
from linli.offices.opinions.models.rounds import State
from linli.offices.opinions.telling import compare, tell

MOST_QUESTIONS, MOST_HOUSES, LONGEST_DAYS = 3, 600, 92
# Who may be asked to go: people who serve at the place, never a firm or an office as such.
ROLES = ("grid_worker", "grid_head", "building_head", "building_head_online", "building_party_head", "unit_head",
         "steward", "quarter_secretary", "community_worker", "part_time_member", "volunteer")  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What a round is to be. Without ``buildings`` it goes through all of the place."""

    place: Node
    title: str
    questions: Sequence[str]
    roles: Sequence[str]
    starts_on: date
    ends_on: date
    about: str = ""
    buildings: Sequence[Node] = field(default_factory=tuple)
    matter: str = ""  # the number of a matter that this belongs to
    url: str = ""  # or an address here: a covenant, a gathering


def draft(*, actor: Actor, plan: Plan, now: datetime | None = None) -> Round:
    """Prepare a round at a place where the actor convenes. Nobody is asked anything yet."""
    held = _may_ask(actor, plan.place)
    district_id = tree(actor.district_id or 0).district.id
    row = Round(
        id=new_id(), district_id=district_id, code=codes.new_code(district_id, "thing"), post_id=held.id,
        by=actor.label(held)[:80], made_at=now or timezone.now(),
    )  # fmt: skip
    with transaction.atomic():
        _set(row, plan)
        row.save(force_insert=True)
        _lay(row, plan)
    return row


def change(*, actor: Actor, row: Round, plan: Plan) -> Round:
    """Change a draft. What people are already asked is changed no more."""
    _may_ask(actor, plan.place)
    with transaction.atomic():
        kept = _locked(actor, row)
        if kept.state != State.DRAFT:
            raise Conflict(_("已经开始问了，题目和范围不能再改。"), code="wrong_state")
        _set(kept, plan)
        kept.save()
        kept.stretches.all().delete()
        _lay(kept, plan)
    return kept


def drop(*, actor: Actor, row: Round) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        kept = _locked(actor, row)
        if kept.state != State.DRAFT:
            raise Conflict(_("已经开始问了，不能丢掉。"), code="wrong_state")
        kept.delete()


def begin(*, actor: Actor, row: Round, now: datetime | None = None) -> Round:
    """From now on doors are knocked at and people may answer by themselves."""
    at = now or timezone.now()
    with transaction.atomic():
        kept = _locked(actor, row)
        if kept.state != State.DRAFT:
            raise Conflict(_("已经开始过了。"), code="wrong_state")
        if kept.ends_on < timezone.localdate(at):
            raise Invalid(_("截止的日子已经过了，先改日期。"), fields={"ends_on": _("已经过了。")})
        kept.state, kept.opened_at = State.OPEN, at
        kept.save(update_fields=["state", "opened_at"])
        records.keep(booked.ROUND, kept.district_id, [kept.pk], now=at)
        tying.begun(actor=actor, row=kept, now=at)
    return kept


def end(*, actor: Actor, row: Round, now: datetime | None = None) -> Round:
    """Close a round: counts by building are kept, what each door came to is deleted."""
    with transaction.atomic():
        kept = _locked(actor, row)
        if kept.state != State.OPEN:
            raise Conflict(_("现在没有在征求。"), code="wrong_state")
        _close(kept, now or timezone.now())
    return kept


def end_due(now: datetime | None = None, limit: int = 50) -> int:
    """Rounds whose last day is over end by themselves; how many."""
    at = now or timezone.now()
    due = Round.objects.filter(state=State.OPEN, ends_on__lt=timezone.localdate(at)).order_by("ends_on")
    done = 0
    for row in due[:limit]:
        with transaction.atomic():
            kept = Round.objects.select_for_update(of=("self",)).get(district_id=row.district_id, pk=row.pk)
            if kept.state == State.OPEN:
                _close(kept, at)
                done += 1
    return done


def _close(row: Round, now: datetime) -> None:
    stretches = list(row.stretches.all())
    counted = queries.tallies(row, stretches)
    for one in stretches:
        made = counted[one.building_id]
        one.spoke, one.nothing, one.nobody, one.declined = made.spoke, made.nothing, made.nobody, made.declined
    Stretch.objects.bulk_update(stretches, ["spoke", "nothing", "nobody", "declined"], batch_size=200)
    Knock.objects.filter(district_id=row.district_id, round=row).delete()
    row.state, row.ended_at = State.ENDED, now
    row.save(update_fields=["state", "ended_at"])
    records.keep(booked.ROUND, row.district_id, [row.pk], now=now)
    compare(row, now)


def publish(*, actor: Actor, row: Round, now: datetime | None = None) -> Round:
    """Put the result where everybody reads it. Every speaker with an account is told."""
    at = now or timezone.now()
    with transaction.atomic():
        kept = _locked(actor, row)
        if kept.state != State.ENDED:
            raise Conflict(_("收齐了才能公布，公布一次。"), code="wrong_state")
        kept.state, kept.published_at = State.PUBLISHED, at
        kept.save(update_fields=["state", "published_at"])
        records.keep(booked.ROUND, kept.district_id, [kept.pk], now=at)
        Hint.objects.filter(district_id=kept.district_id, round=kept).delete()
        said = Opinion.objects.filter(district_id=kept.district_id, round=kept).exclude(author=None)
        tell(said.only("author_id", "district_id"), _("“%s”的结果公布了，您说的也在里面。") % kept.title, at)
        tying.published(actor=actor, row=kept, now=at)
    return kept


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _may_ask(actor: Actor, place: Node) -> Held:
    held = actor.over(duties.CONVENE, place.path)
    if held is None or actor.district_id is None or tree(actor.district_id).by_path.get(place.path) != place:
        raise NotFound(_("没有这个地方。"), fields={"place": _("不在您管的范围里。")})
    return held


def _locked(actor: Actor, row: Round) -> Round:
    kept = Round.objects.select_for_update(of=("self",)).filter(district_id=actor.district_id or 0, pk=row.pk).first()
    if kept is None or actor.over(duties.CONVENE, kept.scope_path) is None:
        raise NotFound(_("没有找到这次征求意见。"))
    return kept


def _set(row: Round, plan: Plan) -> None:
    asked = [q for q in (" ".join(q.split()) for q in plan.questions) if q]
    if not 1 <= len(asked) <= MOST_QUESTIONS or any(len(q) > 120 for q in asked):
        message = _("问一到三句，一行一句，每句不超过 120 字。")
        raise Invalid(message, fields={"questions": message})
    roles = [r for r in ROLES if r in plan.roles]
    if not roles:
        raise Invalid(_("选谁去问。"), fields={"roles": _("至少选一种人。")})
    if plan.ends_on < plan.starts_on or (plan.ends_on - plan.starts_on).days > LONGEST_DAYS:
        message = _("截止不早于开始，一共不超过 %d 天。") % LONGEST_DAYS
        raise Invalid(message, fields={"ends_on": message})
    if plan.url and (not plan.url.startswith("/") or plan.url.startswith("//")):
        raise Invalid(_("网址写本站的，从 / 开头。"), fields={"url": _("从 / 开头。")})
    row.place_id, row.scope_path = plan.place.id, plan.place.path
    row.title, row.about = required(plan.title, "title", limit=80), optional(plan.about, "about", limit=600)
    row.questions, row.roles, row.url = asked, roles, plan.url[:200]
    row.starts_on, row.ends_on = plan.starts_on, plan.ends_on
    row.matter_id = _matter(row.district_id, plan)


def _matter(district_id: int, plan: Plan) -> uuid.UUID | None:
    if not plan.matter:
        return None
    rows = Matter.objects.filter(district_id=district_id, number=plan.matter.strip().upper(), confidential=False)
    found = rows.values_list("pk", "scope_path").first()
    if found is None or not (found[1].startswith(plan.place.path) or plan.place.path.startswith(found[1])):
        raise Invalid(_("这里没有这件事。"), fields={"matter": _("没有这个编号，或者不在这一片。")})
    return uuid.UUID(str(found[0]))


def _lay(row: Round, plan: Plan) -> None:
    """One row a building, with how many doors it has on file."""
    known = tree(row.district_id)
    houses = queries.houses(known, plan.place)
    chosen = {n.id for n in plan.buildings}
    nodes = [n for n in houses if n.id in chosen] if chosen else houses
    if not nodes or len(nodes) > MOST_HOUSES or len(nodes) < len(chosen):
        message = _("选这一片里的楼，一次 1 到 %d 栋。") % MOST_HOUSES
        raise Invalid(message, fields={"buildings": message})
    doors = _doors(known.district.id, nodes[0].path, nodes[-1].path + "~")
    owner = {d: known.by_id[d].path for d in doors if d in known.by_id}
    Stretch.objects.bulk_create(
        Stretch(id=new_id(), district_id=row.district_id, round=row, building_id=n.id, path=n.path,
                doors=sum(doors[d] for d, path in owner.items() if path.startswith(n.path)))
        for n in nodes
    )  # fmt: skip


def _doors(district_id: int, low: str, high: str) -> dict[uuid.UUID, int]:
    homes = Dwelling.objects.filter(district_id=district_id, place__path__gte=low, place__path__lt=high)
    counted = homes.exclude(use="garage").order_by().values_list("place_id").annotate(n=Count("id"))
    return dict(counted)
