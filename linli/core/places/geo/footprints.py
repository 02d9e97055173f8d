"""Rows of plausible buildings inside a quarter: slabs along its streets, towers where land is dear."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import Polygon, box

from linli.core.places.geo.metric import Plane

DECIMALS = 8  # a millimetre, far below the smallest space between two buildings
SHRINK = 0.86
ROUNDS_AT_MOST = 80
STOREY_M = 2.9


@dataclass(frozen=True)
class Kind:
    """A kind of residential building: length along the row, depth, space to the side, storeys from and to."""

    length: tuple[float, float]
    depth: float
    side: float
    storeys: tuple[int, int]


WALK_UP = Kind((38, 66), 11.5, 9, (4, 6))
MIDDLE = Kind((32, 54), 13.5, 13, (8, 12))
SLAB = Kind((34, 58), 15.5, 18, (15, 20))
TOWER = Kind((24, 34), 20.0, 22, (24, 33))
SMALL = (3, 4)  # kindergarten, committee's house


def footprints(quarter: Polygon, n_buildings: int, seed: int | str) -> list[tuple[Polygon, int]]:
    """Exactly n rectangles inside the quarter that do not touch, each with its storeys (3-33).

    They stand in rows along the street nearest to east-west, as Chinese housing does for the sun. Sizes start true to
    life and shrink together only if so many do not fit.
    """
    if n_buildings < 0:
        raise ValueError("a negative number of buildings")
    if n_buildings == 0:
        return []
    rng = random.Random(f"buildings:{seed}")
    plane = Plane.around(quarter)
    flat = plane.metres(quarter)
    angle = _row_direction(flat)
    upright = affinity.rotate(flat, -angle, origin=(0, 0), use_radians=True)
    kind = _kind_for(flat.area / n_buildings, rng)
    places = _packed(upright, kind, n_buildings, rng)
    chosen = [places[int(i)] for i in np.linspace(0, len(places) - 1, n_buildings).round()]
    heights = _heights(kind, n_buildings, rng)
    turned = [affinity.rotate(place, angle, origin=(0, 0), use_radians=True) for place in chosen]
    return [(_rounded(plane.degrees(shape)), height) for shape, height in zip(turned, heights, strict=True)]


def _rounded(shape: Polygon) -> Polygon:
    return Polygon(np.round(shape.exterior.coords, DECIMALS))


def _row_direction(flat: Polygon) -> float:
    """The direction of the quarter's streets (edges weighed by length, modulo a right angle) nearest east-west."""
    step = np.diff(np.asarray(flat.exterior.coords), axis=0)
    turn = 4 * np.arctan2(step[:, 1], step[:, 0])
    weight = np.hypot(step[:, 0], step[:, 1]) ** 2
    return float(math.atan2((weight * np.sin(turn)).sum(), (weight * np.cos(turn)).sum()) / 4)


def _kind_for(land_per_building: float, rng: random.Random) -> Kind:
    """Nothing taller than the land between two rows allows."""
    if land_per_building < 2200:
        return WALK_UP
    if land_per_building < 3800:
        return rng.choice((WALK_UP, MIDDLE))
    return rng.choice((MIDDLE, SLAB, SLAB, TOWER))


def _heights(kind: Kind, count: int, rng: random.Random) -> list[int]:
    """One usual height for the quarter, a few that differ, and in a larger quarter one small house."""
    usual = rng.randint(*kind.storeys)
    heights = [usual if rng.random() < 0.7 else rng.randint(*kind.storeys) for _ in range(count)]
    if count >= 6 and rng.random() < 0.7:
        heights[rng.randrange(count)] = rng.randint(*SMALL)
    return heights


def _packed(upright: Polygon, kind: Kind, count: int, rng: random.Random) -> list[Polygon]:
    """At least `count` rectangles in rows: generous spacing first, then tighter, then everything smaller."""
    start = rng.random()
    for spread in (2.6, 2.1, 1.7, 1.35, 1.0):
        places = _rows(upright, kind, 1.0, spread, random.Random(start))
        if len(places) >= count:
            return places
    size = 1.0
    for _round in range(ROUNDS_AT_MOST):
        size *= SHRINK
        places = _rows(upright, kind, size, 0.9, random.Random(start))
        if len(places) >= count:
            return places
    raise ValueError("the quarter has no room at all; is it a valid polygon?")


def _rows(upright: Polygon, kind: Kind, size: float, spread: float, rng: random.Random) -> list[Polygon]:
    yard = upright.buffer(-5.0 * size)
    if yard.is_empty:
        return []
    shapely.prepare(yard)
    _west, south, _east, north = yard.bounds
    depth = kind.depth * size
    sun = min(0.75 * kind.storeys[0] * STOREY_M, 34.0) * size * spread
    rows = max(1, int((north - south + sun) / (depth + sun)))
    slack = (north - south + sun) - rows * (depth + sun)
    places: list[Polygon] = []
    for row in range(rows):
        y = south + slack / 2 + row * (depth + sun) + rng.uniform(-0.1, 0.1) * sun
        places += _row(yard, y, depth, kind, size, spread, rng)
    return places


def _row(
    yard: Polygon, y: float, depth: float, kind: Kind, size: float, spread: float, rng: random.Random
) -> list[Polygon]:
    """Buildings from west to east; where one does not fit, try a shorter one, then step on."""
    west, _south, east, _north = yard.bounds
    usual = rng.uniform(*kind.length) * size
    x = west + rng.uniform(0, 0.3) * usual
    places: list[Polygon] = []
    while x < east:
        wish = usual * rng.uniform(0.85, 1.15)
        for length in (wish, wish * 0.7):
            place = box(x, y, x + length, y + depth)
            if yard.contains(place):
                places.append(place)
                x += length + kind.side * size * spread
                break
        else:
            x += usual * 0.2
    return places
