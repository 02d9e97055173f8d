"""A plausible district made from its profile: pure Python, no database, the same for the same profile and day.

The counts that a district publishes are counts of rows here. Everything else, names above all, is made up.
"""

from __future__ import annotations

import datetime as dt

from linli.profiles.plan.bodies import Bodies
from linli.profiles.plan.care import give_care
from linli.profiles.plan.facilities import make_facilities
from linli.profiles.plan.holders import Holders
from linli.profiles.plan.homes import Homes
from linli.profiles.plan.logins import demo_logins
from linli.profiles.plan.model import (
    CheckInPlan,
    DwellingPlan,
    FacilityPlan,
    HoldingPlan,
    LoginPlan,
    OrganisationPlan,
    PairingPlan,
    PersonPlan,
    PlacePlan,
    Plan,
    PostPlan,
    RoomPlan,
)
from linli.profiles.plan.pairing import Pairings, reported
from linli.profiles.plan.rooms import make_rooms
from linli.profiles.plan.shapes import Shapes
from linli.profiles.plan.tree import Node, TreeMaker
from linli.profiles.schema import LEVELS, Profile

__all__ = [
    "CheckInPlan",
    "DwellingPlan",
    "FacilityPlan",
    "HoldingPlan",
    "LoginPlan",
    "OrganisationPlan",
    "PairingPlan",
    "PersonPlan",
    "PlacePlan",
    "Plan",
    "PostPlan",
    "RoomPlan",
    "build",
]


def build(profile: Profile, *, today: dt.date | None = None) -> Plan:
    """Plan the profile's district. ``today`` only dates the owners' committees' terms; two years after opening else."""
    day = today or profile.ground.opened + dt.timedelta(days=730)
    root = TreeMaker(profile).grow()
    nodes: dict[str, list[Node]] = {level: [] for level in LEVELS}
    for node in root.walk():
        if not node.generic:
            nodes[node.level].append(node)
    give_care(profile, nodes["quarter"])
    shapes = Shapes(profile, root)
    shapes.draw()
    bodies = Bodies(profile, nodes, day)
    bodies.make()
    holders = Holders(profile, nodes, bodies)
    holders.make()
    homes = Homes(profile, _demo_quarters(profile, nodes["quarter"]), holders.person, bodies.developer)
    homes.make()
    pairings = Pairings(profile, nodes, bodies, holders.posts)
    pairings.make()
    checkins = reported(profile, nodes, bodies, holders.person)
    return Plan(
        profile=profile.slug,
        places=tuple(_place(node, shapes) for node in root.walk()),
        organisations=tuple(bodies.rows),
        persons=tuple(holders.persons),
        posts=tuple(holders.posts),
        dwellings=tuple(homes.dwellings),
        holdings=tuple(homes.holdings),
        logins=demo_logins(profile, holders.posts, nodes, homes),
        pairings=tuple(pairings.rows),
        checkins=tuple(checkins),
        facilities=make_facilities(profile, nodes, shapes),
        rooms=make_rooms(profile, nodes),
    )


def _demo_quarters(profile: Profile, quarters: list[Node]) -> list[Node]:
    names = (profile.demo.quarter, profile.demo.other_quarter)
    return [node for name in names for node in quarters if node.name == name]


def _place(node: Node, shapes: Shapes) -> PlacePlan:
    lon, lat = shapes.points[node.code]
    return PlacePlan(
        code=node.code,
        parent=node.parent.code if node.parent else None,
        level=node.level,
        name=node.name,
        generic=node.generic,
        polygon=shapes.polygons.get(node.code),
        lon=lon,
        lat=lat,
        attrs=node.attrs,
    )
