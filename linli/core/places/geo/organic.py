"""A believable district outline of our own making: partly river, partly ridge, partly road."""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from linli.core.places.geo.metric import Plane, area_m2

Floats = NDArray[np.float64]

CHARACTERS = ("river", "river", "ridge", "ridge", "road")
DECIMALS = 7


def organic_outline(
    centre_lon: float,
    centre_lat: float,
    area_km2: float,
    seed: int | str,
    *,
    elongation: float = 1.5,
    corners: int = 11,
    roughness: float = 1.0,
) -> Polygon:
    """A simple polygon in degrees of this area around this centre; the same seed gives the same outline.

    `elongation` is length over breadth, `corners` how many sides of different character it has, `roughness`
    how far rivers and ridges stray from the straight line between corners.
    """
    if area_km2 <= 0 or corners < 4:
        raise ValueError("an outline needs a positive area and at least four corners")
    rng = random.Random(f"outline:{seed}")
    plane = Plane.at(centre_lon, centre_lat)
    anchors = _anchors(rng, corners, elongation)
    for _attempt in range(8):
        ring = _ring(anchors, random.Random(rng.random()), roughness)
        shape = Polygon(ring)
        if shape.is_valid:
            break
        roughness *= 0.6
    else:
        shape = Polygon(anchors)
    return _to_size(shape, plane, area_km2)


def _anchors(rng: random.Random, corners: int, elongation: float) -> Floats:
    """Corners around the centre: uneven in angle and reach, stretched along a random axis."""
    turn = rng.uniform(0, 2 * math.pi)
    phase = [rng.uniform(0, 2 * math.pi) for _ in range(3)]
    points = []
    for index in range(corners):
        angle = (index + rng.uniform(-0.32, 0.32)) * 2 * math.pi / corners
        reach = 1 + 0.22 * math.sin(2 * angle + phase[0]) + 0.16 * math.sin(3 * angle + phase[1])
        reach *= 1 + rng.uniform(-0.16, 0.16)
        points.append((reach * math.cos(angle) * elongation**0.5, reach * math.sin(angle) / elongation**0.5))
    rotation = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return np.asarray(np.array(points) @ rotation, dtype=np.float64)


def _ring(anchors: Floats, rng: random.Random, roughness: float) -> Floats:
    sides = []
    character = rng.choice(CHARACTERS)
    for index in range(len(anchors)):
        if rng.random() < 0.65:  # a river rarely ends exactly at a corner
            character = rng.choice(CHARACTERS)
        side = _side(anchors[index], anchors[(index + 1) % len(anchors)], character, rng, roughness)
        sides.append(side[:-1])
    return np.concatenate(sides)


def _side(a: Floats, b: Floats, character: str, rng: random.Random, roughness: float) -> Floats:
    if character == "river":
        return _meander(a, b, rng, 0.075 * roughness)
    if character == "ridge":
        return _crooked(a, b, rng, 0.26 * roughness, depth=5)
    return _crooked(a, b, rng, 0.03 * roughness, depth=2)


def _meander(a: Floats, b: Floats, rng: random.Random, amplitude: float) -> Floats:
    """A smooth curve: a few waves of different length, dying away at both ends, so that corners do not spike."""
    t = np.linspace(0, 1, 26)
    wave = np.zeros_like(t)
    for turns in (1, 2, 3, 5):
        wave += rng.uniform(-1, 1) / math.sqrt(turns) * np.sin(math.pi * turns * t)
    wave *= amplitude * np.minimum(1.0, 1.6 * np.sin(math.pi * t))
    along = b - a
    across = np.array([-along[1], along[0]])
    return np.asarray(a + np.outer(t, along) + np.outer(wave, across), dtype=np.float64)


def _crooked(a: Floats, b: Floats, rng: random.Random, amplitude: float, depth: int) -> Floats:
    """A jagged line by midpoint displacement."""
    points = np.array([a, b])
    for _level in range(depth):
        along = np.diff(points, axis=0)
        across = np.column_stack([-along[:, 1], along[:, 0]])
        push = np.array([rng.uniform(-1, 1) * amplitude for _ in along])
        slip = np.array([rng.uniform(0.38, 0.62) for _ in along])
        middles = points[:-1] + along * slip[:, None] + across * push[:, None]
        points = np.insert(points, np.arange(1, len(points)), middles, axis=0)
        amplitude *= 0.85
    return points


def _to_size(shape: Polygon, plane: Plane, area_km2: float) -> Polygon:
    ring = np.asarray(shape.exterior.coords)[:-1] - np.asarray(shape.centroid.coords)[0]
    scale = math.sqrt(area_km2 * 1e6 / shape.area)
    for _round in range(2):  # the second round takes the ellipsoid's last tenth of a percent
        degrees = Polygon(plane.degrees_xy(ring * scale))
        scale *= math.sqrt(area_km2 * 1e6 / area_m2(degrees))
    return Polygon(np.round(plane.degrees_xy(ring * scale), DECIMALS))
