"""Ballots in the room as the sitting's pages show them: which one stands at a point, how far it is, what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from linli.core.decisions.actions.gathered import NOT_COUNTED
from linli.core.decisions.models import Envelope, Question, RollEntry
from linli.core.gatherings.models import AgendaItem
from linli.kit.refusal import Conflict

_READY = ("yes", "no", "abstain")
_RECORDED = {
    "adopted": "通过", "rejected": "没有通过", "no_quorum": "投的人不够，没有结果", "tie": "打平，再议",
}  # fmt: skip


@dataclass(frozen=True)
class Ballot:
    """One ballot: who may vote and who did, the counts once there are any."""

    question: Question
    taken: int
    keys: int  # of a secret one's two tellers, how many have theirs

    @property
    def outcome(self) -> str:
        return outcome(self.question)

    @property
    def lines(self) -> list[tuple[str, int]]:
        return lines(self.question)


def outcome(question: Question) -> str:
    """What came of it, in words; how it stands where it is not counted."""
    named = {"adopted": _("通过"), "rejected": _("没通过"), "no_quorum": _("人数不够"), "tie": _("打平了，要再议")}
    return str(named.get((question.result or {}).get("outcome", "")) or question.get_state_display())


def lines(question: Question) -> list[tuple[str, int]]:
    """Every option with its votes, in the ballot's order."""
    sums = (question.result or {}).get("options", {})
    return [(option_name(o), sums[o["code"]]["heads"]) for o in question.options if o["code"] in sums]


def option_name(option: dict[str, Any]) -> str:
    return _(option["name"]) if option["code"] in _READY else str(option["name"])


def of_items(items: Iterable[AgendaItem]) -> dict[uuid.UUID, list[Ballot]]:
    """Every ballot asked at these points, the first one first; those taken back are left out. One question."""
    points = list(items)
    topics = [i.matter_id for i in points if i.matter_id]
    if not topics:
        return {}
    wanted = {str(i.pk): i.pk for i in points}
    rows = Question.objects.filter(district_id=points[0].district_id, matter_id__in=topics, roll_kind="present")
    rows = rows.exclude(state="withdrawn").select_related("rule").order_by("pk")
    found: dict[uuid.UUID, list[Ballot]] = {}
    valid = Count("envelopes", filter=Q(envelopes__state="valid"), distinct=True)
    for row in rows.annotate(taken=valid, keys=Count("tellers", distinct=True)):
        if (item := wanted.get(row.more.get("item", ""))) is not None:
            found.setdefault(item, []).append(Ballot(row, row.taken, row.keys))
    return found


def running(item: AgendaItem) -> Question:
    """The ballot at this point that is not counted yet; Conflict where there is none."""
    rows = Question.objects.filter(
        district_id=item.district_id, matter=item.matter, roll_kind="present", state__in=NOT_COUNTED
    )
    found = next((q for q in rows.select_related("rule") if q.more.get("item") == str(item.pk)), None)
    if found is None:
        raise Conflict(_("这一项现在没有会场的表决。"), code="wrong_state")
    return found


def entries(question: Question) -> list[tuple[RollEntry, str, str]]:
    """Whose hand may be up, in the roll's order, with what is recorded and by which way it came."""
    said = {
        e.entry_id: (str(e.choice), e.channel)
        for e in Envelope.objects.filter(district_id=question.district_id, question=question, state="valid")
    }
    return [(row, *said.get(row.pk, ("", ""))) for row in question.roll.order_by("seq")]


def counted(item: AgendaItem) -> Question | None:
    """The newest ballot at this point that has its result."""
    rows = of_items([item]).get(item.pk, [])
    return next((b.question for b in reversed(rows) if b.question.state == "decided"), None)


def summary(question: Question) -> str:
    """The result in Chinese, as the ledger and the minutes keep it."""
    result = question.result or {}
    sums = result.get("options", {})
    told = "，".join(f"{o['name']} {sums[o['code']]['heads']} 票" for o in question.options if o["code"] in sums)
    word = _RECORDED.get(result.get("outcome", ""), "")
    return f"会场表决“{question.title}”：能投的 {question.roll_heads} 人，{told}，{word}。"
