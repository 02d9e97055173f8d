"""How fast a point finds its grid, beside the floor of a bare STRtree query. Run: python bench/locate.py"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from linli.core.places.geo.locate import Locator
from linli.core.places.geo.organic import organic_outline
from linli.core.places.geo.point import PointLocator
from linli.core.places.geo.tiling import Branch, nest


def town(grids: int) -> tuple[list[str], list[shapely.Polygon], shapely.Polygon]:
    """A made-up city of about this many grids."""
    rng = random.Random(8)
    streets = [
        Branch(f"s{s}", tuple(Branch(f"s{s}g{g:03}", weight=rng.lognormvariate(0, 0.35)) for g in range(grids // 10)))
        for s in range(10)
    ]
    nested = nest(organic_outline(116.0, 40.0, 60, "bench"), Branch("all", tuple(streets)), "bench")
    return list(nested.leaf_keys), nested.leaves, nested.shapes["all"]


def measure(grids: int = 1000, points: int = 1_000_000, singles: int = 100_000) -> dict[str, float]:
    """Points a second in bulk and microseconds for one, each beside a bare STRtree's."""
    codes, cells, outline = town(grids)
    started = time.perf_counter()
    locator = Locator(codes, cells)
    found = {"grids": len(cells), "built_s": round(time.perf_counter() - started, 2)}
    texts = [str(text) for text in shapely.to_geojson(cells)]
    started = time.perf_counter()
    one = PointLocator(codes, texts)
    found["single_built_s"] = round(time.perf_counter() - started, 2)
    west, south, east, north = outline.bounds
    dice = np.random.default_rng(1)
    x, y = dice.uniform(west, east, points), dice.uniform(south, north, points)
    tree = shapely.STRtree(cells)
    found["inside"] = round(float(np.mean(locator.locate_many(x, y) >= 0)), 2)
    found["bulk"] = round(points / _timed(lambda: locator.locate_many(x, y)))
    found["bulk_floor"] = round(points / _timed(lambda: tree.query(shapely.points(x, y), predicate="intersects")))
    pairs = list(zip(x[:singles].tolist(), y[:singles].tolist(), strict=True))
    found["single_us"] = round(_timed(lambda: [one.locate(*each) for each in pairs]) / singles * 1e6, 2)
    bare = _timed(lambda: [tree.query(shapely.Point(*each), predicate="intersects") for each in pairs])
    found["single_floor_us"] = round(bare / singles * 1e6, 2)
    return found


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Print what was measured."""
    found = measure()
    print(f"grids {found['grids']}; {found['inside']:.0%} of the points inside")
    print(f"built in {found['built_s']} s, for single points in {found['single_built_s']} s")
    print(f"bulk: {found['bulk']:,} points/s; bare STRtree {found['bulk_floor']:,} points/s")
    print(f"single: {found['single_us']} µs; bare STRtree {found['single_floor_us']} µs")


if __name__ == "__main__":
    main()
