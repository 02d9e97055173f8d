"""Do the polygons fill their ground? Every gap and overlap below a place, with its area, in a list and on a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from linli.core.places.geo.check import Finding, check
from linli.core.places.geo.geojson import Feature
from linli.core.places.models import Boundary
from linli.core.places.tree import Node
from linli.doors.office import fitting, shapes
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import param
from linli.kit.fields import subtree
from linli.kit.later import later

if TYPE_CHECKING:
    import shapely
else:
    shapely = later("shapely")

SHOWN = 200


@dataclass(frozen=True)
class Checked:
    """What was looked at and what was found."""

    node: Node
    level: str
    rows: list[Boundary]
    outlined: bool
    findings: list[Finding]

    def places(self) -> dict[str, Any]:
        return {row.place.code: row.place for row in self.rows}


def _asked(request: HttpRequest, office: Office) -> tuple[Node, str]:
    """Below which place, and which level; the cells where nothing else is said."""
    node = office.at(param(request, "in")) or office.known.root
    offered = levels(office, node)
    wanted = param(request, "level")
    cell = office.known.district.cell_level
    return node, wanted if wanted in offered else (cell if cell in offered else next(iter(offered), cell))


def levels(office: Office, node: Node) -> list[str]:
    """Levels that tile: what lies below the place, down to the cells. Houses stand apart."""
    below = office.below(node.level)
    cell = office.known.district.cell_level
    return below[: below.index(cell) + 1] if cell in below else []


def checked(office: Office, node: Node, level: str) -> Checked:
    """The polygons of a level below a place against the place's own outline."""
    low, high = subtree(node.path)
    rows = list(
        Boundary.objects.filter(
            district_id=office.district_id, until=None, place__path__gt=low, place__path__lt=high, place__level=level
        ).select_related("place").order_by("place__code")
    )  # fmt: skip
    own = Boundary.objects.filter(district_id=office.district_id, place_id=node.id, until=None).first()
    outline = shapely.from_geojson(own.geojson) if own else None
    drawn = shapely.from_geojson([row.geojson for row in rows]) if rows else []
    features = [Feature.of(row.place.code, shape) for row, shape in zip(rows, drawn, strict=True)]
    return Checked(node, level, rows, own is not None, check(features, outline) if features else [])


@require_GET
@office_page
def page(request: HttpRequest, office: Office) -> HttpResponseBase:
    """The list. It is reckoned anew each time: nothing here is kept that could be out of date."""
    node, level = _asked(request, office)
    found = checked(office, node, level)
    places = found.places()
    lines = [_line(number, each, places) for number, each in enumerate(found.findings[:SHOWN], start=1)]
    parents = office.known.chain(node)
    children = [each for each in office.known.children.get(node.id, []) if levels(office, each)]
    context = {
        "node": node, "level": office.level(level), "count": len(found.rows), "outlined": found.outlined,
        "lines": lines, "more": max(0, len(found.findings) - SHOWN), "chain": parents, "children": children,
        "levels": [(code, office.level(code)) for code in levels(office, node)], "chosen": level,
        "map_url": f"{reverse('office:tiling-map')}?in={node.code}&level={level}",
    }  # fmt: skip
    return show(request, office, "tiling", context)


def _line(number: int, found: Finding, places: dict[str, Any]) -> dict[str, Any]:
    reason = found.reason
    concerned = [places[str(code)] for code in found.between if str(code) in places]
    for place in concerned:  # a code tells a person nothing
        reason = reason.replace(place.code, place.name)
    return fitting.line(found) | {"number": number, "places": concerned, "why": reason}


@require_GET
@office_page
def findings(request: HttpRequest, office: Office) -> HttpResponseBase:
    """The same as GeoJSON, for the map on the page."""
    found = checked(office, *_asked(request, office))
    drawn = [
        shapes.of_boundary(row, url=reverse("office:place", args=[row.place_id])) for row in found.rows[: shapes.MOST]
    ]
    wrong = shapes.of_findings(found.findings[:SHOWN], {})
    for each in drawn if wrong or len(drawn) > 80 else []:
        each["properties"].pop("name", None)  # the numbers of the faults are what one looks for
    return JsonResponse(shapes.collection([*drawn, *wrong]))
