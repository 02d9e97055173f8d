"""监督评审: residents say for themselves whether it was done; those who were against it are asked first."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.decisions.actions.gathered import NOT_COUNTED
from linli.core.decisions.models import Question
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Charge
from linli.core.gatherings.models import AgendaItem, Resolution
from linli.core.matters import records
from linli.core.matters.actions.noting import conclude
from linli.core.matters.flow import ENDED
from linli.core.matters.step import optional
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.once import mark_of
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, NotFound
from linli.offices.councils import booked, queries
from linli.offices.councils.marks import MARK
from linli.offices.councils.models import Dissent, Verdict


def ask_objector(
    *, actor: Actor, dissent_id: uuid.UUID, content: bool, answer: str = "", now: datetime | None = None
) -> Dissent:
    """Write down what somebody who was against it says now that it was done: by the host, or by that person."""
    rows = Dissent.objects.select_related("item__gathering")
    row = rows.filter(district_id=actor.district_id or 0, pk=dissent_id).first()
    if row is None or (
        actor.over(duties.CONVENE, row.item.gathering.scope_path) is None
        and (row.person_id is None or row.person_id != actor.person_id)
    ):
        raise NotFound(_("没有找到这条意见。"))
    row.content, row.answer = content, optional(answer, "answer", limit=300)
    row.asked_at = now or timezone.now()
    with transaction.atomic():
        row.save(update_fields=["content", "answer", "asked_at"])
        records.keep(booked.DISSENT, row.district_id, [row.pk], now=now)
    return row


def judge(*, actor: Actor, resolution: Resolution, satisfied: bool, text: str = "") -> Verdict:
    """A resident's own word on it, once a round of review; the last word counts, and it names nobody."""
    if actor.user_id is None or actor.district_id != resolution.district_id:
        raise Forbidden(_("请先登录。"))
    owner = resolution.owner
    if owner is not None and (owner.pk in actor.post_ids or (owner.person_id and owner.person_id == actor.person_id)):
        raise Forbidden(_("自己办的不能由自己评审。"))
    if not queries.under_review(resolution):
        raise Conflict(_("还没到评审的日子，或者已经评审过了。"), code="wrong_state")
    said = {"satisfied": satisfied, "text": optional(text, "text", limit=300)}
    with transaction.atomic():
        made, _new = Verdict.objects.update_or_create(
            district_id=resolution.district_id, resolution=resolution, turn=resolution.rounds,
            mark=mark_of(actor, resolution.pk, purpose=MARK), defaults=said, create_defaults={**said, "id": new_id()},
        )  # fmt: skip
        records.keep(booked.VERDICT, resolution.district_id, [made.pk])
    return made


def review(
    *, actor: Actor, resolution: Resolution, upheld: bool, text: str, satisfied: int = 0, dissatisfied: int = 0,
    again: Charge | None = None, now: datetime | None = None,
) -> Resolution:  # fmt: skip
    """Record the residents' review: heads counted in the room, and those who spoke for themselves beside them.

    Those who were against it are asked first. More who are dissatisfied than satisfied is no pass, whoever records it.
    When it passed and nothing else of the topic is owed, the topic itself is closed with it.
    """
    waiting = Dissent.objects.filter(district_id=resolution.district_id, item=resolution.item, asked_at=None).count()
    if upheld and waiting:
        raise Conflict(_("当初不同意的还有 %d 位没问。先问他们，再记评审。") % waiting, code="objectors_first")
    yes, no = queries.verdicts(resolution)
    if upheld and dissatisfied + no > satisfied + yes:
        message = _("不满意的比满意的多，不能记成办成了。")
        raise Conflict(message, code="not_satisfied", fields={"upheld": message})
    if upheld and satisfied + yes == 0:
        message = _("还没有一位居民说满意。先请居民来看。")
        raise Conflict(message, code="nobody_looked", fields={"satisfied": message})
    with transaction.atomic():
        done = core.review(
            actor=actor, district_id=resolution.district_id, resolution_id=resolution.pk, upheld=upheld, text=text,
            satisfied=satisfied + yes, dissatisfied=dissatisfied + no, again=again, now=now,
        )  # fmt: skip
        if upheld:
            _conclude(actor, done, now)
    return done


def _conclude(actor: Actor, row: Resolution, now: datetime | None) -> None:
    """The topic ends with the last review that passed: no resolution open, on no agenda ahead, no vote uncounted."""
    topic = row.item.matter
    if topic is None or topic.state in _STAYS or sittings.blocked(row.district_id, [topic.pk]):
        return
    mine: dict[str, Any] = {"district_id": row.district_id, "matter_id": topic.pk}
    ahead = AgendaItem.objects.filter(**mine, gathering__state__in=("draft", "called", "sitting"), state="listed")
    if ahead.exists() or Question.objects.filter(**mine, state__in=NOT_COUNTED).exists():
        return
    heads: dict[str, Any] = {"satisfied": row.satisfied, "dissatisfied": row.dissatisfied}
    conclude(actor=actor, **mine, text=f"居民评审通过：{row.review}", now=now, **heads)


_STAYS = (*ENDED, "contested", "declining")
