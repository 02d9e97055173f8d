"""Polygons as the office's maps read them: GeoJSON with what each is called and where it leads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from linli.core.places.geo.check import Finding
from linli.core.places.models import Boundary, Place
from linli.kit.fields import subtree
from linli.kit.later import later

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry
else:
    shapely = later("shapely")

MOST = 600  # polygons of one map: a community with its houses
PAD = 0.002  # degrees around a place in which its neighbours are drawn, some 200 m


def feature(geometry: Any, **said: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {k: v for k, v in said.items() if v not in (None, "")},
            "geometry": geometry}  # fmt: skip


def collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def geometry(shape: BaseGeometry) -> Any:
    return shapely.geometry.mapping(shape)


def of_boundary(row: Boundary, **said: Any) -> dict[str, Any]:
    """One polygon, with its place's name."""
    return feature(json.loads(row.geojson), code=row.place.code, name=row.place.name, **said)


def of_findings(findings: Sequence[Finding], named: dict[str, str]) -> list[dict[str, Any]]:
    """Faults on the map: what is wrong is red, whatever it is; a number leads back to the list."""
    return [
        feature(geometry(found.shape), tone="over", name=str(number), kind=found.kind)
        for number, found in enumerate(findings, start=1)
        if found.shape is not None
    ]


def below(place: Place, level: str = "") -> list[Boundary]:
    """Polygons right below a place, or of a level below it; those of the houses where nothing else is drawn."""
    low, high = subtree(place.path)
    rows = Boundary.objects.filter(
        district_id=place.district_id, until=None, place__path__gt=low, place__path__lt=high
    ).select_related("place")
    rows = rows.filter(place__level=level) if level else rows.filter(place__parent_id=place.pk)
    return list(rows.order_by("place__path")[:MOST])


def around(place: Place, shape: BaseGeometry | None) -> list[Boundary]:
    """Neighbours of the same level: beside the polygon, or under the same parent where there is none yet."""
    rows = Boundary.objects.filter(
        district_id=place.district_id, until=None, place__level=place.level, place__until=None
    ).exclude(place_id=place.pk)
    if shape is None or place.level == "building":
        rows = rows.filter(place__parent_id=place.parent_id)
    found = list(rows.select_related("place").order_by("place__path")[: 20 * MOST])
    if shape is None or not found:
        return found[:MOST]
    box = shapely.box(*shape.bounds).buffer(PAD)
    near = shapely.intersects(shapely.from_geojson([row.geojson for row in found]), box)
    return [row for row, beside in zip(found, near, strict=True) if beside][:MOST]
