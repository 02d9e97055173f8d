"""What a matter's own ledger says of a round: asked about it, found to say the same, published with its figures.

Offices do not know one another: a topic's page reads these entries, and so tells of a round without knowing the room.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records, seeing
from linli.core.matters.actions.noting import note
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.opinions import booked, queries
from linli.offices.opinions.actions.grouping import held
from linli.offices.opinions.models import Group, Opinion, Round
from linli.offices.opinions.telling import tell

BEGUN, GROUPED, PUBLISHED = "begun", "grouped", "published"


def tie(*, actor: Actor, row: Round, group_id: uuid.UUID, number: str, now: datetime | None = None) -> Matter:
    """What a group says is dealt with already: lead it to that matter. Every speaker is told, and follows it there."""
    at = now or timezone.now()
    with transaction.atomic():
        kept = held(actor, row)
        found, said = free(kept, group_id)
        matter = _there(actor, kept, number)
        lead(actor=actor, row=kept, group=found, matter=matter, count=said, now=at)
        rows = Opinion.objects.filter(district_id=kept.district_id, group=found)
        tell(rows.only("author_id", "district_id"), _("您说的有人在办了：%s") % found.title, at)
    return matter


def free(row: Round, group_id: uuid.UUID) -> tuple[Group, int]:
    """A group that has no matter yet, and how many sentences lie in it."""
    found = queries.group(row, group_id)
    if found.matter_id is not None or found.merged_into_id is not None:
        raise Conflict(_("这一组已经立过事了。"), code="has_matter")
    said = Opinion.objects.filter(district_id=row.district_id, group=found).count()
    if not said:
        raise Conflict(_("这一组还是空的。"), code="empty")
    return found, said


def _there(actor: Actor, row: Round, number: str) -> Matter:
    """A matter of the round's own neighbourhood that everybody may know of, by its number."""
    try:
        found = seeing.get_matter(actor, number.strip())
    except NotFound as missing:
        raise Invalid(missing.message, fields={"number": _("没有这个编号。")}) from missing
    if found.confidential:
        raise Invalid(_("保密的事不能连。"), fields={"number": _("保密的事不能连。")})
    if not (found.scope_path.startswith(row.scope_path) or row.scope_path.startswith(found.scope_path)):
        raise Invalid(_("这件事不在这一片。"), fields={"number": _("不在问过的这一片。")})
    return found


def lead(*, actor: Actor, row: Round, group: Group, matter: Matter, count: int, now: datetime) -> None:
    """Join a group and a matter, and say so in the matter's ledger."""
    came = _("来自征求意见“%(title)s”，%(n)d 条原话。") % {"title": row.title, "n": count}
    _note(actor, row, matter, came, GROUPED, count, now)
    group.matter, group.matter_at = matter, now
    group.save(update_fields=["matter", "matter_at"])
    records.keep(booked.GROUP, row.district_id, [group.pk], now=now)


def begun(*, actor: Actor, row: Round, now: datetime) -> None:
    """The matter that a round belongs to says that people are asked about it."""
    if row.matter is not None:
        _note(actor, row, row.matter, _("开始逐户问：%s") % row.title, BEGUN, 0, now)


def published(*, actor: Actor, row: Round, now: datetime) -> None:
    """Every matter that has to do with the round says what the result was, in the order of their keys."""
    counts: dict[uuid.UUID, int] = {}
    matters: dict[uuid.UUID, Matter] = {}
    if row.matter is not None:
        counts[row.matter.pk], matters[row.matter.pk] = 0, row.matter
    for group in queries.groups(row):
        if group.matter is not None:
            counts[group.matter.pk] = counts.get(group.matter.pk, 0) + group.n
            matters[group.matter.pk] = group.matter
    for pk in sorted(matters):
        _note(actor, row, matters[pk], _("“%s”的结果公布了。") % row.title, PUBLISHED, counts[pk], now)


def _note(actor: Actor, row: Round, matter: Matter, text: str, stage: str, count: int, now: datetime) -> None:
    told: dict[str, Any] = {"round": row.code, "title": row.title, "stage": stage, "opinions": count}
    told["inside"] = row.scope_path.startswith(matter.scope_path)  # whoever convenes over the matter owns the round
    if row.published_at is not None:
        whole = queries.whole(row)
        told |= {"total": queries.words(row).count(), "visited": whole.visited, "published": True}
    note(actor=actor, district_id=row.district_id, matter_id=matter.pk, act="canvass", text=text, now=now, **told)
