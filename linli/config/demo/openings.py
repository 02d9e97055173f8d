"""Who says it, where and when: a story becomes something that can be opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linli.config.demo.lives import Life, life
from linli.config.demo.people import Cast
from linli.config.demo.stories import Story
from linli.config.demo.timing import opening_of_ended, opening_of_going
from linli.core.matters.actions.opening import Asked
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import Policy
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.places.tree import Node

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = ("小满", "立春", "谷雨", "白露", "霜降", "大雪", "芒种", "清明", "立秋", "处暑")
_STAFF_CHANNELS = ("patrol", "visit", "phone", "box", "desk")


@dataclass(frozen=True)
class Planned:
    """One matter to be: what is asked, by whom, when, and the life before it."""

    story: Story
    life: Life
    asked: Asked
    actor: Actor
    at: datetime
    policy: Policy


class Planner:
    """Places stories among the district's people, one after the other."""

    def __init__(self, cast: Cast, known: Catalogue, now: datetime) -> None:
        self.cast, self.known, self.now = cast, known, now
        self.categories = {category.name: category for category in known.categories.values()}
        cell = cast.own_cell()
        home = cast.tree.at_level(cell, "community") or cell
        self.home = home
        self.doors = {
            "cell": cast.doors(cell),
            "home": [n for n in cast.doors(home) if not n.path.startswith(cell.path)] or cast.doors(home),
            "away": self._doors_away(home),
        }

    def _doors_away(self, home: Node) -> list[Node]:
        """One door of every other community, so that the stories spread over all streets."""
        found = []
        for node in self.cast.tree.by_path.values():
            if node.level == "community" and node != home and not node.generic:
                found += self.cast.doors(node)[7:8]
        return found

    def plan(self, stories: list[Story]) -> list[Planned]:
        """In the order in which they are opened, which is the order of their ids and so of every list."""
        lives = [life(story.life, _scattered(index)) for index, story in enumerate(stories)]
        ended = [i for i, each in enumerate(lives) if not each.going and not stories[i].joins]
        share = {index: rank / max(1, len(ended) - 1) for rank, index in enumerate(sorted(ended, key=_scattered))}
        planned = [self._one(i, story, lives[i], share.get(i, 0.0)) for i, story in enumerate(stories)]
        jobs = {p.story.key: p for p in planned if p.story.key}
        return sorted((_joined(i, p, jobs) for i, p in enumerate(planned)), key=lambda p: p.at)

    def _one(self, index: int, story: Story, going: Life, share: float) -> Planned:
        doors = self.doors[story.where]
        place = doors[(index * 7 + 3) % len(doors)]
        category = self.categories.get(story.about)
        kind = self.known.kinds[story.kind]
        urgency = (category.urgency if category else "") or kind.urgency
        policy = self.known.policy_for(story.kind, urgency, place.path)
        at = (
            opening_of_going(going.end, self.now, policy, self.known)
            if going.going
            else opening_of_ended(going, share, self.now, policy, self.known)
        )
        actor = self._actor(index, story, place)
        asked = self._asked(index, story, place, actor, category.code if category else "")
        return Planned(story, going, asked, actor, at, policy)

    def _actor(self, index: int, story: Story, place: Node) -> Actor:
        """Mostly residents; some by an account of theirs, every fifth recorded by the grid worker on a round."""
        if story.kind == "task":
            return self.cast.login("department")
        if story.where == "cell" and index % 5 == 2:
            return self.cast.login("grid")
        if story.where == "cell" and index % 3 == 0:
            return self.cast.resident("resident")
        if story.where == "away" and index % 12 == 0:
            return self.cast.resident("resident2")
        return ANONYMOUS

    def _asked(self, index: int, story: Story, place: Node, actor: Actor, category: str) -> Asked:
        anonymous = actor == ANONYMOUS and index % 9 == 4
        contact = not anonymous and actor.kind != "resident" and story.kind != "task"
        staff = [code for code in _STAFF_CHANNELS if code in self.known.channels] or ["desk"]
        own = self.cast.tree.district.settings.get("resident_channels") or ["web"]
        channel = "department" if story.kind == "task" else (staff if actor.is_staff else own)[index % 3 % len(own)]
        return Asked(
            kind=story.kind, text=story.words, district_id=self.cast.district_id, place=place,
            lon=place.lon, lat=place.lat, anonymous=anonymous, category=category,
            channel=channel if channel in self.known.channels else "",
            name=SURNAMES[index % len(SURNAMES)] + GIVEN[index % len(GIVEN)] if contact else "",
            phone=f"1390000{index:04d}" if contact else "",
        )  # fmt: skip


def _scattered(index: int) -> float:
    """An order that is always the same and looks like none: fractions of the golden section."""
    return index * 0.6180339887 % 1


def _joined(index: int, planned: Planned, jobs: dict[str, Planned]) -> Planned:
    """A neighbour says the same a little after the first one did, at a door nearby."""
    job = jobs.get(planned.story.joins)
    if job is None:
        return planned
    return replace(planned, at=job.at + timedelta(minutes=5 + 3 * (index % 7)), policy=job.policy)
