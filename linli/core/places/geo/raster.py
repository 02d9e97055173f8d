"""A raster over polygons: which polygon covers a cell wholly, and whose borders run through it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOBODY = -1
CELLS_PER_SHAPE = 1200
FEWEST_CELLS, MOST_CELLS = 1 << 12, 1 << 22
SMALLEST_CELL_IN_MARGINS = 20


class Raster:
    """Cells of equal size over the bounding box. `margin`: how near (degrees) a border counts as in a cell."""

    def __init__(self, shapes: NDArray[Any], margin: float) -> None:
        self._margin = margin
        self._frame(shapes)
        cells, owners = self._border_cells(shapes)
        self._index_borders(cells, owners)
        self._whole = self._wholly_covered(shapes, cells, owners)

    def cells(self, x: Floats, y: Floats) -> Ints:
        """The cell of each point, -1 outside (NaN and infinity too)."""
        with np.errstate(invalid="ignore", over="ignore"):
            column, row = (x - self._west) * self._per_lon, (y - self._south) * self._per_lat
            inside = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)
        column, row = np.where(inside, column, 0), np.where(inside, row, 0)
        return np.where(inside, row.astype(np.int64) * self._columns + column.astype(np.int64), -1)

    def whole_many(self, cells: Ints) -> Ints:
        """The lowest polygon that covers each cell wholly, or NOBODY; NOBODY for -1."""
        return np.where(cells >= 0, self._whole[cells], NOBODY).astype(np.int64)

    def border_pairs(self, cells: Ints) -> tuple[Ints, Ints]:
        """(position in `cells`, polygon) for every polygon with a border in that cell."""
        slot = np.where(cells >= 0, self._slot[cells], -1)
        where = np.flatnonzero(slot >= 0)
        start = self._starts[slot[where]].astype(np.int64)
        count = self._starts[slot[where] + 1] - start
        position = np.repeat(where, count)
        first = np.repeat(np.cumsum(count) - count, count)
        offset = np.arange(len(position)) - first
        return position, self._owners[np.repeat(start, count) + offset].astype(np.int64)

    def _frame(self, shapes: NDArray[Any]) -> None:
        bounds = shapely.total_bounds(shapes) if len(shapes) else np.zeros(4)
        west, south, east, north = (0.0 if math.isnan(b) else float(b) for b in bounds)
        cells = min(max(len(shapes) * CELLS_PER_SHAPE, FEWEST_CELLS), MOST_CELLS)
        smallest = SMALLEST_CELL_IN_MARGINS * self._margin
        width, height = max(east - west, smallest), max(north - south, smallest)
        size = max(math.sqrt(width * height / cells), max(width, height) / cells, smallest)
        self._columns, self._rows = math.ceil(width / size) + 2, math.ceil(height / size) + 2
        self._west, self._south = west - size, south - size
        self._per_lon = self._per_lat = 1.0 / size

    def _border_cells(self, shapes: NDArray[Any]) -> tuple[Ints, Ints]:
        """Every (cell, polygon) such that the polygon's border comes within the margin of the cell, sorted."""
        parts, owner = shapely.get_parts(shapes, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        a, b = self._scaled(xy[:-1][same]), self._scaled(xy[1:][same])
        points, edge = _pieces(a, b)
        reach = self._margin * self._per_lon * 1.5 + 1e-9
        owners = owner[part[ring[1:][same]]][edge]
        keys = []
        for dx in (-reach, reach):
            for dy in (-reach, reach):
                column = np.floor(points[:, 0] + dx).astype(np.int64)
                row = np.floor(points[:, 1] + dy).astype(np.int64)
                keys.append((row * self._columns + column) * len(shapes) + owners)
        both = np.concatenate(keys) if keys and len(shapes) else np.empty(0, dtype=np.int64)
        both.sort()
        both = both[_firsts(both)]
        return both // max(len(shapes), 1), both % max(len(shapes), 1)

    def _scaled(self, xy: Floats) -> Floats:
        return np.asarray((xy - (self._west, self._south)) * (self._per_lon, self._per_lat), dtype=np.float64)

    def _index_borders(self, cells: Ints, owners: Ints) -> None:
        """Cell → slot → the run of its owners."""
        firsts = _firsts(cells)
        self._starts = np.append(np.flatnonzero(firsts), len(cells)).astype(np.int32)
        self._owners = owners.astype(np.int32)
        self._slot = np.full(self._columns * self._rows, -1, dtype=np.int32)
        self._slot[cells[firsts]] = np.arange(len(self._starts) - 1)

    def _wholly_covered(self, shapes: NDArray[Any], cells: Ints, owners: Ints) -> NDArray[Any]:
        """Fill each polygon along the cells' middle rows, sparing the cells where its own border runs.

        From the last polygon to the first, so that where polygons overlap the lowest stays on top.
        """
        small = len(shapes) <= np.iinfo(np.int16).max
        whole: NDArray[Any] = np.full(self._columns * self._rows, NOBODY, dtype=np.int16 if small else np.int32)
        by_owner = np.argsort(owners, kind="stable")
        limits = np.searchsorted(owners[by_owner], np.arange(len(shapes) + 1))
        for index in range(len(shapes) - 1, -1, -1):
            own = cells[by_owner[limits[index] : limits[index + 1]]]
            before = whole[own]
            for start, stop in self._spans(shapes[index]):
                whole[start:stop] = index
            whole[own] = before
        return whole

    def _spans(self, shape: Any) -> list[tuple[int, int]]:
        """The runs of cells whose middles lie inside a polygon, by the even-odd rule over all its rings."""
        xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
        same = ring[1:] == ring[:-1]
        a, b = self._scaled(xy[:-1][same]), self._scaled(xy[1:][same])
        low, high = np.minimum(a[:, 1], b[:, 1]), np.maximum(a[:, 1], b[:, 1])
        first = np.ceil(low - 0.5).astype(np.int64)
        count = np.maximum(np.ceil(high - 0.5).astype(np.int64) - first, 0)
        edge = np.repeat(np.arange(len(a)), count)
        row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        run = (b[edge] - a[edge]).T
        x = a[edge, 0] + (row + 0.5 - a[edge, 1]) * run[0] / run[1]
        order = np.lexsort((x, row))
        cell = row[order] * self._columns + np.ceil(x[order] - 0.5).astype(np.int64)
        return list(zip(cell[0::2].tolist(), cell[1::2].tolist(), strict=True))


def _firsts(ordered: Ints) -> NDArray[np.bool_]:
    """Where a value stands for the first time in sorted numbers. (`np.unique` brings numpy.ma into the process.)"""
    firsts = np.ones(len(ordered), dtype=np.bool_)
    firsts[1:] = ordered[1:] != ordered[:-1]
    return firsts


def _pieces(a: Floats, b: Floats) -> tuple[Floats, Ints]:
    """Points on each edge such that every raster cell the edge runs through holds one or has one at its side.

    The edge is broken at every grid line it crosses; the break points and the middles between them are taken.
    """
    index = np.arange(len(a))
    stops, edges = [np.zeros(len(a)), np.ones(len(a))], [index, index]
    for axis in (0, 1):
        low, high = np.minimum(a[:, axis], b[:, axis]), np.maximum(a[:, axis], b[:, axis])
        first = np.ceil(low).astype(np.int64)
        count = np.maximum(np.floor(high).astype(np.int64) - first + 1, 0)
        count = np.where(high > low, count, 0)
        edge = np.repeat(index, count)
        line = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        stops.append((line - a[edge, axis]) / (b[edge, axis] - a[edge, axis]))
        edges.append(edge)
    t, edge = np.concatenate(stops), np.concatenate(edges)
    order = np.lexsort((t, edge))
    t, edge = t[order], edge[order]
    same = edge[1:] == edge[:-1]
    t_all = np.concatenate([t, ((t[1:] + t[:-1]) / 2)[same]])
    edge_all = np.concatenate([edge, edge[1:][same]])
    return a[edge_all] + (b[edge_all] - a[edge_all]) * t_all[:, None], edge_all
