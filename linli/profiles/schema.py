"""What a profile says: a district's levels, titles, streets, seed counts, clocks, team, channels and settings.

These are plain values, made only by ``linli.profiles.load_profile``, which refuses a file with all its problems.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from linli.profiles.assembly import Committee, RoomKind, Sitting
from linli.profiles.team import Team

LEVELS = ("district", "street", "community", "quarter", "grid", "building", "unit")
ORGANISATION_ROLES = frozenset(
    {"department_unit", "street_office", "community_office", "property_unit", "committee_unit", "social_unit"}
)
PERSON_ROLES = frozenset(
    {
        "district_leader", "district_office", "department_officer", "street_leader", "street_cadre",
        "community_secretary", "community_worker", "quarter_secretary", "grid_worker", "grid_head",
        "building_party_head", "building_head", "building_head_online", "unit_head", "resident_group_head",
        "property_manager", "property_worker", "committee_chair", "committee_member", "volunteer", "steward",
        "rider", "part_time_member", "auditor", "admin", "system",
    }
)  # fmt: skip
ROLES = ORGANISATION_ROLES | PERSON_ROLES
ORGANISATION_KINDS = frozenset(
    {
        "party", "government", "department", "street_office", "residents_committee", "property",
        "owners_committee", "social", "unit", "team",
    }
)  # fmt: skip
STAGES = frozenset({"accept", "reply", "act", "result", "rating", "contest", "arrive", "reopen", "pause"})
URGENCIES = frozenset({"urgent", "utility", "ordinary", "complex"})
EACH = -1  # a count that says: one at every place of the level


@dataclass(frozen=True, slots=True)
class Level:
    """A step of the tree: what it is called here and what its Party body is called, if it has one."""

    code: str
    title: str
    party: str
    party_count: int


@dataclass(frozen=True, slots=True)
class Role:
    """A role under this district's title, and how many posts in it the plan makes at which level."""

    code: str
    title: str
    level: str
    count: int
    party_members: int


@dataclass(frozen=True, slots=True)
class Street:
    """A street, or a town: a town outside the seed's counts is one generic grid."""

    code: str
    name: str
    communities: int
    generic: bool


@dataclass(frozen=True, slots=True)
class Community:
    """A community that the district's own account names."""

    name: str
    street: str


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter that the district's own account names, with what it says about it."""

    name: str
    community: str
    property: str
    grids: int
    buildings: int
    units: int
    households: int
    storeys: int
    committee: bool
    self_managed: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the district lies and how it is built; ``centre`` is WGS 84."""

    lon: float
    lat: float
    core_km2: float
    outline_km2: float
    opened: dt.date


@dataclass(frozen=True, slots=True)
class Counts:
    """How many places there are, generic ones left out."""

    streets: int
    communities: int
    quarters: int
    apartment_blocks: int
    grids: int
    buildings: int
    units: int
    owners_committees: int
    self_managed: int
    property_main: int
    property_none: int
    households: int
    households_main: int


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the district, or one of its stations at every street."""

    code: str
    name: str
    at: str
    about: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Clock promises for a kind and urgency; an empty one means any. Spans stay text, checked on load."""

    name: str
    kind: str
    urgency: str
    calendar: str
    stages: tuple[tuple[str, str], ...]
    escalate_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A working calendar as ``linli.kit.calendar.read_calendar`` takes it; checked on load."""

    code: str
    table: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in which a matter reaches the ledger."""

    code: str
    name: str
    resident: bool


@dataclass(frozen=True, slots=True)
class FacilityKind:
    """How many facilities of a kind the plan spreads over the communities, and what they are like."""

    code: str
    title: str
    count: int
    services: tuple[str, ...]
    weekday: tuple[str, ...]
    weekend: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A dispatch rule; ``category`` is a name of the catalogue, ``department`` a code of this profile."""

    name: str
    kind: str
    category: str
    channel: str
    urgency: str
    role: str
    department: str


@dataclass(frozen=True, slots=True)
class PairingRole:
    """A role of the scheme of pairing: at which level, who may take it, how many a place has, what it promises."""

    code: str
    name: str
    level: str
    holder: str
    posts: tuple[str, ...]
    least: int
    most: int
    promise_count: int
    promise_of: str
    promise_per: str
    promise_by: str

    def as_json(self) -> dict[str, Any]:
        promise = {
            "count": self.promise_count, "of": self.promise_of, "per": self.promise_per, "by": self.promise_by,
        }  # fmt: skip
        return {
            "code": self.code, "name": self.name, "level": self.level, "holder": self.holder,
            "posts": list(self.posts), "least": self.least, "most": self.most,
            "promise": promise if self.promise_count else {},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairing:
    """The district's scheme of pairing (包联); none where it has no roles. ``units`` take part as organisations."""

    name: str
    confirm: bool
    units: int
    roles: tuple[PairingRole, ...]

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "confirm": self.confirm, "roles": [role.as_json() for role in self.roles]}


@dataclass(frozen=True, slots=True)
class CheckInRoll:
    """Those who had reported to a community before (双报到), as the district counts them."""

    roll: int
    duty: str
    party_members: bool


@dataclass(frozen=True, slots=True)
class Dwellings:
    """How homes are surveyed here (干部分包单元)."""

    title: str
    roles: tuple[str, ...]
    valid_months: int
    welcome_days: int

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "roles": list(self.roles), "valid_months": self.valid_months,
                "welcome_days": self.welcome_days}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo's logins live and serve."""

    community: str
    quarter: str
    other_community: str
    other_quarter: str
    department: str
    building_role: str
    deliberated: int = 0  # matters talked through in the halls so far
    sessions: int = 0  # sittings of the halls so far
    settled: int = 0  # matters settled in joint meetings so far


@dataclass(frozen=True)
class Profile:
    """One district's configuration, whole and checked."""

    slug: str
    name: str
    city: str
    adcode: str
    letters: str
    brand: str
    digest: str
    ground: Ground
    levels: tuple[Level, ...]
    roles: tuple[Role, ...]
    counts: Counts
    streets: tuple[Street, ...]
    communities: tuple[Community, ...]
    quarters: tuple[Quarter, ...]
    departments: tuple[Department, ...]
    firms: tuple[str, ...]
    main_firm: str
    societies: tuple[str, ...]
    paired_units: tuple[str, ...]
    team: Team
    policies: tuple[Policy, ...]
    calendars: tuple[Calendar, ...]
    channels: tuple[Channel, ...]
    rules: tuple[Rule, ...]
    settings: tuple[tuple[str, Any], ...]
    demo: Demo
    pairing: Pairing
    checkins: CheckInRoll
    dwellings: Dwellings
    facilities: tuple[FacilityKind, ...] = ()
    sittings: tuple[Sitting, ...] = ()
    committees: tuple[Committee, ...] = ()
    rooms: tuple[RoomKind, ...] = ()

    @cached_property
    def level_codes(self) -> tuple[str, ...]:
        return tuple(level.code for level in self.levels)

    @cached_property
    def cell_level(self) -> str:
        """The lowest level whose polygons tile the district: the grid, or what serves as one."""
        return "grid" if "grid" in self.level_codes else "quarter"

    @cached_property
    def titles(self) -> dict[str, str]:
        return {level.code: level.title for level in self.levels}

    def level(self, code: str) -> Level:
        return next(level for level in self.levels if level.code == code)

    def role(self, code: str) -> Role:
        return next(role for role in self.roles if role.code == code)

    def settings_json(self) -> dict[str, Any]:
        """What a running district keeps of its profile: everything that is data and has no table of its own."""
        return {
            **dict(self.settings),
            "brand": self.brand,
            "roles": {role.code: role.title for role in self.roles},
            "channels": {channel.code: channel.name for channel in self.channels},
            "resident_channels": [channel.code for channel in self.channels if channel.resident],
            "team": self.team.as_json(),
            "callable_roles": self.team.callable_roles(),
            "pairing": self.pairing.as_json(),
            "dwellings": self.dwellings.as_json(),
            "calendars": {calendar.code: calendar.table for calendar in self.calendars},
        }


def digest_of(text: str) -> str:
    """The hash under which a district remembers what it was loaded from."""
    return hashlib.sha256(text.encode()).hexdigest()
