"""Whose post each demo login holds: all of one demo community, but for the second resident."""

from __future__ import annotations

from collections.abc import Callable

from linli.profiles.plan.homes import Homes
from linli.profiles.plan.model import LoginPlan, PostPlan
from linli.profiles.plan.tree import Node
from linli.profiles.schema import Profile


def demo_logins(
    profile: Profile, posts: list[PostPlan], nodes: dict[str, list[Node]], homes: Homes
) -> tuple[LoginPlan, ...]:
    """One login for every desk and door of the demo."""
    find = _Finder(profile, posts, nodes)
    quarter = find.quarter(profile.demo.quarter)
    unit, other = find.units(quarter)[0], find.units(find.quarter(profile.demo.other_quarter))[0]
    department = f"{profile.letters}-{profile.demo.department.upper()}"
    serving = {
        "grid": find.post("grid_worker", _at(quarter, profile.cell_level)),
        "building": find.post(profile.demo.building_role, unit.parent),
        "community": find.post("community_secretary", quarter.above("community")),
        "street": find.post("street_leader", quarter.above("street")),
        "district": find.post("district_office", quarter.above("district")),
        "department": find.post(
            "department_officer", quarter.above("district"), lambda p: p.organisation == department
        ),
        "property": find.post("property_manager", quarter),
        "committee": find.post("committee_chair", quarter),
        "volunteer": find.post("volunteer", quarter.above("community")),
        "steward": find.post("steward", quarter),
        "auditor": find.post("auditor", quarter.above("district")),
        "admin": find.post("admin", quarter.above("district")),
    }
    rider = find.maybe("rider", quarter.above("community"))
    if rider is not None:  # only where the district has riders: its demo gets one login more
        serving["rider"] = rider
    residents = [("resident", unit), ("resident2", other)]
    return (
        *(LoginPlan(name, homes.first_owner(door.code), None, door.code) for name, door in residents),
        *(LoginPlan(name, post.person or "", post.code, None) for name, post in serving.items()),
    )


def _at(quarter: Node, level: str) -> Node | None:
    """The demo quarter's cell: the grid above it or the first one inside it, or the quarter itself."""
    return quarter.above(level) or next((child for child in quarter.children if child.level == level), None)


class _Finder:
    def __init__(self, profile: Profile, posts: list[PostPlan], nodes: dict[str, list[Node]]) -> None:
        self.profile, self.nodes = profile, nodes
        self._posts: dict[tuple[str, str], list[PostPlan]] = {}
        for post in posts:
            self._posts.setdefault((post.role, post.place), []).append(post)

    def quarter(self, name: str) -> Node:
        return next(node for node in self.nodes["quarter"] if node.name == name)

    def units(self, quarter: Node) -> list[Node]:
        return [node for node in quarter.walk() if node.level == "unit"]

    def maybe(self, role: str, node: Node | None) -> PostPlan | None:
        """The first post in a role at a place that need not have one."""
        return next((p for p in self._posts.get((role, node.code if node else ""), []) if p.person), None)

    def post(self, role: str, node: Node | None, fits: Callable[[PostPlan], bool] = lambda _post: True) -> PostPlan:
        """The first post in a role at a place; a profile whose demo quarter lacks one cannot give a demo."""
        found = self._posts.get((role, node.code if node else ""), [])
        for post in found:
            if post.person and fits(post):
                return post
        raise ValueError(f"{self.profile.slug}: the demo has no {role} at {node.name if node else 'its place'}")
