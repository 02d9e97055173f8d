"""A planned district: plain rows that refer to one another by code, before any database has seen them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shapely.geometry import Polygon


@dataclass(frozen=True, slots=True)
class PlacePlan:
    """A node of the tree; parents stand before their children. ``generic`` lies outside the seed's counts."""

    code: str
    parent: str | None
    level: str
    name: str
    generic: bool = False
    polygon: Polygon | None = None
    lon: float | None = None
    lat: float | None = None
    attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganisationPlan:
    """A body; ``until`` ends an owners' committee's term."""

    code: str
    name: str
    kind: str
    place: str
    parent: str | None
    since: dt.date
    until: dt.date | None = None
    attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """A person who does not exist."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class PostPlan:
    """Somebody in a role at a place. Without a person it is the organisation's own post."""

    code: str
    role: str
    title: str
    place: str
    person: str | None
    organisation: str | None
    since: dt.date
    until: dt.date | None = None
    party_member: bool = False


@dataclass(frozen=True, slots=True)
class DwellingPlan:
    """A home behind the door of a unit."""

    place: str
    number: str
    area_m2: Decimal
    use: str
    occupancy: str


@dataclass(frozen=True, slots=True)
class HoldingPlan:
    """Who owns or lives in a dwelling; the shares of its owners add up to one."""

    place: str
    number: str
    kind: str
    share: Decimal
    person: str | None
    organisation: str | None
    since: dt.date


@dataclass(frozen=True, slots=True)
class FacilityPlan:
    """Something that stands somewhere and serves people: a rest station …"""

    code: str
    kind: str
    name: str
    place: str
    address: str
    lon: float
    lat: float
    services: tuple[str, ...]
    weekday: tuple[str, ...]
    weekend: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room of a place where people come together."""

    code: str
    name: str
    place: str
    purpose: str
    seats: int
    hours: str


@dataclass(frozen=True, slots=True)
class LoginPlan:
    """A demo account: its person, the post it is shown for, and a resident's own door."""

    username: str
    person: str
    post: str | None
    home: str | None


@dataclass(frozen=True, slots=True)
class PairingPlan:
    """A post, or an organisation, that answers for a place in a role of the scheme."""

    role: str
    place: str
    post: str | None
    organisation: str | None
    since: dt.date


@dataclass(frozen=True, slots=True)
class CheckInPlan:
    """Somebody in service elsewhere who has reported to a community."""

    person: str
    organisation: str | None
    place: str
    duty: str
    party_member: bool
    on: dt.date


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that ``linli load`` puts into an empty database."""

    profile: str
    places: tuple[PlacePlan, ...]
    organisations: tuple[OrganisationPlan, ...]
    persons: tuple[PersonPlan, ...]
    posts: tuple[PostPlan, ...]
    dwellings: tuple[DwellingPlan, ...]
    holdings: tuple[HoldingPlan, ...]
    logins: tuple[LoginPlan, ...]
    pairings: tuple[PairingPlan, ...] = ()
    checkins: tuple[CheckInPlan, ...] = ()
    facilities: tuple[FacilityPlan, ...] = ()
    rooms: tuple[RoomPlan, ...] = ()

    def count_posts(self, role: str) -> int:
        return Counter(post.role for post in self.posts)[role]

    def digest(self) -> str:
        """A hash over every row: the same profile gives the same plan, to the last coordinate."""
        told = hashlib.sha256()
        for rows in (self.places, self.organisations, self.persons, self.posts, self.dwellings, self.holdings,
                     self.pairings, self.checkins):  # fmt: skip
            for row in rows:
                told.update(repr(row).encode())
        told.update(repr(self.logins).encode())
        told.update(repr(self.facilities).encode())
        told.update(repr(self.rooms).encode())
        return told.hexdigest()
