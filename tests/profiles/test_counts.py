"""The districts' own figures, as literals, counted from the plan's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from linli.profiles.plan import Plan

Plans = Callable[[str], Plan]

PLACES = {
    "qiaoxi": {"street": 7, "community": 44, "quarter": 394, "unit": 5905},
    "qiaodong": {"street": 5, "community": 47},
    "xiahuayuan": {"community": 13, "quarter": 133},
    "shuangluan": {"grid": 243},
    "chongli": {"community": 7, "grid": 81},
}
POSTS = {
    "qiaoxi": {
        "quarter_secretary": 173,
        "building_party_head": 438,
        "unit_head": 5905,
        "resident_group_head": 1170,
    },
    "xiahuayuan": {"grid_worker": 1508, "district_leader": 30, "quarter_secretary": 133},
    "shuangluan": {"building_head": 1174, "building_head_online": 1188, "grid_head": 243, "committee_unit": 72},
    "chongli": {"grid_head": 81},
    "qiaodong": {"community_secretary": 47, "street_office": 5},
}
TOWNS = {"qiaoxi": 1, "qiaodong": 3, "xiahuayuan": 4, "shuangluan": 6, "chongli": 10}


@pytest.mark.system("P1")
@pytest.mark.parametrize(
    ("slug", "level", "count"), [(s, lv, n) for s, each in PLACES.items() for lv, n in each.items()]
)
def test_places_equal_the_districts_own_figures(plan: Plans, slug: str, level: str, count: int) -> None:
    assert sum(1 for place in plan(slug).places if place.level == level and not place.generic) == count


@pytest.mark.system("P1")
@pytest.mark.parametrize(("slug", "role", "count"), [(s, r, n) for s, each in POSTS.items() for r, n in each.items()])
def test_posts_equal_the_districts_own_figures(plan: Plans, slug: str, role: str, count: int) -> None:
    assert sum(1 for post in plan(slug).posts if post.role == role) == count


@pytest.mark.system("P9")
def test_46_riders_and_28_rest_stations_of_shuangluan(plan: Plans) -> None:
    whole = plan("shuangluan")
    riders = [post for post in whole.posts if post.role == "rider"]
    assert len(riders) == 46
    assert len({post.person for post in riders}) == 46
    stations = [row for row in whole.facilities if row.kind == "rest_station"]
    assert len(stations) == 28
    assert len({row.code for row in stations}) == 28
    assert len({(row.lon, row.lat) for row in stations}) == 28


@pytest.mark.system("P1")
def test_one_unit_head_less_is_5904(plan: Plans) -> None:
    whole = plan("qiaoxi")
    first = next(post for post in whole.posts if post.role == "unit_head")
    fewer = replace(whole, posts=tuple(post for post in whole.posts if post is not first))
    assert (whole.count_posts("unit_head"), fewer.count_posts("unit_head")) == (5905, 5904)


@pytest.mark.system("P1")
def test_every_unit_of_qiaoxi_has_exactly_one_head(plan: Plans) -> None:
    units = {place.code for place in plan("qiaoxi").places if place.level == "unit"}
    heads = Counter(post.place for post in plan("qiaoxi").posts if post.role == "unit_head")
    assert set(heads) == units
    assert set(heads.values()) == {1}


@pytest.mark.system("P1")
def test_party_bodies_of_qiaoxi(plan: Plans) -> None:
    levels = Counter(row.attrs["level"] for row in plan("qiaoxi").organisations if row.kind == "party")
    assert levels == {"district": 1, "street": 7, "community": 44, "quarter": 173, "building": 438}


@pytest.mark.system("P1")
def test_heads_of_party_bodies_lead_the_body_of_their_own_place(plan: Plans) -> None:
    bodies = {row.code: row.place for row in plan("qiaoxi").organisations if row.kind == "party"}
    for post in plan("qiaoxi").posts:
        if post.role in {"quarter_secretary", "building_party_head"}:
            assert bodies[post.organisation or ""] == post.place


@pytest.mark.system("P1")
def test_grid_party_bodies_and_committees_of_shuangluan(plan: Plans) -> None:
    rows = plan("shuangluan").organisations
    assert sum(1 for row in rows if row.kind == "party" and row.attrs["level"] == "grid") == 243
    assert sum(1 for row in rows if row.kind == "owners_committee") == 72
    assert sum(1 for row in rows if row.attrs.get("self_managed")) == 32
    workers = [post for post in plan("shuangluan").posts if post.role in {"community_secretary", "community_worker"}]
    assert len(workers) == 288


@pytest.mark.system("P1")
def test_239_grid_workers_of_xiahuayuan_are_party_members(plan: Plans) -> None:
    members = [post for post in plan("xiahuayuan").posts if post.party_member]
    assert len(members) == 239
    assert {post.role for post in members} == {"grid_worker"}


@pytest.mark.system("P1")
def test_chongli_has_107_quarters_and_9_apartment_blocks_in_81_grids(plan: Plans) -> None:
    places = plan("chongli").places
    kinds = Counter(place.attrs["kind"] for place in places if place.level == "quarter")
    assert kinds == {"quarter": 107, "apartment": 9}
    grids = {place.code for place in places if place.level == "grid" and not place.generic}
    assert {place.parent for place in places if place.level == "quarter"} == grids
    assert sum(1 for place in places if place.attrs.get("property") == "main") == 90


@pytest.mark.system("P1")
def test_state_property_of_qiaodong_keeps_283_quarters_with_63000_households(plan: Plans) -> None:
    quarters = [place for place in plan("qiaodong").places if place.level == "quarter"]
    kept = [place.attrs["households"] for place in quarters if place.attrs["property"] == "main"]
    assert (len(kept), sum(kept)) == (283, 63000)
    assert round(100 * sum(kept) / sum(place.attrs["households"] for place in quarters), 1) == 71.4


@pytest.mark.system("P1")
def test_pilot_quarter_of_qiaodong_has_276_households_in_24_grids_and_a_committee_of_five(plan: Plans) -> None:
    whole = plan("qiaodong")
    pilot = next(place for place in whole.places if place.name == "人保东辰家园")
    assert pilot.attrs["households"] == 276
    assert sum(1 for place in whole.places if place.level == "grid" and place.parent == pilot.code) == 24
    committee = [post for post in whole.posts if post.place == pilot.code and post.role.startswith("committee_")]
    assert sum(1 for post in committee if post.person) == 5


@pytest.mark.system("P1")
@pytest.mark.parametrize(("slug", "count"), TOWNS.items())
def test_a_town_outside_the_figures_is_one_generic_cell(plan: Plans, slug: str, count: int) -> None:
    towns = [place for place in plan(slug).places if place.generic and place.level == "street"]
    cells = [place for place in plan(slug).places if place.generic and place.level != "street"]
    assert len(towns) == count
    assert [cell.parent for cell in cells] == [town.code for town in towns]
    generic = {place.code for place in plan(slug).places if place.generic}
    assert not [post for post in plan(slug).posts if post.place in generic]


@pytest.mark.system("D1")
def test_51_halls_of_qiaoxi_7_at_streets_and_44_in_communities(plan: Plans) -> None:
    whole = plan("qiaoxi")
    levels = {place.code: place.level for place in whole.places}
    halls = Counter(levels[room.place] for room in whole.rooms if room.purpose == "hall")
    assert halls == {"street": 7, "community": 44}
    assert len({room.place for room in whole.rooms}) == 51


@pytest.mark.system("D3")
def test_72_and_264_part_time_members_of_qiaoxi(plan: Plans) -> None:
    whole = plan("qiaoxi")
    levels = {place.code: place.level for place in whole.places}
    members = [post for post in whole.posts if post.role == "part_time_member"]
    assert Counter(levels[post.place] for post in members) == {"street": 72, "community": 264}
    assert Counter(post.title for post in members) == {"大工委兼职委员": 72, "大党委兼职委员": 264}
    assert len({post.place for post in members}) == 51  # every street and every community has a committee
    assert len({post.person for post in members}) == 336
    assert all(post.organisation for post in members)


@pytest.mark.system("D3")
def test_every_street_and_community_of_qiaodong_has_a_committee(plan: Plans) -> None:
    whole = plan("qiaodong")
    levels = {place.code: place.level for place in whole.places}
    places = {post.place for post in whole.posts if post.role == "part_time_member"}
    assert Counter(levels[code] for code in places) == {"street": 5, "community": 47}
