"""Do these polygons tile? Every gap, overlap, overhang and broken ring, with its area in square metres.

With an outline the polygons must fill it exactly. Without one they must not overlap and must leave no inner hole.

What counts as a fault and what as rounding. Coordinates in a file are rounded to some number of decimals. A point
where one border meets the middle of another (a T-junction) then no longer lies exactly on that other border, and a
hair of gap or overlap opens that nobody drew and nobody can remove. Such a hair is always thinner than one unit of
the file's last decimal, while anything drawn on purpose moves a border by at least one unit. So a part thinner than
nine tenths of that unit (east-west, the shorter one) is ignored, counting at least six decimals (8 cm) and never
below a millimetre, and so is anything below 0.01 square metres, less than a hand's breadth. Where polygons of
different precision meet, the finest of them counts. A part that is thicker than that but narrower than a metre is a
sliver.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from linli.core.places.geo.geojson import Feature, Label
from linli.core.places.geo.metric import Plane, area_m2, areas_m2, degree_lengths, lengths_m
from linli.kit.later import later

if TYPE_CHECKING:
    import numpy as np
    import shapely
    from numpy.typing import NDArray
    from shapely.geometry import Polygon
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Shapes = NDArray[Any]
else:
    np, shapely = later("numpy"), later("shapely")

GAP, OVERLAP, INVALID, OUTSIDE, SLIVER = KINDS = ("gap", "overlap", "invalid", "outside", "sliver")

SLIVER_M = 1.0
DUST_M2 = 0.01
DUST_WIDTH_FLOOR_M = 0.001
COARSEST_DECIMALS = 6
FINEST_DECIMALS = 9
DUST_UNITS = 0.9


@dataclass(frozen=True)
class Finding:
    """One fault: its kind, its area, the features concerned, why, and its shape in degrees for the map."""

    kind: str
    area_m2: float
    between: tuple[Label, ...]
    reason: str
    shape: BaseGeometry | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that the command line promises."""
        return {
            "type": self.kind,
            "area_m2": round(self.area_m2, 2),
            "between": list(self.between),
            "reason": self.reason,
        }


def findings_to_json_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """One JSON object a line, without line ends."""
    for finding in findings:
        yield json.dumps(finding.as_json(), ensure_ascii=False)


def check(features: Sequence[Feature], outline: Sequence[Feature] | BaseGeometry | None = None) -> list[Finding]:
    """Every fault, broken rings first, then the largest of each kind first. No findings: the polygons tile."""
    findings = [_broken(feature) for feature in features if feature.faults]
    if not features:
        findings.append(Finding(INVALID, 0.0, (), _("一个面也没有")))
    border = outline if isinstance(outline, shapely.Geometry) else None
    if outline is not None and border is None:
        parts = list(outline)
        findings += [_broken(part, of_outline=True) for part in parts if part.faults]
        border = shapely.union_all([part.shape for part in parts if part.shape is not None])
        if border.is_empty:
            findings.append(Finding(INVALID, 0.0, (), _("外边界里没有可用的面")))
            border = None
    usable = [feature for feature in features if feature.shape is not None]
    found = _Sheet(usable, border).faults()
    order = {kind: rank for rank, kind in enumerate((OVERLAP, GAP, OUTSIDE, SLIVER))}
    return findings + sorted(found, key=lambda finding: (order[finding.kind], -finding.area_m2))


def _broken(feature: Feature, *, of_outline: bool = False) -> Finding:
    reason = "；".join(feature.faults)
    if of_outline:
        reason = _("外边界有误：%(why)s") % {"why": reason}
    if feature.shape is None:
        return Finding(INVALID, 0.0, (feature.label,), _("%(why)s；未参与检查") % {"why": reason})
    reason = _("%(why)s；按修补后的形状参与检查") % {"why": reason}
    return Finding(INVALID, area_m2(feature.shape), (feature.label,), reason, feature.shape)


class _Sheet:
    """All shapes laid on one plane of metres, in which straight borders stay straight."""

    def __init__(self, features: Sequence[Feature], outline: BaseGeometry | None) -> None:
        degrees = [feature.shape for feature in features if feature.shape is not None]
        self.labels = [feature.label for feature in features]
        self.plane = Plane.around(*degrees, *([outline] if outline is not None else []))
        hairs = [rounding_width_m(shape, self.plane.lat) for shape in degrees]
        # Mending adds decimals that nobody wrote, so a mended shape goes by the coarsest of the others.
        coarsest = max(hairs, default=DUST_WIDTH_FLOOR_M)
        mended = [bool(feature.faults) for feature in features if feature.shape is not None]
        self.hairs = np.where(mended, coarsest, hairs) if hairs else np.empty(0)
        self.coarsest = coarsest
        self.shapes: Shapes = np.array([self.plane.metres(shape) for shape in degrees], dtype=object)
        self.outline = self.plane.metres(outline) if outline is not None else None
        self.tree = shapely.STRtree(self.shapes)

    def faults(self) -> list[Finding]:
        """Overlaps, gaps and overhangs."""
        found = self._overlaps()
        covered = shapely.union_all(self.shapes) if len(self.shapes) else shapely.Polygon()
        if self.outline is None:
            outer = [
                shapely.Polygon(part.exterior) for part in shapely.get_parts(covered) if part.geom_type == "Polygon"
            ]
            return found + self._gaps(shapely.union_all(outer).difference(covered))
        return found + self._gaps(self.outline.difference(covered)) + self._overhangs(self.outline)

    def _overlaps(self) -> list[Finding]:
        """One finding for each pair and connected part: where three overlap, each of the three pairs is told."""
        one, other = self.tree.query(self.shapes, predicate="intersects")
        one, other = one[one < other], other[one < other]
        common = shapely.intersection(self.shapes[one], self.shapes[other])
        parts, pair = self._real_parts(common, np.minimum(self.hairs[one], self.hairs[other]))
        found = []
        for part, index in zip(parts, pair, strict=True):
            i, j = int(one[index]), int(other[index])
            found.append(self._finding(OVERLAP, part, [i, j], self._how_they_overlap(i, j)))
        return found

    def _how_they_overlap(self, i: int, j: int) -> str:
        a, b = self.shapes[i], self.shapes[j]
        names = {"a": self.labels[i], "b": self.labels[j]}
        common = a.intersection(b).area
        slack = self.coarsest * min(a.length, b.length) / 2
        a_inside, b_inside = common >= a.area - slack, common >= b.area - slack
        if a_inside and b_inside:
            return _("%(a)s 与 %(b)s 是同一块") % names
        if a_inside:
            return _("%(a)s 整个在 %(b)s 之内") % names
        if b_inside:
            return _("%(b)s 整个在 %(a)s 之内") % names
        return _("%(a)s 与 %(b)s 重叠") % names

    def _gaps(self, uncovered: BaseGeometry) -> list[Finding]:
        parts, _owner = self._real_parts(np.array([uncovered], dtype=object), np.array([DUST_WIDTH_FLOOR_M]))
        found = []
        for part in parts:
            around = self._around(part)
            if around and 2 * part.area < self.hairs[around].min() * part.length:
                continue
            on_border = self.outline is not None and part.distance(self.outline.boundary) <= self.coarsest
            reason = _("外边界内侧有一块没有归属") if on_border else _("中间有一块没有归属")
            found.append(self._finding(GAP, part, around, reason))
        return found

    def _around(self, part: Polygon) -> list[int]:
        """The shapes that share a stretch of border with a gap; those that only touch a corner if none does."""
        reach = self.coarsest
        near = np.sort(self.tree.query(part, predicate="dwithin", distance=reach))
        shared = shapely.length(shapely.intersection(shapely.boundary(self.shapes[near]), part.buffer(reach)))
        beside = near[shared > min(10 * reach, part.length / 10)]
        return [int(index) for index in (beside if len(beside) else near)]

    def _overhangs(self, outline: BaseGeometry) -> list[Finding]:
        shapely.prepare(outline)
        leaving = np.flatnonzero(~shapely.covers(outline, self.shapes))
        parts, owner = self._real_parts(shapely.difference(self.shapes[leaving], outline), self.hairs[leaving])
        found = []
        for part, index in zip(parts, owner, strict=True):
            which = int(leaving[index])
            reason = _("%(a)s 超出外边界") % {"a": self.labels[which]}
            found.append(self._finding(OUTSIDE, part, [which], reason))
        return found

    def _real_parts(self, shapes: Shapes, hairs: Floats) -> tuple[list[Polygon], list[int]]:
        """The connected areal parts wider than the hair of their shape, with the index of that shape."""
        pieces, owner = shapely.get_parts(shapes, return_index=True)
        pieces, inner = shapely.get_parts(pieces, return_index=True)
        area, length = shapely.area(pieces), shapely.length(pieces)
        real = (area >= DUST_M2) & (2 * area >= hairs[owner[inner]] * length)
        return list(pieces[real]), [int(index) for index in owner[inner][real]]

    def _finding(self, kind: str, part: Polygon, indices: Sequence[int], reason: str) -> Finding:
        shape = self.plane.degrees(part)
        area = float(areas_m2([shape])[0])
        width = 2 * area / float(lengths_m([shape])[0])
        if width < SLIVER_M:
            name = {GAP: _("缝隙"), OVERLAP: _("重叠"), OUTSIDE: _("超出")}[kind]
            facts = {"name": name, "kind": kind, "width": f"{width:.2f}", "why": reason}
            reason = _("狭长的%(name)s（%(kind)s），宽约 %(width)s 米：%(why)s") % facts
            kind = SLIVER
        return Finding(kind, area, tuple(self.labels[index] for index in indices), reason, shape)


def rounding_width_m(shape: BaseGeometry, lat: float) -> float:
    """The width below which a part is nobody's doing but the rounding of this shape's coordinates."""
    numbers = shapely.get_coordinates(shape).ravel()
    east, _north = degree_lengths(min(abs(lat), 80.0))
    for decimals in range(COARSEST_DECIMALS, FINEST_DECIMALS):
        if np.all(np.abs(numbers - np.round(numbers, decimals)) < 1e-12):
            return max(DUST_WIDTH_FLOOR_M, DUST_UNITS * 10.0**-decimals * east)
    return DUST_WIDTH_FLOOR_M
