"""What every act on a question begins and ends with: the lock, the duty, the entry in the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.decisions.models import Question
from linli.core.matters.actions.noting import note
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.kit.refusal import Conflict, Forbidden, NotFound


@contextmanager
def locked(
    actor: Actor, district_id: int, question_id: uuid.UUID, *states: str, version: int | None = None
) -> Iterator[Question]:
    """The question under its row lock, in one of these states; saved afterwards with the next version."""
    with transaction.atomic():
        question = (
            Question.objects.select_for_update(of=("self",))
            .select_related("rule", "place")
            .filter(district_id=district_id, pk=question_id)
            .first()
        )
        if question is None or (actor.kind != "system" and actor.district_id != district_id):
            raise NotFound(_("没有找到这个表决。"))
        if version is not None and version != question.version:
            raise Conflict(_("这个表决刚被别人改过，请看一眼新的再办。"), code="stale")
        must_be(question, *states)
        yield question
        question.version += 1
        question.save()


def must_be(question: Question, *states: str) -> None:
    """Conflict where the question waits for something else."""
    if states and question.state not in states:
        raise Conflict(_("这个表决现在是“%s”，不能这样做。") % question.get_state_display(), code="wrong_state")


def must_host(question: Question, actor: Actor) -> Held:
    """The post by which the actor may run this question; Forbidden where the actor only sees it."""
    held = actor.over(duties.CONVENE, question.scope_path)
    if held is None:
        raise Forbidden(_("表决由主持的人来办。"))
    return held


def tell(question: Question, actor: Actor, act: str, text: str, now: datetime, **data: Any) -> None:
    """One entry on the topic's timeline: chained, sealed and published with everything else."""
    note(
        actor=actor, district_id=question.district_id, matter_id=question.matter_id, act=act, text=text, now=now,
        question=question.number, **data,
    )  # fmt: skip


def forget_papers(question: Question) -> None:
    """Sheets that only one person typed are never taken any more: what was typed goes, with its hash."""
    question.papers.exclude(commit="").update(commit="")


def at(now: datetime | None) -> datetime:
    return now or timezone.now()
