"""A district that lives at random, and its figures counted by hand: what the statistics are measured against."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Clock, Matter
from linli.core.people.actor import SYSTEM, Actor
from linli.core.places.tree import Node, tree
from linli.kit import memory
from linli.kit.refusal import Refused
from tests import cast
from tests.cast import DISTRICT, Town

LOCAL = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 30, 21, 0, tzinfo=LOCAL)
KINDS, CHANNELS = ("appeal", "appeal", "dispute", "order"), ("web", "desk", "phone")
HANDS = {"committee_office_unit": "community", "committee_office2_unit": "community2", "street_office_unit": "street",
         "street_office2_unit": "street2", "firm_unit": "property", "centre_unit": "district"}  # fmt: skip
STAFF = ("community", "community_b", "community2", "street", "street2", "district")
Counts = tuple[int, int, int, int, int, int, int, int | None]


@dataclass
class Life:
    """A town in which something happens at every step; ``now`` is its own clock."""

    town: Town
    act_as: Callable[[str], Actor]
    dice: random.Random
    now: datetime = START
    matters: list[Matter] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def step(self) -> None:
        """Time passes and somebody tries something; what is refused simply does not happen."""
        self.now += timedelta(seconds=self.dice.choice((37, 900, 5000, 30000)) * self.dice.random())
        if len(self.matters) < 4 or self.dice.random() < 0.12:
            self.open()
            return
        found = Matter.objects.get(pk=self.dice.choice(self.matters[-6:]).pk)
        likely = {"resolved": "verify", "verified": "resident", "closed": "resident", "contested": "office"}
        act = likely.get(found.state, "handle") if self.dice.random() < 0.9 else "office"
        with suppress(Refused):
            self.done[name] = self.done.get(name := getattr(self, f"_{act}")(found), 0) + 1

    def open(self, place: str = "", at: datetime | None = None) -> Matter:
        keys = ("unit", "unitb", "gridb", "quarter", "community", "grid2", "street", "towngrid")
        node = tree(DISTRICT).by_id[self.town.places[place or self.dice.choice(keys)].pk]
        asked = Asked(self.dice.choice(KINDS), "路灯不亮。", DISTRICT, node, channel=self.dice.choice(CHANNELS))
        made = actions.open_matter(actor=self.act_as("resident"), asked=asked, now=at or self.now).matter
        self.matters.append(made)
        return made

    def _ids(self, matter: Matter) -> dict[str, object]:
        return {"district_id": DISTRICT, "matter_id": matter.pk}

    def _handle(self, matter: Matter) -> str:
        code = next((key for key, post in self.town.posts.items() if post.pk == matter.handler_id), "community")
        actor, ids = self.act_as(HANDS.get(code, code)), self._ids(matter)
        if matter.state == "open":
            self._any(actions.dispatch, matter, to=self.dice.choice(("T-grid", "T-gridb", "T-grid2")))
            return "dispatch"
        if matter.state == "dispatched":
            actions.accept(actor=actor, **ids)
            return "accept"
        act = self.dice.choice(("reply", "progress", "resolve", "resolve", "resolve", "resolve", "escalate"))
        if act == "resolve":
            actions.resolve(actor=actor, text="好了。", cause="aging", **ids)
        elif act == "escalate":
            actions.escalate(actor=actor, reason="办不了", **ids)
        else:
            getattr(actions, act)(actor=actor, text="在办。", **ids)
        return act

    def _verify(self, matter: Matter) -> str:
        passed = self.dice.random() < 0.8
        self._any(actions.verify, matter, passed=passed, text="看过。")
        return f"verify {passed}"

    def _any(self, act: Callable[..., Matter], matter: Matter, **said: object) -> None:
        """Whoever of the staff may do it, does it."""
        for name in self.dice.sample(STAFF, len(STAFF)):
            with suppress(Refused):
                act(actor=self.act_as(name), **self._ids(matter), **said)
                return
        raise Refused(f"nobody may {act.__name__}")

    def _resident(self, matter: Matter) -> str:
        act = self.dice.choice(("rate", "rate", "rate", "contest", "reopen"))
        actor, ids = self.act_as("resident"), self._ids(matter)
        if act == "rate":
            actions.rate(actor=actor, score=self.dice.randint(1, 5), **ids)
        elif act == "contest":
            actions.contest(actor=actor, text="没好", **ids)
        else:
            actions.reopen(actor=actor, reason="又坏了", **ids)
        return act

    def _office(self, matter: Matter) -> str:
        likely = {"contested": "judge", "verified": "close", "merged": "unmerge", "open": "decline",
                  "declining": "confirm"}  # fmt: skip
        act = likely.get(matter.state, "merge")
        if act == "judge":
            self._any(actions.judge, matter, upheld=self.dice.random() < 0.5, text="看过")
        elif act == "close":
            actions.close(actor=SYSTEM, **self._ids(matter))
        elif act == "merge":
            self._any(actions.merge, matter, into_id=self.dice.choice(self.matters[-6:]).pk, reason="同一件")
        elif act == "unmerge":
            self._any(actions.unmerge, matter, reason="不是一件")
        elif act == "decline":
            self._any(actions.decline, matter, basis="依据", redirect="去处")
        else:
            self._any(actions.confirm, matter, agreed=self.dice.random() < 0.5, text="同意")
        return act


def lives(town: Town, act_as: Callable[[str], Actor], patch: pytest.MonkeyPatch, seed: int = 1) -> Life:
    """A life whose clock everybody in the house goes by, with a town that has no communities."""
    cast._place(town, "town", "street", "南山镇", "district")
    cast._place(town, "towngrid", "grid", "南山镇网格", "town")
    memory.forget()
    life = Life(town, act_as, random.Random(seed))
    patch.setattr(timezone, "now", lambda: life.now)
    return life


def by_hand(
    by: str, scope: Node, since: datetime | None = None, until: datetime | None = None, level: str = "community",
    kind: str = "",
) -> dict[str, Counts]:  # fmt: skip
    """Every group's counts and median, matter by matter, from the rows and the clocks themselves."""
    groups: dict[str, list[Matter]] = {}
    for matter in Matter.objects.filter(district_id=DISTRICT):
        inside = matter.scope_path.startswith(scope.path) and kind in ("", matter.kind)
        if inside and (since is None or matter.opened_at >= since) and (until is None or matter.opened_at < until):
            groups.setdefault(_key(by, matter, scope, level), []).append(matter)
    return {key: _count(members) for key, members in groups.items()}


def _key(by: str, matter: Matter, scope: Node, level: str) -> str:
    local = matter.opened_at.astimezone(LOCAL)
    if by == "day":
        return local.date().isoformat()
    if by == "month":
        return local.date().isoformat()[:7]
    if by == "hour":
        return str(local.hour)
    if by != "place":
        return str(getattr(matter, by))
    places = tree(DISTRICT)
    node = places.by_path[matter.scope_path]
    at = places.at_level(node, level)
    town = next((n for n in places.chain(node) if n.name == "南山镇"), None)
    return (at or town or scope).code


def _count(members: list[Matter]) -> Counts:
    met = list(
        Clock.objects.filter(matter__in=members, round=1, state="met").values_list("stage", "matter_id").distinct()
    )
    stage = [sum(1 for name, _ in met if name == asked) for asked in ("reply", "act", "result")]
    times = [int((m.verified_at - m.opened_at).total_seconds()) for m in members if m.verified_at]
    scores = [m.score for m in members if m.score is not None]
    middle = round(statistics.median(times)) if times else None
    return (len(members), *stage, len(times), sum(s >= 3 for s in scores), len(scores), middle)  # type: ignore[return-value]


def periods(life: Life) -> Iterator[tuple[object, object, datetime | None, datetime | None]]:
    """What a caller writes, and the instants that it means."""
    day = (START + timedelta(days=3)).date()
    middle, later = START + timedelta(days=2, hours=5), START + timedelta(days=6, hours=11, minutes=7)
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=LOCAL)
    yield None, None, None, None
    yield day.isoformat(), None, midnight, None
    yield None, day.isoformat(), None, midnight + timedelta(days=1)
    yield day, day, midnight, midnight + timedelta(days=1)
    yield middle.isoformat(), later, middle, later
    yield middle.isoformat(), "2026-02-28", middle, datetime(2026, 3, 1, tzinfo=LOCAL)
    yield middle, middle + timedelta(hours=2), middle, middle + timedelta(hours=2)
    yield "2026-01-01T00:00:00Z", life.now, datetime(2026, 1, 1, 8, tzinfo=LOCAL), life.now
