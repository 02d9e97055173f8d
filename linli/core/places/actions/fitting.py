"""Polygons before they are kept: read without guessing, rounded, and held against parent and neighbours."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from linli.core.places.geo.check import GAP, OUTSIDE, SLIVER, Finding, check
from linli.core.places.geo.geojson import Areal, Feature, GeoJSONError, read_geojson
from linli.core.places.models import Boundary, Place
from linli.core.places.tree import STEP
from linli.kit.later import later
from linli.kit.refusal import Invalid

if TYPE_CHECKING:
    import numpy as np
    import shapely
    from shapely.geometry.base import BaseGeometry
else:
    np, shapely = later("numpy"), later("shapely")

DECIMALS = 7  # what a boundary keeps: about a centimetre
GRID = 10.0**-DECIMALS
TOLD_AT_MOST = 5


def read_polygon(source: str | Mapping[str, Any] | BaseGeometry, label: str = "", field: str = "polygon") -> Areal:
    """One polygon, of GeoJSON or a shape at hand. A faulty one is refused with its fault, never mended in silence."""
    if isinstance(source, shapely.Geometry):
        feature = Feature.of(label, source)
    else:
        raw = source if isinstance(source, str) else json.dumps(dict(source))
        try:
            features = read_geojson(raw.encode())
        except GeoJSONError as error:
            raise Invalid(str(error), fields={field: str(error)}) from error
        if len(features) != 1:
            message = _("要一个面，现在有 %d 个。") % len(features)
            raise Invalid(message, fields={field: message})
        feature = features[0]
    if feature.faults or feature.shape is None:
        message = "；".join(feature.faults)
        raise Invalid(_("边界画得不对：%s") % message, fields={field: message})
    return rounded(feature.shape)


def rounded(shape: BaseGeometry) -> Areal:
    """On the grid of what is kept, and still valid there. Invalid where nothing is left."""
    exact: Areal = _round(shape)
    if exact.is_valid and not exact.is_empty:
        return exact
    snapped = shapely.set_precision(shape, GRID)  # rounding alone made two borders cross
    parts = [part for part in shapely.get_parts(snapped) if isinstance(part, shapely.Polygon) and not part.is_empty]
    if not parts:
        raise Invalid(_("面积太小，存不下来。"), fields={"polygon": _("面积太小。")})
    return _round(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))


def _round(shape: BaseGeometry) -> Any:
    return shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))


def geojson_text(shape: Areal) -> str:
    """A polygon as a boundary keeps it."""
    return json.dumps(shapely.geometry.mapping(shape), separators=(",", ":"))


def current_shape(place: Place) -> Areal | None:
    """The polygon that a place has today."""
    text = Boundary.objects.filter(place_id=place.pk, until=None).values_list("geojson", flat=True).first()
    return None if text is None else shapely.from_geojson(text)


def label_of(code: str, name: str) -> str:
    return f"{name}（{code}）"


def misfits(
    shapes: Mapping[str, Areal],
    *,
    district_id: int,
    level: str,
    parent: Place,
    leaving: Iterable[uuid.UUID] = (),
) -> list[str]:
    """What is wrong with new polygons (by label) of a level below ``parent``: overlaps and what juts out, in words.

    Gaps are no fault here: a border between two grids is moved by drawing one and then the other. ``linli grid check``
    finds what stays open.
    """
    new = [Feature.of(label, shape) for label, shape in shapes.items()]
    beside = _neighbours(new, district_id, level, parent, set(leaving))
    found = [
        finding
        for finding in check([*new, *beside])
        if not _is_gap(finding, [*new, *beside]) and any(label in shapes for label in finding.between)
    ]
    outline = outline_of(parent)
    if outline is not None:
        found += [finding for finding in check(new, outline) if _juts_out(finding, outline)]
    return told(found)


def told(findings: Sequence[Finding]) -> list[str]:
    """Findings in words, each with its area, the first few."""
    words = [_("%(why)s，%(area).1f 平方米") % {"why": f.reason, "area": f.area_m2} for f in findings[:TOLD_AT_MOST]]
    if len(findings) > TOLD_AT_MOST:
        words.append(_("…另有 %d 处") % (len(findings) - TOLD_AT_MOST))
    return words


def refuse(problems: Sequence[str], field: str = "polygon") -> None:
    """Invalid, if there is anything wrong."""
    if problems:
        message = "；".join(problems)
        raise Invalid(_("边界放不下：%s") % message, fields={field: message})


def outline_of(place: Place) -> BaseGeometry | None:
    """The polygon of a place or of the nearest place above it that has one."""
    paths = [place.path[:end] for end in range(STEP, len(place.path) + 1, STEP)]
    rows = Boundary.objects.filter(district_id=place.district_id, place__path__in=paths, until=None)
    found = max(rows.values_list("place__path", "geojson"), key=lambda row: len(row[0]), default=None)
    return shapely.from_geojson(found[1]) if found else None


def _neighbours(
    new: Sequence[Feature], district_id: int, level: str, parent: Place, leaving: set[uuid.UUID]
) -> list[Feature]:
    """Polygons of the same level that touch the new ones. Buildings stand in their own parent, cells border anybody."""
    rows = Boundary.objects.filter(district_id=district_id, until=None, place__level=level, place__until=None)
    if level == "building":
        rows = rows.filter(place__parent_id=parent.pk)
    kept = rows.values_list("place_id", "place__code", "place__name", "geojson").iterator(chunk_size=1000)
    known = [row for row in kept if row[0] not in leaving]
    if not known:
        return []
    shapes = shapely.from_geojson([row[3] for row in known])
    tree = shapely.STRtree([feature.shape for feature in new])
    near = sorted({int(index) for index in tree.query(shapes, predicate="intersects")[0]})
    return [Feature.of(label_of(known[i][1], known[i][2]), shapes[i]) for i in near]


def _is_gap(finding: Finding, features: Sequence[Feature]) -> bool:
    """A gap, or a sliver that is one: then no polygon covers it."""
    if finding.kind != SLIVER or finding.shape is None:
        return finding.kind == GAP
    point = finding.shape.representative_point()
    return not any(feature.shape is not None and feature.shape.intersects(point) for feature in features)


def _juts_out(finding: Finding, outline: BaseGeometry) -> bool:
    if finding.kind == OUTSIDE:
        return True
    return (
        finding.kind == SLIVER
        and finding.shape is not None
        and len(finding.between) == 1
        and not outline.intersects(finding.shape.representative_point())
    )
