"""The roll of a ballot in the room: who is present at the sitting now, those who keep out of the point standing back.

Read from ``core/gatherings``: a guest on the signed sheet is a voice as much as a member; observers (列席) are none.
"""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from linli.core.decisions.models import Question
from linli.core.decisions.rolls import Found, Voice
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions.agenda import must_not_be_recused
from linli.core.gatherings.models import AgendaItem, Recusal
from linli.core.people.actor import Actor
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict

FEWEST_SECRET = 5  # below this a count tells who said what (opening.FEWEST_SECRET)


def item_of(question: Question) -> AgendaItem:
    """The point that the question was asked at."""
    rows = AgendaItem.objects.filter(district_id=question.district_id, pk=uuid.UUID(question.more["item"]))
    return the_one(rows.select_related("gathering__kind"), _("议程里没有这一项。"))


def collect(question: Question) -> Found:
    """One voice each, in the order of arrival."""
    item = item_of(question)
    out = dict(Recusal.objects.filter(district_id=item.district_id, item_id=item.pk).values_list("person_id", "reason"))
    return Found([
        Voice(
            row.label, "", question.scope_path, (row.person_id,) if row.person_id else (),
            post=row.invitation.post_id if row.invitation else None, user=None if row.person_id else row.user_id,
            recused=out.get(row.person_id, "") if row.person_id else "",
        )
        for row in sittings.present(item.gathering) if row.invitation is None or not row.invitation.observer
    ])  # fmt: skip


def must_be_ready(question: Question, actor: Actor, found: Found) -> None:
    """While people sit, by a host who does not keep out of the point, with a quorum without those who do."""
    item = item_of(question)
    if item.gathering.state != "sitting":
        raise Conflict(_("会还没开始，或者已经散了。"), code="wrong_state")
    if item.state not in ("listed", "discussed"):
        raise Conflict(_("这一项已经撤下或留到下次，不能表决。"), code="wrong_state")
    must_not_be_recused(item, actor)
    meter = sittings.quorum(item.gathering, item)
    if not meter.met:
        raise Conflict(
            _("到会的不够：应到 %(invited)d，要到 %(needed)d，实到 %(have)d。可以先听意见，不能定。")
            % {"invited": meter.invited, "needed": max(meter.needed, meter.least), "have": meter.heads},
            code="no_quorum",
        )  # fmt: skip
    may = sum(1 for voice in found.voices if not voice.recused)
    if not may:
        raise Conflict(_("在场的都要回避，没有人能投。"), code="roll_empty")
    if question.secret and may < FEWEST_SECRET:
        raise Conflict(
            _("在场能投的不到 %d 位，秘密投票藏不住谁投了什么，请改成举手。") % FEWEST_SECRET, code="too_few"
        )
