"""People of a planned district and the posts they hold."""

from __future__ import annotations

import datetime as dt
import random

from linli.profiles.assembly import Committee
from linli.profiles.plan import words
from linli.profiles.plan.bodies import Bodies
from linli.profiles.plan.model import PersonPlan, PostPlan
from linli.profiles.plan.rank import ranked
from linli.profiles.plan.spread import spread
from linli.profiles.plan.tree import Node
from linli.profiles.schema import EACH, ORGANISATION_ROLES, Profile, Role

SHORT = {
    "district_leader": "DL", "district_office": "DO", "department_unit": "DU", "department_officer": "DF",
    "street_office": "SO", "street_leader": "SL", "street_cadre": "SC", "community_office": "CO",
    "community_secretary": "CS", "community_worker": "CW", "quarter_secretary": "QS", "grid_worker": "GW",
    "grid_head": "GH", "building_party_head": "BP", "building_head": "BH", "building_head_online": "BO",
    "unit_head": "UH", "resident_group_head": "RG", "property_unit": "PU", "property_manager": "PM",
    "property_worker": "PW", "committee_unit": "CU", "committee_chair": "CC", "committee_member": "CM",
    "social_unit": "SU", "volunteer": "VO", "steward": "ST", "rider": "RI", "auditor": "AU", "admin": "AD",
    "system": "SY", "part_time_member": "PT",
}  # fmt: skip
COMMITTEE_MEMBERS = 4  # beside the chair
OFFICERS = 2  # of each department


class Holders:
    """Fills every post of the plan with a person who does not exist, or with an organisation as such."""

    def __init__(self, profile: Profile, nodes: dict[str, list[Node]], bodies: Bodies) -> None:
        self.profile, self.nodes, self.bodies = profile, nodes, bodies
        self.persons: list[PersonPlan] = []
        self.posts: list[PostPlan] = []
        self._rng = random.Random(f"{profile.adcode}:holders")
        self._serials: dict[tuple[str, str], int] = {}
        self._grid_heads: dict[str, str] = {}  # grid → person

    def make(self) -> None:
        self._organisations()
        self._officers()
        self._committees()
        for role in self.profile.roles:
            if role.code not in ORGANISATION_ROLES and role.count:
                self._fill(role)
        for committee in self.profile.committees:
            self._part_time(committee)

    def person(self) -> str:
        """A new person; the name is drawn, the key counts."""
        key = f"p{len(self.persons) + 1:06d}"
        self.persons.append(PersonPlan(key, words.person_name(self._rng)))
        return key

    def _post(
        self, role: str, node: Node, *, person: str | None = None, organisation: str | None = None,
        since: dt.date | None = None, until: dt.date | None = None, title: str = "",
    ) -> PostPlan:  # fmt: skip
        serial = self._serials[node.code, role] = self._serials.get((node.code, role), 0) + 1
        opened = self.profile.ground.opened
        post = PostPlan(
            code=f"{node.code}-{SHORT[role]}{serial}",
            role=role,
            title=title or self.profile.role(role).title,
            place=node.code,
            person=person,
            organisation=organisation,
            since=since or opened + dt.timedelta(days=self._rng.randrange(0, 240)),
            until=until,
        )
        self.posts.append(post)
        return post

    # ── posts of organisations as such, and of those who speak for them ──────────────────────────────────────────

    def _organisations(self) -> None:
        """One post for each body at each place that it answers for."""
        bodies, root = self.bodies, self.nodes["district"][0]
        answers: list[tuple[str, Node, str]] = []
        for level, role in (("street", "street_office"), ("community", "community_office")):
            answers += [(role, node, bodies.office[node.code]) for node in self.nodes[level]]
        answers += [("department_unit", root, code) for code in bodies.department.values()]
        answers += [("department_unit", *station) for stations in bodies.stations.values() for station in stations]
        answers += [("department_unit", *pair) for pair in bodies.paired]
        kept = [node for node in self.nodes["quarter"] if node.code in bodies.keeper]
        answers += [("property_unit", node, bodies.keeper[node.code]) for node in kept]
        answers += [("social_unit", *pair) for pair in bodies.social]
        for role, node, code in answers:
            self._post(role, node, organisation=code, since=self.profile.ground.opened)

    def _officers(self) -> None:
        """Two officers in every department: one files, another confirms."""
        for code in self.bodies.department.values():
            for _each in range(OFFICERS):
                self._post("department_officer", self.nodes["district"][0], person=self.person(), organisation=code)
        for stations in self.bodies.stations.values():
            for street, code in stations:
                self._post("department_officer", street, person=self.person(), organisation=code)

    def _committees(self) -> None:
        terms = {row.code: (row.since, row.until) for row in self.bodies.rows}
        for quarter in self.nodes["quarter"]:
            code = self.bodies.committee.get(quarter.code)
            if code is None:
                continue
            since, until = terms[code]
            self._post("committee_unit", quarter, organisation=code, since=since, until=until)
            for role in ("committee_chair", *["committee_member"] * COMMITTEE_MEMBERS):
                self._post(role, quarter, person=self.person(), organisation=code, since=since, until=until)

    # ── posts of persons, as many as the profile says ────────────────────────────────────────────────────────────

    def _fill(self, role: Role) -> None:
        sites = self._sites(role)
        counts = [1] * len(sites) if role.count == EACH else _shares(role.count, sites)
        posts = [
            self._post(role.code, node, person=self._who(role.code, node), organisation=self._whose(role.code, node))
            for node, count in zip(sites, counts, strict=True)
            for _each in range(count)
        ]
        if role.party_members:
            self._mark_members(posts, role.party_members)

    def _sites(self, role: Role) -> list[Node]:
        """The places that may have this role, those that get it first in front."""
        nodes = self.nodes[role.level]
        if role.code in {"property_manager", "property_worker"}:
            nodes = [node for node in nodes if node.code in self.bodies.keeper]
        if role.code in {"quarter_secretary", "building_party_head"} and role.count != EACH:
            nodes = [node for node in nodes if node.code in self.bodies.party]
        return nodes if role.count == EACH else ranked(nodes, f"role:{role.code}")

    def _who(self, role: str, node: Node) -> str:
        """A new person, but for the steward where the grid's head is the steward of its quarters."""
        grid = node.above("grid")
        if role == "grid_head":
            self._grid_heads[node.code] = self.person()
            return self._grid_heads[node.code]
        if role == "steward" and grid is not None and grid.code in self._grid_heads:
            return self._grid_heads[grid.code]
        return self.person()

    def _whose(self, role: str, node: Node) -> str | None:
        """The organisation that a person in this role speaks for."""
        if role in {"street_leader", "street_cadre", "community_secretary", "community_worker"}:
            return self.bodies.office[node.code]
        if role in {"property_manager", "property_worker"}:
            return self.bodies.keeper[node.code]
        if role in {"quarter_secretary", "building_party_head"}:
            return self.bodies.party.get(node.code)
        return self.bodies.centre if role == "district_office" else None

    def _part_time(self, committee: Committee) -> None:
        """Part-time members of a committee: heads of what stands there, firms, stations and units in turn."""
        sites = self.nodes[committee.level]
        title = f"{committee.name}{self.profile.role('part_time_member').title}"
        for node, count in zip(sites, _shares(committee.part_time, sites), strict=True):
            bodies = self._bodies_at(node)
            for nth in range(count):
                self._post("part_time_member", node, person=self.person(), title=title,
                           organisation=bodies[nth % len(bodies)] if bodies else None)  # fmt: skip

    def _bodies_at(self, node: Node) -> list[str]:
        """Whoever has a firm, a station or a team there, and the district's units; each place begins with others."""
        known = self.bodies
        keepers = {known.keeper[each.code] for each in node.walk() if each.code in known.keeper}
        street = node.above("street") or node
        stations = [code for pairs in known.stations.values() for at, code in pairs if at is street]
        teams = [code for at, code in known.social if at is node]
        units = known.units or list(known.department.values())
        first = int(node.code) % len(units)
        return [*sorted(keepers)[:2], *stations[:1], *teams[:1], *units[first:], *units[:first]]

    def _mark_members(self, posts: list[PostPlan], count: int) -> None:
        """Party membership stands on the post, where the district counts it."""
        chosen = set(self._rng.sample([post.code for post in posts], count))
        self.posts = [
            PostPlan(
                post.code,
                post.role,
                post.title,
                post.place,
                post.person,
                post.organisation,
                post.since,
                post.until,
                True,
            )
            if post.code in chosen
            else post
            for post in self.posts
        ]


def _shares(count: int, sites: list[Node]) -> list[int]:
    """How many posts each site gets: one each until they run out, or several where there are more posts than sites."""
    if count <= len(sites):
        return [1] * count + [0] * (len(sites) - count)
    return spread(count, [site.weight for site in sites], count // len(sites) // 2 or 1)
