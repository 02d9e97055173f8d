"""Renaming, drawing, splitting, moving, merging and ending places in the town."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from shapely.geometry import Polygon, box

from linli.core.places import actions
from linli.core.places.actions import Part
from linli.core.places.locating import locate
from linli.core.places.models import Boundary, District, Dwelling, Place, Succession
from linli.core.places.tree import tree
from linli.kit.models import Change, Outbox
from linli.kit.refusal import Conflict, Invalid, NotFound
from tests.cast import DISTRICT, LAT, LON, SINCE, Town

BY = "管机房"
DAY = date(2026, 3, 1)
ASKED: dict[str, Any] = {"by": BY, "district_id": DISTRICT}


def area(west: float, south: float, east: float, north: float) -> Polygon:
    """In the town's own units: the first grid is (0, 0, 1, 1)."""
    return box(LON + west / 100, LAT + south / 100, LON + east / 100, LAT + north / 100)


def split(town: Town, **more: Any) -> list[Place]:
    parts = [Part("G-W", "西网格", area(0, 0, 0.4, 1)), Part("G-E", "东网格", area(0.4, 0, 1, 1))]
    return actions.split_place(**ASKED, place_id=town.places["grid"].pk, **{"parts": parts, "on": DAY, **more})


def test_a_new_name_is_written_down_with_the_old_one_and_seen_at_once(town: Town) -> None:
    before = District.objects.get().version
    assert tree(DISTRICT).by_code["990001010101"].name == "柳荫里"
    actions.rename_place(**ASKED, place_id=town.places["quarter"].pk, name=" 柳荫 新里 ")
    assert tree(DISTRICT).by_code["990001010101"].name == "柳荫 新里"
    assert District.objects.get().version == before + 1
    assert Change.objects.get().sentence == "管机房 把 柳荫里 改名为 柳荫 新里"
    for name in ("", "   ", "长" * 81):
        with pytest.raises(Invalid):
            actions.rename_place(**ASKED, place_id=town.places["quarter"].pk, name=name)
    with pytest.raises(NotFound):
        actions.rename_place(by=BY, district_id=1, place_id=town.places["quarter"].pk, name="别处")


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_border_moves_by_drawing_one_and_then_the_other(town: Town) -> None:
    grid, gridb = town.places["grid"].pk, town.places["gridb"].pk
    assert locate(LON + 0.0095, LAT + 0.005)[1].id == grid  # type: ignore[index]
    with pytest.raises(Invalid, match="重叠"):
        actions.draw_boundary(**ASKED, place_id=gridb, polygon=area(0.9, 0, 2, 1), on=DAY)
    actions.draw_boundary(**ASKED, place_id=grid, polygon=area(0, 0, 0.9, 1), on=DAY)
    made = actions.draw_boundary(**ASKED, place_id=gridb, polygon=area(0.9, 0, 2, 1), on=DAY)
    assert locate(LON + 0.0095, LAT + 0.005)[1].id == gridb  # type: ignore[index]
    assert list(Boundary.objects.filter(place_id=gridb).order_by("since").values_list("since", "until")) == [
        (SINCE, DAY),
        (DAY, None),
    ]
    assert 1_000_000 < made.area_m2 < 1_100_000
    again = actions.draw_boundary(**ASKED, place_id=gridb, polygon=json.loads(made.geojson))
    assert again.pk == made.pk
    assert Change.objects.count() == 2


def test_a_polygon_must_lie_in_its_parent_where_the_parent_has_one(town: Town) -> None:
    actions.draw_boundary(**ASKED, place_id=town.places["community"].pk, polygon=area(0, 0, 2, 1), on=DAY)
    grid = town.places["grid"].pk
    with pytest.raises(Invalid, match="超出"):
        actions.draw_boundary(**ASKED, place_id=grid, polygon=area(-0.1, 0, 1, 1), on=DAY)
    actions.draw_boundary(**ASKED, place_id=grid, polygon=area(0, 0, 0.5, 1), on=DAY)


@pytest.mark.parametrize(
    ("polygon", "why"),
    [
        (Polygon([(114.88, 40.81), (114.89, 40.82), (114.89, 40.81), (114.88, 40.82)]), "自相交"),
        ('{"type": "Point", "coordinates": [1, 2]}', "GeoJSON"),
        ("not json", "JSON"),
        ({"type": "Polygon", "coordinates": [[[40.8, 114.8], [40.9, 114.8], [40.9, 114.9], [40.8, 114.8]]]}, "反"),
        ({"type": "FeatureCollection", "features": []}, "0 个"),
    ],
)
def test_what_is_no_sound_polygon_is_refused_with_its_fault(town: Town, polygon: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        actions.draw_boundary(**ASKED, place_id=town.places["grid"].pk, polygon=polygon)
    assert not Change.objects.exists()


def test_days_lie_neither_in_the_future_nor_before_the_place(town: Town) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    for day in (tomorrow, SINCE - timedelta(days=1)):
        with pytest.raises(Invalid):
            split(town, on=day)
    actions.draw_boundary(**ASKED, place_id=town.places["grid"].pk, polygon=area(0, 0, 0.9, 1), on=DAY)
    with pytest.raises(Invalid, match="早于"):
        split(town, on=DAY - timedelta(days=1))


# ── splitting ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_split_grid_goes_on_as_two_with_new_paths_and_everything_in_them(town: Town) -> None:
    old, unit = town.places["grid"], town.places["unit"]
    home = Dwelling.objects.create(district=town.district, place=unit, number="101")
    parts = split(town)
    old.refresh_from_db()
    assert old.until == DAY
    paths = [part.path for part in parts]
    assert len({old.path, town.places["gridb"].path, *paths}) == 4
    assert [path[:-4] for path in paths] == [town.places["quarter"].path] * 2
    assert set(Succession.objects.filter(old=old).values_list("new__code", "kind", "on")) == {
        ("G-W", "split", DAY),
        ("G-E", "split", DAY),
    }
    found = locate(LON + 0.002, LAT + 0.005), locate(LON + 0.008, LAT + 0.005)
    assert [at[1].code for at in found if at] == ["G-W", "G-E"]
    building = Place.objects.get(name="1 号楼", until=None)
    assert (building.parent_id, building.since) == (parts[1].pk, DAY)
    home.refresh_from_db()
    assert home.place.until is None
    assert (home.place.door, home.place.code) == (unit.door, unit.code)
    assert tree(DISTRICT).by_door[unit.door or ""].path.startswith(parts[1].path)
    assert Change.objects.get().sentence == "管机房 把 柳荫里第一网格 拆成 西网格、东网格（2026-03-01 起）"
    left = Outbox.objects.get(topic="succession").payload
    assert (left["old"], set(left["new"]), left["kind"]) == (str(old.pk), {str(p.pk) for p in parts}, "split")


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([Part("A", "甲", area(0, 0, 0.4, 1)), Part("B", "乙", area(0.5, 0, 1, 1))], "归属"),
        ([Part("A", "甲", area(0, 0, 0.6, 1)), Part("B", "乙", area(0.5, 0, 1, 1))], "重叠"),
        ([Part("A", "甲", area(0, 0, 0.5, 1)), Part("B", "乙", area(0.5, 0, 1.1, 1))], "超出"),
        ([Part("A", "甲", area(0, 0, 0.5, 1)), Part("B", "乙")], "每一块"),
        ([Part("A", "甲", area(0, 0, 1, 1))], "至少"),
        ([Part("A", "甲", area(0, 0, 0.5, 1)), Part("A", "乙", area(0.5, 0, 1, 1))], "各不相同"),
        ([Part("A", "甲", area(0, 0, 0.5, 1)), Part("99000101010101", "乙", area(0.5, 0, 1, 1))], "用过"),
    ],
)
def test_parts_that_do_not_make_the_whole_are_refused_and_nothing_changes(town: Town, parts: Any, why: str) -> None:
    before = Place.objects.count(), Place.objects.get(pk=town.places["quarter"].pk).born
    with pytest.raises(Invalid, match=why):
        split(town, parts=parts)
    assert (Place.objects.count(), Place.objects.get(pk=town.places["quarter"].pk).born) == before
    assert not Place.objects.exclude(until=None).exists()
    assert not Outbox.objects.exists()


def test_a_place_that_has_passed_cannot_be_changed_and_its_code_is_gone_for_good(town: Town) -> None:
    split(town)
    with pytest.raises(Conflict):
        split(town)
    with pytest.raises(Conflict):
        actions.rename_place(**ASKED, place_id=town.places["grid"].pk, name="旧的")
    parts = [Part(town.places["grid"].code, "甲", area(1, 0, 1.5, 1)), Part("N", "乙", area(1.5, 0, 2, 1))]
    with pytest.raises(Invalid, match="用过"):
        actions.split_place(**ASKED, place_id=town.places["gridb"].pk, parts=parts, on=DAY)


# ── moving, merging, ending ─────────────────────────────────────────────────────────────────────────────────
def test_a_moved_grid_takes_its_code_its_houses_and_the_polygons_above_with_it(town: Town) -> None:
    for key, shape in (("quarter", area(0, 0, 2, 1)), ("quarter2", area(0, 1, 2, 2))):
        actions.draw_boundary(**ASKED, place_id=town.places[key].pk, polygon=shape, on=DAY)
    heir = actions.move_place(
        **ASKED, place_id=town.places["grid"].pk, parent_id=town.places["quarter2"].pk, on=DAY
    )  # fmt: skip
    assert (heir.code, heir.path[:-4]) == (town.places["grid"].code, town.places["quarter2"].path)
    known = tree(DISTRICT)
    assert [node.name for node in known.chain(known.by_code[town.places["unit"].code])][2:] == [
        "石榴社区", "石榴园", "柳荫里第一网格", "1 号楼", "1 单元",
    ]  # fmt: skip
    areas = dict(Boundary.objects.filter(until=None, place__level="quarter").values_list("place__name", "area_m2"))
    assert float(areas["石榴园"] / areas["柳荫里"]) == pytest.approx(3, rel=0.01)
    assert Succession.objects.filter(old=town.places["unit"], kind="move").count() == 1
    assert locate(LON + 0.005, LAT + 0.005)[1].id == heir.pk  # type: ignore[index]
    assert Change.objects.order_by("-at")[0].sentence == "管机房 把 柳荫里第一网格 移到 石榴园（2026-03-01 起）"


@pytest.mark.parametrize(
    ("which", "to", "refusal"),
    [
        ("grid", "quarter", Conflict),
        ("quarter", "grid", Invalid),
        ("community", "quarter2", Invalid),
        ("district", "street", Conflict),
    ],
)
def test_a_place_lies_below_higher_levels_only(town: Town, which: str, to: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        actions.move_place(**ASKED, place_id=town.places[which].pk, parent_id=town.places[to].pk, on=DAY)
    assert not Place.objects.exclude(until=None).exists()


def test_two_grids_become_one_with_both_polygons(town: Town) -> None:
    both = [town.places["grid"].pk, town.places["gridb"].pk]
    made = actions.merge_places(**ASKED, place_ids=both, code="G-ALL", name="柳荫里网格", on=DAY)
    assert locate(LON + 0.005, LAT + 0.005)[1].id == locate(LON + 0.015, LAT + 0.005)[1].id == made.pk  # type: ignore[index]
    assert set(Succession.objects.filter(new=made).values_list("old_id", flat=True)) == set(both)
    assert Place.objects.get(name="1 号楼", until=None).parent_id == made.pk
    assert Outbox.objects.filter(topic="succession").count() == 2
    for wrong in ([both[0]], [town.places["gridb"].pk, town.places["grid2"].pk]):
        with pytest.raises((Invalid, Conflict)):
            actions.merge_places(**ASKED, place_ids=wrong, code="X", name="X", on=DAY)


def test_only_an_empty_place_ends(town: Town) -> None:
    with pytest.raises(Conflict, match="下面还有"):
        actions.end_place(**ASKED, place_id=town.places["grid"].pk, on=DAY)
    ended = actions.end_place(**ASKED, place_id=town.places["gridb"].pk, on=DAY)
    assert ended.until == DAY
    assert locate(LON + 0.015, LAT + 0.005) is None
    assert town.places["gridb"].code not in tree(DISTRICT).by_code
    unit = town.places["unitb"]
    Dwelling.objects.create(district=town.district, place=unit, number="201")
    with pytest.raises(Conflict, match="房屋"):
        actions.end_place(**ASKED, place_id=unit.pk, on=DAY)
