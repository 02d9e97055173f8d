"""A place's name and its polygon. A boundary is never redrawn in place: the old one ends on the day the new begins."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils.translation import gettext as _

from linli.core.places.actions.fitting import DECIMALS, geojson_text, label_of, misfits, read_polygon, refuse
from linli.core.places.actions.ground import changing, name_of
from linli.core.places.geo.geojson import Areal
from linli.core.places.geo.metric import area_m2
from linli.core.places.models import Boundary, Place
from linli.kit.fields import subtree
from linli.kit.ids import new_id
from linli.kit.later import later

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry
else:
    shapely = later("shapely")


def rename_place(*, by: str, district_id: int, place_id: uuid.UUID, name: str) -> Place:
    """Give a place another name. Code, path and history stay."""
    with changing(district_id, by) as change:
        place = change.place(place_id)
        old, new = place.name, name_of(name)
        if new != old:
            place.name = new
            place.save(update_fields=["name"])
            change.tell(new, _("把 %(old)s 改名为 %(new)s") % {"old": old, "new": new}, code=place.code, old=old)
        return place


def draw_boundary(
    *,
    by: str,
    district_id: int,
    place_id: uuid.UUID,
    polygon: str | Mapping[str, Any] | BaseGeometry,
    on: date | None = None,
) -> Boundary:
    """A new polygon for a place from a day on. Invalid where it juts out of its parent or into a neighbour."""
    with changing(district_id, by) as change:
        place = change.place(place_id)
        day = change.day(on, begun(place, below=False))
        shape = read_polygon(polygon, place.name)
        stands = Boundary.objects.filter(place_id=place.pk, until=None).first()
        if stands is not None and shapely.equals(shapely.from_geojson(stands.geojson), shape):
            return stands
        if place.parent_id is not None:
            parent = Place.objects.get(pk=place.parent_id)
            label = label_of(place.code, place.name)
            refuse(misfits({label: shape}, district_id=district_id, level=place.level, parent=parent,
                           leaving=[place.pk]))  # fmt: skip
        made = put_boundary(place, shape, day)
        change.tell(place.name, _("重画了 %(name)s 的边界（%(day)s 起）") % {"name": place.name, "day": day},
                    code=place.code, area_m2=str(made.area_m2))  # fmt: skip
        return made


def begun(place: Place, *, below: bool = True) -> date:
    """Since when everything stands that a change of a place touches: it cannot take effect before that."""
    low, high = subtree(place.path)
    rows = Place.objects.filter(district_id=place.district_id, path__gte=low, path__lt=high, until=None)
    if not below:
        rows = rows.filter(pk=place.pk)
    newest = rows.aggregate(place=Max("since"), boundary=Max("boundaries__since"))
    return max(filter(None, newest.values()), default=place.since)


def put_boundary(place: Place, shape: Areal, day: date) -> Boundary:
    """End the polygon that stands and set the new one; the place's point follows where it would lie outside."""
    Boundary.objects.filter(place_id=place.pk, until=None).update(until=day)
    made = boundary_of(place, shape, day)
    made.save(force_insert=True)
    if place.lon is None or place.lat is None or not shapely.intersects_xy(shape, place.lon, place.lat):
        place.lon, place.lat = point_in(shape)
        place.save(update_fields=["lon", "lat"])
    return made


def boundary_of(place: Place, shape: Areal, day: date) -> Boundary:
    """The row of a polygon, measured on the ellipsoid; not written yet."""
    return Boundary(
        id=new_id(), district_id=place.district_id, place_id=place.pk, geojson=geojson_text(shape),
        area_m2=Decimal(f"{area_m2(shape):.2f}"), since=day,
    )  # fmt: skip


def point_in(shape: Areal) -> tuple[float, float]:
    """A point inside, as far in as a name is written on a map."""
    point = shape.representative_point()
    return round(point.x, DECIMALS), round(point.y, DECIMALS)
