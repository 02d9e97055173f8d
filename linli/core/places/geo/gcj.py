"""GCJ-02, the datum of Chinese web maps, to and from WGS 84.

The shift is a published smooth series of a few hundred metres; it has no closed inverse, so the way back
iterates. Outside the rectangle in which Chinese maps shift, nothing moves. Near that rectangle's edge the map jumps,
and the way back is only as good as the jump allows.
"""

from __future__ import annotations

from math import cos, degrees, pi, radians, sin, sqrt

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
CLOSE_ENOUGH_DEG = 1e-10
ROUNDS_AT_MOST = 12


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Where a Chinese web map draws this WGS 84 point."""
    if not _inside(lon, lat):
        return lon, lat
    d_lon, d_lat = _shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """The WGS 84 point that a Chinese web map draws here, to better than 1e-7 degree.

    A fixed-point iteration: the shift changes by about one part in two thousand per step, so four or five
    rounds reach 1e-10 degree.
    """
    if not _inside(lon, lat):
        return lon, lat
    x, y = lon, lat
    for _round in range(ROUNDS_AT_MOST):
        d_lon, d_lat = _shift(x, y)
        moved = abs(lon - d_lon - x) + abs(lat - d_lat - y)
        x, y = lon - d_lon, lat - d_lat
        if moved <= CLOSE_ENOUGH_DEG:
            break
    return x, y


def _inside(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def _shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    root = sqrt(abs(x))
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = radians(lat)
    w = 1.0 - ECCENTRICITY_SQUARED * sin(phi) ** 2
    d_lat = degrees(north * w * sqrt(w) / (SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED)))
    d_lon = degrees(east * sqrt(w) / (SEMI_MAJOR_M * cos(phi)))
    return d_lon, d_lat
