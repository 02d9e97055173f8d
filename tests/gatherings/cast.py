"""A council's hall in the small town: two kinds of gatherings, a room, and a topic to talk about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from linli.core.gatherings import actions
from linli.core.gatherings.models import Gathering, GatheringKind, Room
from linli.core.matters import actions as matters
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Kind, Matter
from linli.core.people.actor import SYSTEM, Actor, for_user
from linli.core.places.tree import Node, tree
from tests.cast import DISTRICT, Town

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 09:00 by the wall clock
STARTS = NOW + timedelta(days=5)
COUNCIL: dict[str, Any] = {
    "levels": ["community", "street"],
    "roles": [
        {"role": "community_secretary"}, {"role": "community_worker"}, {"role": "property_manager", "reach": "below"},
        {"role": "street_cadre", "reach": "above", "observer": True},
    ],
    "residents": True, "notice_days": 3, "quorum": {"share": "1/2"}, "agenda": {"least": 1},
    "outcomes": ["settled", "split", "heard", "vote", "decided"],
    "recurrence": {"every": "week", "weekday": 6, "time": "09:00", "ahead": 7},
}  # fmt: skip
FIVE: dict[str, Any] = {
    "roles": [{"role": "community_secretary"}],
    "outcomes": ["settled", "split", "decided", "vote"],
    "agenda": {
        "classes": [
            {"code": "vital", "name": "要事共决", "needs_decision": True},
            {"code": "urgent", "name": "急事共商", "needs_no_session": True},
        ]
    },
}


@dataclass
class Hall:
    town: Town
    council: GatheringKind
    five: GatheringKind
    room: Room

    def actor(self, name: str) -> Actor:
        return for_user(self.town.users[name].pk)

    def node(self, name: str = "community") -> Node:
        return tree(DISTRICT).by_id[self.town.places[name].pk]

    def topic(self, text: str = "楼前停车太乱。", **more: Any) -> Matter:
        asked = Asked("appeal", text, DISTRICT, self.node("quarter"), **more)
        return matters.open_matter(actor=self.actor("resident"), asked=asked, now=NOW).matter

    def planned(self, **more: Any) -> actions.Planned:
        given: dict[str, Any] = {
            "title": "柳荫社区议事会", "place": self.node(), "starts_at": STARTS,
            "ends_at": STARTS + timedelta(hours=2), "room_id": self.room.pk,
        }  # fmt: skip
        return actions.Planned(**(given | more))

    def draft(self, kind: GatheringKind | None = None, **more: Any) -> Gathering:
        return actions.draft(
            actor=self.actor("community"), district_id=DISTRICT, kind_id=(kind or self.council).pk,
            planned=self.planned(**more), now=NOW,
        )  # fmt: skip

    def do(self, act: Any, gathering: Gathering, who: str = "community", **more: Any) -> Any:
        return act(actor=self.actor(who), district_id=DISTRICT, gathering_id=gathering.pk, **more)

    def sitting(self) -> tuple[Gathering, Any]:
        """A council that sits, with one topic on its agenda."""
        gathering = self.draft()
        item = self.do(actions.add_item, gathering, matter_id=self.topic().pk)
        self.do(actions.call, gathering, now=NOW)
        self.do(actions.begin, gathering, now=STARTS)
        return gathering, item

    def sign_in(self, gathering: Gathering, who: str, now: datetime = STARTS) -> Any:
        code = self.do(actions.show_code, gathering, now=now).code
        row = self.do(actions.attend, gathering, who, code=code, now=now)
        return self.do(actions.vouch, gathering, attendance_id=row.pk)


def build(town: Town) -> Hall:
    Kind.objects.create(district=town.district, code="topic", name="议题", order=9)
    council = actions.add_kind(actor=SYSTEM, district_id=DISTRICT, code="council", name="居民议事厅", spec=COUNCIL)
    five = actions.add_kind(actor=SYSTEM, district_id=DISTRICT, code="five", name="五事联办", spec=FIVE)
    node = tree(DISTRICT).by_id[town.places["community"].pk]
    room = actions.add_room(
        actor=for_user(town.users["community"].pk), district_id=DISTRICT, place=node, name="议事厅", seats=30,
        hours="08:00-21:00",
    )  # fmt: skip
    return Hall(town, council, five, room)
