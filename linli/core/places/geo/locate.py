"""Which grid holds each of these points? Millions of points a second; for one point there is `point.PointLocator`.

In front of the exact test stands a raster. For each of its cells it is known which polygon covers it wholly, and
which polygons have a border in it. Most points fall into a wholly covered cell and are answered by arithmetic alone;
the others are tested exactly against the two or three polygons with a border there.

A point on a border belongs to the polygon whose code sorts first, so every point belongs to exactly one, the same
one in both ways of asking. Two polygons rounded to 1e-7 degree may leave a hair between them; a point in such a hair
belongs to the polygon beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from linli.core.places.geo.point import HAIR_DEG
from linli.core.places.geo.raster import NOBODY, Raster

Code = TypeVar("Code", str, int)
Ints = NDArray[np.int64]


class Locator(Generic[Code]):
    """Answers for one set of polygons; build a new one when they change."""

    def __init__(self, codes: Sequence[Code], polygons: Sequence[BaseGeometry]) -> None:
        if len(codes) != len(polygons):
            raise ValueError("one code for each polygon, please")
        if len(set(codes)) != len(codes):
            raise ValueError("two polygons have the same code")
        order = sorted(range(len(codes)), key=lambda index: codes[index])
        self.codes: tuple[Code, ...] = tuple(codes[index] for index in order)
        self._shapes = np.empty(len(order), dtype=object)
        self._shapes[:] = [polygons[index] for index in order]
        shapely.prepare(self._shapes)
        self._raster = Raster(self._shapes, margin=HAIR_DEG)

    def locate_many(self, lons: ArrayLike, lats: ArrayLike) -> Ints:
        """For each point the index into `codes`, -1 outside; the same answers as `PointLocator.locate`."""
        x, y = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
        if x.shape != y.shape:
            raise ValueError("as many longitudes as latitudes, please")
        cells = self._raster.cells(x.ravel(), y.ravel())
        answer = self._raster.whole_many(cells)
        point, candidate = self._raster.border_pairs(cells)
        if len(point):
            self._settle(answer, point, candidate, x.ravel(), y.ravel())
        return answer.reshape(x.shape)

    def _settle(
        self, answer: Ints, point: Ints, candidate: Ints, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> None:
        """Test the points near a border; pairs come by point and then by rising candidate, so the first hit wins."""
        hit = shapely.intersects_xy(self._shapes[candidate], x[point], y[point])
        unanswered = np.iinfo(np.int64).max
        best = np.where(answer == NOBODY, unanswered, answer)
        np.minimum.at(best, point[hit], candidate[hit])
        answer[:] = np.where(best == unanswered, NOBODY, best)
        lost = answer[point] == NOBODY
        for index in np.unique(point[lost]):
            beside = [int(c) for c in candidate[point == index]]
            answer[index] = self._beside(beside, float(x[index]), float(y[index]))

    def _beside(self, candidates: Sequence[int], lon: float, lat: float) -> int:
        """The first polygon within a hair of a point that none holds."""
        here = shapely.Point(lon, lat)
        near = shapely.dwithin(self._shapes[list(candidates)], here, HAIR_DEG)
        return next((c for c, yes in zip(candidates, near, strict=True) if yes), NOBODY)
