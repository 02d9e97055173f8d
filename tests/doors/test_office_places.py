"""Places at the office: the tree, drawing with its check, splitting along a line, merging, moving, the grid check."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from shapely.geometry import box, mapping

from linli.core.places.models import Boundary, Place
from linli.kit import importing
from linli.kit.models import Change
from tests.cast import LAT, LON, Town
from tests.doors.desk_cast import sit


@pytest.fixture
def office(town: Town) -> Client:
    return sit(town, "admin")


def area(west: float, south: float, east: float, north: float) -> str:
    """In the town's own units: the first grid is (0, 0, 1, 1)."""
    return json.dumps(mapping(box(LON + west / 100, LAT + south / 100, LON + east / 100, LAT + north / 100)))


def at(name: str, place: Place) -> str:
    return reverse(f"office:{name}", args=[place.pk])


def test_the_tree_is_walked_searched_and_narrowed_by_level(town: Town, office: Client) -> None:
    top = office.get("/admin/places/").content.decode()
    assert "东桥街道" in top
    assert "柳荫社区" not in top
    inside = office.get(f"/admin/places/?in={town.places['street'].code}").content.decode()
    assert "柳荫社区" in inside
    assert "石榴社区" not in inside
    found = office.get("/admin/places/?q=单元").content.decode()
    assert "1 单元" in found
    assert "东桥街道 柳荫社区 柳荫里" in found
    grids = office.get("/admin/places/?level=grid").content.decode()
    assert grids.count("data-row") == 3
    assert "没有找到" in office.get("/admin/places/?q=没这个").content.decode()


def test_a_long_list_goes_on_where_the_page_ended(town: Town, office: Client) -> None:
    building = town.places["building"]
    for n in range(60):
        Place.objects.create(district=town.district, parent=building, level="unit", code=f"U{n:02d}", name=f"单元{n}",
                             path=f"{building.path}1{n:03d}", since=building.since)  # fmt: skip
    first = office.get(f"/admin/places/?in={building.code}")
    assert first.content.decode().count("data-row") == 50
    page = first.context["page"]
    second = office.get(f"/admin/places/?in={building.code}&cursor={page.next}").content.decode()
    assert second.count("data-row") == 12
    assert "单元59" in second


def test_one_place_shows_facts_history_people_and_what_can_be_done(town: Town, office: Client) -> None:
    grid = town.places["grid"]
    page = office.get(at("place", grid)).content.decode()
    for words in ("柳荫里第一网格", grid.code, "边界的历史", "王禾苗", "拆分…", "画边界…"):
        assert words in page, words
    assert "画边界…" not in office.get(at("place", town.places["unit"])).content.decode()
    shapes = office.get(at("place-map", grid)).json()["features"]
    assert [each["properties"].get("chosen") for each in shapes] == [True]
    around = office.get(at("around", grid)).json()["features"]
    assert sorted(each["properties"]["role"] for each in around) == ["beside", "beside", "was"]


def test_a_name_is_changed_and_told(town: Town, office: Client) -> None:
    grid = town.places["grid"]
    wrong = office.post(at("rename", grid), {"name": " "})
    assert wrong.status_code == 422
    done = office.post(at("rename", grid), {"name": "东一网格"})
    assert done["Location"] == at("place", grid)
    assert Change.objects.get().sentence == "管机房 系统管理员 把 柳荫里第一网格 改名为 东一网格"
    assert "东一网格" in office.get("/admin/history/").content.decode()
    assert "没有这样的改动" in office.get("/admin/history/?q=西一").content.decode()


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_check_tells_overlaps_with_their_area_and_keeps_nothing(town: Town, office: Client) -> None:
    grid, today = town.places["grid"], f"{timezone.localdate()}"
    told = office.post(at("draw-check", grid), {"polygon": area(0, 0, 1.1, 1)}).json()
    assert [found["kind"] for found in told["findings"]] == ["overlap"]
    assert 90_000 < float(told["findings"][0]["area"].replace(",", "")) < 100_000
    assert told["shapes"]["features"][0]["properties"]["tone"] == "over"
    page = office.post(at("draw", grid), {"polygon": area(0, 0, 1.1, 1), "on": today, "check": "1"}).content.decode()
    assert "重叠" in page
    assert Boundary.objects.count() == 3
    assert office.post(at("draw-check", grid), {"polygon": area(0, 0, 0.9, 1)}).json()["findings"] == []
    wrong = office.post(at("draw-check", grid), {"polygon": '{"type": "Point", "coordinates": [1, 2]}'})
    assert (wrong.status_code, "GeoJSON" in wrong.json()["wrong"]) == (422, True)


def test_what_does_not_fit_is_not_kept_and_what_fits_is(town: Town, office: Client) -> None:
    grid, today = town.places["grid"], f"{timezone.localdate()}"
    refused = office.post(at("draw", grid), {"polygon": area(0, 0, 1.1, 1), "on": today})
    assert (refused.status_code, "放不下" in refused.content.decode()) == (422, True)
    kept = office.post(at("draw", grid), {"polygon": area(0, 0, 0.9, 1), "on": today})
    assert kept["Location"] == at("place", grid)
    assert Boundary.objects.filter(place=grid, until=None).count() == 1
    assert Boundary.objects.filter(place=grid).count() == 2


# ── cutting ─────────────────────────────────────────────────────────────────────────────────────────────────────
def line(*points: tuple[float, float]) -> str:
    return json.dumps({"type": "LineString", "coordinates": [[LON + x / 100, LAT + y / 100] for x, y in points]})


def test_a_place_is_cut_along_a_line_and_its_parts_are_named(town: Town, office: Client) -> None:
    grid = town.places["grid"]
    first = office.post(at("split", grid), {"line": line((-0.2, 0.513), (1.2, 0.487))})
    form = first.context["form"]
    assert form.count == 2
    sent: dict[str, Any] = {"parts": "2", "on": f"{timezone.localdate()}"}
    for n, name in enumerate(("北网格", "南网格")):
        sent |= {f"name_{n}": name, f"code_{n}": f"G{n}", f"polygon_{n}": form[f"polygon_{n}"].value()}
    done = office.post(at("split", grid), sent)
    made = list(Place.objects.filter(code__in=["G0", "G1"]).order_by("code"))
    assert (done.status_code, [each.name for each in made]) == (302, ["北网格", "南网格"])
    assert (made[0].lat or 0) > (made[1].lat or 0)
    old = office.get(at("place", grid)).content.decode()
    assert "起不再用" in old
    assert "北网格" in old
    assert "拆分…" not in old
    assert office.get(at("draw", grid)).status_code == 404


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (line((-0.2, 0.5), (0.5, 0.5)), "没有把它切开"),
        (line((3, 3), (4, 4)), "没有把它切开"),
        ('{"type": "Point", "coordinates": [1, 2]}', "LineString"),
        ("画一条", "LineString"),
        ('{"type": "LineString", "coordinates": [[1, 2], ["a", 3]]}', "LineString"),
    ],
)
def test_a_line_that_cuts_nothing_is_refused(town: Town, office: Client, text: str, why: str) -> None:
    answer = office.post(at("split", town.places["grid"]), {"line": text})
    assert (answer.status_code, why in answer.content.decode()) == (422, True)


def test_parts_that_leave_a_gap_are_refused_with_the_area(town: Town, office: Client) -> None:
    sent = {"parts": "2", "on": f"{timezone.localdate()}", "name_0": "甲", "code_0": "A", "name_1": "乙", "code_1": "B",
            "polygon_0": area(0, 0, 0.4, 1), "polygon_1": area(0.5, 0, 1, 1)}  # fmt: skip
    answer = office.post(at("split", town.places["grid"]), sent)
    assert (answer.status_code, "没有归属" in answer.content.decode()) == (422, True)
    assert not Place.objects.filter(code="A").exists()


def test_two_become_one_and_one_moves_away(town: Town, office: Client) -> None:
    grid, gridb, today = town.places["grid"], town.places["gridb"], f"{timezone.localdate()}"
    form = office.get(at("merge", grid)).context["form"]
    assert "挨着" in str(form.fields["others"].choices)
    sent = {"others": [str(gridb.pk)], "name": "柳荫里大网格", "code": "M1", "on": today}
    done = office.post(at("merge", grid), sent)
    made = Place.objects.get(code="M1")
    assert done["Location"] == at("place", made)
    moved = office.post(at("move", made), {"parent": str(town.places["quarter2"].pk), "on": today})
    heir = Place.objects.get(name="柳荫里大网格", until=None)
    assert (moved["Location"], heir.parent_id) == (at("place", heir), town.places["quarter2"].pk)
    again = office.post(at("move", heir), {"parent": str(town.places["street"].pk), "on": today})
    assert again.status_code == 422  # only what was offered


def test_a_place_with_something_in_it_does_not_end(town: Town, office: Client) -> None:
    today = f"{timezone.localdate()}"
    full = office.post(at("end", town.places["building"]), {"on": today})
    assert (full.status_code, "先移走" in full.content.decode()) == (422, True)
    assert office.post(at("end", town.places["unitb"]), {"on": today}).status_code == 302
    ended = office.get("/admin/places/?tab=ended").content.decode()
    assert "2 单元" in ended


# ── the grid check ──────────────────────────────────────────────────────────────────────────────────────────────
def test_gaps_and_overlaps_are_listed_with_areas_and_drawn(town: Town, office: Client) -> None:
    assert "没有缝隙，没有重叠" in office.get("/admin/tiling/").content.decode()
    row = Boundary.objects.get(place=town.places["gridb"])
    Boundary.objects.filter(pk=row.pk).update(geojson=area(0.9, 0, 2, 1))
    page = office.get("/admin/tiling/").content.decode()
    for words in ("3 个网格，1 处不对", "重叠", "柳荫里第一网格", "柳荫里第二网格"):
        assert words in page, words
    drawn = office.get("/admin/tiling/map.geojson").json()["features"]
    assert [each["properties"]["kind"] for each in drawn if each["properties"].get("tone") == "over"] == ["overlap"]
    inside = office.get(f"/admin/tiling/?in={town.places['street2'].code}").content.decode()
    assert "没有缝隙，没有重叠" in inside


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_is_tried_first_then_written_and_faults_stand_by_their_line(town: Town, office: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    table = importing.table("places")
    assert table is not None
    heads = {key: str(heading) for key, heading, _needed in table.columns}

    def send(name: str, write: str) -> Any:
        head = ",".join(heads[key] for key in ("code", "name", "level", "parent"))
        text = f"{head}\nX1,{name},building,{town.places['grid'].code}\n"
        file = SimpleUploadedFile("places.csv", text.encode())
        return office.post("/admin/transfer/", {"kind": "places", "file": file, "write": write})

    wrong = send("", "do")
    assert wrong.status_code == 422
    assert "什么也没有写" in wrong.content.decode()
    tried = send("9 号楼", "try").content.decode()
    assert "会新增 1" in tried
    assert not Place.objects.filter(code="X1").exists()
    assert send("9 号楼", "do").status_code == 200
    assert Place.objects.get(code="X1").name == "9 号楼"
    assert "管机房 系统管理员 导入" in Change.objects.latest("at").sentence


def test_an_export_is_a_post_and_is_written_down(town: Town, office: Client) -> None:
    url = reverse("office:export", args=["places", "geojson"])
    assert office.get(url).status_code == 405
    answer = office.post(url)
    assert answer["Content-Disposition"].startswith('attachment; filename="linli-places-')
    assert len(json.loads(answer.content)["features"]) == Place.objects.count()
    assert "导出" in Change.objects.latest("at").sentence
    assert office.post(reverse("office:export", args=["people", "csv"])).status_code == 404
    assert office.post(reverse("office:export", args=["holdings", "csv"])).status_code == 404
