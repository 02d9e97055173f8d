"""Reading polygons from GeoJSON, forgiving about the file and strict about what it says.

A file that is not GeoJSON at all raises. A feature that is wrong is kept with its faults named and, where that can
be done without guessing, a repaired shape, so that one bad grid does not hide what is wrong with the others.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kit.later import later

if TYPE_CHECKING:
    import numpy as np
    import shapely
    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry
else:
    np, shapely = later("numpy"), later("shapely")

Label: TypeAlias = str | int
Areal: TypeAlias = "Polygon | MultiPolygon"

FAULTS = {
    "Self-intersection": gettext_lazy("边界自相交"),
    "Ring Self-intersection": gettext_lazy("边界在一点上碰到自己"),
    "Hole lies outside shell": gettext_lazy("内洞不在外边界之内"),
    "Holes are nested": gettext_lazy("内洞套着内洞"),
    "Interior is disconnected": gettext_lazy("内部不连通"),
    "Nested shells": gettext_lazy("一块套着另一块"),
    "Duplicate Rings": gettext_lazy("有两条相同的边界"),
    "Too few points in geometry component": gettext_lazy("不同的点少于三个"),
}


SPECK_DEG2 = 1e-12  # about a hundredth of a square metre: what is left of a ring whose points lie on one line


class GeoJSONError(ValueError):
    """The file cannot be read as GeoJSON polygons; the message says why, for the person who gave it."""


@dataclass(frozen=True)
class Feature:
    """One polygon to be checked: what it is called, its usable shape (None if there is none) and its faults."""

    label: Label
    shape: Areal | None
    faults: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, label: Label, shape: BaseGeometry | None) -> Feature:
        """A feature from a shape already at hand, examined like one from a file."""
        if shape is None or shape.is_empty:
            return cls(label, None, (_("没有图形"),))
        if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
            return cls(label, None, (_("图形类型是 %(type)s，应为面") % {"type": shape.geom_type},))
        faults: list[str] = []
        for lon, lat in shapely.get_coordinates(shape):
            _position([float(lon), float(lat)], faults)
        usable = None if faults else _sound(shape, faults)
        return cls(label, usable, tuple(dict.fromkeys(faults)))


def read_geojson(source: str | Path | bytes) -> list[Feature]:
    """The polygons of a FeatureCollection, a Feature or a bare geometry, from a path or from the file's bytes."""
    data = _loaded(source)
    features = [_feature(item, number) for number, item in enumerate(_items(data), start=1)]
    return _distinct(features)


def _loaded(source: str | Path | bytes) -> Any:
    try:
        raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise GeoJSONError(_("打不开文件：%(why)s") % {"why": error.strerror or error}) from error
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise GeoJSONError(_("文件不是 UTF-8 编码")) from error
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise GeoJSONError(_("文件不是合法的 JSON：第 %(line)d 行第 %(column)d 列") % where) from error
    except (RecursionError, ValueError) as error:
        raise GeoJSONError(_("文件嵌套太深或数字太长，无法读取")) from error


def _items(data: Any) -> list[Any]:
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "FeatureCollection":
        items = data.get("features")
        if not isinstance(items, list):
            raise GeoJSONError(_("FeatureCollection 缺少 features 列表"))
        return items
    if kind == "Feature":
        return [data]
    if kind in ("Polygon", "MultiPolygon"):
        return [{"type": "Feature", "properties": {}, "geometry": data}]
    raise GeoJSONError(_("文件不是 GeoJSON：最外层应为 FeatureCollection、Feature 或面"))


def _feature(item: Any, number: int) -> Feature:
    if not isinstance(item, dict) or item.get("type") != "Feature":
        return Feature(f"#{number}", None, (_("第 %(n)d 项不是 Feature") % {"n": number},))
    properties = item.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    label = _label(item, properties, number)
    geometry = item.get("geometry")
    if geometry is None:
        return Feature(label, None, (_("没有图形"),), properties)
    faults: list[str] = []
    shape = _shape(geometry, faults)
    return Feature(label, shape, tuple(dict.fromkeys(faults)), properties)


def _label(item: Mapping[str, Any], properties: Mapping[str, Any], number: int) -> Label:
    for value in (properties.get("code"), item.get("id"), properties.get("id"), properties.get("name")):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.strip():
            return value.strip()
    return f"#{number}"


def _distinct(features: list[Feature]) -> list[Feature]:
    """Tell namesakes apart by a running number, so that a finding names exactly one feature."""
    seen: dict[str, int] = {}
    distinct = []
    for feature in features:
        count = seen[str(feature.label)] = seen.get(str(feature.label), 0) + 1
        label = feature.label if count == 1 else f"{feature.label} ({count})"
        distinct.append(Feature(label, feature.shape, feature.faults, feature.properties))
    return distinct


def _shape(geometry: Any, faults: list[str]) -> Areal | None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        faults.append(_("图形类型是 %(type)s，应为面") % {"type": kind})
        return None
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts or not all(isinstance(part, list) and part for part in parts):
        faults.append(_("坐标是空的或结构不对"))
        return None
    polygons = [polygon for part in parts if (polygon := _polygon(part, faults)) is not None]
    if len(polygons) < len(parts):
        return None
    return _sound(polygons[0] if kind == "Polygon" else shapely.MultiPolygon(polygons), faults)


def _polygon(part: list[Any], faults: list[str]) -> Polygon | None:
    rings = [_ring(ring, faults) for ring in part]
    sound = [ring for ring in rings if ring is not None]
    if len(sound) < len(rings):
        return None
    return shapely.Polygon(sound[0], sound[1:])


def _ring(ring: Any, faults: list[str]) -> list[tuple[float, float]] | None:
    if not isinstance(ring, list):
        faults.append(_("坐标是空的或结构不对"))
        return None
    points = [_position(position, faults) for position in ring]
    if any(point is None for point in points):
        return None
    sound = [point for point in points if point is not None]
    if sound and sound[0] != sound[-1]:
        faults.append(_("边界没有闭合"))
        sound.append(sound[0])
    if len(sound) < 4:
        faults.append(_("边界的点太少：至少三个点再回到起点"))
        return None
    return sound


def _position(position: Any, faults: list[str]) -> tuple[float, float] | None:
    if not isinstance(position, list | tuple) or len(position) < 2 or not all(map(_number, position[:2])):
        faults.append(_("坐标不是数字"))
        return None
    try:
        lon, lat = float(position[0]), float(position[1])
    except OverflowError:
        lon = lat = math.inf
    if not (math.isfinite(lon) and math.isfinite(lat)):
        faults.append(_("坐标不是有限的数"))
        return None
    if abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180:
        faults.append(_("纬度超出 ±90°：经度和纬度可能写反了"))
        return None
    if abs(lon) > 180 or abs(lat) > 90:
        faults.append(_("坐标超出经纬度范围：可能不是经纬度坐标"))
        return None
    return lon, lat


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sound(shape: Areal, faults: list[str]) -> Areal | None:
    """The shape itself if valid, else with its fault noted the shape that its rings most plausibly mean."""
    shape = shapely.force_2d(shape)
    if not shape.is_valid:
        faults.append(_explained(shapely.is_valid_reason(shape)))
        shape = _mended(shape)
    polygons = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    polygons = [part for part in polygons if part.area > SPECK_DEG2]
    if not polygons:
        faults.append(_("面积为零"))
        return None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _mended(shape: Areal) -> BaseGeometry:
    """All that the outer rings enclose, less all that the inner rings enclose: a hole outside cuts nothing."""
    whole = []
    for part in shapely.get_parts(shape):
        shell, *holes = (
            shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False)
            for ring in (part.exterior, *part.interiors)
        )
        whole.append(shell.difference(shapely.union_all(holes)))
    return shapely.union_all(whole)


def _explained(reason: str) -> str:
    """GEOS's reason in the reader's language, with the place where it stands."""
    match = re.match(r"(?P<what>[^\[]*)(\[(?P<x>\S+) (?P<y>\S+)\])?", reason)
    what = match["what"].strip() if match else reason
    text = str(FAULTS.get(what, what))
    if match is None or match["x"] is None:
        return text
    where = np.round([float(match["x"]), float(match["y"])], 6)
    return _("%(what)s，在 %(lon)s, %(lat)s") % {"what": text, "lon": where[0], "lat": where[1]}
