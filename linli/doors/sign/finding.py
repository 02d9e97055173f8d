"""From what stands in the address to a place and its people, or to where one goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from linli.core.people import roster
from linli.core.places import doors, locating
from linli.core.places.tree import Node
from linli.doors.resident.placing import Spot
from linli.kit import codes
from linli.kit.refusal import NotFound

# Levels as a neighbour counts them: my stairs and house, my yard, the community, the street and the district.
NEAR: Final = ("unit", "building")
YARD: Final = ("quarter", "grid")
OFFICES: Final = ("community",)
# Of these a place has many: one asks the office, and finds them behind one tap.
MANY: Final = frozenset(
    {
        "community_worker",
        "street_cadre",
        "street_leader",
        "property_worker",
        "committee_member",
        "part_time_member",
        "volunteer",
        "rider",
    }
)
# No service of this door: they stand in the public roster.
NOT_SHOWN: Final = frozenset(
    {"department_unit", "department_officer", "district_leader", "rider", "volunteer", "social_unit"}
)


@dataclass(frozen=True)
class Sign:
    """What a code leads to. ``code`` is how the address should be written."""

    code: str
    spot: Spot | None = None
    heirs: list[Spot] = field(default_factory=list)
    complaint: str = ""


@dataclass(frozen=True)
class Group:
    """People of one distance; ``rest`` lies behind one tap."""

    key: str
    rows: list[dict[str, Any]]
    rest: list[dict[str, Any]]


def read(typed: str) -> Sign:
    """A door code as typed or scanned, or the public code of a place that has no door of its own."""
    try:
        code, _district = codes.read_code(typed, "door")
    except ValueError as problem:
        found = locating.find(typed.strip()[:32])
        if found is None or found[1].level == "district":
            return Sign(typed, complaint=str(problem))
        return Sign(code_of(found[1]), Spot(*found))
    behind = doors.behind(code)
    if behind is None:
        return Sign(code)
    if behind.node is not None:
        return Sign(code, Spot(behind.district_id, behind.node))
    return Sign(code, heirs=[Spot(behind.district_id, node) for node in behind.heirs])


def code_of(node: Node) -> str:
    """How a place's sign is named in an address."""
    return node.door or node.code


def groups(spot: Spot) -> list[Group]:
    """Everybody who serves this very place, nearest first; empty groups are left out."""
    rows = [r for r in roster.serving(spot.tree, spot.node) if r["name"] and r["role"] not in NOT_SHOWN]
    found: dict[str, list[dict[str, Any]]] = {"near": [], "yard": [], "community": [], "above": []}
    for row in rows:
        found[_distance(row["place"]["level"] if row["place"] else "")].append(row)
    made = (Group(key, *_few(some)) for key, some in found.items() if some)
    return list(made)


def _distance(level: str) -> str:
    if level in NEAR:
        return "near"
    if level in YARD:
        return "yard"
    return "community" if level in OFFICES else "above"


def _few(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [r for r in rows if r["role"] not in MANY], [r for r in rows if r["role"] in MANY]


def person(spot: Spot, post: str) -> dict[str, Any]:
    """One of those who serve the place. NotFound for anybody else, whether or not there is such a post."""
    for group in groups(spot):
        for row in (*group.rows, *group.rest):
            if row["post"] == post:
                return row
    raise NotFound("nobody of that post serves here")
