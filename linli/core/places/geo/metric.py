"""Metres for shapes kept in degrees.

Two tools with different duties. `Plane` is an affine map (equirectangular about a reference point, with the
true radii of the ellipsoid there): it keeps straight edges straight, so that overlays done in metres mean exactly
what they mean in degrees. `area_m2` and `length_m` measure on the WGS 84 ellipsoid edge by edge, so that their
accuracy does not depend on how far a shape lies from any reference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from linli.kit.later import later

if TYPE_CHECKING:
    import numpy as np
    import shapely
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
else:
    np, shapely = later("numpy"), later("shapely")


G = TypeVar("G", bound="BaseGeometry")

SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_SQUARED = 0.0066943799901413165


def degree_lengths(lat: float) -> tuple[float, float]:
    """Metres in one degree of longitude and in one degree of latitude at this latitude."""
    phi = math.radians(lat)
    w = 1.0 - ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    east = SEMI_MAJOR_M / math.sqrt(w) * math.cos(phi)
    north = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / w**1.5
    return math.radians(east), math.radians(north)


@dataclass(frozen=True)
class Plane:
    """A flat sheet of metres laid on the ellipsoid at one point; east is x, north is y."""

    lon: float
    lat: float
    east: float
    north: float

    @classmethod
    def at(cls, lon: float, lat: float) -> Plane:
        """The sheet that touches the ellipsoid at this point."""
        return cls(lon, lat, *degree_lengths(lat))

    @classmethod
    def around(cls, *shapes: BaseGeometry) -> Plane:
        """The sheet that touches at the middle of everything given (shapes in degrees)."""
        solid = [shape for shape in shapes if not shape.is_empty]
        if not solid:
            return cls.at(0.0, 0.0)
        west, south, east, north = shapely.total_bounds(np.array(solid, dtype=object))
        return cls.at((west + east) / 2, (south + north) / 2)

    def metres(self, shape: G) -> G:
        """The shape, given in degrees, in metres of this sheet."""
        moved: G = shapely.transform(shape, self.metres_xy)
        return moved

    def degrees(self, shape: G) -> G:
        """The shape, given in metres of this sheet, in degrees."""
        moved: G = shapely.transform(shape, self.degrees_xy)
        return moved

    def metres_xy(self, lonlat: Floats) -> Floats:
        """An (n, 2) array of degrees to metres."""
        return np.asarray((lonlat - (self.lon, self.lat)) * (self.east, self.north), dtype=np.float64)

    def degrees_xy(self, xy: Floats) -> Floats:
        """An (n, 2) array of metres to degrees."""
        return np.asarray(xy / (self.east, self.north) + (self.lon, self.lat), dtype=np.float64)


def area_m2(shape: BaseGeometry) -> float:
    """The area of one shape (degrees) on the ellipsoid."""
    return float(areas_m2([shape])[0])


def areas_m2(shapes: Iterable[BaseGeometry]) -> Floats:
    """The area of every shape (degrees) on the ellipsoid, holes taken off; points and lines have none."""
    geometries = np.array(list(shapes), dtype=object)
    total = np.zeros(len(geometries))
    polygons, owner = _polygons(geometries)
    if len(polygons) == 0:
        return total
    rings, polygon_of_ring = shapely.get_rings(polygons, return_index=True)
    xy, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    size = np.abs(_ring_integrals(xy, ring_of_point, len(rings)))
    first = np.r_[True, polygon_of_ring[1:] != polygon_of_ring[:-1]]
    np.add.at(total, owner[polygon_of_ring], np.where(first, size, -size))
    return total


def length_m(shape: BaseGeometry) -> float:
    """The length of a line or the perimeter (holes included) of a polygon, given in degrees."""
    return float(lengths_m([shape])[0])


def lengths_m(shapes: Iterable[BaseGeometry]) -> Floats:
    """The length of every shape, as `length_m`."""
    geometries = np.array(list(shapes), dtype=object)
    lines, owner = shapely.get_parts(_as_lines(geometries), return_index=True)
    total = np.zeros(len(geometries))
    xy, line_of_point = shapely.get_coordinates(lines, return_index=True)
    if len(xy) < 2:
        return total
    same = line_of_point[1:] == line_of_point[:-1]
    step = _edge_lengths(xy[:-1], xy[1:])
    np.add.at(total, owner[line_of_point[1:][same]], step[same])
    return total


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points some tens of kilometres apart at most."""
    return float(_edge_lengths(np.array([[lon1, lat1]]), np.array([[lon2, lat2]]))[0])


def _as_lines(geometries: NDArray[Any]) -> NDArray[Any]:
    areal = shapely.get_dimensions(geometries) == 2
    lines = geometries.copy()
    lines[areal] = shapely.boundary(geometries[areal])
    return lines


def _polygons(geometries: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """All polygons inside the shapes (collections opened twice: multi-parts may lie in a collection)."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    keep = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return parts[keep], owner[inner][keep]


def _edge_lengths(a: Floats, b: Floats) -> Floats:
    phi = np.radians((a[:, 1] + b[:, 1]) / 2)
    w = 1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    east = SEMI_MAJOR_M / np.sqrt(w) * np.cos(phi) * np.radians(b[:, 0] - a[:, 0])
    north = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / w**1.5 * np.radians(b[:, 1] - a[:, 1])
    return np.asarray(np.hypot(east, north), dtype=np.float64)


def _ring_integrals(xy: Floats, ring: NDArray[np.intp], count: int) -> Floats:
    """Signed ring areas by Green's theorem: the integral of the zone area below each edge over longitude.

    Each edge is straight in degrees (RFC 7946); Simpson's rule over it is exact far beyond what is asked.
    Latitudes are taken from each ring's own first point, so that small rings lose no digits.
    """
    starts = np.searchsorted(ring, np.arange(count))
    lat0 = xy[starts, 1][ring]
    same = ring[1:] == ring[:-1]
    d_lon = np.radians(xy[1:, 0] - xy[:-1, 0])
    zone = _zone(lat0, xy[:, 1])
    middle = _zone(lat0[1:], (xy[1:, 1] + xy[:-1, 1]) / 2)
    strip = d_lon * (zone[1:] + 4 * middle + zone[:-1]) / 6
    total = np.zeros(count)
    np.add.at(total, ring[1:][same], strip[same])
    return total


def _zone(lat0: Floats, lat: Floats) -> Floats:
    """Square metres per radian of longitude between two latitudes (five-point Gauss-Legendre)."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    half = np.radians(lat - lat0) / 2
    middle = np.radians(lat + lat0) / 2
    total = np.zeros_like(half)
    for node, weight in zip(nodes, weights, strict=True):
        phi = middle + half * node
        w = 1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
        total += weight * np.cos(phi) / w**2
    return np.asarray(total * half * SEMI_MAJOR_M**2 * (1.0 - ECCENTRICITY_SQUARED), dtype=np.float64)
