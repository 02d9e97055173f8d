"""How fast a point finds its grid, beside the floor of a bare STRtree query. Run: python bench/locate.py"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from linli.core.places.geo.locate import Locator
from linli.core.places.geo.organic import organic_outline
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


def main(grids: int = 1000, points: int = 1_000_000, singles: int = 100_000) -> None:
    """Print points a second in bulk and microseconds for one."""
    codes, cells, outline = town(grids)
    started = time.perf_counter()
    locator = Locator(codes, cells)
    print(f"grids {len(cells)}, built in {time.perf_counter() - started:.2f} s")
    west, south, east, north = outline.bounds
    dice = np.random.default_rng(1)
    x, y = dice.uniform(west, east, points), dice.uniform(south, north, points)
    started = time.perf_counter()
    found = locator.locate_many(x, y)
    bulk = points / (time.perf_counter() - started)
    tree = shapely.STRtree(cells)
    started = time.perf_counter()
    tree.query(shapely.points(x, y), predicate="intersects")
    floor = points / (time.perf_counter() - started)
    print(f"bulk: {bulk:,.0f} points/s ({np.mean(found >= 0):.0%} inside); bare STRtree {floor:,.0f} points/s")
    pairs = list(zip(x[:singles].tolist(), y[:singles].tolist(), strict=True))
    started = time.perf_counter()
    for lon, lat in pairs:
        locator.locate(lon, lat)
    single = (time.perf_counter() - started) / singles * 1e6
    started = time.perf_counter()
    for lon, lat in pairs:
        tree.query(shapely.Point(lon, lat), predicate="intersects")
    floor = (time.perf_counter() - started) / singles * 1e6
    print(f"single: {single:.2f} µs; bare STRtree {floor:.2f} µs")


if __name__ == "__main__":
    main()
