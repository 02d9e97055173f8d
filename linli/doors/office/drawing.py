"""Drawing a boundary, and cutting a place in parts along a line. The map is a help: a text area does the same."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from linli.core.matters.askpage import line_field
from linli.core.places import actions
from linli.core.places.actions import Part, geojson_text, read_polygon
from linli.core.places.geo.metric import area_m2
from linli.core.places.models import Boundary, Place
from linli.doors.office import fitting
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import Asking, choice_field, day_field, shape_field
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.placeacts import follows, free_code, here, said
from linli.doors.office.places import place_of
from linli.kit.figures import comma, listed
from linli.kit.later import later
from linli.kit.refusal import Invalid, Refused

if TYPE_CHECKING:
    import shapely
    from shapely.geometry import LineString, Polygon
    from shapely.geometry.base import BaseGeometry
else:
    shapely = later("shapely")

MOST_PARTS = 6
_SPECK_M2 = 1.0  # what a cut leaves over at a corner is no part


# ── a boundary ──────────────────────────────────────────────────────────────────────────────────────────────────
class DrawForm(Asking):
    polygon = shape_field(
        lazy("边界（GeoJSON）"), lazy("在图上画，这里会跟着变；没有图也可以直接贴一个面。WGS 84，经度在前。")
    )
    on = day_field(lazy("从哪天起"), lazy("不能在以后；旧的边界到这一天为止，历史还在。"), today=True)


@require_http_methods(["GET", "POST"])
@office_page
def draw(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """Draw or change the polygon; 检查 tells what is wrong and keeps nothing."""
    place = place_of(office, place_id, current=True)
    own = Boundary.objects.filter(district_id=office.district_id, place=place, until=None).first()
    form = DrawForm(office, posted(request), initial={"polygon": own.geojson if own else ""})
    act = Act(_("画%s的边界") % place.name, _("存下边界"), here(place), template="draw")
    context: dict[str, Any] = {"place": place, "own": own, "most": 1}
    if request.method == "POST" and "check" in request.POST:
        context["fit"] = _checked(place, form)
        return show(request, office, "draw", {"act": act, "form": form, **context}, status=422 if form.errors else 200)

    def do(data: dict[str, Any]) -> Done:
        made = actions.draw_boundary(**said(office), place_id=place.pk, polygon=data["polygon"], on=data["on"])
        return here(place), _("存下了，%s 平方米。") % comma(round(made.area_m2))

    return perform(request, office, act, form, do, context)


def _checked(place: Place, form: DrawForm) -> fitting.Fit | None:
    if not form.is_valid():
        return None
    try:
        return fitting.fit(place, read_polygon(form.cleaned_data["polygon"], place.name))
    except Refused as refused:
        form.refuse(refused)
        return None


@require_POST
@office_page
def check(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """For the map editor: the area, and every fault with its shape."""
    place = place_of(office, place_id, current=True)
    try:
        shape = read_polygon(request.POST.get("polygon", "")[:2_000_000], place.name)
    except Refused as refused:
        return JsonResponse({"wrong": refused.message}, status=422, json_dumps_params={"ensure_ascii": False})
    return JsonResponse(fitting.fit(place, shape).as_json(), json_dumps_params={"ensure_ascii": False})


# ── cutting in parts ────────────────────────────────────────────────────────────────────────────────────────────
class CutForm(Asking):
    """The first step of a split: the line along which it is cut, or only how many where there is no polygon."""

    line = shape_field(lazy("切线（GeoJSON）"), lazy("在图上点出一条线，两头要伸出边界；没有图也可以贴一条线。"))


class CountForm(Asking):
    count = choice_field(lazy("拆成几个"), [(str(n), str(n)) for n in range(2, MOST_PARTS + 1)])


class PartsForm(Asking):
    """The second step: what each part is called."""

    aliases = {"code": "code_0", "name": "name_0", "polygon": "polygon_0", "parts": "code_0"}
    on = day_field(lazy("从哪天起"), today=True)

    def __init__(self, office: Office, count: int, drawn: bool, data: Any = None, *, initial: Any = None) -> None:
        self.count, self.drawn = count, drawn
        super().__init__(office, data, initial=initial)

    def arrange(self) -> None:
        for n in range(self.count):
            self.fields[f"name_{n}"] = line_field(_("名称"))
            self.fields[f"code_{n}"] = line_field(_("编码"), limit=32)
            if self.drawn:
                self.fields[f"polygon_{n}"] = shape_field(_("边界"))

    def parts(self) -> list[Part]:
        data = self.cleaned_data
        return [Part(data[f"code_{n}"], data[f"name_{n}"], data.get(f"polygon_{n}")) for n in range(self.count)]

    def groups(self) -> list[dict[str, Any]]:
        """Part by part, for the page."""
        return [
            {"number": n + 1, "name": self[f"name_{n}"], "code": self[f"code_{n}"],
             "polygon": self[f"polygon_{n}"] if self.drawn else None}
            for n in range(self.count)
        ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@office_page
def split(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """Cut first, then name the parts."""
    place = place_of(office, place_id, current=True)
    own = Boundary.objects.filter(district_id=office.district_id, place=place, until=None).first()
    shape = shapely.from_geojson(own.geojson) if own else None
    if request.method == "POST" and "parts" in request.POST:
        return _name_parts(request, office, place, drawn=own is not None)
    form: Asking = CutForm(office, posted(request)) if own else CountForm(office, posted(request))
    act = Act(_("拆分%s") % place.name, _("看切成什么样"), here(place), follows(office, place), template="cut")
    if request.method == "POST" and form.is_valid():
        try:
            pieces = cut(shape, form.cleaned_data["line"]) if shape is not None else []
        except Refused as refused:
            form.refuse(refused)
        else:
            count = len(pieces) or int(form.cleaned_data["count"])
            parts = PartsForm(office, count, bool(pieces), initial=_suggested(place, pieces, count))
            return show(request, office, "parts", _parts_context(office, place, parts))
    status = 422 if form.errors else 200
    return show(request, office, "cut", {"act": act, "form": form, "place": place, "own": own}, status=status)


def _name_parts(request: HttpRequest, office: Office, place: Place, *, drawn: bool) -> HttpResponseBase:
    typed = request.POST.get("parts", "")
    count = int(typed) if typed.isdigit() and 2 <= int(typed) <= MOST_PARTS else 2
    form = PartsForm(office, count, drawn, request.POST)
    context = _parts_context(office, place, form)

    def do(data: dict[str, Any]) -> Done:
        made = actions.split_place(**said(office), place_id=place.pk, parts=form.parts(), on=data["on"])
        return here(made[0]), _("拆成了%s。") % listed(each.name for each in made)

    return perform(request, office, context["act"], form, do, context)


def _parts_context(office: Office, place: Place, form: PartsForm) -> dict[str, Any]:
    act = Act(_("拆分%s？") % place.name, _("拆分"), here(place), follows(office, place), template="parts", grave=True)
    drawn = [str(form[f"polygon_{n}"].value() or "") for n in range(form.count)] if form.drawn else []
    return {"act": act, "form": form, "place": place, "pieces": _pieces(drawn)}


def _pieces(texts: list[str]) -> list[dict[str, Any]]:
    """Each part's area and outline, as a small drawing that needs no script."""
    try:
        drawn = [shapely.from_geojson(text) for text in texts]
    except shapely.GEOSException:
        return []
    if not drawn:
        return []
    west, south, east, north = shapely.total_bounds(drawn)
    wide = max((east - west) * 0.76, north - south) or 1.0

    def point(x: float, y: float) -> str:
        return f"{(x - west) * 0.76 / wide * 100:.2f},{(north - y) / wide * 100:.2f}"

    return [
        {"area": comma(round(area_m2(each))), "at": point(*each.representative_point().coords[0]).split(","),
         "ring": " ".join(point(x, y) for x, y in shapely.get_coordinates(_largest(each).exterior))}
        for each in drawn
    ]  # fmt: skip


def _largest(shape: BaseGeometry) -> Polygon:
    parts: list[Polygon] = list(shapely.get_parts(shape))
    return max(parts, key=lambda part: part.area)


def _suggested(place: Place, pieces: list[str], count: int) -> dict[str, Any]:
    first, numbers = free_code(place, "S"), "一二三四五六"
    stem, start = first[: -len(first.rpartition("S")[2])], int(first.rpartition("S")[2])
    initial: dict[str, Any] = {}
    for n in range(count):
        initial[f"name_{n}"], initial[f"code_{n}"] = f"{place.name}（{numbers[n]}）", f"{stem}{start + n}"
        if pieces:
            initial[f"polygon_{n}"] = pieces[n]
    return initial


def cut(shape: BaseGeometry, text: str) -> list[str]:
    """The parts of a polygon along a line, as GeoJSON. Invalid where the line does not go through."""
    line = _line(text)
    from shapely.ops import split

    pieces = [part for part in split(shape, line).geoms if isinstance(part, shapely.Polygon | shapely.MultiPolygon)]
    solid = [part for part in pieces if area_m2(part) > _SPECK_M2]
    if len(solid) < 2:
        message = _("这条线没有把它切开：两头都要伸到边界外面。")
        raise Invalid(message, fields={"line": message})
    if len(solid) > MOST_PARTS:
        message = _("一次最多切成 %(most)d 块，这条线切成了 %(now)d 块。") % {"most": MOST_PARTS, "now": len(solid)}
        raise Invalid(message, fields={"line": message})
    solid.sort(key=lambda part: (round(-part.centroid.y, 4), part.centroid.x))  # from north to south
    return [geojson_text(read_polygon(part)) for part in solid]


def _line(text: str) -> LineString:
    wrong = _("要一条线（GeoJSON 的 LineString），至少两个点。")
    try:
        data = json.loads(text)
        data = data.get("geometry", data) if isinstance(data, dict) and data.get("type") == "Feature" else data
        if data["type"] != "LineString":
            raise ValueError(data["type"])
        points = [(float(x), float(y)) for x, y, *_z in data["coordinates"]]
        if len(points) < 2 or any(abs(x) > 180 or abs(y) > 90 for x, y in points):
            raise ValueError("points")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Invalid(wrong, fields={"line": wrong}) from error
    line = shapely.LineString(points)
    if not line.is_simple or line.length == 0:
        message = _("这条线和自己交叉了。")
        raise Invalid(message, fields={"line": message})
    return line
