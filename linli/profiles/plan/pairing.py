"""Who answers for which place in a planned district, and who has reported to which community: nobody who exists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from linli.profiles.plan.bodies import Bodies
from linli.profiles.plan.model import CheckInPlan, PairingPlan, PostPlan
from linli.profiles.plan.spread import spread
from linli.profiles.plan.tree import Node
from linli.profiles.schema import PairingRole, Profile

AFTER = dt.timedelta(days=245)  # by then everybody's post has begun


class Pairings:
    """Fills every seat of the scheme: the same holders in turn, so that nobody has all and nobody none."""

    def __init__(
        self, profile: Profile, nodes: dict[str, list[Node]], bodies: Bodies, posts: Sequence[PostPlan]
    ) -> None:
        self.profile, self.nodes, self.bodies = profile, nodes, bodies
        self.since = profile.ground.opened + AFTER
        self.rows: list[PairingPlan] = []
        self._posts = [post for post in posts if post.person is not None]

    def make(self) -> None:
        for role in self.profile.pairing.roles:
            if role.holder == "unit":
                self._fill(role, self.nodes[role.level], self._units())
            else:
                self._persons(role)

    def _units(self) -> list[tuple[str | None, str | None]]:
        """The units that take part; a district that names no number of them sends its departments."""
        codes = self.bodies.units or list(self.bodies.department.values())
        return [(None, code) for code in codes]

    def _persons(self, role: PairingRole) -> None:
        """The district's own everywhere; a street's in its street, a community's in its community."""
        held = [post for post in self._posts if post.role in role.posts]
        wide = [post for post in held if post.place == self.profile.adcode]
        if wide and role.level == "quarter":
            self._by_community(role, wide)
        elif wide:
            self._fill(role, self.nodes[role.level], [(post.code, None) for post in held])
        else:
            level = "street" if any(code.startswith("street") for code in role.posts) else "community"
            for node in self.nodes[level]:
                own = [(post.code, None) for post in held if post.place == node.code]
                self._fill(role, [q for q in self.nodes[role.level] if q.above(level) is node], own)

    def _by_community(self, role: PairingRole, held: list[PostPlan]) -> None:
        """A leader has whole communities: all the quarters of two or three."""
        for position, community in enumerate(self.nodes["community"]):
            post = held[position % len(held)]
            mine = [q for q in self.nodes["quarter"] if q.above("community") is community]
            self._fill(role, mine, [(post.code, None)])

    def _fill(self, role: PairingRole, sites: list[Node], held: Sequence[tuple[str | None, str | None]]) -> None:
        if not held or not sites:
            return
        seats = max(role.least * len(sites), min(len(held), role.most * len(sites)))
        shares = spread(seats, [1.0] * len(sites), role.least, [role.most] * len(sites))
        turn = 0
        for site, share in zip(sites, shares, strict=True):
            for _seat in range(share):
                post, unit = held[turn % len(held)]
                self.rows.append(PairingPlan(role.code, site.code, post, unit, self.since))
                turn += 1


def reported(
    profile: Profile, nodes: dict[str, list[Node]], bodies: Bodies, new_person: Callable[[], str]
) -> list[CheckInPlan]:
    """Those who have reported already, spread over the communities by their size."""
    roll = profile.checkins
    if not roll.roll:
        return []
    communities = nodes["community"]
    units = bodies.units or list(bodies.department.values())
    shares = spread(roll.roll, [node.weight for node in communities], 1)
    on = profile.ground.opened + AFTER
    rows: list[CheckInPlan] = []
    for node, share in zip(communities, shares, strict=True):
        for _each in range(share):
            unit = units[len(rows) % len(units)] if units else None
            rows.append(CheckInPlan(new_person(), unit, node.code, roll.duty, roll.party_members, on))
    return rows
