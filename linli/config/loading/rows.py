"""From a plan's rows to the database's: ids, paths, boundaries and door codes are given here."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import shapely
from django.utils import timezone
from shapely.geometry import Polygon

from linli.core.people.models import Holding, Organisation, Person, Post
from linli.core.places.geo.metric import areas_m2
from linli.core.places.models import Boundary, District, Dwelling, Place
from linli.core.places.tree import step
from linli.kit import codes
from linli.kit.ids import new_id
from linli.offices.checkins.models import CheckIn, How
from linli.offices.facilities.models import Facility
from linli.offices.pairing.models import Pairing
from linli.profiles import Profile
from linli.profiles.plan import (
    CheckInPlan,
    DwellingPlan,
    FacilityPlan,
    HoldingPlan,
    OrganisationPlan,
    PairingPlan,
    PersonPlan,
    PlacePlan,
    PostPlan,
)

DECIMALS = 7  # what a boundary keeps: about a centimetre


@dataclass
class Rows:
    """Makes model rows of plan rows, and knows by code what the database or this load already has."""

    profile: Profile
    district: District
    places: dict[str, Place] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    persons: dict[str, uuid.UUID] = field(default_factory=dict)
    dwellings: dict[tuple[str, str], Dwelling] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)

    @property
    def opened(self) -> dt.date:
        return self.profile.ground.opened

    @property
    def root(self) -> Place:
        return self.places[self.profile.adcode]

    def make_places(self, plans: Iterable[PlacePlan]) -> list[Place]:
        """Places in the plan's order, parents first; each takes its parent's next serial into its path."""
        return [self._place(plan) for plan in plans]

    def _place(self, plan: PlacePlan) -> Place:
        parent = self.places[plan.parent] if plan.parent else None
        serial = 1
        if parent is not None:
            parent.born += 1
            serial = parent.born
        place = Place(
            id=new_id(),
            district=self.district,
            parent=parent,
            level=plan.level,
            code=plan.code,
            name=plan.name,
            path=(parent.path if parent else "") + step(serial),
            lon=plan.lon,
            lat=plan.lat,
            door=codes.new_code(self.district.pk, "door") if plan.level == "unit" else None,
            generic=plan.generic,
            attrs=plan.attrs,
            since=self.opened,
        )
        self.places[plan.code] = place
        return place

    def make_boundaries(self, plans: Iterable[PlacePlan]) -> list[Boundary]:
        """The polygons of those places that have one, measured on the ellipsoid."""
        drawn = [(plan.code, plan.polygon) for plan in plans if plan.polygon is not None]
        areas = areas_m2([polygon for _code, polygon in drawn])
        return [
            Boundary(
                id=new_id(),
                district=self.district,
                place=self.places[code],
                geojson=geojson(polygon),
                area_m2=Decimal(f"{area:.2f}"),
                since=self.opened,
            )
            for (code, polygon), area in zip(drawn, areas, strict=True)
        ]

    def make_organisations(self, plans: Iterable[OrganisationPlan]) -> list[Organisation]:
        return [self._organisation(plan) for plan in plans]

    def _organisation(self, plan: OrganisationPlan) -> Organisation:
        place = self.places[plan.place]
        made = Organisation(
            id=new_id(),
            district=self.district,
            code=plan.code,
            name=plan.name,
            kind=plan.kind,
            place=place,
            scope_path=place.path,
            parent=self.organisations[plan.parent] if plan.parent else None,
            attrs=plan.attrs,
            since=plan.since,
            until=plan.until,
        )
        self.organisations[plan.code] = made
        return made

    def make_persons(self, plans: Iterable[PersonPlan]) -> list[Person]:
        made = [Person(id=new_id(), district=self.district, shown=plan.name, fictional=True) for plan in plans]
        for plan, person in zip(plans, made, strict=True):
            self.persons[plan.key] = person.pk
        return made

    def make_posts(self, plans: Iterable[PostPlan]) -> list[Post]:
        made = [
            Post(
                id=new_id(),
                district=self.district,
                code=plan.code,
                role=plan.role,
                title=plan.title,
                place=self.places[plan.place],
                scope_path=self.places[plan.place].path,
                person_id=self.persons[plan.person] if plan.person else None,
                organisation=self.organisations[plan.organisation] if plan.organisation else None,
                party_member=plan.party_member,
                since=plan.since,
                until=plan.until,
            )
            for plan in plans
        ]
        self.posts |= {post.code: post for post in made}
        return made

    def make_facilities(self, plans: Iterable[FacilityPlan]) -> list[Facility]:
        return [
            Facility(
                id=new_id(),
                district=self.district,
                code=plan.code,
                kind=plan.kind,
                name=plan.name,
                place=self.places[plan.place],
                scope_path=self.places[plan.place].path,
                address=plan.address,
                lon=plan.lon,
                lat=plan.lat,
                services=list(plan.services),
                hours={"weekday": list(plan.weekday), "weekend": list(plan.weekend)},
                keeper=self._office_at(plan.place),
                since=self.opened,
            )
            for plan in plans
        ]

    def _office_at(self, place: str) -> Organisation | None:
        """The residents' committee of a community keeps what stands there."""
        at = self.places[place].pk
        kinds = (row for row in self.organisations.values() if row.kind == "residents_committee")
        return next((row for row in kinds if row.place_id == at), None)

    def make_dwellings(self, plans: Sequence[DwellingPlan]) -> list[Dwelling]:
        made = [
            Dwelling(
                id=new_id(),
                district=self.district,
                place=self.places[plan.place],
                number=plan.number,
                area_m2=plan.area_m2,
                use=plan.use,
                occupancy=plan.occupancy,
            )
            for plan in plans
        ]
        self.dwellings = {(plan.place, plan.number): row for plan, row in zip(plans, made, strict=True)}
        return made

    def make_holdings(self, plans: Iterable[HoldingPlan]) -> list[Holding]:
        return [
            Holding(
                id=new_id(),
                district=self.district,
                dwelling=self.dwellings[plan.place, plan.number],
                person_id=self.persons[plan.person] if plan.person else None,
                organisation=self.organisations[plan.organisation] if plan.organisation else None,
                kind=plan.kind,
                share=plan.share,
                since=plan.since,
            )
            for plan in plans
        ]

    def make_pairings(self, plans: Iterable[PairingPlan]) -> list[Pairing]:
        promises = {role.code: role.as_json()["promise"] for role in self.profile.pairing.roles}
        return [
            Pairing(
                id=new_id(), district=self.district, role=plan.role, place=self.places[plan.place],
                scope_path=self.places[plan.place].path, post=self.posts[plan.post] if plan.post else None,
                organisation=self.organisations[plan.organisation] if plan.organisation else None,
                promise=promises[plan.role], since=plan.since, made_by="linli load",
            )
            for plan in plans
        ]  # fmt: skip

    def make_checkins(self, plans: Iterable[CheckInPlan]) -> list[CheckIn]:
        return [
            CheckIn(
                id=new_id(), district=self.district, person_id=self.persons[plan.person], place=self.places[plan.place],
                organisation=self.organisations[plan.organisation] if plan.organisation else None,
                scope_path=self.places[plan.place].path, how=How.UNIT, duty=plan.duty, via="roll",
                party_member=plan.party_member, at=timezone.make_aware(dt.datetime.combine(plan.on, dt.time(9))),
            )
            for plan in plans
        ]  # fmt: skip


def geojson(polygon: Polygon) -> str:
    """A polygon as a boundary keeps it: compact, WGS 84, seven decimals."""
    rings = [polygon.exterior, *polygon.interiors]
    rounded = [[[round(x, DECIMALS), round(y, DECIMALS)] for x, y in shapely.get_coordinates(ring)] for ring in rings]
    return json.dumps({"type": "Polygon", "coordinates": rounded}, separators=(",", ":"))
