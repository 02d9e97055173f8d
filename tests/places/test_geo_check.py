"""The grid check: it finds what was put wrong, with the right area, and nothing in what is right."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping

from linli.core.places.geo.check import check, findings_to_json_lines, rounding_width_m
from linli.core.places.geo.geojson import Feature, GeoJSONError, read_geojson
from linli.core.places.geo.metric import area_m2, degree_lengths
from linli.core.places.geo.organic import organic_outline
from linli.core.places.geo.tiling import partition

EAST, NORTH = degree_lengths(40.0)


def rect(x1, y1, x2, y2):
    """A rectangle in metres from 115 E 40 N."""
    return box(115 + x1 / EAST, 40 + y1 / NORTH, 115 + x2 / EAST, 40 + y2 / NORTH)


def features(**shapes):
    return [Feature.of(code, shape) for code, shape in shapes.items()]


def told(findings):
    return [(f.kind, round(f.area_m2), set(f.between)) for f in findings]


def file_of(*items):
    return json.dumps({"type": "FeatureCollection", "features": list(items)}).encode()


def item(geometry, **rest):
    return {"type": "Feature", "properties": {}, "geometry": geometry, **rest}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


SQUARE = [[115, 40], [115.01, 40], [115.01, 40.01], [115, 40.01], [115, 40]]
LEFT, RIGHT = rect(0, 0, 100, 100), rect(100, 0, 200, 100)
WHOLE = rect(0, 0, 200, 100)


def test_what_tiles_is_left_alone():
    assert check(features(a=LEFT, b=RIGHT), WHOLE) == []
    assert check(features(a=LEFT, b=RIGHT)) == []
    assert check(features(a=WHOLE), WHOLE) == []


def test_a_gap_on_the_border_is_seen_only_with_the_outline():
    short = rect(100, 0, 180, 100)
    findings = check(features(a=LEFT, b=short), WHOLE)
    assert told(findings) == [("gap", 2000, {"b"})]
    assert "外边界" in findings[0].reason
    assert check(features(a=LEFT, b=short)) == []


def test_a_gap_in_the_middle_is_seen_both_ways_and_names_its_neighbours():
    ring = rect(0, 0, 300, 300).difference(rect(100, 100, 200, 200))
    half = features(north=ring.intersection(rect(0, 150, 300, 300)), south=ring.intersection(rect(0, 0, 300, 150)))
    for outline in (None, rect(0, 0, 300, 300)):
        assert told(check(half, outline)) == [("gap", 10_000, {"north", "south"})]
    assert told(check(features(only=ring))) == [("gap", 10_000, {"only"})]
    island = [*half, Feature.of("island", rect(120, 120, 180, 180))]
    assert told(check(island)) == [("gap", 6400, {"north", "south", "island"})]
    assert check([*half, Feature.of("fill", rect(100, 100, 200, 200))]) == []


def test_a_neighbour_at_the_corner_only_is_not_named():
    nine = {f"{x}{y}": rect(x * 100, y * 100, x * 100 + 100, y * 100 + 100) for x in range(3) for y in range(3)}
    del nine["11"]
    assert told(check(features(**nine))) == [("gap", 10_000, {"01", "10", "12", "21"})]


def test_a_hole_of_the_outline_is_no_gap_and_must_stay_free():
    lake = rect(50, 40, 70, 60)
    outline = WHOLE.difference(lake)
    assert check(features(a=LEFT.difference(lake), b=RIGHT), outline) == []
    assert told(check(features(a=LEFT, b=RIGHT), outline)) == [("outside", 400, {"a"})]


def test_overlaps_are_told_pair_by_pair():
    wide = rect(90, 0, 200, 100)
    assert told(check(features(a=LEFT, b=wide), WHOLE)) == [("overlap", 1000, {"a", "b"})]
    three = features(a=LEFT, b=wide, c=rect(80, 0, 95, 100))
    assert {(kind, area, frozenset(who)) for kind, area, who in told(check(three))} == {
        ("overlap", 1000, frozenset("ab")),
        ("overlap", 1500, frozenset("ac")),
        ("overlap", 500, frozenset("bc")),
    }


def test_duplicates_and_swallowed_polygons_are_called_so():
    (same,) = check(features(a=LEFT, b=LEFT))
    assert told([same]) == [("overlap", 10_000, {"a", "b"})]
    assert "同一块" in same.reason
    (inside,) = check(features(a=rect(20, 20, 40, 40), b=LEFT))
    assert told([inside]) == [("overlap", 400, {"a", "b"})]
    assert inside.reason == "a 整个在 b 之内"


def test_outside_parts():
    assert told(check(features(a=LEFT, b=rect(100, 0, 230, 100)), WHOLE)) == [("outside", 3000, {"b"})]
    away = check(features(a=LEFT, b=RIGHT, c=rect(500, 0, 600, 100)), WHOLE)
    assert told(away) == [("outside", 10_000, {"c"})]


@pytest.mark.parametrize(
    ("second", "area", "word"),
    [
        (rect(100.5, 0, 200, 100), 50, "gap"),
        (rect(99.5, 0, 200, 100), 50, "overlap"),
        (rect(100, 0, 200.5, 100), 50, "outside"),
    ],
)
def test_what_is_narrower_than_a_metre_is_a_sliver_and_says_of_what(second, area, word):
    (finding,) = check(features(a=LEFT, b=second), WHOLE)
    assert (finding.kind, round(finding.area_m2)) == ("sliver", area)
    assert word in finding.reason
    assert "0.50 米" in finding.reason


def test_just_wider_than_a_metre_is_no_sliver():
    # width is 2 x area / perimeter: 1.02 m by 100 m counts as 1.01 m
    assert told(check(features(a=LEFT, b=rect(101.02, 0, 200, 100)), WHOLE)) == [("gap", 102, {"a", "b"})]
    assert check(features(a=LEFT, b=rect(101.0, 0, 200, 100)), WHOLE)[0].kind == "sliver"


def test_a_t_junction_on_a_rounded_border_is_no_fault_but_a_drawn_hair_is():
    slanting = [(115.0, 40.0), (115.0123457, 40.0004321), (115.0123457, 40.01), (115.0, 40.01)]
    for decimals in (6, 7, 8, 15):
        foot = np.round([115.0 + 0.0123457 * 0.37, 40.0 + 0.0004321 * 0.37], decimals)
        top = Polygon(np.round(slanting, decimals))
        a = Polygon(np.round([(115, 39.99), foot, (115, 40.0)], decimals))
        b = Polygon(np.round([(115, 39.99), (115.0123457, 39.99), (115.0123457, 40.0004321), foot], decimals))
        assert check(features(top=top, a=a, b=b)) == []
    for decimals in (6, 7):
        unit = 10.0**-decimals
        left = box(115, 40, 115.002, 40.002)
        right = box(round(115.002 + unit, decimals), 40, 115.004, 40.002)
        (finding,) = check(features(a=left, b=right), box(115, 40, 115.004, 40.002))
        assert finding.kind == "sliver"


def test_the_finest_hair_and_the_smallest_speck():
    assert rounding_width_m(box(115, 40, 115.1, 40.1), 40) == pytest.approx(0.9e-6 * EAST)
    assert rounding_width_m(box(115.123456789012, 40, 116, 41), 40) == 0.001
    for width, seen in ((0.0005, 0), (0.002, 1)):
        findings = check(features(a=LEFT, b=rect(100 + width, 0, 200, 100)), WHOLE)
        assert [f.kind for f in findings] == ["sliver"] * seen
    for side, seen in ((0.09, 0), (0.2, 1)):
        speck = features(a=WHOLE.difference(rect(50, 50, 50 + side, 50 + side)))
        assert len(check(speck)) == seen


@given(seed=st.integers(0, 3000), count=st.integers(2, 25), which=st.integers(0, 24), grow=st.floats(3, 30))
@settings(derandomize=True, max_examples=25, deadline=None)
def test_a_seeded_gap_and_a_seeded_overlap_are_found_with_their_area(seed, count, which, grow):
    outline = organic_outline(115, 40.5, 3, seed)
    cells = partition(outline, [1.0] * count, seed)
    named = [Feature.of(n, cell) for n, cell in enumerate(cells)]
    which %= count
    gaps = [f for f in check(named[:which] + named[which + 1 :], outline) if f.kind == "gap"]
    assert [f.area_m2 for f in gaps] == [pytest.approx(area_m2(cells[which]), rel=0.005)]
    wider = cells[which].buffer(grow / EAST, join_style="mitre").intersection(outline)
    expected = area_m2(wider) - area_m2(cells[which])
    found = check([Feature.of(n, wider if n == which else cell) for n, cell in enumerate(cells)], outline)
    assert {f.kind for f in found} <= {"overlap", "sliver"}
    assert sum(f.area_m2 for f in found) == pytest.approx(expected, rel=0.005, abs=0.2)
    assert all(which in f.between for f in found)


BOW_TIE = [[115, 40], [115.01, 40.01], [115.01, 40], [115, 40.01], [115, 40]]


@pytest.mark.parametrize(
    ("geometry", "word"),
    [
        (None, "没有图形"),
        ({"type": "Point", "coordinates": [115, 40]}, "Point"),
        ({"type": "GeometryCollection", "geometries": []}, "GeometryCollection"),
        ([1, 2], "应为面"),
        (polygon(), "坐标是空的"),
        (polygon("abc"), "结构不对"),
        (polygon([[115, 40], [115.01, 40], [115, 40]]), "太少"),
        (polygon([]), "太少"),
        (polygon([[115, 40], [115.01, 40], ["x", 41], [115, 40]]), "不是数字"),
        (polygon([[115, 40], [115.01, True], [116, 41], [115, 40]]), "不是数字"),
        (polygon([[115, 40], [115.01], [116, 41], [115, 40]]), "不是数字"),
        (polygon([[115, 40], [float("nan"), 40], [116, 41], [115, 40]]), "有限"),
        (polygon([[115, 40], [10**400, 40], [116, 41], [115, 40]]), "有限"),
        (polygon([[40, 115], [40, 115.01], [40.01, 115.01], [40, 115]]), "写反"),
        (polygon([[500000, 4500000], [500100, 4500000], [500100, 4500100], [500000, 4500000]]), "范围"),
        (polygon([[115, 40], [115.01, 40.01], [115.02, 40.02], [115, 40]]), "面积为零"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], "no"]}, "结构不对"),
    ],
)
def test_what_is_no_polygon_is_named_and_left_out(geometry, word):
    good = item(polygon(SQUARE), id="good")
    findings = check(read_geojson(file_of(good, item(geometry, id="bad"))))
    assert [(f.kind, f.between, f.area_m2) for f in findings] == [("invalid", ("bad",), 0)]
    assert word in findings[0].reason


@pytest.mark.parametrize(
    ("geometry", "word", "share"),
    [
        (polygon(BOW_TIE), "自相交", 0.5),
        (polygon(SQUARE[:-1]), "没有闭合", 1),
        (polygon(SQUARE, [[115.02, 40], [115.03, 40], [115.03, 40.01], [115.02, 40]]), "内洞", 1),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "invalid", 1),
    ],
)
def test_a_broken_ring_is_named_and_mended_for_the_rest(geometry, word, share):
    square = Polygon(SQUARE)
    findings = check(read_geojson(file_of(item(geometry, id="bad"))), square)
    assert findings[0].kind == "invalid"
    assert word in findings[0].reason or word == "invalid"
    assert findings[0].area_m2 == pytest.approx(area_m2(square) * share, rel=0.01)
    gap = sum(f.area_m2 for f in findings if f.kind == "gap")
    assert gap == pytest.approx(area_m2(square) * (1 - share), abs=1)


def test_a_broken_feature_does_not_hide_the_others_faults():
    bad = Feature.of("bad", Polygon(BOW_TIE))
    kinds = [f.kind for f in check([*features(a=LEFT, b=rect(90, 0, 200, 100)), bad])]
    assert kinds[0] == "invalid"
    assert "overlap" in kinds
    assert told(check(features(p=Point(115, 40)))) == [("invalid", 0, {"p"})]
    assert told(check(features(p=Polygon()))) == [("invalid", 0, {"p"})]
    assert told(check(features(p=box(114, 89, 115, 91)))) == [("invalid", 0, {"p"})]


def test_nothing_to_check_is_no_success():
    assert told(check([])) == [("invalid", 0, set())]
    assert told(check([], WHOLE)) == [("invalid", 0, set()), ("gap", 20_000, set())]


def test_an_outline_from_a_file_is_joined_and_examined_too():
    whole = features(one=LEFT, two=RIGHT)
    assert check(features(a=WHOLE), whole) == []
    findings = check(features(a=Polygon(SQUARE)), [Feature.of("o", Polygon(BOW_TIE))])
    assert (findings[0].kind, findings[0].between) == ("invalid", ("o",))
    assert "外边界" in findings[0].reason
    assert findings[1].kind == "outside"
    assert [f.kind for f in check(features(a=WHOLE), [])] == ["invalid"]


def test_labels_come_from_code_then_id_then_name_and_namesakes_are_told_apart():
    square = polygon(SQUARE)
    read = read_geojson(
        file_of(
            item(square, id=7, properties={"code": "G1", "name": "x"}),
            item(square, id=7, properties={"name": "x"}),
            item(square, properties={"id": 3}),
            item(square, properties={"name": " 东一 "}),
            item(square, properties={"name": "东一"}),
            item(square, properties=None),
            "junk",
        )
    )
    assert [f.label for f in read] == ["G1", 7, 3, "东一", "东一 (2)", "#6", "#7"]
    assert read[6].shape is None
    assert read[0].properties["name"] == "x"


def test_parts_holes_heights_and_single_geometries_are_read(tmp_path):
    holed = rect(0, 0, 90, 90).difference(rect(10, 10, 20, 20))
    both = MultiPolygon([holed, rect(200, 0, 300, 100)])
    path = tmp_path / "one.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(mapping(both)).encode())
    (feature,) = read_geojson(path)
    assert feature.shape.equals(both)
    assert feature.faults == ()
    tall = polygon([[*point, 12.5] for point in SQUARE])
    (lone,) = read_geojson(json.dumps(item(tall)).encode())
    assert not lone.shape.has_z


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "JSON"),
        (b"{", "第 1 行"),
        (b"[]", "最外层"),
        (b"3", "最外层"),
        (b'{"type": "FeatureCollection"}', "features"),
        (b'{"type": "Topology"}', "最外层"),
        ("网格".encode("gb18030"), "UTF-8"),
        (b"[" * 200_000, "嵌套太深"),
    ],
)
def test_what_is_no_geojson_is_refused_with_a_reason(raw, word):
    with pytest.raises(GeoJSONError, match=word):
        read_geojson(raw)


def test_a_missing_file_is_refused_with_a_reason(tmp_path):
    with pytest.raises(GeoJSONError, match="打不开"):
        read_geojson(tmp_path / "none.geojson")


def test_findings_become_json_lines():
    (line,) = findings_to_json_lines(check([Feature.of(7, LEFT), Feature.of("b", rect(90, 0, 200, 100))]))
    row = json.loads(line)
    assert list(row) == ["type", "area_m2", "between", "reason"]
    assert (row["type"], row["between"]) == ("overlap", [7, "b"])
    assert row["area_m2"] == pytest.approx(1000, rel=0.005)
    assert "\\u" not in line
