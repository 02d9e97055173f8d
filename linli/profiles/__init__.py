"""The districts' profiles: one TOML file each, read and checked here; ``plan`` makes a plausible district of one.

Names of cities, streets and every number that a district's own account gives stand in these files and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from linli.profiles.gatherings import read_committees, read_rooms, read_sittings
from linli.profiles.pairing import read_checkins, read_dwellings, read_pairing
from linli.profiles.parts import (
    read_communities,
    read_counts,
    read_demo,
    read_departments,
    read_facilities,
    read_ground,
    read_levels,
    read_quarters,
    read_roles,
    read_streets,
)
from linli.profiles.promises import (
    read_calendars,
    read_channels,
    read_policies,
    read_rules,
    read_settings,
    read_team,
)
from linli.profiles.reading import Problem, ProfileError, Section, open_source
from linli.profiles.schema import Profile, digest_of

__all__ = ["DEFAULT", "PROFILES", "Problem", "Profile", "ProfileError", "load_profile", "read_profile"]

FOLDER = Path(__file__).parent
DEFAULT = "qiaoxi"
PROFILES = tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def load_profile(slug: str) -> Profile:
    """A profile that comes with Linli, by its name; ``ProfileError`` where there is none or it is wrong."""
    if slug not in PROFILES:
        raise ProfileError([Problem(f"{slug}.toml", 1, "(file)", f"no such profile; there are {', '.join(PROFILES)}")])
    return read_profile(FOLDER / f"{slug}.toml")


def read_profile(file: Path) -> Profile:
    """Read and check one file; all that is wrong with it is raised at once, each with file, line and key path."""
    top = open_source(file)
    profile = _read(top, file)
    top.close()
    top.source.finish()
    return profile


def _read(top: Section, file: Path) -> Profile:
    adcode = top.text("adcode")
    if not (len(adcode) == 6 and adcode.isdigit()):
        top.complain("adcode", "must be the six digits of the district")
    counts, levels, departments = read_counts(top), read_levels(top), read_departments(top)
    streets = read_streets(top, adcode, counts)
    communities = read_communities(top, streets)
    quarters = read_quarters(top, communities)
    calendars, channels = read_calendars(top), read_channels(top)
    return Profile(
        slug=file.stem,
        name=top.text("name", limit=40),
        city=top.text("city", limit=40),
        adcode=adcode,
        letters=top.text("letters", limit=4),
        brand=top.text("brand", ""),
        digest=digest_of(file.read_text(encoding="utf-8")),
        ground=read_ground(top),
        levels=levels,
        roles=read_roles(top, levels),
        counts=counts,
        streets=streets,
        communities=communities,
        quarters=quarters,
        departments=departments,
        team=read_team(top, departments),
        policies=read_policies(top, calendars),
        calendars=calendars,
        channels=channels,
        rules=read_rules(top, channels, departments),
        settings=read_settings(top),
        demo=read_demo(top, communities, quarters, departments),
        sittings=read_sittings(top, levels),
        **_rooms(top),
    )


def _rooms(top: Section) -> dict[str, Any]:
    """What stands by itself: firms and societies, and the tables of single rooms."""
    return {
        "firms": top.texts("firms"),
        "main_firm": top.text("main_firm", ""),
        "societies": top.texts("societies"),
        "paired_units": top.texts("paired_units"),
        "pairing": read_pairing(top),
        "checkins": read_checkins(top),
        "dwellings": read_dwellings(top),
        "facilities": read_facilities(top),
        "committees": read_committees(top),
        "rooms": read_rooms(top),
    }
