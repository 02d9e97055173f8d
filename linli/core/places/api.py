"""``/api/v1/places``: where a point lies, what a place holds, and polygons for maps. Public: a map is no secret."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import FiniteFloat

from linli.core.places import locating
from linli.core.places.geo import gcj
from linli.core.places.models import Boundary, Level
from linli.core.places.tree import Node, Tree, district_ids, tree
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


class ChildOut(StepOut):
    generic: bool  # outside the district's own counts: a town as one piece, so that every point has its grid


class PlaceOut(ChildOut):
    path: list[StepOut]
    lon: float | None
    lat: float | None
    children: int


class ChildrenOut(Schema):
    items: list[ChildOut]
    next: str | None


class Point(Schema):
    lon: FiniteFloat
    lat: FiniteFloat
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


def _child(node: Node) -> dict[str, Any]:
    return {**step(node), "generic": node.generic}


@router.get("/places.geojson", auth=None)
def geojson(request: HttpRequest, window: Query[Window]) -> HttpResponse:
    """Polygons of one level inside ``bbox=west,south,east,north`` or below ``place``; at most 2,000.

    ``level=grid`` is what ``locate`` calls the grid: the level at which a district's points are told apart.
    """
    if window.level and window.level not in Level.values:
        raise Invalid(_("没有这一级。"), fields={"level": _("可选：%s") % "、".join(Level.values)})
    nodes = _wanted(window)
    ids = [node.id for node in nodes[:MOST_FEATURES]]
    rows = Boundary.objects.filter(until=None, place_id__in=ids).select_related("place").order_by("place__path")
    body: dict[str, Any] = {"type": "FeatureCollection", "features": [_feature(b, b.place) for b in rows]}
    if len(nodes) > MOST_FEATURES:
        body["truncated"] = True  # a map asks again for a smaller window; nobody takes a part for the whole
    return _json(body, "application/geo+json")


def _wanted(window: Window) -> list[Node]:
    box = _box(window.bbox)
    if window.place:
        known, node = find_place(window.place)
        return locating.drawn(known.district.id, below=node.path, level=window.level, box=box)
    return [n for each in district_ids() for n in locating.drawn(each, level=window.level, box=box)]


def _feature(boundary: Boundary, place: Any) -> dict[str, Any]:
    properties = {"code": place.code, "name": place.name, "level": place.level, "generic": place.generic}
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
        if not (west <= east and south <= north):
            raise ValueError(text)
    except ValueError as problem:
        message = _("bbox 要写成 west,south,east,north。")
        raise Invalid(message, fields={"bbox": message}) from problem
    return west, south, east, north


@router.get("/places/{code}", response={200: PlaceOut}, auth=None)
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One place with its path."""
    known, node = find_place(code)
    body = {
        **_child(node), "path": [step(n) for n in known.chain(node)], "lon": node.lon, "lat": node.lat,
        "children": len(known.children.get(node.id, [])),
    }  # fmt: skip
    return _json(body)


@router.get("/places/{code}/children", response={200: ChildrenOut}, auth=None)
def children(request: HttpRequest, code: str) -> HttpResponse:
    """The places right below one, in the order of their codes."""
    known, node = find_place(code)
    below = sorted(known.children.get(node.id, []), key=lambda n: n.code)
    return _json({"items": [_child(n) for n in below], "next": None})
