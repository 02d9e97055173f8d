"""What a resident says beside the flow: thanks, which all may read, and "I was coached", which nearly nobody does."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.actions.rights import is_reporter, judging_office, may_thank
from linli.core.matters.flow import CLOSED, MERGED, VERIFIED
from linli.core.matters.models import Coached, Entry, Matter
from linli.core.matters.step import Step, optional, step
from linli.core.people.actor import Actor
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden
from linli.kit.writer import insert


def thank(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    text: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """道谢: stands in the timeline and reaches whoever did it. It is no rating, and counts in no figure.

    Said again about the same result it changes nothing: one thank-you for each time that it was done.
    """
    words = optional(text, "text", limit=500)
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(district_id=district_id, pk=matter_id)
        job = Matter.objects.filter(district_id=district_id, pk__in=[matter.job_id]).first() if matter.job_id else None
        if not is_reporter(matter, actor):
            raise Forbidden(_("道谢由说事的居民自己来。"))
        if not may_thank(matter, actor, job.state if job else ""):
            raise Conflict(_("还没办完，办完了再谢也不迟。"), code="wrong_state")
        if _thanked(matter):
            return matter
        with step(district_id, matter_id, actor=actor, act="thank", version=version, now=now) as current:
            current.label = "一位居民"
            current.say(words)
            done_by = job or current.matter
            current.notify(done_by.resolver_id or done_by.handler_id, f"居民谢谢您：{current.matter.title}")
            return current.matter


def _thanked(matter: Matter) -> bool:
    """Whether thanks were said since the work was last done."""
    rows = Entry.objects.filter(district_id=matter.district_id, matter_id=matter.pk, act__in=("thank", "resolve"))
    return rows.order_by("-seq").values_list("act", flat=True).first() == "thank"


def coached(*, actor: Actor, district_id: int, matter_id: uuid.UUID, now: datetime | None = None) -> Matter:
    """有人教我怎么评: told to the office above that had no hand in it, and to nobody else. Said twice, it is said once.

    No timeline entry, no mark on the matter: whoever handled it, verified it or merely sees it reads nothing of this.
    """
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(district_id=district_id, pk=matter_id)
        if actor.district_id != district_id or not is_reporter(matter, actor):
            raise Forbidden(_("这一句由说事的居民自己来说。"))
        if matter.state not in (VERIFIED, CLOSED, MERGED):
            raise Conflict(_("办完、能评的时候才有这一项。"), code="wrong_state")
        if Coached.objects.filter(district_id=district_id, matter_id=matter_id).exists():
            return matter
        aside = Step(matter=matter, actor=actor, act="coached", now=now or timezone.now(), label="")
        above = _office_above(aside)
        aside.notify(above, f"有居民说评价时被人教过，请回访，别让经办的单位去：{matter.title}", urgent=True)
        told = Coached(id=new_id(), district_id=district_id, matter_id=matter_id, told_id=above, at=aside.now)
        insert([told, *aside.outbox])
        return matter


def _office_above(aside: Step) -> uuid.UUID | None:
    """Street or district, whichever neither did the work nor checked it; of a merged one, the work on its job."""
    matter = aside.matter
    job = (
        Matter.objects.filter(district_id=matter.district_id, pk__in=[matter.job_id]).first() if matter.job_id else None
    )
    about = Step(matter=job, actor=aside.actor, act=aside.act, now=aside.now, label="") if job else aside
    return judging_office(about)
