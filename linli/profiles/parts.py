"""Reading the parts of a profile that speak of places and people."""

from __future__ import annotations

import datetime as dt

from linli.profiles.reading import Section
from linli.profiles.schema import (
    EACH,
    LEVELS,
    PERSON_ROLES,
    ROLES,
    Community,
    Counts,
    Demo,
    Department,
    FacilityKind,
    Ground,
    Level,
    Quarter,
    Role,
    Street,
)

_LEVELS = frozenset(LEVELS)
_PROPERTIES = frozenset({"firm", "main", "self", "none"})


def read_count(section: Section, key: str) -> int:
    """A count, or ``"each"`` for one at every place of the level; missing means none."""
    if section.data.get(key) == "each":
        section.has(key)
        return EACH
    return section.integer(key, 0)


def read_ground(top: Section) -> Ground:
    section = top.table("ground")
    opened = section.text("opened", "2024-01-01")
    try:
        since = dt.date.fromisoformat(opened)
    except ValueError:
        section.complain("opened", f"must be a date such as 2024-01-01, not {opened!r}")
        since = dt.date(2024, 1, 1)
    ground = Ground(
        lon=section.number("lon"),
        lat=section.number("lat"),
        core_km2=section.number("core_km2"),
        outline_km2=section.number("outline_km2"),
        opened=since,
    )
    if not (73 < ground.lon < 136 and 3 < ground.lat < 54):
        section.complain("lon", "lon and lat must lie in China (WGS 84)")
    if not 0 < ground.core_km2 < ground.outline_km2:
        section.complain("core_km2", "must be positive and smaller than outline_km2")
    section.close()
    return ground


def read_levels(top: Section) -> tuple[Level, ...]:
    levels = []
    for section in top.tables("levels"):
        code = section.one_of("code", _LEVELS)
        levels.append(
            Level(code, section.text("title", limit=20), section.text("party", ""), read_count(section, "party_count"))
        )
        section.close()
    _check_levels(top, [level.code for level in levels])
    return tuple(levels)


def _check_levels(top: Section, codes: list[str]) -> None:
    if len(set(codes)) != len(codes):
        top.complain("levels", "a level stands twice")
    if codes[:3] != ["district", "street", "community"] or codes[-2:] != ["building", "unit"]:
        top.complain("levels", "must begin with district, street, community and end with building, unit")
    if "quarter" not in codes:
        top.complain("levels", "must hold a quarter level")


def read_roles(top: Section, levels: tuple[Level, ...]) -> tuple[Role, ...]:
    known = frozenset(level.code for level in levels)
    roles: list[Role] = []
    for section in top.tables("roles"):
        role = Role(
            code=section.one_of("code", ROLES),
            title=section.text("title", limit=60),
            level=section.one_of("level", known, "district"),
            count=read_count(section, "count"),
            party_members=section.integer("party_members", 0),
        )
        if role.count not in (EACH, 0) and role.party_members > role.count:
            section.complain("party_members", "more Party members than posts")
        section.close()
        roles.append(role)
    for code in sorted(ROLES - {role.code for role in roles}):
        top.complain("roles", f"the role {code} has no title")
    if len({role.code for role in roles}) != len(roles):
        top.complain("roles", "a role stands twice")
    return tuple(roles)


def read_counts(top: Section) -> Counts:
    section = top.table("counts")
    counts = Counts(
        streets=section.integer("streets", minimum=1),
        communities=section.integer("communities", minimum=1),
        quarters=section.integer("quarters", minimum=1),
        apartment_blocks=section.integer("apartment_blocks", 0),
        grids=section.integer("grids", 0),
        buildings=section.integer("buildings", minimum=1),
        units=section.integer("units", minimum=1),
        owners_committees=section.integer("owners_committees", 0),
        self_managed=section.integer("self_managed", 0),
        property_main=section.integer("property_main", 0),
        property_none=section.integer("property_none", 0),
        households=section.integer("households", 0),
        households_main=section.integer("households_main", 0),
    )
    section.close()
    if counts.units < counts.buildings or counts.buildings < counts.quarters + counts.apartment_blocks:
        section.complain("units", "every quarter needs a building and every building a unit")
    return counts


def read_streets(top: Section, adcode: str, counts: Counts) -> tuple[Street, ...]:
    streets = []
    for section in top.tables("streets"):
        street = Street(
            code=section.text("code"),
            name=section.text("name"),
            communities=section.integer("communities", 0),
            generic=section.flag("generic", False),
        )
        if not (street.code.startswith(adcode) and len(street.code) == 9 and street.code.isdigit()):
            section.complain("code", f"must be nine digits that begin with {adcode}")
        if street.generic == bool(street.communities):
            section.complain("communities", "a street has communities, a generic town has none")
        section.close()
        streets.append(street)
    counted = [street for street in streets if not street.generic]
    if len(counted) != counts.streets:
        top.complain("streets", f"{len(counted)} streets stand here, counts.streets says {counts.streets}")
    if sum(street.communities for street in counted) != counts.communities:
        top.complain("streets", f"their communities do not add up to counts.communities = {counts.communities}")
    for attribute in ("code", "name"):
        if len({getattr(street, attribute) for street in streets}) != len(streets):
            top.complain("streets", f"two streets share one {attribute}")
    return tuple(streets)


def read_communities(top: Section, streets: tuple[Street, ...]) -> tuple[Community, ...]:
    names = frozenset(street.name for street in streets if not street.generic)
    communities = []
    for section in top.tables("communities", required=False):
        communities.append(Community(section.text("name"), section.one_of("street", names)))
        section.close()
    for street in streets:
        named = sum(1 for community in communities if community.street == street.name)
        if named > street.communities:
            top.complain("communities", f"{street.name} has more named communities than it has communities")
    return tuple(communities)


def read_quarters(top: Section, communities: tuple[Community, ...]) -> tuple[Quarter, ...]:
    names = frozenset(community.name for community in communities)
    quarters = []
    for section in top.tables("quarters", required=False):
        quarter = Quarter(
            name=section.text("name"),
            community=section.one_of("community", names),
            property=section.one_of("property", _PROPERTIES, "firm"),
            grids=section.integer("grids", 0),
            buildings=section.integer("buildings", 0),
            units=section.integer("units", 0),
            households=section.integer("households", 0),
            storeys=section.integer("storeys", 0),
            committee=section.flag("committee", False),
            self_managed=section.flag("self_managed", False),
        )
        if quarter.units < quarter.buildings:
            section.complain("units", "every building needs a unit")
        section.close()
        quarters.append(quarter)
    if len({quarter.name for quarter in quarters}) != len(quarters):
        top.complain("quarters", "a quarter stands twice")
    return tuple(quarters)


def read_departments(top: Section) -> tuple[Department, ...]:
    departments = []
    for section in top.tables("departments"):
        departments.append(
            Department(
                code=section.text("code", limit=12),
                name=section.text("name"),
                at=section.one_of("at", frozenset({"district", "street"}), "district"),
                about=section.text("about", "", limit=200),
            )
        )
        section.close()
    if len({department.code for department in departments}) != len(departments):
        top.complain("departments", "a department stands twice")
    return tuple(departments)


def read_facilities(top: Section) -> tuple[FacilityKind, ...]:
    """``[[facilities]]``: rest stations and the like. Hours as ``["08:00-20:00"]``, judged where they are kept."""
    found = []
    for section in top.tables("facilities", required=False):
        found.append(
            FacilityKind(
                code=section.text("kind", limit=24),
                title=section.text("title", limit=20),
                count=section.integer("count", minimum=1),
                services=section.texts("services"),
                weekday=section.texts("weekday"),
                weekend=section.texts("weekend"),
            )
        )
        section.close()
    if len({kind.code for kind in found}) != len(found):
        top.complain("facilities", "a kind stands twice")
    return tuple(found)


def read_demo(
    top: Section, communities: tuple[Community, ...], quarters: tuple[Quarter, ...], departments: tuple[Department, ...]
) -> Demo:
    section = top.table("demo")
    where = {quarter.name: quarter.community for quarter in quarters}
    demo = Demo(
        community=section.one_of("community", frozenset(community.name for community in communities)),
        quarter=section.one_of("quarter", frozenset(where)),
        other_community=section.one_of("other_community", frozenset(community.name for community in communities)),
        other_quarter=section.one_of("other_quarter", frozenset(where)),
        department=section.one_of("department", frozenset(department.code for department in departments)),
        building_role=section.one_of("building_role", PERSON_ROLES),
        deliberated=section.integer("deliberated", 0),
        sessions=section.integer("sessions", 0),
        settled=section.integer("settled", 0),
    )
    section.close()
    if demo.community == demo.other_community:
        section.complain("other_community", "must be another community than the demo's own")
    for key, quarter, community in (
        ("quarter", demo.quarter, demo.community),
        ("other_quarter", demo.other_quarter, demo.other_community),
    ):
        if where.get(quarter) != community:
            section.complain(key, f"{quarter} does not lie in {community}")
    return demo
