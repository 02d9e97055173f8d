"""One cut through one polygon, the way streets run: a chord that bends a little, and two connected halves.

Everything here is in metres of a local plane. A cut is a single chord of a simple polygon, so both halves are
always connected and the two of them are the whole, whatever the shape.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

Floats = NDArray[np.float64]
Point = tuple[float, float]
Chord = tuple[Point, Point]

MAX_TURN = math.radians(14)  # how far a street may turn to meet the one opposite
REACH = 0.22  # of its own length: how far a street looks for the one opposite
TURNS = 5  # how many steps it tries to either side
GOOD_ENOUGH = 5.2  # badness below which no further directions are tried; two squares have 4
ON_EDGE_M = 1e-5
SAME_M = 0.5e-3


@dataclass(frozen=True)
class StreetField:
    """The direction in which streets run at each point: one main direction that drifts across the city."""

    main: float
    drift: float
    wave: float
    phases: tuple[float, float, float]

    @classmethod
    def over(cls, outline: Polygon, seed: int | str) -> StreetField:
        """A field whose bends are of the outline's size."""
        rng = random.Random(f"streets:{seed}")
        west, south, east, north = outline.bounds
        size = max(east - west, north - south, 1.0)
        phases = (rng.uniform(0, 6.3), rng.uniform(0, 6.3), rng.uniform(0, 6.3))
        return cls(math.radians(rng.uniform(-22, 22)), math.radians(rng.uniform(14, 24)), 5.5 / size, phases)

    def at(self, x: float, y: float) -> float:
        """The direction at a point, in radians from east."""
        k = self.wave
        swing = math.sin(k * x + self.phases[0]) + math.sin(k * y + self.phases[1])
        return self.main + self.drift * (swing / 2 + 0.3 * math.sin(2.3 * k * (x - y) + self.phases[2]))


class Crossings:
    """The ends of all cuts so far: a new street prefers to start where one ends on the other side."""

    def __init__(self) -> None:
        self._xy: Floats = np.empty((256, 2))
        self._count = 0

    def add(self, ends: Chord) -> None:
        """Remember both ends of a cut."""
        if self._count + 2 > len(self._xy):
            self._xy = np.concatenate([self._xy, np.empty_like(self._xy)])
        self._xy[self._count : self._count + 2] = ends
        self._count += 2

    def near(self, point: Point, reach: float, ring: LineString) -> Point | None:
        """The nearest known end within reach that lies on this ring."""
        known = self._xy[: self._count]
        far = np.hypot(known[:, 0] - point[0], known[:, 1] - point[1])
        for index in np.argsort(far)[:4]:
            if far[index] > reach:
                return None
            candidate = float(known[index, 0]), float(known[index, 1])
            if shapely.Point(candidate).distance(ring) < ON_EDGE_M:
                return candidate
        return None


class Ring:
    """The border of a simple polygon, with what cutting asks of it again and again."""

    def __init__(self, shape: Polygon) -> None:
        self.shape = shape
        self.xy: Floats = np.asarray(shape.exterior.coords)
        self.at: Floats = np.r_[0.0, np.cumsum(np.hypot(*np.diff(self.xy, axis=0).T))]
        self.length = float(self.at[-1])

    def halves(self, path: Floats) -> tuple[Polygon, Polygon] | None:
        """The polygons on both sides of a path between two points of the ring; None if it leaves the shape."""
        first, second = self._rings(path)
        if len(first) < 3 or len(second) < 3:
            return None
        one, two = Polygon(first), Polygon(second)
        if not (one.is_valid and two.is_valid) or min(one.area, two.area) <= 0:
            return None
        if abs(one.area + two.area - self.shape.area) > 1e-6 * self.shape.area + 1e-3:
            return None
        return one, two

    def fraction(self, chord: Chord) -> float:
        """The share of the area on one side of a chord known to lie inside."""
        xy = self._rings(np.array(chord))[0] - self.xy[0]
        x, y = xy[:, 0], xy[:, 1]
        twice = float(x @ np.roll(y, -1) - y @ np.roll(x, -1))
        return abs(twice) / 2 / float(self.shape.area)

    def skew(self, chord: Chord) -> float:
        """How slantingly a chord meets the border at its ends; 0 for anything near a right angle."""
        step = 0.04 * math.dist(*chord)
        ux, uy = (chord[1][0] - chord[0][0]), (chord[1][1] - chord[0][1])
        cost = 0.0
        for end in chord:
            here = self.locate(end)
            bx, by = self.point(here + step)
            ax, ay = self.point(here - step)
            run = math.hypot(ux, uy) * math.hypot(bx - ax, by - ay)
            sine = abs(ux * (by - ay) - uy * (bx - ax)) / run if run else 0.0
            cost += 3 * max(0.0, 0.85 - sine)
        return cost

    def locate(self, point: Point) -> float:
        """How far along the ring a point of it lies."""
        return float(shapely.line_locate_point(self.shape.exterior, shapely.Point(point)))

    def point(self, distance: float) -> Point:
        """The point this far along the ring, round and round."""
        distance %= self.length
        return float(np.interp(distance, self.at, self.xy[:, 0])), float(np.interp(distance, self.at, self.xy[:, 1]))

    def _rings(self, path: Floats) -> tuple[Floats, Floats]:
        start, stop = self.locate(tuple(path[0])), self.locate(tuple(path[-1]))
        if start > stop:
            start, stop, path = stop, start, path[::-1]
        at, xy = self.at[:-1], self.xy[:-1]
        between = xy[(at > start + SAME_M) & (at < stop - SAME_M)]
        before, after = xy[at < start - SAME_M], xy[at > stop + SAME_M]
        return np.concatenate([between, path[::-1]]), np.concatenate([before, path, after])


@dataclass(frozen=True)
class Cut:
    """The two halves (the first holds the share asked for) and the two ends of the street between them."""

    halves: tuple[Polygon, Polygon]
    ends: Chord


def best_cut(shape: Polygon, share: float, streets: StreetField, known: Crossings, rng: random.Random) -> Cut:
    """Cut off this share of a simple polygon along the streets; always succeeds on a valid polygon."""
    shape = Polygon(shape.exterior)
    ring = Ring(shape)
    centre = shape.representative_point()
    chords: list[tuple[float, Chord]] = []
    for attempt, angle in enumerate(_angles(shape, streets.at(centre.x, centre.y), rng)):
        if attempt >= 3 and chords and min(chords)[0] < GOOD_ENOUGH:
            break
        chords += _chords(ring, share, angle)
    for _badness, chord in sorted(chords):
        for bend in (1.0, 0.5, 0.0):
            ends = _meet_opposite(ring, chord, share, known) if bend else chord
            halves = ring.halves(_bent(*ends, bend, rng))
            if halves is not None:
                return Cut(_in_order(halves, share), ends)
    raise ValueError("no chord divides this polygon; is it valid and larger than rounding?")


def _angles(shape: Polygon, direction: float, rng: random.Random) -> Iterator[float]:
    """Both street directions, the one across the longer extent twice; then the shape's own axis; then any."""
    xy = np.asarray(shape.exterior.coords)
    along = np.ptp(xy @ (math.cos(direction), math.sin(direction)))
    across = np.ptp(xy @ (-math.sin(direction), math.cos(direction)))
    first = direction + (math.pi / 2 if along > across else 0.0)
    yield first + rng.gauss(0, 0.035)
    yield first + rng.gauss(0, 0.07)
    yield first + math.pi / 2 + rng.gauss(0, 0.05)
    middle = xy - xy.mean(axis=0)
    _values, vectors = np.linalg.eigh(middle.T @ middle)
    yield math.atan2(vectors[1, 0], vectors[0, 0])
    for step in range(1, 8):
        yield first + step * math.pi / 8


def _in_order(halves: tuple[Polygon, Polygon], share: float) -> tuple[Polygon, Polygon]:
    first = halves[0].area / (halves[0].area + halves[1].area)
    return halves if abs(first - share) <= abs(1 - first - share) else (halves[1], halves[0])


def _wrong(fraction: float, share: float) -> float:
    """How far a cut misses the share, relative to the smaller half asked for."""
    return min(abs(fraction - share), abs(1 - fraction - share)) / min(share, 1 - share)


def _offset_for(ring: Floats, share: float, angle: float) -> float:
    """Where a straight line in this direction leaves this share of the area on its left."""
    u = ring @ (-math.sin(angle), math.cos(angle))
    v = ring @ (math.cos(angle), math.sin(angle))
    total = abs(_area_below(u, v, math.inf))
    low, high = float(u.min()), float(u.max())
    for _round in range(22):
        middle = (low + high) / 2
        if abs(_area_below(u, v, middle)) < share * total:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _area_below(u: Floats, v: Floats, limit: float) -> float:
    """Signed area of the part of a ring where u < limit (each edge's strip, clamped at the limit)."""
    if math.isinf(limit):
        return float(np.sum((v[1:] + v[:-1]) / 2 * np.diff(u)))
    span = np.diff(u)
    start, stop = np.minimum(u[:-1], limit), np.minimum(u[1:], limit)
    safe = np.where(span == 0, 1.0, span)
    v_start = v[:-1] + np.diff(v) * (start - u[:-1]) / safe
    v_stop = v[:-1] + np.diff(v) * (stop - u[:-1]) / safe
    return float(np.sum((v_start + v_stop) / 2 * (stop - start)))


def _chords(ring: Ring, share: float, angle: float) -> list[tuple[float, Chord]]:
    """The chords, with their badness, of the straight line in this direction that cuts off the share.

    A concave shape may be crossed several times; then each chord alone is a candidate.
    """
    offset = _offset_for(ring.xy, share, angle)
    along = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-along[1], along[0]])
    base = across * offset + along * (ring.xy.mean(axis=0) @ along)
    line = LineString([base - along * ring.length, base + along * ring.length])
    found: list[tuple[float, Chord]] = []
    for part in shapely.get_parts(line.intersection(ring.shape)):
        if part.geom_type != "LineString":
            continue
        chord: Chord = (part.coords[0], part.coords[-1])
        halves = ring.halves(np.array(chord))
        if halves is not None:
            wrong = _wrong(halves[0].area / ring.shape.area, share)
            found.append((_ugliness(halves) + ring.skew(chord) + 12 * max(0.0, wrong - 0.08), chord))
    return found


def _ugliness(halves: tuple[Polygon, Polygon]) -> float:
    return float(sum(half.length / math.sqrt(half.area) for half in halves) / 2)


def _meet_opposite(ring: Ring, chord: Chord, share: float, known: Crossings) -> Chord:
    """Turn the chord a little about a known street end, so that two streets meet in a crossing."""
    length = math.dist(*chord)
    for near, far in (chord, (chord[1], chord[0])):
        pivot = known.near(near, REACH * length, ring.shape.exterior)
        if pivot is None:
            continue
        turned = _turned(ring, pivot, far, share)
        if turned is not None:
            return pivot, known.near(turned, 0.06 * length, ring.shape.exterior) or turned
    return chord


def _turned(ring: Ring, pivot: Point, far: Point, share: float) -> Point | None:
    """The far end of the chord from the pivot that leaves the share, if a small turn reaches it."""
    aim = math.atan2(far[1] - pivot[1], far[0] - pivot[0])
    best: tuple[float, Point] | None = None
    for step in range(-TURNS, TURNS + 1):
        turn = step / TURNS * MAX_TURN
        end = _first_hit(ring, pivot, aim + turn)
        if end is None:
            continue
        wrong = _wrong(ring.fraction((pivot, end)), share)
        cost = wrong + 0.4 * abs(turn) + 0.3 * ring.skew((pivot, end))
        if wrong < 0.12 and (best is None or cost < best[0]):
            best = (cost, end)
    return best[1] if best else None


def _first_hit(ring: Ring, pivot: Point, angle: float) -> Point | None:
    """Where a ray from a point of the ring first meets the ring again."""
    start = (pivot[0] + 0.01 * math.cos(angle), pivot[1] + 0.01 * math.sin(angle))
    stop = (pivot[0] + ring.length * math.cos(angle), pivot[1] + ring.length * math.sin(angle))
    hits = shapely.get_coordinates(LineString([start, stop]).intersection(ring.shape.exterior))
    if len(hits) == 0 or not shapely.contains_xy(ring.shape, *start):
        return None
    x, y = hits[int(np.hypot(hits[:, 0] - pivot[0], hits[:, 1] - pivot[1]).argmin())]
    return float(x), float(y)


def _bent(a: Point, b: Point, bend: float, rng: random.Random) -> Floats:
    """The street between two ends: long ones wander, middling ones bend once or twice, short ones hardly."""
    length = math.dist(a, b)
    if bend == 0 or (length < 450 and rng.random() < 0.6):
        return np.array([a, b])
    if length < 450:
        stops, amplitude = [rng.uniform(0.35, 0.65)], 0.035
    elif length < 1800:
        stops, amplitude = [rng.uniform(0.2, 0.45), rng.uniform(0.55, 0.8)], 0.028
    else:
        count = min(14, 3 + int(length / 900))
        stops = [(i + 1 + rng.uniform(-0.3, 0.3)) / (count + 1) for i in range(count)]
        amplitude = 0.022
    phase, turns = rng.uniform(0, 6.3), rng.uniform(1.5, 3.5)
    points = [a]
    for t in stops:
        push = amplitude * bend * (math.sin(phase + turns * math.pi * t) + rng.uniform(-0.45, 0.45))
        run_x, run_y = b[0] - a[0], b[1] - a[1]
        points.append((a[0] + run_x * t - run_y * push, a[1] + run_y * t + run_x * push))
    return np.array([*points, b])
