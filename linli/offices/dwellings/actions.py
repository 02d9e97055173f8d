"""What people do: look at a dwelling, put a unit's doors on file, give a unit to somebody, welcome newcomers."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.core.people.models import Post
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node, tree
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.dwellings import queries
from linli.offices.dwellings.models import STATUSES, Survey, UnitDuty, Welcome, WelcomeState

LIVED_IN = ("owner", "rented")
MOST_FLOORS, MOST_DOORS = 60, 20


def survey(*, actor: Actor, dwelling_id: uuid.UUID, status: str, now: datetime | None = None) -> Survey:
    """A look at a home. One that stood empty and is lived in now asks for a welcome."""
    if status not in dict(STATUSES):
        raise Invalid(_("选一种居住情况。"), fields={"status": _("选一种。")})
    with transaction.atomic():
        home, node = _home(actor, dwelling_id)
        at = now or timezone.now()
        before = Survey.objects.filter(district_id=home.district_id, dwelling=home, latest=True).first()
        if before is not None and before.status == status and timezone.localdate(before.at) == timezone.localdate(at):
            return before  # the same tap again on the same day
        was = before.status if before is not None else home.occupancy
        Survey.objects.filter(district_id=home.district_id, dwelling=home, latest=True).update(latest=False)
        made = Survey.objects.create(
            district_id=home.district_id, dwelling=home, unit_id=node.id, scope_path=node.path, status=status, at=at,
            by_id=_post(actor, node),
        )  # fmt: skip
        if home.occupancy != status:
            Dwelling.objects.filter(district_id=home.district_id, pk=home.pk).update(occupancy=status)
        _settle_welcome(home, node, was, status, at)
    return made


def _home(actor: Actor, dwelling_id: uuid.UUID) -> tuple[Dwelling, Node]:
    home = Dwelling.objects.select_for_update().filter(district_id=actor.district_id or 0, pk=dwelling_id).first()
    node = tree(home.district_id).by_id.get(home.place_id) if home else None
    if home is None or node is None or not queries.may_survey(actor, node):
        raise NotFound(_("没有这一户。"))
    return home, node


def _settle_welcome(home: Dwelling, node: Node, was: str, status: str, at: datetime) -> None:
    """Empty before and lived in now opens one; empty again before anybody came takes it back."""
    standing = Welcome.objects.filter(district_id=home.district_id, dwelling=home, state=WelcomeState.OPEN)
    if was == "vacant" and status in LIVED_IN:
        days = queries.plan(tree(home.district_id)).welcome_days
        if not standing.exists():
            Welcome.objects.create(
                district_id=home.district_id, dwelling=home, unit_id=node.id, scope_path=node.path, opened_at=at,
                due_on=timezone.localdate(at) + timedelta(days=days),
            )  # fmt: skip
    elif status == "vacant":
        standing.delete()


def _post(actor: Actor, node: Node) -> uuid.UUID | None:
    """In which of his posts the actor does this."""
    held = actor.over(duties.RECORD, node.path)
    if held is not None:
        return held.id
    mine = next((d for d in queries.my_units(actor) if d.unit_id == node.id), None)
    return mine.post_id if mine else None


def lay_out(*, actor: Actor, unit: Node, floors: int, doors: int) -> int:
    """Put a unit's homes on file, floor by floor: 101, 102 … What is there stays; how many were added."""
    if not queries.may_survey(actor, unit):
        raise NotFound(_("没有这个单元。"))
    if not (1 <= floors <= MOST_FLOORS and 1 <= doors <= MOST_DOORS):
        message = _("层数 1 到 %(f)d，每层 1 到 %(d)d 户。") % {"f": MOST_FLOORS, "d": MOST_DOORS}
        raise Invalid(message, fields={"floors": message})
    district_id = tree(actor.district_id or 0).district.id
    with transaction.atomic():
        there = set(Dwelling.objects.filter(district_id=district_id, place_id=unit.id).values_list("number", flat=True))
        wanted = [f"{floor}{door:02d}" for floor in range(1, floors + 1) for door in range(1, doors + 1)]
        made = [
            Dwelling(id=new_id(), district_id=district_id, place_id=unit.id, number=n) for n in wanted if n not in there
        ]
        Dwelling.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


# ── who answers for a unit ──────────────────────────────────────────────────────────────────────────────────────
def give_unit(*, actor: Actor, unit: Node, post_id: uuid.UUID, since: date | None = None) -> UnitDuty:
    """Somebody answers for a unit from a day on; whoever did before does so until that day."""
    held = _giving(actor, unit)
    begins = since or timezone.localdate()
    known = tree(actor.district_id or 0)
    serving = Q(since__lte=begins) & (Q(until=None) | Q(until__gt=begins))
    rows = Post.objects.filter(serving, district_id=known.district.id, pk=post_id, role__in=queries.plan(known).roles)
    post = rows.exclude(person=None).first()
    if post is None:
        raise NotFound(_("没有这个岗位。"), fields={"to": _("选一个能分包单元的人。")})
    with transaction.atomic():
        before = (
            UnitDuty.objects.select_for_update()
            .filter(district_id=known.district.id, unit_id=unit.id, until=None)
            .first()
        )
        if before is not None and before.post_id == post.pk:
            return before
        if before is not None:
            before.until = max(begins, before.since)
            before.save(update_fields=["until"])
        return UnitDuty.objects.create(
            district_id=known.district.id, unit_id=unit.id, scope_path=unit.path, post=post, since=begins,
            made_by=actor.label(held)[:80],
        )  # fmt: skip


def end_unit(*, actor: Actor, unit: Node) -> UnitDuty:
    """Nobody answers for it from today: it stands in the list of units without anybody."""
    _giving(actor, unit)
    with transaction.atomic():
        row = UnitDuty.objects.select_for_update().filter(
            district_id=actor.district_id or 0, unit_id=unit.id, until=None
        ).first()  # fmt: skip
        if row is None:
            raise Conflict(_("这个单元现在没有人分包。"), code="none")
        row.until = max(timezone.localdate(), row.since)
        row.save(update_fields=["until"])
    return row


def _giving(actor: Actor, unit: Node) -> Held:
    held = actor.over(duties.VERIFY, unit.path)
    if held is None:
        raise Forbidden(_("分包单元由社区安排。"))
    return held


# ── newcomers ───────────────────────────────────────────────────────────────────────────────────────────────────
def close_welcome(*, actor: Actor, welcome_id: uuid.UUID, done: bool) -> Welcome:
    """Somebody went, or the household would rather not: either is an end, and neither says who they are."""
    with transaction.atomic():
        row = queries.welcome(actor, welcome_id, lock=True)
        if row.state != WelcomeState.OPEN:
            raise Conflict(_("已经有人去过了。"), code="closed")
        row.state = WelcomeState.DONE if done else WelcomeState.DECLINED
        row.closed_at = timezone.now()
        row.by_id = _post(actor, tree(row.district_id).by_id[row.unit_id])
        row.save(update_fields=["state", "closed_at", "by"])
    return row
