"""The plan as a whole: repeatable, unique, consistent, and tiling the district."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal

import pytest
import shapely

from linli.core.people.duties import ROLES as DUTIES
from linli.core.places.geo.check import check
from linli.core.places.geo.geojson import Feature
from linli.profiles import PROFILES, Profile, load_profile
from linli.profiles.plan import Plan, build
from linli.profiles.schema import ROLES

Plans = Callable[[str], Plan]
Profiles = Callable[[str], Profile]

LOGINS = {
    "resident", "resident2", "grid", "building", "community", "street", "district", "department", "property",
    "committee", "volunteer", "steward", "auditor", "admin",
}  # fmt: skip
OFFICIALS = ("吴磊", "白长江", "孙玉山", "张继坤", "杨立新", "姚奶奶")

every = pytest.mark.parametrize("slug", PROFILES)


def test_the_five_districts() -> None:
    assert PROFILES == ("chongli", "qiaodong", "qiaoxi", "shuangluan", "xiahuayuan")


def test_the_same_profile_gives_the_same_plan(plan: Plans) -> None:
    assert build(load_profile("chongli")).digest() == plan("chongli").digest()
    assert plan("chongli").digest() != plan("xiahuayuan").digest()


def test_the_day_moves_nothing_but_the_committees_terms(plan: Plans) -> None:
    later = build(load_profile("chongli"), today=dt.date(2027, 3, 1))
    assert later.places == plan("chongli").places
    assert later.persons == plan("chongli").persons
    moved = {
        row.kind for row, old in zip(later.organisations, plan("chongli").organisations, strict=True) if row != old
    }
    assert moved == {"owners_committee"}


@every
def test_codes_are_unique_and_follow_the_standard(plan: Plans, slug: str) -> None:
    whole = plan(slug)
    for rows in (whole.places, whole.organisations, whole.posts):
        assert max(Counter(row.code for row in rows).values()) == 1
    shapes = {"district": r"\d{6}", "street": r"\d{9}", "community": r"\d{12}", "grid": r"\d{15}"}
    for place in whole.places:
        assert re.fullmatch(shapes.get(place.level, r"\d{12}Q\d\d(B\d\d(U\d\d)?)?"), place.code), place


@every
def test_names_of_streets_communities_quarters_and_grids_are_unique(plan: Plans, slug: str) -> None:
    for level in ("street", "community", "quarter", "grid"):
        names = Counter(place.name for place in plan(slug).places if place.level == level)
        assert not [name for name, count in names.items() if count > 1]
    assert not [
        place.name for place in plan(slug).places if place.level == "community" and re.search(r"\d", place.name)
    ]


@every
def test_parents_stand_before_children_one_level_up(plan: Plans, profile: Profiles, slug: str) -> None:
    order = profile(slug).level_codes
    level_of: dict[str, str] = {}
    for place in plan(slug).places:
        if place.parent is not None:
            above, here = order.index(level_of[place.parent]), order.index(place.level)
            assert here - above == 1 or (place.generic and here > above)
        level_of[place.code] = place.level


@every
@pytest.mark.system("P2")
def test_cells_tile_the_district(plan: Plans, profile: Profiles, slug: str) -> None:
    places = plan(slug).places
    outline = places[0].polygon
    cells = [place for place in places if place.level == profile(slug).cell_level]
    assert check([Feature.of(place.code, place.polygon) for place in cells], outline) == []


@every
@pytest.mark.system("P2")
@pytest.mark.parametrize("level", ["street", "community", "quarter"])
def test_children_tile_their_parent(plan: Plans, slug: str, level: str) -> None:
    children = defaultdict(list)
    for place in plan(slug).places:
        children[place.parent].append(place)
    for parent in (place for place in plan(slug).places if place.level == level):
        cells = [place for place in children[parent.code] if place.level != "building"]
        if cells:
            assert shapely.union_all([place.polygon for place in cells]).equals(parent.polygon)


@every
def test_buildings_stand_inside_their_cell_and_have_a_height(plan: Plans, slug: str) -> None:
    polygons = {place.code: place.polygon for place in plan(slug).places if place.polygon is not None}
    for place in plan(slug).places:
        if place.level == "building":
            assert place.polygon is not None
            assert polygons[place.parent or ""].contains(place.polygon)
            assert 2.5 < place.attrs["height_m"] / place.attrs["storeys"] < 5.5


@every
def test_every_place_has_a_position_in_its_parent(plan: Plans, slug: str) -> None:
    polygons = {place.code: place.polygon for place in plan(slug).places if place.polygon is not None}
    for place in plan(slug).places:
        around = polygons.get(place.parent or "") or polygons[place.code]
        assert around.contains(shapely.Point(place.lon, place.lat)), place.code


@every
def test_posts_refer_to_rows_of_the_plan(plan: Plans, slug: str) -> None:
    whole = plan(slug)
    places, persons = {row.code for row in whole.places}, {row.key for row in whole.persons}
    organisations = {row.code for row in whole.organisations}
    for post in whole.posts:
        assert post.place in places
        assert post.person or post.organisation
        assert post.person is None or post.person in persons
        assert post.organisation is None or post.organisation in organisations
    for row in whole.organisations:
        assert row.place in places
        assert row.parent is None or row.parent in organisations


def test_roles_are_those_of_the_duties_table() -> None:
    assert set(DUTIES) == ROLES


@pytest.mark.parametrize("slug", ["shuangluan", "chongli"])
@pytest.mark.system("P5")
def test_some_committees_terms_end_soon_and_none_has_ended(profile: Profiles, slug: str) -> None:
    today = dt.date(2026, 5, 1)
    rows = [row for row in build(profile(slug), today=today).organisations if row.kind == "owners_committee"]
    left = sorted((row.until - today).days for row in rows if row.until)
    assert len(left) == len(rows)
    assert 0 < left[0] <= 60
    assert left[-1] > 365


@every
@pytest.mark.system("P5")
def test_each_committee_has_a_chair_and_four_members_for_its_term(plan: Plans, slug: str) -> None:
    for row in plan(slug).organisations:
        if row.kind == "owners_committee":
            held = [post for post in plan(slug).posts if post.organisation == row.code and post.person]
            assert Counter(post.role for post in held) == {"committee_chair": 1, "committee_member": 4}
            assert {(post.since, post.until) for post in held} == {(row.since, row.until)}


@every
@pytest.mark.system("P10")
def test_every_force_of_the_team_can_be_called(plan: Plans, profile: Profiles, slug: str) -> None:
    whole = plan(slug)
    kinds = {row.code: row.kind for row in whole.organisations}
    departments = {row.attrs.get("department") for row in whole.organisations}
    own = {(post.role, kinds.get(post.organisation or "")) for post in whole.posts if post.person is None}
    for force in profile(slug).team.forces:
        assert set(force.departments) <= departments
        assert all(any(kind == held for _role, held in own) for kind in force.kinds)
        assert all(any(role == held for held, _kind in own) for role in force.roles)


@pytest.mark.system("P10")
def test_the_teams_carry_the_districts_own_names(profile: Profiles) -> None:
    names = {slug: [force.name for force in profile(slug).team.forces] for slug in PROFILES}
    assert len(names["xiahuayuan"]) == 5
    assert names["qiaodong"][:2] == ["劳动就业", "综合执法"]
    assert names["qiaodong"][6:] == ["社区党组织", "物业公司", "志愿者队伍"]
    assert names["shuangluan"][1:4] == ["居委会", "业委会", "物业企业"]


@every
def test_shares_of_a_dwelling_add_up_and_the_developer_holds_what_is_unsold(plan: Plans, slug: str) -> None:
    whole = plan(slug)
    shares: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in whole.holdings:
        if row.kind == "owner":
            shares[row.place, row.number] += row.share
    assert set(shares) == {(row.place, row.number) for row in whole.dwellings}
    assert set(shares.values()) == {Decimal(1)}
    unsold = [row for row in whole.holdings if row.organisation]
    assert {row.organisation for row in unsold} == {
        row.code for row in whole.organisations if row.attrs.get("developer")
    }
    assert {row.kind for row in whole.holdings} == {"owner", "tenant", "resident"}
    assert max(Counter(row.person for row in whole.holdings if row.kind == "owner" and row.person).values()) == 2


@every
def test_demo_logins_serve_one_community(plan: Plans, profile: Profiles, slug: str) -> None:
    whole, demo = plan(slug), profile(slug).demo
    logins = {login.username: login for login in whole.logins}
    expected = LOGINS | ({"rider"} if slug == "shuangluan" else set())
    assert set(logins) == expected
    assert len({login.person for login in whole.logins}) == len(expected)
    names = {place.code: place for place in whole.places}
    quarter = next(place for place in whole.places if place.name == demo.quarter)
    where = {post.code: post.place for post in whole.posts}
    grid = names[where[logins["grid"].post or ""]]
    assert grid.polygon is not None
    assert grid.polygon.covers(quarter.polygon)
    assert names[where[logins["community"].post or ""]].name == demo.community
    assert where[logins["property"].post or ""] == quarter.code
    assert (logins["resident"].home or "").startswith(quarter.code)
    assert not (logins["resident2"].home or "").startswith(quarter.code[:12])


@every
def test_resident_owns_the_home_that_the_login_shows(plan: Plans, slug: str) -> None:
    for login in plan(slug).logins:
        if login.home:
            owners = {row.person for row in plan(slug).holdings if row.place == login.home and row.kind == "owner"}
            assert login.person in owners


@every
def test_the_demo_grid_worker_comes_first_in_the_own_grid(plan: Plans, slug: str) -> None:
    post = next(login.post for login in plan(slug).logins if login.username == "grid")
    place = next(row.place for row in plan(slug).posts if row.code == post)
    workers = [row.code for row in plan(slug).posts if row.role == "grid_worker" and row.place == place]
    assert min(workers) == post


@every
def test_nobody_in_the_plan_bears_the_name_of_an_official(plan: Plans, slug: str) -> None:
    assert not {person.name for person in plan(slug).persons} & set(OFFICIALS)
    assert {len(person.name) for person in plan(slug).persons} == {3}
