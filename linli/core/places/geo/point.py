"""Which grid holds this one point? Microseconds, in plain Python, for processes that shall stay small.

A web process asks for one point at a time. numpy and shapely would take some 20 MB of each for that, so here are only
flat arrays: the corners of all polygons, for each polygon and each row of a raster the edges that come into the row,
and for each cell of the raster the polygons whose frame touches it. A point is tested exactly against two or three
polygons, each by the few edges in its row.

The answers are those of ``locate.Locator``, point for point, also on edges and corners: the test is that of GEOS, with
its sum for the common case and exact fractions where that sum is too near nought to be sure.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any, Generic, TypeVar

import orjson

Code = TypeVar("Code", str, int)
Frame = tuple[float, float, float, float]  # west, south, east, north

HAIR_DEG = 1e-7  # two polygons rounded to this may leave a hair between them; it belongs to the one beside it
CELLS_PER_SHAPE = 64
FEWEST_CELLS, MOST_CELLS = 1 << 8, 1 << 17
SMALLEST_CELL_IN_HAIRS = 20
_SURE = 1e-15  # of the two products: a difference larger than this has the right sign


class PointLocator(Generic[Code]):
    """Answers for one set of polygons, told as GeoJSON; build a new one when they change."""

    def __init__(self, codes: Sequence[Code], polygons: Sequence[str | bytes]) -> None:
        if len(codes) != len(polygons):
            raise ValueError("one code for each polygon, please")
        if len(set(codes)) != len(codes):
            raise ValueError("two polygons have the same code")
        order = sorted(range(len(codes)), key=lambda index: codes[index])
        self.codes: tuple[Code, ...] = tuple(codes[index] for index in order)
        self._x, self._y = array("d"), array("d")
        self._frames: list[Frame] = []
        rings = [self._add(polygons[index]) for index in order]
        self._lay_out()
        self._file_edges(rings)
        self._file_frames()

    def locate(self, lon: float, lat: float) -> Code | None:
        """The code of the polygon that holds the point, None outside all and for what is no point."""
        cell = self._cell(lon, lat)
        if cell is None:
            return None
        starts = self._cell_starts
        candidates = self._cell_owners[starts[cell] : starts[cell + 1]]
        for index in candidates:
            if self._holds(index, lon, lat):
                return self.codes[index]
        return next((self.codes[index] for index in candidates if self._is_beside(index, lon, lat)), None)

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────
    def _cell(self, lon: float, lat: float) -> int | None:
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        column, row = (lon - self._west) * self._per_degree, (lat - self._south) * self._per_degree
        if 0 <= column < self._columns and 0 <= row < self._rows:
            return int(row) * self._columns + int(column)
        return None

    def _row(self, lat: float) -> int:
        """Never falls while the latitude rises, so an edge comes into every row between those of its ends."""
        return int((lat - self._south) * self._per_degree)

    def _edges(self, index: int, first: int, last: int) -> array[int]:
        """The edges of a polygon that come into these rows, which its frame touches."""
        slot = self._slots[index]
        starts = self._edge_starts
        return self._edge_owners[starts[slot + first] : starts[slot + last + 1]]

    def _holds(self, index: int, lon: float, lat: float) -> bool:
        """Inside or on the border, by the crossings of a ray to the east: each rule and its order is GEOS's."""
        west, south, east, north = self._frames[index]
        if not (west <= lon <= east and south <= lat <= north):
            return False
        xs, ys, inside = self._x, self._y, False
        row = self._row(lat)
        for edge in self._edges(index, row, row):
            ax, bx = xs[edge], xs[edge + 1]
            if ax < lon and bx < lon:
                continue
            ay, by = ys[edge], ys[edge + 1]
            if (ay > lat) != (by > lat):
                side = _side(ax, ay, bx, by, lon, lat)
                if side == 0:
                    return True
                inside ^= (side > 0) == (by > ay)
            elif (bx == lon and by == lat) or (ay == lat == by and min(ax, bx) <= lon <= max(ax, bx)):
                return True
        return inside

    def _is_beside(self, index: int, lon: float, lat: float) -> bool:
        """Whether the polygon's border is within a hair."""
        west, south, east, north = self._frames[index]
        if not (west - HAIR_DEG <= lon <= east + HAIR_DEG and south - HAIR_DEG <= lat <= north + HAIR_DEG):
            return False
        first, last = self._row(max(lat - HAIR_DEG, south)), self._row(min(lat + HAIR_DEG, north))
        xs, ys = self._x, self._y
        return any(
            _distance(lon, lat, xs[edge], ys[edge], xs[edge + 1], ys[edge + 1]) <= HAIR_DEG
            for edge in self._edges(index, first, last)
        )

    # ── building ────────────────────────────────────────────────────────────────────────────────────────────
    def _add(self, polygon: str | bytes) -> list[range]:
        """Keep a polygon's corners and frame; its rings, each the run of its edges."""
        rings, first = [], len(self._x)
        for ring in _rings(orjson.loads(polygon)):
            start = len(self._x)
            self._x.extend(corner[0] for corner in ring)
            self._y.extend(corner[1] for corner in ring)
            rings.append(range(start, len(self._x) - 1))
        self._frames.append(_frame(self._x[first:], self._y[first:]))
        return rings

    def _lay_out(self) -> None:
        """The raster: square cells over all frames and a cell more on each side."""
        frames = [frame for frame in self._frames if frame[0] <= frame[2]] or [(0.0, 0.0, 0.0, 0.0)]
        west, south = min(frame[0] for frame in frames), min(frame[1] for frame in frames)
        smallest = SMALLEST_CELL_IN_HAIRS * HAIR_DEG
        width = max(max(frame[2] for frame in frames) - west, smallest)
        height = max(max(frame[3] for frame in frames) - south, smallest)
        cells = min(max(len(frames) * CELLS_PER_SHAPE, FEWEST_CELLS), MOST_CELLS)
        size = max(math.sqrt(width * height / cells), max(width, height) / cells, smallest)
        self._west, self._south, self._per_degree = west - size, south - size, 1.0 / size
        self._columns, self._rows = math.ceil(width / size) + 3, math.ceil(height / size) + 3

    def _file_edges(self, rings: list[list[range]]) -> None:
        """For each polygon and row the edges in it."""
        self._slots, self._edge_starts, self._edge_owners = array("l"), array("l", [0]), array("i")
        for frame, own in zip(self._frames, rings, strict=True):
            if frame[0] > frame[2]:
                self._slots.append(0)  # without a corner it is in no cell
                continue
            first = self._row(frame[1])
            rows: list[list[int]] = [[] for _ in range(self._row(frame[3]) - first + 1)]
            for edge in (edge for ring in own for edge in ring):
                ends = self._row(self._y[edge]) - first, self._row(self._y[edge + 1]) - first
                for row in range(min(ends), max(ends) + 1):
                    rows[row].append(edge)
            self._slots.append(len(self._edge_starts) - 1 - first)
            for edges in rows:
                self._edge_owners.extend(edges)
                self._edge_starts.append(len(self._edge_owners))

    def _file_frames(self) -> None:
        """For each cell the polygons whose frame comes within a hair of it, rising: counted first, then written."""
        counts = array("l", bytes(array("l").itemsize * (self._columns * self._rows + 1)))
        for frame in self._frames:
            for cell in self._cells_of(frame):
                counts[cell + 1] += 1
        self._cell_starts = array("l", accumulate(counts))
        self._cell_owners = array("i", bytes(array("i").itemsize * self._cell_starts[-1]))
        free = self._cell_starts[:]
        for index, frame in enumerate(self._frames):
            for cell in self._cells_of(frame):
                self._cell_owners[free[cell]] = index
                free[cell] += 1

    def _cells_of(self, frame: Frame) -> Iterator[int]:
        west, south, east, north = frame
        if west <= east:
            left, right = (int((x - self._west) * self._per_degree) for x in (west - HAIR_DEG, east + HAIR_DEG))
            for row in range(self._row(south - HAIR_DEG), self._row(north + HAIR_DEG) + 1):
                yield from range(row * self._columns + left, row * self._columns + right + 1)


def frame_of(polygon: str | bytes) -> Frame:
    """The box that a GeoJSON polygon fills."""
    corners = [corner for ring in _rings(orjson.loads(polygon)) for corner in ring]
    return _frame([corner[0] for corner in corners], [corner[1] for corner in corners])


def _frame(xs: Sequence[float], ys: Sequence[float]) -> Frame:
    """Of no corners one that nothing touches."""
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (math.inf, math.inf, -math.inf, -math.inf)


def _rings(geometry: Any) -> Iterator[Sequence[Sequence[float]]]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for part in parts:
        yield from part


def _side(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> int:
    """1 where the point lies to the left of the way from a to b, -1 to the right, 0 on its line."""
    left, right = (ax - x) * (by - y), (ay - y) * (bx - x)
    apart = left - right
    if abs(apart) < _SURE * (abs(left) + abs(right)) or apart == 0:
        ax_, ay_, bx_, by_, x_, y_ = map(Fraction, (ax, ay, bx, by, x, y))
        exact = (ax_ - x_) * (by_ - y_) - (ay_ - y_) * (bx_ - x_)
        return (exact > 0) - (exact < 0)
    return 1 if apart > 0 else -1


def _distance(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """From a point to an edge, in degrees, summed as GEOS does."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if square == 0:
        return math.sqrt((x - ax) ** 2 + (y - ay) ** 2)
    along = ((x - ax) * dx + (y - ay) * dy) / square
    if along <= 0:
        return math.sqrt((x - ax) ** 2 + (y - ay) ** 2)
    if along >= 1:
        return math.sqrt((x - bx) ** 2 + (y - by) ** 2)
    return abs(((ay - y) * dx - (ax - x) * dy) / square) * math.sqrt(square)
