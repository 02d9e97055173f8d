"""Short ways to say things in these tests: a resident's matter somewhere in town, and the worker's turn after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from linli.core.matters import actions, telling
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people import notices
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.places.tree import tree
from linli.kit import outbox
from tests.cast import DISTRICT, Town

HANDLING = (notices, telling)  # imported for the topics that they register
LIFT = "1号楼电梯又坏了，门开到一半卡住，老人下不了楼。"
LIFT_TOO = "1号楼的电梯坏了好几天，门卡住关不上，老人没法下楼。"
LAMP = "小广场的路灯不亮了，晚上跳舞看不见。"


def say(
    town: Town, text: str, place: str = "grid", *, actor: Actor = ANONYMOUS, now: datetime | None = None, **more: Any
) -> Matter:
    """Open a matter of that text."""
    node = tree(DISTRICT).by_id[town.places[place].pk]
    asked = Asked(kind=more.pop("kind", "appeal"), text=text, district_id=DISTRICT, place=node, **more)
    return actions.open_matter(actor=actor, asked=asked, now=now).matter


def work() -> None:
    """What the worker does after the commits."""
    while outbox.drain():
        pass
