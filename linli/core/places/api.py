"""``/api/v1/places``: where a point lies, what a place holds, and polygons for maps. Public: a map is no secret."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from linli.core.places import locating
from linli.core.places.geo import gcj
from linli.core.places.models import Boundary, Level
from linli.core.places.tree import Node, Tree, tree
from linli.kit.refusal import Invalid, NotFound

router = Router(tags=["places"])
MOST_FEATURES = 2000


class StepOut(Schema):
    code: str
    name: str
    level: str


class LocatedOut(Schema):
    path: list[StepOut]
    grid: StepOut


class PlaceOut(StepOut):
    path: list[StepOut]
    lon: float | None
    lat: float | None
    children: int


class ChildrenOut(Schema):
    items: list[StepOut]
    next: str | None


class Point(Schema):
    lon: float
    lat: float
    crs: Literal["wgs84", "gcj02"] = "wgs84"


class Window(Schema):
    level: str = ""
    bbox: str = ""
    place: str = ""


def step(node: Node) -> dict[str, str]:
    return {"code": node.code, "name": node.name, "level": node.level}


def _json(body: Any, content_type: str = "application/json") -> HttpResponse:
    return HttpResponse(orjson.dumps(body), content_type=content_type)


def find_place(code: str) -> tuple[Tree, Node]:
    """A place by its code; NotFound otherwise."""
    found = locating.find(code)
    if found is None:
        raise NotFound(_("没有找到这个地方。"))
    return tree(found[0]), found[1]


@router.get("/places/locate", response={200: LocatedOut}, auth=None)
def locate(request: HttpRequest, point: Query[Point]) -> HttpResponse:
    """The path from the district down to the grid that a point lies in; 404 outside."""
    lon, lat = (point.lon, point.lat) if point.crs == "wgs84" else gcj.gcj02_to_wgs84(point.lon, point.lat)
    found = locating.locate(lon, lat)
    if found is None:
        raise NotFound(_("这个位置不在本区。"))
    known, cell = tree(found[0]), found[1]
    return _json({"path": [step(n) for n in known.chain(cell)], "grid": step(cell)})


@router.get("/places.geojson", auth=None)
def geojson(request: HttpRequest, window: Query[Window]) -> HttpResponse:
    """Polygons of one level inside ``bbox=west,south,east,north`` or below ``place``; at most 2,000."""
    if window.level and window.level not in Level.values:
        raise Invalid(_("没有这一级。"), fields={"level": _("可选：%s") % "、".join(Level.values)})
    box = _box(window.bbox)
    rows = Boundary.objects.filter(until=None).select_related("place").order_by("place__path")
    if window.place:
        known, node = find_place(window.place)
        rows = rows.filter(district_id=known.district.id, place__path__gte=node.path, place__path__lt=node.path + "~")
    if window.level:
        rows = rows.filter(place__level=window.level)
    if box is not None:
        west, south, east, north = box
        # A place's own point lies inside it: good enough to cut a map's window without a spatial database.
        margin = max(east - west, north - south)
        rows = rows.filter(place__lon__gte=west - margin, place__lon__lte=east + margin,
                           place__lat__gte=south - margin, place__lat__lte=north + margin)  # fmt: skip
    features = [_feature(b, b.place) for b in rows[:MOST_FEATURES]]
    return _json({"type": "FeatureCollection", "features": features}, "application/geo+json")


def _feature(boundary: Boundary, place: Any) -> dict[str, Any]:
    properties = {"code": place.code, "name": place.name, "level": place.level}
    for name in ("height_m", "storeys"):
        if name in place.attrs:
            properties[name] = place.attrs[name]
    return {"type": "Feature", "id": place.code, "properties": properties,
            "geometry": orjson.Fragment(boundary.geojson)}  # fmt: skip


def _box(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as problem:
        message = _("bbox 要写成 west,south,east,north。")
        raise Invalid(message, fields={"bbox": message}) from problem
    return west, south, east, north


@router.get("/places/{code}", response={200: PlaceOut}, auth=None)
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One place with its path."""
    known, node = find_place(code)
    body = {
        **step(node), "path": [step(n) for n in known.chain(node)], "lon": node.lon, "lat": node.lat,
        "children": len(known.children.get(node.id, [])),
    }  # fmt: skip
    return _json(body)


@router.get("/places/{code}/children", response={200: ChildrenOut}, auth=None)
def children(request: HttpRequest, code: str) -> HttpResponse:
    """The places right below one, in the order of their codes."""
    known, node = find_place(code)
    below = sorted(known.children.get(node.id, []), key=lambda n: n.code)
    return _json({"items": [step(n) for n in below], "next": None})
