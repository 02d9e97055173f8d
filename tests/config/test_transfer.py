"""Files in and out: the town exported, read into an empty district, exported again; and everything that is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from linli.config.transfer import Report, export_file, import_file
from linli.core.matters import actions as acts
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people.models import Holding, Organisation, Person, Post
from linli.core.places.actions import geojson_text, read_polygon
from linli.core.places.models import Boundary, District, Dwelling, Place
from linli.core.places.tree import tree
from linli.kit import crypto
from linli.kit.models import Change
from tests.cast import DISTRICT, LAT, LON, SINCE, Town

OTHER = 990002
PHONE = "13900000000"


def table(path: Path, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def messages(report: Report) -> str:
    return "\n".join(report.lines())


def send(kind: str, path: Path, **more: Any) -> Path:
    assert export_file(kind, path, report=lambda line: None, **more) == 0
    return path


@pytest.fixture
def full(town: Town) -> Town:
    """The town with homes, an owner with a telephone, a holder that is a firm, and names that look like formulas."""
    home = Dwelling.objects.create(district=town.district, place=town.places["unit"], number="101", area_m2="89.50")
    Dwelling.objects.create(district=town.district, place=town.places["unit"], number="102", use="shop")
    owner = Person.objects.create(
        district=town.district, shown="李**", name=crypto.seal("李冬晴", context="person.name"),
        phone=crypto.seal(PHONE, context="person.phone"), phone_index=crypto.blind_index(PHONE, purpose="phone"),
    )  # fmt: skip
    for holder, share in (({"person": owner}, "0.333333"), ({"organisation": town.organisations["firm"]}, "0.666667")):
        Holding.objects.create(district=town.district, dwelling=home, kind="owner", share=share, since=SINCE, **holder)
    Organisation.objects.filter(code="O-firm").update(name="=HYPERLINK(1)", parent=town.organisations["centre"])
    Post.objects.filter(code="T-grid").update(title="-网格员", hours="'8:00", party_member=True)
    Place.objects.filter(code=town.places["quarter"].code).update(name="@柳荫里", attrs={"户": 3})
    for n, key in enumerate(("grid", "gridb", "grid2")):  # an import gives a point to whatever has a polygon
        Place.objects.filter(pk=town.places[key].pk).update(
            lon=LON + (0.005, 0.015, 0.005)[n], lat=LAT + (0.005, 0.005, 0.015)[n]
        )
    for boundary in Boundary.objects.all():  # as the actions would have written it
        boundary.geojson = geojson_text(read_polygon(boundary.geojson))
        boundary.save()
    return town


@pytest.fixture
def empty(full: Town, tmp_path: Path) -> Callable[[], None]:
    """Take the town away once it was exported; only the district and its root stay."""

    def clear() -> None:
        for model in (Holding, Dwelling):
            model.objects.all().delete()
        for user in full.users.values():
            user.delete()
        from linli.core.matters.models import Policy, Rule

        Rule.objects.all().delete()
        Policy.objects.all().delete()
        Post.objects.all().delete()
        Person.objects.all().delete()
        Organisation.objects.update(parent=None)
        Organisation.objects.all().delete()
        Boundary.objects.all().delete()
        for place in Place.objects.order_by("-path"):
            if place.parent_id is not None:
                place.delete()
        Place.objects.update(born=0)

    return clear


KINDS = ("places", "organisations", "people", "holdings")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_went_out_comes_in_the_same(full: Town, empty: Callable[[], None], tmp_path: Path, suffix: str) -> None:
    first = {kind: send(kind, tmp_path / f"{kind}1.{suffix}") for kind in KINDS}
    csvs = {kind: send(kind, tmp_path / f"{kind}1.csv").read_bytes() for kind in KINDS}
    doors = dict(tree(DISTRICT).by_door)
    empty()
    assert not Post.objects.exists()
    for kind in KINDS:
        report = import_file(kind, first[kind])
        assert report.ok, messages(report)
        assert report.added + report.unchanged == report.read
    for kind in KINDS:
        assert send(kind, tmp_path / f"{kind}2.csv").read_bytes() == csvs[kind]
    person = Person.objects.get(phone_index=crypto.blind_index(PHONE, purpose="phone"))
    assert crypto.unseal(person.name or b"", context="person.name") == "李冬晴"
    assert PHONE.encode() not in bytes(person.phone or b"")
    assert set(tree(DISTRICT).by_door) == set(doors)
    assert Place.objects.get(name="@柳荫里").attrs == {"户": 3}
    assert {p.path[:-4] for p in Place.objects.filter(level="grid")} <= {
        p.path for p in Place.objects.filter(level="quarter")
    }
    for kind in KINDS:
        again = import_file(kind, first[kind])
        assert (again.added, again.changed, again.unchanged) == (0, 0, again.read), messages(again)


def test_places_go_through_geojson_with_their_polygons(full: Town, empty: Callable[[], None], tmp_path: Path) -> None:
    first = send("places", tmp_path / "a.geojson")
    told = json.loads(first.read_text())
    assert {f["geometry"]["type"] for f in told["features"] if f["geometry"]} == {"Polygon", "Point"}
    empty()
    assert import_file("places", first).ok
    assert Boundary.objects.filter(until=None).count() == 3
    assert 900_000 < Boundary.objects.get(place__name="柳荫里第一网格").area_m2 < 1_000_000
    assert send("places", tmp_path / "b.geojson").read_bytes() == first.read_bytes()


def test_a_dry_run_tells_all_and_writes_nothing(town: Town, tmp_path: Path) -> None:
    file = table(
        tmp_path / "p.csv",
        [["编码", "上级编码", "层级", "名称"], ["N1", town.places["community"].code, "quarter", "新里"],
         ["N2", "N1", "网格", "新里网格"],
         [town.places["quarter"].code, town.places["community"].code, "小区", "改名"]],
    )  # fmt: skip
    before = Place.objects.count(), District.objects.get().version
    dry = import_file("places", file, dry_run=True)
    assert (dry.ok, dry.added, dry.changed) == (True, 2, 1)
    assert "试运行" in messages(dry)
    assert (Place.objects.count(), District.objects.get().version) == before
    assert not Change.objects.exists()
    wet = import_file("places", file, actor="管机房")
    assert (wet.added, wet.changed) == (2, 1)
    assert Place.objects.get(code="N2").path.startswith(Place.objects.get(code="N1").path)
    assert tree(DISTRICT).by_code[town.places["quarter"].code].name == "改名"
    assert Change.objects.get().sentence == "管机房 导入地点 p.csv：新增 2 行，改动 1 行"
    assert not Change.objects.filter(sentence__contains=PHONE).exists()


def test_every_fault_is_told_with_its_line_and_nothing_is_imported(town: Town, tmp_path: Path) -> None:
    quarter = town.places["quarter"].code
    rows = [
        ["code", "parent", "level", "name", "lon", "lat", "since"],
        ["N1", quarter, "grid", "好的", "", "", ""],
        ["N2", "NOWHERE", "grid", "没有\n上级", "", "", ""],
        ["N3", quarter, "galaxy", "没有这层", "", "", ""],
        ["N4", quarter, "street", "太高", "", "", ""],
        ["", quarter, "grid", "没有编码", "", "", ""],
        ["N6", quarter, "grid", "", "", "", ""],
        ["N7", quarter, "grid", "坐标", "东", "140", ""],
        ["N1", quarter, "grid", "重复", "", "", ""],
        ["N8", quarter, "grid", "日期", "", "", "2026-02-30"],
        [town.places["grid"].code, town.places["quarter2"].code, "grid", "搬家", "", "", ""],
    ]
    report = import_file("places", table(tmp_path / "p.csv", rows))
    assert {(p.line, p.field) for p in report.errors} == {
        (3, "N2"), (5, "层级"), (6, "N4"), (7, "编码"), (8, "名称"), (9, "经度"), (9, "纬度"), (10, "编码"),
        (11, "起日"), (12, town.places["grid"].code),
    }  # fmt: skip
    assert "什么也没有导入" in messages(report)
    assert not Place.objects.filter(code__startswith="N").exists()
    assert Place.objects.get(pk=town.places["quarter"].pk).born == 2


def _feature(code: str, box: tuple[float, float, float, float], parent: str) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[LON + x / 100, LAT + y / 100] for x, y in ((west, south), (east, south), (east, north), (west, north))]
    return {
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {"code": code, "parent": parent, "level": "grid", "name": code},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("boxes", "lines"),
    [
        ([(2, 0, 3, 1), (3, 0, 4, 1)], set()),
        ([(1.5, 0, 3, 1), (3, 0, 4, 1)], {1}),  # into a grid on file
        ([(2, 0, 3, 1), (2.9, 0, 4, 1)], {1}),  # into one another: one fault, told where the first stands
        ([(2, 0, 3, 1), (3, 0, 5, 1)], {2}),  # out of the quarter
    ],
)
def test_polygons_are_held_against_parent_and_neighbours(town: Town, tmp_path: Path, boxes: Any, lines: Any) -> None:
    quarter = town.places["quarter"]
    outline = _feature("x", (0, 0, 4, 1), "")["geometry"]
    Boundary.objects.create(
        district=town.district, place=quarter, area_m2=1, geojson=json.dumps(outline), since=SINCE
    )  # fmt: skip
    file = tmp_path / "g.geojson"
    features = [_feature(f"G{n}", box, quarter.code) for n, box in enumerate(boxes)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    report = import_file("places", file)
    assert {p.line for p in report.errors} == lines
    assert Place.objects.filter(code__startswith="G").count() == (0 if lines else 2)
    assert Boundary.objects.count() == (4 if lines else 6)


def test_a_polygon_that_differs_begins_today_and_the_old_one_stays_in_history(town: Town, tmp_path: Path) -> None:
    grid = town.places["grid"]
    feature = _feature(grid.code, (0, 0, 0.9, 1), town.places["quarter"].code)
    file = tmp_path / "g.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert import_file("places", file).changed == 1
    assert Boundary.objects.filter(place=grid).count() == 2
    assert Boundary.objects.get(place=grid, until=None).since > SINCE


HEAD = ["岗位编号", "角色", "职务", "地点编码", "姓名", "电话", "起日"]


def test_people_come_with_their_posts_and_their_telephones_sealed(town: Town, tmp_path: Path) -> None:
    grid, gridb = town.places["grid"].code, town.places["gridb"].code
    rows = [HEAD, ["W1", "网格员", "网格员", grid, "林小河", "139 0000 0001", "2026/3/1"],
            ["W2", "unit_head", "单元长", gridb, "林小河", "+86-13900000001", "2026年3月1日"],
            ["T-grid", "grid_worker", "网格员", grid, "王禾苗", "", ""]]  # fmt: skip
    file = table(tmp_path / "p.csv", rows, "gb18030")
    report = import_file("people", file)
    assert (report.ok, report.added, report.changed) == (True, 2, 1), messages(report)
    first, second = Post.objects.get(code="W1"), Post.objects.get(code="W2")
    assert first.person == second.person
    assert (first.since, first.scope_path) == (date(2026, 3, 1), town.places["grid"].path)
    assert first.person is not None
    assert crypto.unseal(first.person.phone or b"", context="person.phone") == "13900000001"
    assert first.person.shown == "林小河"
    assert import_file("people", file).unchanged == 3
    assert Person.objects.filter(shown="林小河").count() == 1


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (["T-grid", "grid_worker", "网格员", "{grid}", "别人", "", ""], "姓名"),
        (["W1", "galaxy_worker", "网格员", "{grid}", "林小河", "", ""], "角色"),
        (["W1", "system", "系统", "{grid}", "林小河", "", ""], "角色"),
        (["W1", "grid_worker", "网格员", "NOWHERE", "林小河", "", ""], "地点编码"),
        (["W1", "grid_worker", "网格员", "{grid}", "", "", ""], "姓名"),
        (["W1", "grid_worker", "网格员", "{grid}", "林小河", "12345", ""], "电话"),
    ],
)
def test_people_that_cannot_be_are_refused(town: Town, tmp_path: Path, row: list[str], field: str) -> None:
    before = Post.objects.count(), Person.objects.count()
    filled = [cell.format(grid=town.places["grid"].code) for cell in row]
    report = import_file("people", table(tmp_path / "p.csv", [HEAD, filled]))
    assert [(p.line, p.field) for p in report.errors] == [(2, field)]
    assert (Post.objects.count(), Person.objects.count()) == before


def test_organisations_join_whatever_their_order_and_never_in_a_ring(town: Town, tmp_path: Path) -> None:
    place = town.places["street"].code
    head = ["code", "name", "kind", "place", "parent"]
    file = table(tmp_path / "o.csv", [head, ["A", "甲支部", "party", place, "B"], ["B", "乙党委", "党组织", place, ""]])
    assert import_file("organisations", file).added == 2
    assert Organisation.objects.get(code="A").parent == Organisation.objects.get(code="B")
    ring = table(tmp_path / "r.csv", [head, ["A", "甲支部", "party", place, "B"], ["B", "乙党委", "party", place, "A"]])
    report = import_file("organisations", ring)
    assert "圈" in messages(report)
    assert Organisation.objects.get(code="B").parent is None


def test_homes_with_their_owners_and_never_more_than_the_whole(town: Town, tmp_path: Path) -> None:
    unit = town.places["unit"].code
    head = ["单元编码", "房号", "面积", "用途", "关系", "姓名", "电话", "份额", "起日"]
    rows = [head, [unit, "101", "89.5", "住宅", "业主", "李冬晴", PHONE, "0.5", "2026-01-01"],
            [unit, "101", "89.5", "住宅", "业主", "李春雨", "", "0.5", "2026-01-01"],
            [unit, "102", "40", "shop", "", "", "", "", ""]]  # fmt: skip
    file = table(tmp_path / "h.csv", rows)
    assert import_file("holdings", file).added == 3
    assert Dwelling.objects.count() == 2
    assert [h.share for h in Holding.objects.all()] == [Decimal("0.5")] * 2
    assert set(Person.objects.filter(holdings__isnull=False).values_list("shown", flat=True)) == {"李**"}
    assert import_file("holdings", file).unchanged == 3
    more = table(tmp_path / "m.csv", [head, [unit, "101", "", "", "业主", "李秋水", "", "0.1", "2026-02-01"]])
    assert "超过 1" in messages(import_file("holdings", more))
    other = table(tmp_path / "n.csv", [head, [unit, "103", "1"], [unit, "103", "2"], ["X", "1"], [unit, "", "0"]])
    assert [(p.line, p.field) for p in sorted(import_file("holdings", other).errors)] == [
        (3, "房号"), (4, "单元编码"), (5, "房号"), (5, "面积"),
    ]  # fmt: skip
    assert Holding.objects.count() == 2


def test_matters_go_out_masked_and_only_out(town: Town, act_as: Any, tmp_path: Path) -> None:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    words = '=cmd|"/c calc"!A1 请打 13812345678 找我'
    for kind, text in (("appeal", words), ("dispute", "隔壁总吵")):
        asked = Asked(kind, text, DISTRICT, place, name="李冬", phone="13800000000")
        acts.open_matter(actor=act_as("resident"), asked=asked)
    file = send("matters", tmp_path / "m.csv")
    everything = file.read_text(encoding="utf-8-sig")
    for secret in ("13812345678", "13800000000", "李冬", "隔壁总吵"):
        assert secret not in everything
    first, second = cells(file)
    assert first["内容"].startswith("'=cmd")
    assert (first["类别"], first["状态"], first["经办"]) == ("诉求", "已派单", "王禾苗 网格员")
    assert (second["内容"], second["地点编码"]) == ("（保密）", "")
    lines = [json.loads(line) for line in send("matters", tmp_path / "m.jsonl").read_text().splitlines()]
    assert [line["number"] for line in lines] == list(Matter.objects.order_by("pk").values_list("number", flat=True))
    sheet = load_workbook(send("matters", tmp_path / "m.xlsx")).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert "只能导出" in messages(import_file("matters", file))


def test_exports_are_for_the_owners_eyes_and_are_written_down(full: Town, tmp_path: Path) -> None:
    told: list[str] = []
    assert export_file("people", tmp_path / "p.csv", actor="管机房", report=told.append) == 0
    assert (tmp_path / "p.csv").stat().st_mode & 0o077 == 0
    assert Change.objects.get().sentence.startswith("管机房 导出人员和岗位")
    assert "明文" in told[-1]
    texts = [value for row in cells(tmp_path / "p.csv") for value in row.values()]
    assert "'-网格员" in texts
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]


def test_excel_numbers_are_codes_and_days(town: Town, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["编码", "上级编码", "层级", "名称", "起日", "备注"])
    sheet.append([77001, int(town.places["quarter"].code), "网格", "数字编码", date(2026, 3, 1), "x"])
    sheet.append([])
    book.save(tmp_path / "p.xlsx")
    report = import_file("places", tmp_path / "p.xlsx")
    assert (report.ok, report.added) == (True, 1), messages(report)
    assert Place.objects.get(code="77001").since == date(2026, 3, 1)
    assert "备注" in messages(report)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("p.csv", b"code,name\n1,2\n", "缺少"),
        ("p.csv", b"code,parent,level,name\n", "一行数据也没有"),
        ("p.csv", b"\xff\xff\xff", "编码"),
        ("p.xlsx", b"no workbook", "Excel"),
        ("p.geojson", b"{}", "GeoJSON"),
        ("p.geojson", b'{"type": "FeatureCollection", "features": [3]}', "Feature"),
        ("p.pdf", b"x", "结尾"),
        ("p.csv", b"code,parent,level,name\n1,,street,x,more\n", "多出了格子"),
        ("p.csv", b"code,parent,level,name\n" + b"x" * (16 * 1024 * 1024 + 1), "引号没有配对"),
    ],
)
def test_files_that_cannot_be_read_are_told_so(town: Town, tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    report = import_file("places", tmp_path / name)
    assert not report.ok
    assert why in messages(report)


def test_kind_file_and_district_must_be_clear(town: Town, tmp_path: Path) -> None:
    assert "没有这一类" in messages(import_file("users", tmp_path / "x.csv"))
    assert "打不开" in messages(import_file("places", tmp_path / "none.csv"))
    District.objects.create(id=OTHER, name="另一个区", letters="TO", profile="test", levels=["district"])
    told: list[str] = []
    assert export_file("places", tmp_path / "x.csv", report=told.append) == 1
    assert "几个区" in told[0]
    assert not list(tmp_path.iterdir())
    assert len(cells(send("places", tmp_path / "x.csv", district_id=DISTRICT))) == 13
    assert export_file("places", tmp_path / "no" / "x.csv", district_id=DISTRICT, report=told.append) == 1
