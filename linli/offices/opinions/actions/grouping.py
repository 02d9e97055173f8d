"""Grouping what is alike. A person does it; every sentence stays as it is, in one place, and can come out again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.step import required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.opinions import booked, queries
from linli.offices.opinions.models import Group, Hint, Move, Opinion, Round
from linli.offices.opinions.telling import compare

MOST = 1000  # sentences moved at once


def gather(
    *, actor: Actor, row: Round, opinions: Iterable[uuid.UUID], title: str = "", group_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Group:  # fmt: skip
    """Put sentences into a group that is there, or into a new one with a title in plain words."""
    wanted, at = list(dict.fromkeys(opinions)), now or timezone.now()
    if not 1 <= len(wanted) <= MOST:
        message = _("选 1 到 %d 条。") % MOST
        raise Invalid(message, fields={"pick": message})
    with transaction.atomic():
        kept = held(actor, row)
        if group_id is not None:
            into = _living(kept, group_id)
        else:
            called, label = required(title, "title", limit=60), _label(actor, kept)
            into = Group(id=new_id(), district_id=kept.district_id, round=kept, title=called, by=label, at=at)
            into.save(force_insert=True)
            records.keep(booked.GROUP, kept.district_id, [into.pk], now=at)
        found = list(Opinion.objects.filter(district_id=kept.district_id, round=kept, pk__in=wanted))
        if len(found) != len(wanted):
            raise NotFound(_("有一条不在这次征求里。"), fields={"pick": _("有一条不在这次征求里。")})
        _move(kept, found, into, _label(actor, kept), at)
    return into


def take_out(*, actor: Actor, row: Round, opinion_id: uuid.UUID, now: datetime | None = None) -> Opinion:
    """One sentence comes out of its group again and stands alone."""
    at = now or timezone.now()
    with transaction.atomic():
        kept = held(actor, row)
        found = queries.opinion(kept, opinion_id)
        _move(kept, [found], None, _label(actor, kept), at)
        compare(kept, at)
    return found


def merge(
    *, actor: Actor, row: Round, group_id: uuid.UUID, into_id: uuid.UUID, now: datetime | None = None
) -> Group:  # fmt: skip
    """Two groups say the same: all sentences of one go to the other; the empty one stays and says where they went."""
    at = now or timezone.now()
    if group_id == into_id:
        raise Invalid(_("不能并到自己。"), fields={"into": _("不能并到自己。")})
    with transaction.atomic():
        kept = held(actor, row)
        gone, into = _living(kept, group_id), _living(kept, into_id)
        if gone.matter_id is not None:
            raise Conflict(_("这一组已经立了事，反过来并。"), code="has_matter")
        _move(
            kept, list(Opinion.objects.filter(district_id=kept.district_id, group=gone)), into, _label(actor, kept), at
        )
        ends = Group.objects.filter(Q(pk=gone.pk) | Q(merged_into=gone), district_id=kept.district_id)
        moved = list(ends.values_list("pk", flat=True))
        ends.update(merged_into=into)
        records.keep(booked.GROUP, kept.district_id, moved, now=at)
        Hint.objects.filter(district_id=kept.district_id, group=gone).update(group=into)
    return into


def rename(*, actor: Actor, row: Round, group_id: uuid.UUID, title: str) -> Group:
    """Another title; the sentences stay."""
    with transaction.atomic():
        kept = held(actor, row)
        found = _living(kept, group_id)
        found.title = required(title, "title", limit=60)
        found.save(update_fields=["title"])
        records.keep(booked.GROUP, kept.district_id, [found.pk])
    return found


def refuse_hint(*, actor: Actor, row: Round, cluster: uuid.UUID) -> int:
    """They are not alike: the machine suggests none of these again."""
    with transaction.atomic():
        kept = held(actor, row)
        rows = Hint.objects.filter(district_id=kept.district_id, round=kept, cluster=cluster)
        return rows.update(refused=True)


def suggest(row: Round, found: Iterable[tuple[uuid.UUID, Group | None, Sequence[tuple[uuid.UUID, int]]]]) -> int:
    """Keep what the machine found: (cluster, group it resembles, [(sentence, percent)]). Refused ones stay refused."""
    with transaction.atomic():
        refused = set(
            Hint.objects.filter(district_id=row.district_id, round=row, refused=True).values_list(
                "opinion_id", flat=True
            )
        )
        Hint.objects.filter(district_id=row.district_id, round=row, refused=False).delete()
        made = [
            Hint(id=new_id(), district_id=row.district_id, round=row, opinion_id=one, cluster=cluster, group=group,
                 percent=percent)
            for cluster, group, members in found for one, percent in members if one not in refused
        ]  # fmt: skip
        Hint.objects.bulk_create(made, batch_size=500)
    return len(made)


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────
def held(actor: Actor, row: Round) -> Round:
    """The round, locked: two who group at once take turns. Whoever does not convene there finds nothing."""
    kept = Round.objects.select_for_update(of=("self",)).filter(district_id=actor.district_id or 0, pk=row.pk).first()
    if kept is None or actor.over(duties.CONVENE, kept.scope_path) is None:
        raise NotFound(_("没有找到这次征求意见。"))
    return kept


def _living(row: Round, group_id: uuid.UUID) -> Group:
    found = queries.group(row, group_id)
    if found.merged_into_id is not None:
        raise Conflict(_("这一组已经并到“%s”了。") % found.merged_into, code="merged")
    return found


def _label(actor: Actor, row: Round) -> str:
    return actor.label(actor.over(duties.CONVENE, row.scope_path))[:80]


def _move(row: Round, opinions: Sequence[Opinion], into: Group | None, by: str, at: datetime) -> None:
    """The one place where a sentence changes its group: a row of its way, and the group itself."""
    going = [o for o in opinions if o.group_id != (into.pk if into else None)]
    Move.objects.bulk_create(
        (Move(id=new_id(), district_id=row.district_id, opinion=o, source_id=o.group_id, target=into, by=by, at=at)
         for o in going), batch_size=500,
    )  # fmt: skip
    ids = [o.pk for o in going]
    Opinion.objects.filter(district_id=row.district_id, pk__in=ids).update(group=into)
    records.keep(booked.VOICE, row.district_id, ids, now=at)
    Hint.objects.filter(district_id=row.district_id, opinion_id__in=ids, refused=False).delete()
