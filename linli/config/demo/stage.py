"""The people and the clock of the demo's councils and covenants, and what they do there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from linli.config.demo.people import Cast
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Charge, Planned
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution
from linli.core.matters import actions as matters
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef
from linli.core.places.tree import STEP, Node
from linli.kit.ids import as_of
from linli.offices.councils import actions, minuting

DAY = timedelta(days=1)
ROOM = 9  # at this hour people come together
GUESTS = ("一单元居民代表", "三单元居民代表", "五单元居民代表", "一楼住户", "骑电动车的住户", "开车的住户", "退休教师")


class Stage:
    """The people and the clock of the demo's councils."""

    def __init__(self, district_id: int, now: datetime) -> None:
        self.district_id, self.now, self.cast = district_id, now, Cast(district_id)
        self.host, self.above = self.cast.login("community"), self.cast.login("district")
        self.street, self.resident = self.cast.login("street"), self.cast.resident("resident")
        self.quarter = self._level(self.cast.own_cell(), "quarter")
        self.community = self.cast.tree.by_path[self.host.posts[0].path]
        self.kinds = {kind.code: kind for kind in sittings.kinds(district_id)}

    def _level(self, node: Node, level: str) -> Node:
        """At or above a place; where cells hold several quarters, the first of them."""
        below = [n for n in self.cast.tree.by_path.values() if n.level == level and n.path.startswith(node.path)]
        return self.cast.tree.at_level(node, level) or min(below, key=lambda n: n.path, default=node)

    def at(self, days: float, hour: int = 10, minute: int = 0) -> datetime:
        """So many days before the present (after it where negative), by day."""
        day = timezone.localtime(self.now).date() - timedelta(days=days)
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    def day(self, days: int) -> date:
        return self.at(days).date()

    # ── what is said ────────────────────────────────────────────────────────────────────────────────────────
    def said(self, words: str, days: float, who: Actor, place: Node | None = None) -> Matter:
        """Something that a resident says first, answered at once and led to a topic later."""
        node = place or self._door()
        asked = Asked(kind="appeal", text=words, district_id=self.district_id, place=node, lon=node.lon, lat=node.lat)
        with as_of(self.at(days)):
            made = matters.open_matter(actor=who, asked=asked, now=self.at(days)).matter
        self._done(made, days, "记下了，和邻居们说的一起拿到议事厅去议。", "已经列进议题，结果从议题看。")
        return Matter.objects.get(district_id=self.district_id, pk=made.pk)

    def _door(self) -> Node:
        doors = self.cast.doors(self.quarter)
        return doors[len(doors) // 2] if doors else self.quarter

    def _done(self, matter: Matter, days: float, reply: str, text: str, last: float | None = None) -> None:
        """Taken on, answered, done, checked and closed, by those whose matter it is."""
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": matter.pk}
        worker = self.begun(matter, days, reply)
        last = days if last is None else last
        matters.resolve(actor=worker, text=text, cause="gap", now=self.at(last, 16), **ids)
        fresh = Matter.objects.get(district_id=self.district_id, pk=matter.pk)
        verifier = self.cast.verifier(fresh)
        matters.verify(actor=verifier, passed=True, text="去看过了，属实。", now=self.at(last, 17), **ids)
        matters.close(actor=verifier, text="电话回访过本人。", now=self.at(last, 18), **ids)

    def begun(self, matter: Matter, days: float, reply: str) -> Actor:
        """Taken on, answered and under way; who does it."""
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": matter.pk}
        worker = self.cast.handler(matter)
        matters.accept(actor=worker, now=self.at(days, 11), **ids)
        matters.reply(actor=worker, text=reply, now=self.at(days, 11, 20), **ids)
        matters.progress(actor=worker, text="已经动手。", now=self.at(days, 14), **ids)
        return worker

    def topic(self, words: str, days: float, sources: Sequence[Matter] = (), who: Actor | None = None,
              place: Node | None = None) -> Matter:  # fmt: skip
        """A topic of the quarter: raised from what was said, or proposed by a resident. Its office takes it on."""
        node, at = place or self.quarter, self.at(days, 15)
        with as_of(at):
            if sources:
                made = actions.raise_topic(actor=self.host, sources=list(sources), place=node, text=words, now=at)
            else:
                made = actions.propose(actor=who or self.resident, place=node, text=words, now=at).matter
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": made.pk}
        worker = self.cast.handler(made)
        matters.accept(actor=worker, now=self.at(days, 16), **ids)
        matters.reply(actor=worker, text="收到，够多人附议就排上会。", now=self.at(days, 16, 5), **ids)
        return made

    def support(self, topic: Matter, *who: str) -> None:
        for name in who:
            actor = self.cast.resident(name)
            if actor.user_id is not None:
                actions.support(actor=actor, topic=topic)

    # ── people sit together ─────────────────────────────────────────────────────────────────────────────────
    def call(self, kind: str, title: str, days: float, topics: Sequence[tuple[Matter, str]], *,
             host: Actor | None = None, place: Node | None = None, before: int = 8) -> Gathering:  # fmt: skip
        """Planned and called so many days before, with these topics and their classes."""
        who, at = host or self.host, self.at(days + before)
        starts = self.at(days, ROOM)
        planned = Planned(title, place or self.quarter, starts, starts + timedelta(hours=2), None, "社区居民议事厅")
        ids: dict[str, Any] = {"actor": who, "district_id": self.district_id}
        made = core.draft(kind_id=self.kinds[kind].pk, planned=planned, now=at, **ids)
        for matter, procedure in topics:
            core.add_item(gathering_id=made.pk, matter_id=matter.pk, procedure=procedure, minutes=30, now=at, **ids)
        core.call(gathering_id=made.pk, now=at, **ids)
        return Gathering.objects.get(district_id=self.district_id, pk=made.pk)

    def sit(self, made: Gathering, days: float, host: Actor | None = None) -> list[AgendaItem]:
        """Opened, with a signed sheet on which two persons agree."""
        who, at = host or self.host, self.at(days, ROOM, 5)
        ids: dict[str, Any] = {"district_id": self.district_id, "gathering_id": made.pk, "now": at}
        core.begin(actor=who, **ids)
        there = set(made.attendances.values_list("invitation_id", flat=True))
        asked = [i for i in made.invitations.order_by("pk") if i.pk not in there]
        lines = [core.SheetLine(invitation_id=i.pk) for i in asked[: len(asked) * 4 // 5 + 1]]
        if made.kind.says.residents:
            lines += [core.SheetLine(label=name) for name in GUESTS]
        rows = core.enter_sheet(actor=who, lines=lines, **ids)
        core.agree_sheet(actor=self.above, agreed=[r.pk for r in rows], **ids)
        fresh = Gathering.objects.get(district_id=self.district_id, pk=made.pk)
        return sittings.agenda(fresh)

    def settle(self, item: AgendaItem, outcome: str, text: str, days: float, host: Actor | None = None) -> AgendaItem:
        core.discuss(
            actor=host or self.host, district_id=self.district_id, gathering_id=item.gathering_id, item_id=item.pk,
            outcome=outcome, text=text, now=self.at(days, ROOM + 1),
        )  # fmt: skip
        rows = AgendaItem.objects.select_related("gathering__kind", "gathering__place", "matter")
        return rows.get(district_id=self.district_id, pk=item.pk)

    def resolve(self, item: AgendaItem, text: str, owner: PostRef | None, days: float, due: int, review: int,
                parts: Sequence[str], host: Actor | None = None) -> Resolution | None:  # fmt: skip
        """Whole, and split at once; None where nobody of that kind serves here."""
        if owner is None:
            return None
        with as_of(self.at(days, ROOM + 1, 30)):
            return actions.resolve(
                actor=host or self.host, item=item, text=text, charge=Charge(owner.id, self.day(due), self.day(review)),
                parts=list(parts), now=self.at(days, ROOM + 1, 30),
            )  # fmt: skip

    def close(self, made: Gathering, days: float, host: Actor | None = None) -> None:
        """Ended, minutes published from what was written down."""
        who = host or self.host
        sitting = Gathering.objects.select_related("kind", "place", "room", "host").get(pk=made.pk)
        actions.end_sitting(actor=who, sitting=sitting, now=self.at(days, ROOM + 2))
        sitting.refresh_from_db()
        ids: dict[str, Any] = {"actor": who, "district_id": self.district_id, "gathering_id": made.pk}
        core.publish(text=minuting.text(sitting), now=self.at(days, ROOM + 5), **ids)

    def finish(self, row: Resolution | None, days: int, after: int) -> None:
        """All that was split from it is taken on and done."""
        for n, part in enumerate(row.matters.select_related("matter").order_by("pk") if row else ()):
            self._done(part.matter, days - n, "会上定了的，这就办。", "办完了，请来看。", after)

    def go_on(self, topic: Matter, days: float, text: str) -> None:
        """The office acts on a topic that was talked through."""
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": topic.pk}
        matters.progress(actor=self.cast.handler(topic), text=text, now=self.at(days, 16), **ids)

    def unit(self, word: str) -> PostRef | None:
        """A department by a word of its name."""
        rows = [p for p in self.cast.roster.by_id.values() if p.role == "department_unit" and len(p.path) == STEP]
        return min(rows, key=lambda p: (word not in p.name, p.code), default=None)

    def post(self, *roles: str) -> PostRef | None:
        """Who serves in such a role at the quarter or above it."""
        for role in roles:
            if (found := self.cast.roster.nearest(role, self.quarter.path)) is not None:
                return found
        return None
