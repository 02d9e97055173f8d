"""Answering: one sentence, all of a group, or by making a topic or another matter of it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.offices.opinions import booked, queries
from linli.offices.opinions.actions.grouping import held
from linli.offices.opinions.actions.tying import free, lead
from linli.offices.opinions.models import Group, Opinion, Round
from linli.offices.opinions.telling import tell

ENDS = ("closed", "declined")


def answer(*, actor: Actor, row: Round, opinion_id: uuid.UUID, text: str, now: datetime | None = None) -> Opinion:
    """Answer one sentence; its speaker is told. The last answer counts."""
    at = now or timezone.now()
    with transaction.atomic():
        kept = held(actor, row)
        found = queries.opinion(kept, opinion_id)
        found.reply, found.replied_at = required(text, "text", limit=1000), at
        found.replied_by = actor.label(actor.over(duties.CONVENE, kept.scope_path))[:80]
        found.save(update_fields=["reply", "replied_by", "replied_at"])
        records.keep(booked.VOICE, kept.district_id, [found.pk], now=at)
        tell([found], _("您的意见有回复了：%s") % found.reply[:60], at)
    return found


def answer_group(*, actor: Actor, row: Round, group_id: uuid.UUID, text: str, now: datetime | None = None) -> int:
    """Answer everybody of a group who has no answer of their own yet; how many."""
    at, words = now or timezone.now(), required(text, "text", limit=1000)
    with transaction.atomic():
        kept = held(actor, row)
        found = queries.group(kept, group_id)
        rows = Opinion.objects.filter(district_id=kept.district_id, group=found, reply="")
        said = list(rows.only("pk", "author_id", "district_id"))
        label = actor.label(actor.over(duties.CONVENE, kept.scope_path))[:80]
        Opinion.objects.filter(district_id=kept.district_id, pk__in=[o.pk for o in said]).update(
            reply=words, replied_by=label, replied_at=at
        )
        records.keep(booked.VOICE, kept.district_id, [o.pk for o in said], now=at)
        tell(said, _("您的意见有回复了：%s") % words[:60], at)
    return len(said)


def raise_matter(
    *, actor: Actor, row: Round, group_id: uuid.UUID, kind: str, text: str = "", now: datetime | None = None
) -> Matter:  # fmt: skip
    """Make a topic or another matter of a group: linked both ways, and every speaker is told where their words went."""
    at = now or timezone.now()
    with transaction.atomic():
        kept = held(actor, row)
        found, count = free(kept, group_id)
        words = "\n".join(filter(None, (found.title, optional(text, "text", limit=2000))))
        place = tree(kept.district_id).by_id[kept.place_id]
        asked = Asked(kind=kind, text=words, district_id=kept.district_id, place=place, confidential=False)
        matter = open_matter(actor=actor, asked=asked, now=at).matter
        lead(actor=actor, row=kept, group=found, matter=matter, count=count, now=at)
        said = Opinion.objects.filter(district_id=kept.district_id, group=found)
        tell(said.only("author_id", "district_id"), _("您说的和邻居们的一起立了事：%s") % found.title, at)
    return matter


def tell_outcomes(now: datetime | None = None, limit: int = 50) -> int:
    """Groups whose matter has ended: every speaker is told, once. How many groups."""
    at = now or timezone.now()
    rows = Group.objects.filter(matter__isnull=False, told_at=None, matter__state__in=ENDS)
    done = 0
    for row in rows.order_by("matter_at").values_list("district_id", "pk")[:limit]:
        done += _tell_outcome(*row, at)
    return done


def _tell_outcome(district_id: int, group_id: uuid.UUID, at: datetime) -> int:
    with transaction.atomic():
        mine = Group.objects.filter(district_id=district_id, pk=group_id, told_at=None)
        if not mine.update(told_at=at):
            return 0  # another worker was quicker
        found: Group = Group.objects.select_related("matter").get(district_id=district_id, pk=group_id)
        said = Opinion.objects.filter(district_id=district_id, group=found).only("author_id", "district_id")
        done = found.matter is not None and found.matter.state == "closed"
        words = _("您说过的“%s”办完了，看看办得怎么样。") if done else _("您说过的“%s”没有受理，理由写在里面。")
        tell(said, words % found.title, at)
    return 1
