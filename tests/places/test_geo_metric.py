"""Degrees to metres and back, areas on the ellipsoid, and the datum of Chinese maps."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from linli.core.places.geo.gcj import gcj02_to_wgs84, wgs84_to_gcj02
from linli.core.places.geo.metric import Plane, area_m2, areas_m2, degree_lengths, distance_m, length_m

china_lon = st.floats(75, 134)
china_lat = st.floats(5, 53)


def band_area(south, north, width_deg):
    """Closed form for a box on the ellipsoid, independent of the code's quadrature."""
    a, e = 6378137.0, math.sqrt(0.0066943799901413165)

    def q(lat):
        s = math.sin(math.radians(lat))
        return s / (2 * (1 - e * e * s * s)) + math.log((1 + e * s) / (1 - e * s)) / (4 * e)

    return math.radians(width_deg) * a * a * (1 - e * e) * (q(north) - q(south))


@pytest.mark.parametrize(
    ("west", "south", "size"), [(114, 40, 1), (115.2, 40.6, 0.01), (110, 18, 5), (120, 45, 0.0001)]
)
def test_the_area_of_a_box_is_that_of_the_ellipsoid(west, south, size):
    expected = band_area(south, south + size, size)
    assert area_m2(box(west, south, west + size, south + size)) == pytest.approx(expected, rel=1e-6)


def test_holes_are_taken_off_parts_added_and_points_have_no_area():
    whole, hole = box(114, 40, 114.01, 40.01), box(114.002, 40.002, 114.004, 40.004)
    ring = whole.difference(hole)
    pair = MultiPolygon([hole, box(114.02, 40, 114.03, 40.01)])
    mixed = GeometryCollection([Point(1, 1), hole, pair])
    sizes = areas_m2([ring, pair, Point(3, 3), Polygon(), mixed, hole])
    assert sizes[0] == pytest.approx(area_m2(whole) - area_m2(hole))
    assert sizes[2] == sizes[3] == 0
    assert sizes[4] == pytest.approx(sizes[1] + sizes[5])


def test_lengths_along_a_meridian_and_round_a_polygon_with_a_hole():
    assert length_m(LineString([(114, 40), (114, 41)])) == pytest.approx(111_041.26, rel=1e-4)
    square = box(114, 40, 114.001, 40.001)
    holed = square.difference(box(114.0002, 40.0002, 114.0004, 40.0004))
    assert length_m(holed) == pytest.approx(length_m(square) * 1.2, rel=1e-3)
    assert length_m(Point(1, 2)) == 0
    assert distance_m(114, 40, 114, 40.001) == pytest.approx(degree_lengths(40)[1] / 1000, rel=1e-5)


@given(lon=china_lon, lat=china_lat)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_the_plane_goes_both_ways_and_is_true_near_its_centre(lon, lat):
    square = box(lon, lat, lon + 0.01, lat + 0.01)
    plane = Plane.around(square)
    flat = plane.metres(square)
    assert plane.degrees(flat).equals_exact(square, 1e-11)
    assert flat.area == pytest.approx(area_m2(square), rel=1e-4)


def test_a_plane_round_nothing_does_not_fail():
    assert Plane.around(Polygon()).lat == 0


def test_a_known_point_is_drawn_where_chinese_maps_draw_it():
    lon, lat = wgs84_to_gcj02(116.404, 39.915)
    assert (lon, lat) == (pytest.approx(116.4102445, abs=1e-7), pytest.approx(39.9164043, abs=1e-7))


@given(lon=china_lon, lat=china_lat)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_there_and_back_again(lon, lat):
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert back == (pytest.approx(lon, abs=1e-7), pytest.approx(lat, abs=1e-7))
    assert 50 < distance_m(lon, lat, *wgs84_to_gcj02(lon, lat)) < 1500


def test_nothing_moves_abroad_nor_what_is_no_point():
    assert wgs84_to_gcj02(2.35, 48.85) == gcj02_to_wgs84(2.35, 48.85) == (2.35, 48.85)
    assert wgs84_to_gcj02(math.inf, 40.0) == gcj02_to_wgs84(math.inf, 40.0) == (math.inf, 40.0)
    assert math.isnan(gcj02_to_wgs84(math.nan, 40.0)[0])
