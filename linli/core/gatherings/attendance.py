"""Counting those who are there, and asking a topic's timeline whether something was decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linli.core.gatherings.models import AgendaItem, Attendance, Gathering, Invitation, Recusal
from linli.core.matters.models import Entry


@dataclass(frozen=True)
class Meter:
    """How many were asked as members, how many of them must be there, and how many people are."""

    invited: int
    members: int
    needed: int
    heads: int
    least: int
    met: bool


def attended(gathering: Gathering) -> list[Attendance]:
    """Everybody who was there at some time, in the order of arrival."""
    rows = Attendance.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk, state="present")
    return list(rows.select_related("invitation").order_by("at", "pk"))


def present(gathering: Gathering) -> list[Attendance]:
    """Those who are there now: shown by code and peer, or by the sheet, and not gone again."""
    return [row for row in attended(gathering) if row.left_at is None]


def quorum(gathering: Gathering, item: AgendaItem | None = None) -> Meter:
    """Whether enough are there, for a point without those who keep out of it."""
    rule = gathering.kind.says.quorum
    out = _recused(item)
    asked = Invitation.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk, observer=False)
    invited = sum(1 for person in asked.values_list("person_id", flat=True) if person not in out)
    there = [row for row in present(gathering) if row.person_id not in out]
    members = sum(1 for row in there if row.invitation is not None and not row.invitation.observer)
    met = rule.met(invited, members, len(there))
    return Meter(invited, members, rule.members(invited), len(there), rule.least, met)


def _recused(item: AgendaItem | None) -> set[object]:
    if item is None:
        return set()
    rows = Recusal.objects.filter(district_id=item.district_id, item_id=item.pk)
    return set(rows.values_list("person_id", flat=True))


def decided(item: AgendaItem) -> bool:
    """Whether a decision on the item's topic was counted and adopted: its timeline says so."""
    return item.matter_id is not None and bool(adopted(item.district_id, [item.matter_id]))


def adopted(district_id: int, matters: Iterable[object]) -> set[object]:
    """Those of these topics on which the newest count came out as adopted."""
    newest: dict[object, str] = {}
    rows = Entry.objects.filter(district_id=district_id, matter_id__in=list(matters), act__in=("count", "decide"))
    for matter, data in rows.order_by("matter_id", "seq").values_list("matter_id", "data"):
        newest[matter] = str(data.get("outcome", ""))
    return {matter for matter, outcome in newest.items() if outcome == "adopted"}
