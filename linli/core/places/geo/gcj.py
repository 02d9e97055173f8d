"""GCJ-02, the datum of Chinese web maps, to and from WGS 84.

The shift is a published smooth series of a few hundred metres; it has no closed inverse, so the way back
iterates. Every function takes single numbers or numpy arrays. Outside the rectangle in which Chinese maps shift,
nothing moves. Near that rectangle's edge the map jumps, and the way back is only as good as the jump allows.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, Floats)

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
CLOSE_ENOUGH_DEG = 1e-10
ROUNDS_AT_MOST = 12


def wgs84_to_gcj02(lon: Number, lat: Number) -> tuple[Number, Number]:
    """Where a Chinese web map draws this WGS 84 point."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    d_lon, d_lat = _shift(x, y)
    return _like(lon, x + d_lon), _like(lat, y + d_lat)


def gcj02_to_wgs84(lon: Number, lat: Number) -> tuple[Number, Number]:
    """The WGS 84 point that a Chinese web map draws here, to better than 1e-7 degree.

    A fixed-point iteration: the shift changes by about one part in two thousand per step, so four or five
    rounds reach 1e-10 degree.
    """
    target_x, target_y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    x, y = target_x, target_y
    inside = _inside(target_x, target_y)
    for _round in range(ROUNDS_AT_MOST):
        d_lon, d_lat = _raw_shift(x, y)
        next_x = np.where(inside, target_x - d_lon, target_x)
        next_y = np.where(inside, target_y - d_lat, target_y)
        moved = np.abs(next_x - x) + np.abs(next_y - y)
        x, y = next_x, next_y
        if not np.any(moved > CLOSE_ENOUGH_DEG):
            break
    return _like(lon, x), _like(lat, y)


def _like(sample: Number, value: Floats) -> Number:
    return value if isinstance(sample, np.ndarray) else float(value)


def _inside(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return np.asarray((lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH))


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    inside = _inside(lon, lat)
    d_lon, d_lat = _raw_shift(lon, lat)
    return np.where(inside, d_lon, 0.0), np.where(inside, d_lat, 0.0)


def _raw_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w = 1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    d_lat = np.degrees(north * w * np.sqrt(w) / (SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED)))
    d_lon = np.degrees(east * np.sqrt(w) / (SEMI_MAJOR_M * np.cos(phi)))
    return np.asarray(d_lon, dtype=np.float64), np.asarray(d_lat, dtype=np.float64)
