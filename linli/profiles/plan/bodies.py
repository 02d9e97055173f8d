"""Organisations of a planned district: Party bodies, offices, departments, firms, committees, societies, teams."""

from __future__ import annotations

import datetime as dt
import random

from linli.profiles.plan import words
from linli.profiles.plan.model import OrganisationPlan
from linli.profiles.plan.rank import ranked
from linli.profiles.plan.tree import Node
from linli.profiles.schema import EACH, Profile

TERM_YEARS = 5


def joined(name: str, title: str, level_title: str) -> str:
    """A body's name: the place's name and the title, without saying twice what both say (某区 + 区委 → 某区委)."""
    title = title.removeprefix(level_title)
    if level_title and not name.endswith(level_title) and title[:1] in "党委":
        return name + title
    for size in range(len(title) - 1, 0, -1):
        if name.endswith(title[:size]):
            return name + title[size:]
    return name + title


class Bodies:
    """Makes the organisations and remembers which serves which place."""

    def __init__(self, profile: Profile, nodes: dict[str, list[Node]], today: dt.date) -> None:
        self.profile, self.nodes, self.today = profile, nodes, today
        self.rows: list[OrganisationPlan] = []
        self.party: dict[str, str] = {}  # place code → Party body
        self.office: dict[str, str] = {}  # street or community → its office
        self.department: dict[str, str] = {}  # department code → body (the district's own)
        self.stations: dict[str, list[tuple[Node, str]]] = {}  # department code → its stations at streets
        self.keeper: dict[str, str] = {}  # quarter → property firm
        self.committee: dict[str, str] = {}  # quarter → owners' committee
        self.social: list[tuple[Node, str]] = []  # place and society or team that answers there
        self.paired: list[tuple[Node, str]] = []  # community and the unit paired with it
        self.units: list[str] = []  # every unit that takes part in the pairing
        self.centre = ""
        self.developer = ""

    def make(self) -> None:
        self._party()
        self._offices()
        self._departments()
        self._firms()
        self._committees()
        self._societies()

    def _add(
        self,
        code: str,
        name: str,
        kind: str,
        place: Node,
        *,
        parent: str | None = None,
        since: dt.date | None = None,
        until: dt.date | None = None,
        attrs: dict[str, object] | None = None,
    ) -> str:
        full = f"{self.profile.letters}-{code}"
        opened = since or self.profile.ground.opened
        self.rows.append(OrganisationPlan(full, name, kind, place.code, parent, opened, until, attrs or {}))
        return full

    @property
    def root(self) -> Node:
        return self.nodes["district"][0]

    # ── Party bodies ─────────────────────────────────────────────────────────────────────────────────────────────

    def _party(self) -> None:
        having: list[Node] = []
        for level in self.profile.levels:
            if not level.party:
                continue
            nodes = self.nodes[level.code]
            if level.party_count != EACH:
                nodes = ranked(nodes, f"party:{level.code}", having)[: level.party_count]
            for node in nodes:
                name = joined(self._long_name(node), level.party, level.title)
                self.party[node.code] = self._add(
                    f"P{node.code}", name, "party", node, parent=self._nearest_party(node), attrs={"level": level.code}
                )
            having = [*having, *nodes] if level.code in {"quarter", "grid"} else having

    def _long_name(self, node: Node) -> str:
        quarter = node.above("quarter")
        return f"{quarter.name}{node.name}" if node.level == "building" and quarter else node.name

    def _nearest_party(self, node: Node) -> str | None:
        above = node.parent
        while above is not None and above.code not in self.party:
            above = above.parent
        return self.party[above.code] if above is not None else None

    # ── offices and departments ──────────────────────────────────────────────────────────────────────────────────

    def _offices(self) -> None:
        government = self._add("G01", f"{self.profile.name}人民政府", "government", self.root)
        self.centre = self._add(
            "G02", f"{self.profile.name}基层治理综合指挥中心", "government", self.root, parent=government
        )
        for street in self.nodes["street"]:
            name = joined(street.name, self.profile.role("street_office").title, self.profile.titles["street"])
            self.office[street.code] = self._add(f"S{street.code}", name, "street_office", street, parent=government)
        for community in self.nodes["community"]:
            name = joined(community.name, "社区居委会", self.profile.titles["community"])
            above = community.above("street")
            self.office[community.code] = self._add(
                f"J{community.code}",
                name,
                "residents_committee",
                community,
                parent=self.office[above.code] if above else None,
            )

    def _departments(self) -> None:
        for department in self.profile.departments:
            tag: dict[str, object] = {"department": department.code, "about": department.about}
            if department.at == "district":
                self.department[department.code] = self._add(
                    department.code.upper(), f"{self.profile.name}{department.name}", "department", self.root, attrs=tag
                )
                continue
            self.stations[department.code] = [
                (
                    street,
                    self._add(
                        f"{department.code.upper()}{street.code}",
                        f"{street.name.removesuffix('街道').removesuffix('镇')}{department.name}",
                        "department",
                        street,
                        attrs=tag,
                    ),
                )
                for street in self.nodes["street"]
            ]

    # ── property, owners' committees ─────────────────────────────────────────────────────────────────────────────

    def _firms(self) -> None:
        codes = [
            self._add(f"W{serial:02d}", name, "property", self.root)
            for serial, name in enumerate(self.profile.firms, start=2)
        ]
        main = self._add("W01", self.profile.main_firm, "property", self.root) if self.profile.main_firm else ""
        rng = random.Random(f"{self.profile.adcode}:firms")
        for quarter in self.nodes["quarter"]:
            care = quarter.attrs["property"]
            if care in {"main", "firm"}:
                self.keeper[quarter.code] = main if care == "main" else rng.choice(codes)
        self.developer = self._add(
            "K01", f"{self.profile.name}新居房地产开发公司", "unit", self.root, attrs={"developer": True}
        )

    def _committees(self) -> None:
        """Terms of five years begun at different times: some end within the next weeks, so that expiry is seen."""
        rng = random.Random(f"{self.profile.adcode}:committees")
        for position, quarter in enumerate(node for node in self.nodes["quarter"] if node.attrs.get("committee")):
            served = dt.timedelta(days=rng.randrange(40, 365 * TERM_YEARS - 120))
            since = self.today - served
            if position % 14 == 5:
                since = self.today - dt.timedelta(days=365 * TERM_YEARS - rng.randrange(8, 55))
            until = since + dt.timedelta(days=365 * TERM_YEARS)
            managed = quarter.attrs["property"] == "self"
            self.committee[quarter.code] = self._add(
                f"Y{quarter.code}",
                f"{quarter.name}业主委员会",
                "owners_committee",
                quarter,
                since=since,
                until=until,
                attrs={"red": managed or position % 3 == 0, "self_managed": managed},
            )

    # ── societies, teams, paired units ───────────────────────────────────────────────────────────────────────────

    def _societies(self) -> None:
        for serial, name in enumerate(self.profile.societies, start=1):
            self.social.append((self.root, self._add(f"O{serial:02d}", name, "social", self.root)))
        for community in self.nodes["community"]:
            name = f"{community.name}志愿服务队"
            self.social.append((community, self._add(f"T{community.code}", name, "team", community)))
        pairs: dict[str, object] = {"pairs": True} if self.profile.pairing.units else {}
        units = [
            self._add(f"U{serial:02d}", f"{self.profile.name}{name.removeprefix('区')}", "unit", self.root, attrs=pairs)
            for serial, name in enumerate(self.profile.paired_units, start=1)
        ]
        self.units = [*units, *self._more_units(len(units))]
        if units:
            self.paired = [
                (community, units[position % len(units)]) for position, community in enumerate(self.nodes["community"])
            ]

    def _more_units(self, have: int) -> list[str]:
        """The units that take part in the pairing beyond those that the profile names."""
        named = {self._plain(name) for name in self.profile.paired_units}
        named |= {self._plain(department.name) for department in self.profile.departments}
        free = [name for name in words.UNITS if self._plain(name) not in named]
        return [
            self._add(f"U{have + serial:02d}", f"{self.profile.name}{name}", "unit", self.root, attrs={"pairs": True})
            for serial, name in enumerate(free[: max(0, self.profile.pairing.units - have)], start=1)
        ]

    def _plain(self, name: str) -> str:
        return name.removeprefix("区")
