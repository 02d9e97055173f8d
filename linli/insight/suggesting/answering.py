"""A suggestion as people see it, and their answer: taken with one tap, refused with one tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.core.matters import actions
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Matter, State
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.insight import models
from linli.insight.suggesting import lessons
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict, Forbidden, NotFound

_DUTY = {"category": duties.TRIAGE, "handler": duties.DISPATCH}


@dataclass(frozen=True)
class Suggested:
    """One suggestion: what to do, how sure, and why, in words."""

    what: str
    value: str
    name: str
    confidence: float
    reason: str

    @property
    def percent(self) -> int:
        return round(self.confidence * 100)


@dataclass(frozen=True)
class Shown:
    """What a page shows beside a matter."""

    category: Suggested | None
    handler: Suggested | None

    def __bool__(self) -> bool:
        return self.category is not None or self.handler is not None

    @property
    def all(self) -> list[Suggested]:
        return [one for one in (self.category, self.handler) if one is not None]


def hint_of(actor: Actor, matter: Matter) -> Shown | None:
    """What is suggested and waits for this actor's answer; None where there is nothing to decide."""
    if matter.state != State.OPEN or not any(actor.over(duty, matter.scope_path) for duty in _DUTY.values()):
        return None
    rows = models.Hint.objects.filter(district_id=matter.district_id, matter_id=matter.pk, answer="")
    open_ones = {row.what: row for row in rows if actor.over(_DUTY[row.what], matter.scope_path)}
    shown = Shown(_category(matter, open_ones.get("category")), _handler(matter, open_ones.get("handler")))
    return shown or None


def _category(matter: Matter, row: models.Hint | None) -> Suggested | None:
    if row is None or matter.category == row.value:
        return None
    name = catalogue(matter.district_id).category_name(row.value)
    return Suggested("category", row.value, name, row.confidence, _because(row)) if name else None


def _handler(matter: Matter, row: models.Hint | None) -> Suggested | None:
    post = roster(matter.district_id).find(row.value) if row is not None else None
    if row is None or post is None or matter.handler_id is not None:
        return None
    name = f"{post.name} {post.title}" if post.person_id else post.name
    return Suggested("handler", row.value, name, row.confidence, _because(row))


def _because(row: models.Hint) -> str:
    """The reason as a sentence; codes and numbers are all that is kept."""
    by, n = str(row.reason.get("by", "")), int(row.reason.get("n", 0))
    if by == "rule":
        return _("派单规则“%s”") % str(row.reason.get("rule", ""))
    if by == "settled":
        return str(ngettext("像这样的事，%d 件是那边办好的", "像这样的事，%d 件是那边办好的", n) % n)
    if by == "named":
        return _("退回的人说该归那边")
    if by == "alike":
        return ngettext("像这样的事，%d 件归在这一类", "像这样的事，%d 件归在这一类", n) % n
    return _("按这里说话的习惯学来的")


def answer(*, actor: Actor, matter: Matter, what: str, taken: bool, now: datetime | None = None) -> Matter:
    """Take a suggestion (the ordinary act, with all its own checks) or refuse it. Either way it is a lesson.

    Raises NotFound where nothing is suggested, Conflict where somebody was quicker, Forbidden without the duty.
    """
    at = now or timezone.now()
    if what not in _DUTY:
        raise NotFound(_("没有这条建议。"))
    if actor.over(_DUTY[what], matter.scope_path) is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    with transaction.atomic():
        rows = models.Hint.objects.select_for_update()
        row = the_one(rows.filter(district_id=matter.district_id, matter_id=matter.pk, what=what), _("没有这条建议。"))
        if row.answer:
            raise Conflict(_("这条建议已经有人看过了。"), code="answered")
        done = _take(actor, matter, row, at) if taken else matter
        row.answer, row.answered_at = (row.Answer.TAKEN if taken else row.Answer.REFUSED), at
        row.save(update_fields=["answer", "answered_at"])
        meant = row.value if taken else ""
        lessons.keep(matter.district_id, matter.pk, what, row.answer, at, said=row.value, meant=meant)
    return done


def _take(actor: Actor, matter: Matter, row: models.Hint, at: datetime) -> Matter:
    district_id, matter_id = matter.district_id, matter.pk
    if row.what == row.What.CATEGORY:
        return actions.triage(actor=actor, district_id=district_id, matter_id=matter_id, category=row.value, now=at)
    return actions.dispatch(actor=actor, district_id=district_id, matter_id=matter_id, to=row.value, now=at)
