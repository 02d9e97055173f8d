"""Rooms of a planned district: what its profile says every place of a level has."""

from __future__ import annotations

from linli.profiles.plan.model import RoomPlan
from linli.profiles.plan.tree import Node
from linli.profiles.schema import Profile


def make_rooms(profile: Profile, nodes: dict[str, list[Node]]) -> tuple[RoomPlan, ...]:
    """In the order of the profile and of the tree; a place has one room for a purpose, which is its code."""
    return tuple(
        RoomPlan(f"{node.code}-{kind.purpose}", kind.name, node.code, kind.purpose, kind.seats, kind.hours)
        for kind in profile.rooms
        for node in nodes[kind.level]
    )
