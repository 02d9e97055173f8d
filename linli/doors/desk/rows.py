"""A matter as one row of the desk's table, in three groups: overdue, soon, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from linli.core.matters import clocks, showing
from linli.core.matters.actions.handling import PAUSE_REASONS
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Call, Entry, Matter
from linli.core.people.actor import Actor
from linli.core.people.posts import Roster, roster
from linli.core.places.tree import Tree, tree
from linli.kit import clockface


@dataclass(frozen=True)
class Row:
    """What one line says."""

    number: str
    title: str
    where: str
    about: str
    whistle: str
    channel: str
    holder: str
    mine: bool
    state: str
    clock: dict[str, Any] | None
    group: str


@dataclass(frozen=True)
class Group:
    """Rows of one urgency under a heading."""

    title: str
    rows: list[Row]


class Rows:
    """Makes rows for one actor: at most two queries a page, for whistles and for the reasons of pauses."""

    def __init__(self, actor: Actor, now: datetime | None = None) -> None:
        district_id = actor.district_id or 0
        self.actor, self.district_id = actor, district_id
        self.tree: Tree = tree(district_id)
        self.roster: Roster = roster(district_id)
        self.catalogue: Catalogue = catalogue(district_id)
        self.now = now or timezone.now()

    def many(self, matters: Sequence[Matter]) -> list[Row]:
        called = self._calls([m.pk for m in matters if m.calls_open])
        reasons = self._pauses([m.pk for m in matters if m.state == "paused"])
        return [self._row(m, called.get(m.pk, ""), reasons.get(m.pk, "")) for m in matters]

    def _row(self, matter: Matter, whistle: str, pause: str) -> Row:
        node = self.tree.by_id.get(matter.place_id)
        clock = showing.leading(matter, clocks.shown(matter.clocks, self.now)) if matter.state not in ENDED else None
        handler = self.roster.by_id.get(matter.handler_id) if matter.handler_id else None
        kind = self.catalogue.kinds.get(matter.kind)
        about = self.catalogue.category_name(matter.category) or (kind.name if kind else matter.kind)
        return Row(
            number=matter.number,
            title=matter.title,
            where=self.tree.full_name(node, below="quarter") if node else "",
            about=f"{about}　{pause}" if pause else about,
            whistle=whistle,
            channel=self.catalogue.channel_name(matter.channel),
            holder=handler.name if handler else _("还没派"),
            mine=matter.handler_id in self.actor.post_ids,
            state=matter.state,
            clock=clock,
            group=_group(clock, self.now),
        )

    def _calls(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        if not ids:
            return {}
        told: dict[UUID, list[int]] = {}
        found = Call.objects.filter(district_id=self.district_id, matter_id__in=list(ids))
        for matter_id, arrived in found.values_list("matter_id", "arrived_at"):
            tally = told.setdefault(matter_id, [0, 0])
            tally[0] += 1
            tally[1] += arrived is not None
        return {key: _("%(n)d 家到 %(came)d 家") % {"n": n, "came": came} for key, (n, came) in told.items()}

    def _pauses(self, ids: Sequence[UUID]) -> dict[UUID, str]:
        if not ids:
            return {}
        rows = Entry.objects.filter(district_id=self.district_id, matter_id__in=list(ids), act="pause").order_by("seq")
        return {key: _(PAUSE_REASONS.get(data.get("reason", ""), "")) for key, data in rows.values_list(
            "matter_id", "data")}  # fmt: skip


def _group(clock: dict[str, Any] | None, now: datetime) -> str:
    """What the chip of the row says, so that a row and its heading never disagree."""
    tone = clockface.face(clock, style="staff", now=now).tone if clock else "rest"
    return tone if tone in ("over", "soon") else "rest"


def grouped(rows: Iterable[Row], *, complete: bool) -> list[Group]:
    """Overdue, soon, the rest. A group that goes on behind this page does not say how many it holds."""
    by: dict[str, list[Row]] = {"over": [], "soon": [], "rest": []}
    for row in rows:
        by[row.group].append(row)
    held = [name for name, found in by.items() if found]
    return [Group(_title(name, by[name], counted=complete or name != held[-1]), by[name]) for name in held]


def _title(name: str, rows: list[Row], *, counted: bool) -> str:
    if not counted:
        return {"over": _("已超时"), "soon": _("快到点"), "rest": _("按时")}[name]
    paused = sum(1 for r in rows if r.state == "paused")
    idle = sum(1 for r in rows if r.clock is None)
    parts = {"over": _("已超时 %d 件"), "soon": _("快到点 %d 件"), "rest": _("按时 %d 件")}
    n = len(rows) - (paused + idle if name == "rest" else 0)
    said = [parts[name] % n] if n else []
    said += [ngettext("暂停 %d 件", "暂停 %d 件", paused) % paused] if paused and name == "rest" else []
    said += [ngettext("不计时 %d 件", "不计时 %d 件", idle) % idle] if idle and name == "rest" else []
    return "　".join(said)
