"""A ballot among those present: asked at a point of a sitting, voted by hands, phones or slips, counted on the spot.

1. ``ask_present`` writes the question down. One by hands is opened at once, a secret one when its two tellers have
   their keys (``opening.open_question``). The roll is whoever is present at that moment.
2. ``record_hands`` writes down for each whose hand was up what it was up for. Who voted for oneself is left out.
3. ``finish`` ends the voting now. An open ballot is counted in the same breath; a secret one by its two tellers.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.decisions.actions.casting import take
from linli.core.decisions.actions.common import at, forget_papers, locked, must_host
from linli.core.decisions.actions.counting import count_open
from linli.core.decisions.actions.drafting import Asking, draft
from linli.core.decisions.actions.opening import open_question
from linli.core.decisions.models import Question
from linli.core.gatherings.actions.agenda import must_not_be_recused
from linli.core.gatherings.models import AgendaItem
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.refusal import Conflict, Invalid, NotFound

NOT_COUNTED = ("draft", "open", "closed", "stripped")
AT_LEAST = timedelta(hours=2)  # a host who forgets to end it: the worker ends and counts it


@dataclass(frozen=True)
class Show:
    """What is asked of the room. ``options`` empty means yes, no and abstention."""

    title: str
    rule_id: uuid.UUID
    review_on: date
    text: str = ""
    options: list[str] = field(default_factory=list)
    secret: bool = False


def ask_present(
    *, actor: Actor, district_id: int, item_id: uuid.UUID, show: Show, now: datetime | None = None
) -> Question:
    """Put a question to those who are in the room. One at a time on a topic, whoever asks it."""
    now = at(now)
    rows = AgendaItem.objects.filter(district_id=district_id, pk=item_id)
    item = rows.select_related("gathering__kind", "gathering__place").first()
    if item is None or actor.district_id != district_id:
        raise NotFound(_("议程里没有这一项。"))
    if item.matter_id is None:
        raise Conflict(_("这一项不是议题，没法付表决。"), code="no_topic")
    if item.gathering.state != "sitting":
        raise Conflict(_("会还没开始，或者已经散了。"), code="wrong_state")
    must_not_be_recused(item, actor)
    sitting = item.gathering
    asking = Asking(
        title=show.title, text=show.text, place=tree(district_id).by_id[sitting.place_id], rule_id=show.rule_id,
        closes_at=max(sitting.ends_at, now + AT_LEAST), options=[{"name": name} for name in show.options],
        more={"item": str(item.pk), "gathering": sitting.number}, roll_kind="present", secret=show.secret,
        binding=True, review_on=show.review_on,
    )  # fmt: skip
    ids: dict[str, Any] = {"actor": actor, "district_id": district_id, "now": now}
    with transaction.atomic():
        Matter.objects.select_for_update(of=("self",)).get(district_id=district_id, pk=item.matter_id)
        mine = Question.objects.filter(district_id=district_id, matter_id=item.matter_id)
        if (going := mine.filter(state__in=NOT_COUNTED).first()) is not None:
            raise Conflict(_("%s 还在表决，等它有结果。") % going.number, code="voting")
        made = draft(matter_id=item.matter_id, asking=asking, **ids)
        return made if made.secret else open_question(question_id=made.pk, **ids)


def record_hands(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, hands: Mapping[int, str], key: str,
    now: datetime | None = None,
) -> int:  # fmt: skip
    """What each hand was up for, by the roll's serial. All or none; the last record counts. Returns how many."""
    now = at(now)
    with locked(actor, district_id, question_id, "open") as question:
        must_host(question, actor)
        if not question.gathered or question.secret:
            raise Conflict(_("举手只用于会场里公开的表决。"), code="wrong_state")
        if now >= question.closes_at:
            raise Conflict(_("已经截止，不能再记。"), code="late")
        rows = {entry.seq: entry for entry in question.roll.filter(seq__in=list(hands))}
        if unknown := sorted(set(hands) - set(rows)):
            raise Invalid(_("名册里没有 %d 号。") % unknown[0], fields={"hands": _("名册里没有这个号。")})
        own = question.envelopes.filter(state="valid").exclude(channel="hand").values_list("entry__seq", flat=True)
        left = set(own)
        told = [seq for seq in sorted(hands) if seq not in left]
        for seq in told:
            take(question, rows[seq], hands[seq], f"hand-{seq}-{key}", channel="hand", now=now)
    return len(told)


def finish(*, actor: Actor, district_id: int, question_id: uuid.UUID, now: datetime | None = None) -> Question:
    """The voting in the room ends now. There is no window: whoever was there saw it."""
    now = at(now)
    with transaction.atomic():
        with locked(actor, district_id, question_id, "open") as question:
            must_host(question, actor)
            if not question.gathered:
                raise Conflict(_("只有会场里的表决能当场截止。"), code="wrong_state")
            if not question.envelopes.filter(state="valid").exists():
                raise Conflict(_("一张票也没有收，先投，再截止。"), code="no_ballot")
            question.closes_at = question.objections_until = now
            question.state = "closed"
            forget_papers(question)
        if question.secret:
            return question
        return count_open(actor=actor, district_id=district_id, question_id=question_id, now=now)
