"""Plausible, city-like tilings of our own making: districts cut along streets into connected cells.

`partition` cuts one outline; `nest` cuts a whole tree (district, streets, communities, quarters, grids) and
returns cells that tile exactly: neighbours share identical vertices, T-junctions included, and every upper level is
the union of its leaves. The same seed gives the same city.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from linli.core.places.geo.cuts import Crossings, StreetField, best_cut
from linli.core.places.geo.metric import Plane

DECIMALS = 7  # about a centimetre
GRID_DEG = 10.0**-DECIMALS


@dataclass(frozen=True)
class Branch:
    """A node of the tree to be drawn; a parent without a weight weighs what its children do, a leaf 1."""

    key: str
    children: tuple[Branch, ...] = ()
    weight: float | None = None

    @property
    def mass(self) -> float:
        """The share of its parent's area that this node asks for."""
        if self.weight is not None:
            return self.weight
        return sum(child.mass for child in self.children) if self.children else 1.0

    def leaves(self) -> Iterator[Branch]:
        """The lowest nodes, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Nested:
    """A drawn tree: the polygon of every node by key, and which keys are leaves, in order."""

    shapes: Mapping[str, Polygon]
    leaf_keys: tuple[str, ...]

    @property
    def leaves(self) -> list[Polygon]:
        """The polygons of the lowest level, in the tree's order."""
        return [self.shapes[key] for key in self.leaf_keys]


class _Town:
    """What all cuts of one city share: its streets' directions, the crossings so far and the dice."""

    def __init__(self, outline: Polygon, seed: int | str) -> None:
        self.streets = StreetField.over(outline, seed)
        self.known = Crossings()
        self.rng = random.Random(f"cuts:{seed}")

    def cut(self, shape: Polygon, weights: Sequence[float]) -> list[Polygon]:
        """Cut into len(weights) pieces, by halving the list until one weight is left per piece."""
        pieces: list[Polygon] = [shape] * len(weights)
        todo = [(shape, 0, len(weights))]
        while todo:
            part, start, stop = todo.pop()
            if stop - start == 1:
                pieces[start] = part
                continue
            middle = self._fair_split(weights, start, stop)
            share = sum(weights[start:middle]) / sum(weights[start:stop])
            cut = best_cut(part, share, self.streets, self.known, self.rng)
            self.known.add(cut.ends)
            todo += [(cut.halves[1], middle, stop), (cut.halves[0], start, middle)]
        return pieces

    def _fair_split(self, weights: Sequence[float], start: int, stop: int) -> int:
        """Where to halve the list: near half of the weight, but not always there, so that blocks differ."""
        total = sum(weights[start:stop])
        aim = total * self.rng.uniform(0.38, 0.62)
        best, seen = start + 1, 0.0
        closest = float("inf")
        for index in range(start, stop - 1):
            seen += weights[index]
            if abs(seen - aim) < closest:
                best, closest = index + 1, abs(seen - aim)
        return best


def partition(outline: Polygon, weights: Sequence[float], seed: int | str) -> list[Polygon]:
    """Connected polygons with areas roughly in proportion to the weights, which tile the outline exactly."""
    if not weights:
        raise ValueError("nothing to divide into")
    if min(weights) <= 0:
        raise ValueError("every weight must be positive")
    plane = Plane.around(outline)
    flat = plane.metres(_solid(outline))
    return snap([plane.degrees(piece) for piece in _Town(flat, seed).cut(flat, weights)])


def nest(outline: Polygon, tree: Branch, seed: int | str) -> Nested:
    """Draw a whole tree inside an outline; keys must be unique."""
    keys = [node.key for node in _walk(tree)]
    if len(set(keys)) != len(keys):
        raise ValueError("two nodes of the tree have the same key")
    plane = Plane.around(outline)
    flat = plane.metres(_solid(outline))
    town = _Town(flat, seed)
    drawn: dict[str, Polygon] = {}
    todo = [(tree, flat)]
    while todo:
        node, shape = todo.pop()
        if not node.children:
            drawn[node.key] = shape
            continue
        pieces = town.cut(shape, [child.mass for child in node.children])
        todo += list(zip(node.children, pieces, strict=True))[::-1]
    leaf_keys = tuple(leaf.key for leaf in tree.leaves())
    leaves = snap([plane.degrees(drawn[key]) for key in leaf_keys])
    return Nested(_with_unions(tree, dict(zip(leaf_keys, leaves, strict=True))), leaf_keys)


def snap(cells: Sequence[Polygon]) -> list[Polygon]:
    """The same cells with their shared borders made identical, to the vertex.

    Coordinates go to the 1e-7 degree grid, every T-junction becomes a vertex on both sides, and the slits and
    overlaps that rounding opens go to the cell that holds most of them. All borders are noded together on the grid
    (snap rounding), the faces between them found again, and each face handed to a cell; faces share their vertices
    by construction.
    """
    if not cells:
        return []
    borders = shapely.union_all(shapely.boundary(np.array(cells, dtype=object)), grid_size=GRID_DEG)
    faces = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(borders))))
    faces = [
        Polygon(np.round(f.exterior.coords, DECIMALS), [np.round(h.coords, DECIMALS) for h in f.interiors])
        for f in faces
    ]
    owners = _owners(cells, faces)
    grouped: list[list[Polygon]] = [[] for _ in cells]
    for face, owner in zip(faces, owners, strict=True):
        if owner is not None:
            grouped[owner].append(face)
    return [_one(group) for group in grouped]


def _owners(cells: Sequence[Polygon], faces: Sequence[Polygon]) -> list[int | None]:
    """For each face the cell that holds most of it; None for a true hole between the cells."""
    tree = shapely.STRtree(list(cells))
    whole = shapely.points([face.representative_point().coords[0] for face in faces])
    found: dict[int, list[int]] = {}
    for face_index, cell_index in zip(*tree.query(whole, predicate="within"), strict=True):
        found.setdefault(int(face_index), []).append(int(cell_index))
    owners: list[int | None] = []
    for index, face in enumerate(faces):
        candidates = found.get(index, [])
        if len(candidates) == 1:
            owners.append(candidates[0])
        else:
            owners.append(_most_of(face, cells, tree))
    return owners


def _most_of(face: Polygon, cells: Sequence[Polygon], tree: shapely.STRtree) -> int | None:
    near = sorted(int(i) for i in tree.query(face.buffer(2 * GRID_DEG)))
    shares = [(face.intersection(cells[i]).area, -i) for i in near]
    if shares and max(shares)[0] > face.area / 2:
        return -max(shares)[1]
    if 2 * face.area / face.length > 4 * GRID_DEG:
        return None
    touching = [(face.boundary.intersection(cells[i].buffer(GRID_DEG)).length, -i) for i in near]
    return -max(touching)[1] if touching else None


def _with_unions(tree: Branch, leaves: dict[str, Polygon]) -> dict[str, Polygon]:
    shapes = dict(leaves)
    for node in reversed(list(_walk(tree))):  # children stand behind their parents, so lower unions come first
        if node.children:
            shapes[node.key] = _one([shapes[child.key] for child in node.children])
    return shapes


def _one(parts: Sequence[BaseGeometry]) -> Polygon:
    joined = parts[0] if len(parts) == 1 else shapely.coverage_union_all(list(parts)) if parts else Polygon()
    if joined.geom_type != "Polygon" or joined.is_empty:
        raise ValueError("a cell fell apart or vanished when its border was rounded; are the cells too small?")
    return joined.normalize()


def _walk(node: Branch) -> Iterator[Branch]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _solid(outline: Polygon) -> Polygon:
    if not isinstance(outline, Polygon) or outline.is_empty or not outline.is_valid:
        raise ValueError("the outline must be one valid polygon")
    if outline.interiors:
        raise ValueError("the outline must have no holes")
    return outline
