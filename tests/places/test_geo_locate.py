"""Every point belongs to exactly one grid, the same one whether asked alone or in bulk."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, box

from linli.core.places.geo.locate import Locator
from linli.core.places.geo.organic import organic_outline
from linli.core.places.geo.tiling import Branch, nest


@pytest.fixture(scope="module")
def town():
    tree = Branch("t", tuple(Branch(f"s{s}", tuple(Branch(f"s{s}g{g}") for g in range(12))) for s in range(8)))
    return nest(organic_outline(115.1, 40.7, 8, "locate"), tree, "locate")


@pytest.fixture(scope="module")
def locator(town):
    return Locator(town.leaf_keys, town.leaves)


def by_hand(town, lon, lat):
    point = shapely.Point(lon, lat)
    return min((key for key in town.leaf_keys if town.shapes[key].intersects(point)), default=None)


def both(locator, lon, lat):
    index = int(locator.locate_many([lon], [lat])[0])
    bulk = None if index < 0 else locator.codes[index]
    assert locator.locate(lon, lat) == bulk
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
    x = np.r_[dice.uniform(west, east, 20_000), corners[:, 0], (corners[1:, 0] + corners[:-1, 0]) / 2]
    y = np.r_[dice.uniform(south, north, 20_000), corners[:, 1], (corners[1:, 1] + corners[:-1, 1]) / 2]
    bulk = locator.locate_many(x, y)
    single = [locator.locate(lon, lat) for lon, lat in zip(x.tolist(), y.tolist(), strict=True)]
    assert [None if i < 0 else locator.codes[i] for i in bulk.tolist()] == single
    inside = shapely.intersects_xy(town.shapes["t"], x, y)
    assert (bulk[inside] >= 0).all()


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e308])
def test_what_is_no_point_is_nowhere(locator, odd):
    assert both(locator, odd, 40.7) is None
    assert both(locator, 115.1, odd) is None
    assert both(locator, 0.0, 0.0) is None


def test_a_point_in_a_rounding_hair_or_just_outside_never_fails():
    pair = Locator(["b", "a"], [box(0, 0, 1, 1), box(1.00000005, 0, 2, 1)])
    assert pair.codes == ("a", "b")
    assert both(pair, 1.00000002, 0.5) == "a"
    assert both(pair, -1e-9, 0.5) == "b"
    assert both(pair, -1e-5, 0.5) is None


def test_holes_parts_and_overlaps():
    ring = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    two = MultiPolygon([box(4, 4, 5, 5), box(20, 0, 21, 1)])
    some = Locator([3, 1, 2], [ring, two, box(8, 8, 12, 12)])
    assert both(some, 1, 1) == 3
    assert both(some, 3.5, 3.5) is None
    assert both(some, 4.5, 4.5) == both(some, 20.5, 0.5) == 1
    assert both(some, 8.5, 8.5) == 2  # two cover it: the first code
    assert both(some, 8, 8) == 2
    assert both(some, 15, 5) is None


def test_shapes_of_arrays_are_kept_and_wrong_input_is_refused(locator):
    assert locator.locate_many([[115.1, 0], [0, 0]], [[40.7, 0], [0, 0]]).shape == (2, 2)
    assert locator.locate_many([], []).shape == (0,)
    empty = Locator([], [])
    assert empty.locate(1, 1) is None
    assert empty.locate_many([1, 0], [1, 0]).tolist() == [-1, -1]
    with pytest.raises(ValueError, match="same code"):
        Locator(["a", "a"], [box(0, 0, 1, 1), box(1, 0, 2, 1)])
    with pytest.raises(ValueError, match="one code"):
        Locator(["a"], [])
    with pytest.raises(ValueError, match="as many"):
        locator.locate_many([1, 2], [1])
