"""The made-up cities: exact tilings, nested levels, believable outlines, buildings that fit."""

import random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from linli.core.places.geo.check import check
from linli.core.places.geo.footprints import footprints
from linli.core.places.geo.geojson import Feature
from linli.core.places.geo.metric import area_m2
from linli.core.places.geo.organic import organic_outline
from linli.core.places.geo.tiling import Branch, nest, partition, snap


def grown(counts, rng, key="d"):
    if not counts:
        return Branch(key, weight=rng.lognormvariate(0, 0.3))
    return Branch(key, tuple(grown(counts[1:], rng, f"{key}.{n}") for n in range(counts[0])))


def vertices(shape):
    return {tuple(point) for point in shapely.get_coordinates(shape)}


@pytest.fixture(scope="module")
def city():
    return nest(organic_outline(114.9, 40.8, 40, "city"), grown([5, 5, 4, 4], random.Random(1)), "city")


@pytest.mark.parametrize("seed", range(6))
def test_an_outline_is_simple_of_the_right_size_and_no_circle(seed):
    outline = organic_outline(114.9, 40.8, 25, seed)
    assert outline.is_valid
    assert not outline.interiors
    assert area_m2(outline) == pytest.approx(25e6, rel=1e-3)
    roundness = outline.area * 4 * 3.14159 / outline.length**2
    assert 0.15 < roundness < 0.85
    assert outline.equals_exact(organic_outline(114.9, 40.8, 25, seed), 0)
    assert not outline.equals(organic_outline(114.9, 40.8, 25, seed + 100))


def test_an_outline_without_area_is_refused():
    with pytest.raises(ValueError, match="positive area"):
        organic_outline(114, 40, 0, 1)


@given(seed=st.integers(0, 10_000), weights=st.lists(st.floats(0.4, 2.5), min_size=1, max_size=40))
@settings(derandomize=True, max_examples=20, deadline=None)
def test_a_partition_tiles_and_keeps_the_weights_roughly(seed, weights):
    outline = organic_outline(115, 40.5, 6, seed)
    cells = partition(outline, weights, seed)
    assert len(cells) == len(weights)
    assert check([Feature.of(n, cell) for n, cell in enumerate(cells)], outline) == []
    whole = area_m2(outline)
    for cell, weight in zip(cells, weights, strict=True):
        assert cell.geom_type == "Polygon"
        assert not cell.interiors
        share = area_m2(cell) / whole / (weight / sum(weights))
        assert 0.5 < share < 1.7


def test_neighbours_share_every_vertex_even_at_t_junctions(city):
    tree = shapely.STRtree(city.leaves)
    one, other = tree.query(city.leaves, predicate="intersects")
    for a, b in zip(one, other, strict=True):
        border = city.leaves[a].intersection(city.leaves[b])
        assert border.area == 0 or a == b
        if a < b:
            shared = vertices(border)
            assert shared <= vertices(city.leaves[a])
            assert shared <= vertices(city.leaves[b])
    assert all(round(number, 7) == number for cell in city.leaves for point in vertices(cell) for number in point)


def test_every_level_is_exactly_the_union_of_the_one_below(city):
    assert len(city.leaf_keys) == 400
    for key, shape in city.shapes.items():
        children = [s for k, s in city.shapes.items() if k.rpartition(".")[0] == key]
        assert shape.geom_type == "Polygon"
        if children:
            assert shapely.coverage_union_all(children).normalize().equals_exact(shape, 0)
    assert shapely.coverage_is_valid(city.leaves)


def test_the_blocks_are_no_chessboard_and_no_splinters(city):
    sizes = [area_m2(leaf) for leaf in city.leaves]
    assert max(sizes) / min(sizes) > 3
    compact = sorted(4 * 3.14159 * leaf.area / leaf.length**2 for leaf in city.leaves)
    assert compact[0] > 0.2
    assert compact[len(compact) // 2] > 0.6


def test_the_same_seed_gives_the_same_city_and_another_seed_another():
    outline, tree = organic_outline(115, 40.5, 3, 1), grown([3, 4], random.Random(2))
    first, again, other = nest(outline, tree, "a"), nest(outline, tree, "a"), nest(outline, tree, "b")
    assert all(first.shapes[key].equals_exact(again.shapes[key], 0) for key in first.shapes)
    assert not all(first.shapes[key].equals(other.shapes[key]) for key in first.shapes if key != "d")


def test_bad_orders_are_refused():
    square = box(115, 40, 115.1, 40.1)
    with pytest.raises(ValueError, match="same key"):
        nest(square, Branch("x", (Branch("a"), Branch("a"))), 1)
    with pytest.raises(ValueError, match="positive"):
        partition(square, [1, 0], 1)
    with pytest.raises(ValueError, match="nothing"):
        partition(square, [], 1)
    with pytest.raises(ValueError, match="valid"):
        partition(Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), [1, 1], 1)
    with pytest.raises(ValueError, match="holes"):
        partition(square.difference(box(115.02, 40.02, 115.03, 40.03)), [1, 1], 1)


def test_snap_closes_rounding_hairs_but_keeps_a_true_hole():
    left = Polygon([(0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1)])
    right = Polygon([(1.00000002, 0), (2, 0), (2, 1), (1.00000002, 1)])
    a, b = snap([left, right])
    assert shapely.coverage_is_valid([a, b])
    assert (1.0, 0.5) in vertices(b)
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    assert snap([ring])[0].area == pytest.approx(8)
    assert snap([]) == []


@given(seed=st.integers(0, 5000), count=st.integers(1, 60), hectares=st.floats(0.3, 12))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_buildings_fit_inside_and_never_touch(seed, count, hectares):
    quarter = organic_outline(115, 40.5, hectares / 100, seed, corners=6)
    houses = footprints(quarter, count, seed)
    assert len(houses) == count
    shapes = [shape for shape, _storeys in houses]
    assert all(quarter.contains(shape) for shape in shapes)
    assert all(3 <= storeys <= 33 for _shape, storeys in houses)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (one == other).all()
    assert len(one) == count


def test_no_buildings_and_fewer_than_none():
    quarter = box(115, 40, 115.002, 40.002)
    assert footprints(quarter, 0, 1) == []
    with pytest.raises(ValueError, match="negative"):
        footprints(quarter, -1, 1)
