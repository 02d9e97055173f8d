"""The default district as it lies in the database, counted from its rows."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from django.db.models import Count, F, Sum

from linli.config.loading import Loaded
from linli.core.decisions.models import RuleVersion
from linli.core.gatherings.models import GatheringKind, Room
from linli.core.matters.models import Kind
from linli.core.people.models import Holding, Organisation, Post, User
from linli.core.places.locating import locate, locator
from linli.core.places.models import Boundary, District, Dwelling, Place

PROFILE = "qiaoxi"
pytestmark = [pytest.mark.slow, pytest.mark.system("P1")]


@pytest.fixture(autouse=True)
def _here(loaded: Loaded, db: Any) -> None:
    """Every test of this module looks at the loaded district."""


def test_places_are_counted_from_rows() -> None:
    rows = Place.objects.filter(generic=False).values_list("level").annotate(count=Count("id"))
    counts = dict(rows)
    assert {level: counts[level] for level in ("district", "street", "community", "quarter", "unit")} == {
        "district": 1,
        "street": 7,
        "community": 44,
        "quarter": 394,
        "unit": 5905,
    }


@pytest.mark.parametrize(
    ("role", "count"),
    [("quarter_secretary", 173), ("building_party_head", 438), ("unit_head", 5905), ("resident_group_head", 1170)],
)
def test_posts_are_counted_from_rows(role: str, count: int) -> None:
    assert Post.objects.filter(role=role).count() == count


def test_deleting_one_unit_head_gives_5904() -> None:
    Post.objects.filter(role="unit_head").first().delete()  # type: ignore[union-attr]
    assert Post.objects.filter(role="unit_head").count() == 5904


def test_party_bodies_are_counted_from_rows() -> None:
    party = Organisation.objects.filter(kind="party")
    assert party.filter(place__level="quarter").count() == 173
    assert party.filter(place__level="building").count() == 438


def test_every_path_lies_under_its_parents_and_born_counts_the_children() -> None:
    strays = Place.objects.exclude(parent=None).exclude(path__startswith=F("parent__path"))
    assert not strays.exists()
    parents = Place.objects.annotate(count=Count("children")).exclude(count=F("born"))
    assert not parents.exists()


def test_scopes_of_posts_and_organisations_are_their_places_paths() -> None:
    assert not Post.objects.exclude(scope_path=F("place__path")).exists()
    assert not Organisation.objects.exclude(scope_path=F("place__path")).exists()


def test_every_unit_has_its_own_door_and_nothing_else_has_one() -> None:
    doors = Place.objects.exclude(door=None)
    assert doors.count() == doors.values("door").distinct().count() == 5905
    assert set(doors.values_list("level", flat=True)) == {"unit"}


def test_titles_and_levels_are_the_districts_own() -> None:
    district = District.objects.get(pk=130703)
    assert district.levels == ["district", "street", "community", "quarter", "building", "unit"]
    assert district.titles["quarter"] == "小区（楼院）"
    assert district.settings["channels"]["box"] == "小区说事箱"
    assert (
        Post.objects.filter(role="unit_head").values_list("title", flat=True).distinct().get() == "单元长（党员中心户）"
    )


@pytest.mark.system("P2")
def test_every_building_is_located_in_its_own_quarter() -> None:
    found = locator(130703)
    for lon, lat, quarter in Place.objects.filter(level="building").values_list("lon", "lat", "parent__code"):
        assert found.locate(lon, lat) == quarter


@pytest.mark.system("P2")
def test_a_town_resolves_to_its_generic_cell_and_outside_to_nothing() -> None:
    town = Place.objects.get(level="street", generic=True)
    assert town.lon is not None
    assert town.lat is not None
    hit = locate(town.lon, town.lat)
    assert hit is not None
    assert (hit[0], hit[1].generic, hit[1].parent_id) == (130703, True, town.pk)
    assert locate(100.0, 30.0) is None


def test_areas_of_streets_add_up_to_the_district() -> None:
    areas = Boundary.objects.filter(place__level="street").aggregate(sum=Sum("area_m2"))["sum"]
    whole = Boundary.objects.get(place__level="district").area_m2
    assert abs(areas - whole) < 1
    assert shapely.from_geojson(Boundary.objects.get(place__level="district").geojson).is_valid


def test_dwellings_of_the_demo_quarters_are_owned_whole() -> None:
    quarters = Dwelling.objects.values_list("place__parent__parent__name", flat=True).distinct()
    assert set(quarters) == {"秀水怡园", "子芳"}
    owned = Holding.objects.filter(kind="owner").values("dwelling").annotate(sum=Sum("share"))
    assert {row["sum"] for row in owned} == {1}
    assert len(owned) == Dwelling.objects.count() == 882


def test_logins_stand_for_persons_in_their_posts() -> None:
    assert User.objects.filter(demo=True).count() == 14
    grid = User.objects.get(username="grid")
    assert grid.check_password("linli-demo")
    assert grid.person is not None
    assert grid.person.fictional
    assert grid.person.posts.get().place.name == "秀水怡园"
    resident = User.objects.get(username="resident")
    assert resident.home is not None
    assert Holding.objects.filter(person=resident.person, dwelling__place=resident.home, kind="owner").exists()


@pytest.mark.system("D1")
def test_halls_and_kinds_of_gatherings_are_counted_from_rows() -> None:
    halls = Room.objects.filter(purpose="hall", active=True)
    assert halls.filter(place__level="street").count() == 7
    assert halls.filter(place__level="community").count() == 44
    assert halls.count() == halls.values("place").distinct().count() == 51
    codes = {"council", "work_committee", "party_committee", "joint_meeting", "evening"}
    assert set(GatheringKind.objects.values_list("code", flat=True)) == codes
    assert all(kind.says.outcomes for kind in GatheringKind.objects.all())
    assert Kind.objects.filter(code="topic").count() == 1


@pytest.mark.system("D3")
def test_part_time_members_are_counted_from_rows() -> None:
    members = Post.objects.filter(role="part_time_member")
    assert members.filter(place__level="street").count() == 72
    assert members.filter(place__level="community").count() == 264
    members.filter(place__level="street").first().delete()  # type: ignore[union-attr]
    assert Post.objects.filter(role="part_time_member", place__level="street").count() == 71


@pytest.mark.system("D5")
def test_the_ready_rules_of_decisions_stand_from_the_first_load() -> None:
    codes = {"household", "cc278", "cc278s", "consensus", "budget", "menu", "present", "present23"}
    assert set(RuleVersion.objects.values_list("code", flat=True)) == codes
    assert set(RuleVersion.objects.values_list("version", flat=True)) == {1}
