"""Every point belongs to exactly one grid, the same one whether asked alone or in bulk."""

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box, mapping

from linli.core.places.geo.locate import Locator
from linli.core.places.geo.organic import organic_outline
from linli.core.places.geo.point import PointLocator, _side
from linli.core.places.geo.tiling import Branch, nest


@pytest.fixture(scope="module")
def town():
    tree = Branch("t", tuple(Branch(f"s{s}", tuple(Branch(f"s{s}g{g}") for g in range(12))) for s in range(8)))
    return nest(organic_outline(115.1, 40.7, 8, "locate"), tree, "locate")


class Both:
    """A locator for many points and one for single ones, over the same polygons."""

    def __init__(self, codes, polygons):
        self.many = Locator(codes, polygons)
        self.one = PointLocator(codes, [json.dumps(mapping(polygon)) for polygon in polygons])
        assert self.one.codes == self.many.codes


@pytest.fixture(scope="module")
def locator(town):
    return Both(town.leaf_keys, town.leaves)


def by_hand(town, lon, lat):
    point = shapely.Point(lon, lat)
    return min((key for key in town.leaf_keys if town.shapes[key].intersects(point)), default=None)


def both(locator, lon, lat):
    index = int(locator.many.locate_many([lon], [lat])[0])
    bulk = None if index < 0 else locator.many.codes[index]
    assert locator.one.locate(lon, lat) == bulk
    return bulk


@given(u=st.floats(-0.1, 1.1), v=st.floats(-0.1, 1.1))
@settings(derandomize=True, max_examples=400, deadline=None)
def test_any_point_resolves_as_by_hand(town, locator, u, v):
    west, south, east, north = town.shapes["t"].bounds
    lon, lat = west + u * (east - west), south + v * (north - south)
    assert both(locator, lon, lat) == by_hand(town, lon, lat)


def test_corners_and_edges_go_to_the_first_code(town, locator):
    corners = shapely.get_coordinates(town.leaves)
    middles = (corners[1:] + corners[:-1]) / 2
    for lon, lat in np.concatenate([corners, middles])[::7]:
        expected = by_hand(town, lon, lat)
        if expected is not None:  # a rounded middle of a border may lie a hair outside every polygon
            assert both(locator, lon, lat) == expected


def test_bulk_and_single_agree_on_many_points_and_on_the_borders(town, locator):
    dice = np.random.default_rng(4)
    west, south, east, north = town.shapes["t"].bounds
    corners = shapely.get_coordinates(town.leaves)
    middles = (corners[1:] + corners[:-1]) / 2
    near = np.concatenate([corners, middles]) + dice.uniform(-2e-7, 2e-7, (len(corners) + len(middles), 2))
    level = np.column_stack([dice.uniform(west, east, len(corners)), corners[:, 1]])  # a ray through a corner
    anywhere = np.column_stack([dice.uniform(west, east, 20_000), dice.uniform(south, north, 20_000)])
    x, y = np.concatenate([anywhere, corners, middles, near, level]).T
    bulk = locator.many.locate_many(x, y)
    single = [locator.one.locate(lon, lat) for lon, lat in zip(x.tolist(), y.tolist(), strict=True)]
    assert [None if i < 0 else locator.many.codes[i] for i in bulk.tolist()] == single
    inside = shapely.intersects_xy(town.shapes["t"], x, y)
    assert (bulk[inside] >= 0).all()


@given(
    st.integers(0, 95), st.integers(0, 10_000), st.floats(0, 1),
    st.tuples(*[st.integers(-3, 3) | st.floats(-3e-7, 3e-7)] * 2),
)  # fmt: skip
@settings(derandomize=True, max_examples=1500, deadline=None)
def test_on_an_edge_and_a_few_bits_beside_it_both_answer_alike(town, locator, which, edge, along, off):
    """``off``: so many of the smallest steps that a number can make, or so many degrees."""
    corners = shapely.get_coordinates(town.leaves[which])
    (ax, ay), (bx, by) = corners[edge % (len(corners) - 1)], corners[edge % (len(corners) - 1) + 1]
    point = [float(ax + (bx - ax) * along), float(ay + (by - ay) * along)]
    for axis, step in enumerate(off):
        point[axis] += step * math.ulp(point[axis]) if isinstance(step, int) else step
    both(locator, *point)


@given(st.data())
@settings(derandomize=True, max_examples=300, deadline=None)
def test_on_few_whole_numbers_where_everything_touches_both_answer_alike(data):
    """Squares, holes, overlaps and corners on a small lattice: every special case of a ray comes up."""
    corner = st.tuples(st.integers(0, 4), st.integers(0, 4))
    rings = data.draw(st.lists(st.lists(corner, min_size=3, max_size=6, unique=True), min_size=1, max_size=4))
    polygons = [shapely.make_valid(Polygon(ring)) for ring in rings]
    polygons = [p for p in polygons if p.geom_type in ("Polygon", "MultiPolygon")]
    some = Both(list(range(len(polygons))), polygons)
    for x in range(-1, 11):
        for y in range(-1, 11):
            both(some, x / 2, y / 2)


def test_a_point_that_rounding_alone_puts_on_a_line_is_told_apart():
    assert _side(0.1, 0.1, 0.3, 0.3, 0.2, 0.2) == 0
    assert _side(0.0, 0.0, 3.0, 1.0, 0.3, 0.1) == 1  # 0.3 is less than three times 0.1: a sum in floats says nought
    assert _side(3.0, 1.0, 0.0, 0.0, 0.3, 0.1) == -1


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e308])
def test_what_is_no_point_is_nowhere(locator, odd):
    assert both(locator, odd, 40.7) is None
    assert both(locator, 115.1, odd) is None
    assert both(locator, 0.0, 0.0) is None


def test_a_point_in_a_rounding_hair_or_just_outside_never_fails():
    pair = Both(["b", "a"], [box(0, 0, 1, 1), box(1.00000005, 0, 2, 1)])
    assert pair.one.codes == ("a", "b")
    assert both(pair, 1.00000002, 0.5) == "a"
    assert both(pair, -1e-9, 0.5) == "b"
    assert both(pair, -1e-5, 0.5) is None


def test_holes_parts_and_overlaps():
    ring = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    two = MultiPolygon([box(4, 4, 5, 5), box(20, 0, 21, 1)])
    some = Both([3, 1, 2], [ring, two, box(8, 8, 12, 12)])
    assert both(some, 1, 1) == 3
    assert both(some, 3.5, 3.5) is None
    assert both(some, 4.5, 4.5) == both(some, 20.5, 0.5) == 1
    assert both(some, 8.5, 8.5) == 2  # two cover it: the first code
    assert both(some, 8, 8) == 2
    assert both(some, 15, 5) is None


def test_shapes_of_arrays_are_kept_and_wrong_input_is_refused(locator):
    assert locator.many.locate_many([[115.1, 0], [0, 0]], [[40.7, 0], [0, 0]]).shape == (2, 2)
    assert locator.many.locate_many([], []).shape == (0,)
    empty = Both([], [])
    assert empty.one.locate(1, 1) is None
    assert empty.many.locate_many([1, 0], [1, 0]).tolist() == [-1, -1]
    for made in (Locator, PointLocator):
        with pytest.raises(ValueError, match="same code"):
            made(["a", "a"], [box(0, 0, 1, 1), box(1, 0, 2, 1)])
        with pytest.raises(ValueError, match="one code"):
            made(["a"], [])
    with pytest.raises(ValueError, match="as many"):
        locator.many.locate_many([1, 2], [1])
