"""Does a polygon fit? What the map editor is told before anything is kept, in words and as shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from linli.core.places.actions.fitting import label_of, outline_of
from linli.core.places.geo.check import GAP, INVALID, OUTSIDE, OVERLAP, SLIVER, Finding, check
from linli.core.places.geo.geojson import Areal, Feature
from linli.core.places.geo.metric import area_m2
from linli.core.places.models import Boundary, Place
from linli.doors.office import shapes
from linli.kit.figures import comma
from linli.kit.later import later

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry
else:
    shapely = later("shapely")


@dataclass(frozen=True)
class Fit:
    """A polygon's area and what is wrong with it."""

    area: float
    findings: Sequence[Finding]

    @property
    def whole(self) -> int:
        return round(self.area)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [line(found) for found in self.findings]

    def as_json(self) -> dict[str, Any]:
        """What the editor reads: the words for the list, the shapes for the map."""
        said = _("面积 %s 平方米") % comma(round(self.area))
        return {"area": round(self.area, 2), "said": said, "findings": self.lines,
                "shapes": shapes.collection(shapes.of_findings(self.findings, {}))}  # fmt: skip


def line(found: Finding) -> dict[str, Any]:
    """One fault in words."""
    return {"kind": found.kind, "word": word(found.kind), "area": comma(round(found.area_m2, 1)),
            "why": found.reason, "between": [str(each) for each in found.between]}  # fmt: skip


def word(kind: str) -> str:
    """A fault's kind, as a reader calls it."""
    words = {GAP: _("缝隙"), OVERLAP: _("重叠"), OUTSIDE: _("超出"), SLIVER: _("狭长"), INVALID: _("画得不对")}
    return words.get(kind, kind)


def fit(place: Place, shape: Areal) -> Fit:
    """Held against parent and neighbours, and against what lies inside it."""
    mine = label_of(place.code, place.name)
    whole = [Feature.of(mine, shape), *_beside(place)]
    outline = outline_of(place.parent) if place.parent is not None else None
    found = [each for each in check(whole, outline) if mine in [str(label) for label in each.between]]
    if place.level == "building":  # houses stand apart, that is no gap
        found = [each for each in found if not _is_gap(each, whole)]
    return Fit(area_m2(shape), [*found, *_inside(place, shape)])


def _beside(place: Place) -> list[Feature]:
    rows = Boundary.objects.filter(
        district_id=place.district_id, until=None, place__parent_id=place.parent_id, place__level=place.level,
        place__until=None,
    ).exclude(place_id=place.pk)  # fmt: skip
    return _features(rows)


def _inside(place: Place, shape: BaseGeometry) -> list[Finding]:
    """What lies below the place and would jut out of its new polygon."""
    rows = Boundary.objects.filter(district_id=place.district_id, until=None, place__parent_id=place.pk)
    return [found for found in check(children, shape) if found.kind == OUTSIDE] if (children := _features(rows)) else []


def _features(rows: Any) -> list[Feature]:
    kept = list(rows.order_by("place__code").values_list("place__code", "place__name", "geojson"))
    if not kept:
        return []
    drawn = shapely.from_geojson([row[2] for row in kept])
    return [Feature.of(label_of(code, name), each) for (code, name, _text), each in zip(kept, drawn, strict=True)]


def _is_gap(found: Finding, features: Sequence[Feature]) -> bool:
    if found.kind != SLIVER or found.shape is None:
        return found.kind == GAP
    point = found.shape.representative_point()
    return not any(each.shape is not None and each.shape.intersects(point) for each in features)
