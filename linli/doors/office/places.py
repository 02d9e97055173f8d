"""Places: the tree to walk through and to search, and one place with everything that is known of it."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from linli.core.people.actions.serving import serving_on
from linli.core.people.models import Post
from linli.core.places.models import Boundary, Place, Succession
from linli.doors.office import shapes
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import keyed, param
from linli.kit.fields import subtree
from linli.kit.later import later
from linli.kit.refusal import NotFound

if TYPE_CHECKING:
    import shapely
else:
    shapely = later("shapely")

SERVING = 8
# What is known of a place besides its columns, where it is worth a line.
_FACTS = {"households": lazy("户数"), "storeys": lazy("层数"), "height_m": lazy("高（米）")}


def place_of(office: Office, place_id: uuid.UUID, *, current: bool = False) -> Place:
    """A place of this district; NotFound for every other."""
    rows = Place.objects.select_related("parent").filter(district_id=office.district_id, pk=place_id)
    found = (rows.filter(until=None) if current else rows).first()
    if found is None:
        raise NotFound(_("没有这个地方。"))
    return found


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────────────────
@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    """What lies right below a place; with a word or a level, what lies anywhere below it."""
    node = office.at(param(request, "in")) or office.known.root
    word, level, gone = param(request, "q"), param(request, "level"), param(request, "tab") == "ended"
    rows = Place.objects.filter(district_id=office.district_id)
    low, high = subtree(node.path)
    rows = rows.filter(path__gt=low, path__lt=high) if node.parent_id else rows.filter(path__gte=low, path__lt=high)
    rows = rows.exclude(until=None) if gone else rows.filter(until=None)
    if word or level or gone:
        rows = _narrowed(rows, word, level if level in office.known.district.levels else "")
    else:
        rows = rows.filter(parent_id=node.id)
    page = keyed(rows.annotate(inside=Count("children", filter=Q(children__until=None))), request, by="path")
    context = {
        "page": page, "rows": _rows(office, page.items), "node": node, "chain": office.known.chain(node),
        "word": word, "level": level, "gone": gone, "narrowed": bool(word or level),
        "levels": [(code, office.level(code)) for code in office.known.district.levels], "tabs": _tabs(node.code, gone),
        "here": office.level(node.level),
    }  # fmt: skip
    return show(request, office, "places", context)


def _narrowed(rows: QuerySet[Place], word: str, level: str) -> QuerySet[Place]:
    if level:
        rows = rows.filter(level=level)
    if word:
        rows = rows.filter(Q(name__icontains=word) | Q(code__istartswith=word) | Q(door=word.upper()))
    return rows


def _tabs(code: str, gone: bool) -> list[dict[str, Any]]:
    return [
        {"label": _("在用"), "url": f"?in={code}", "current": not gone},
        {"label": _("已撤"), "url": f"?in={code}&tab=ended", "current": gone},
    ]


def _rows(office: Office, places: Any) -> list[dict[str, Any]]:
    drawn = Boundary.objects.filter(
        district_id=office.district_id, until=None, place_id__in=[place.pk for place in places]
    )
    areas = {place_id: round(area) for place_id, area in drawn.values_list("place_id", "area_m2")}
    by_path = office.known.by_path
    return [
        {
            "place": place, "level": office.level(place.level), "area": areas.get(place.pk),
            "inside": getattr(place, "inside", 0),
            "above": " ".join(by_path[p].name for p in _above(place.path)[1:] if p in by_path),
        }
        for place in places
    ]  # fmt: skip


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(4, len(path), 4)]


# ── one place ───────────────────────────────────────────────────────────────────────────────────────────────────
@require_GET
@office_page
def one(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """Facts, map, the history of its boundary, where it came from and what became of it, who serves there."""
    place = place_of(office, place_id)
    boundaries = list(
        Boundary.objects.filter(district_id=office.district_id, place=place).defer("geojson").order_by("-since", "-pk")
    )
    links = Succession.objects.filter(district_id=office.district_id)
    posts = Post.objects.filter(serving_on(timezone.localdate()), district_id=office.district_id, place=place)
    drawn = any(row.until is None for row in boundaries)
    for row in boundaries:
        row.whole = round(row.area_m2)  # type: ignore[attr-defined]  # for the page
    context = {
        "place": place, "level": office.level(place.level), "facts": facts(office, place, boundaries),
        "chain": [office.known.by_path[p] for p in _above(place.path) if p in office.known.by_path],
        "boundaries": boundaries, "drawn": drawn, "inside": _inside(office, place),
        "before": links.filter(new=place).select_related("old").order_by("old__path"),
        "after": links.filter(old=place).select_related("new").order_by("new__path"),
        "posts": posts.select_related("person", "organisation").order_by("role", "code")[: SERVING + 1],
        "most": SERVING, "acts": _acts(place),
    }  # fmt: skip
    return show(request, office, "place", context)


def facts(office: Office, place: Place, boundaries: list[Boundary]) -> list[tuple[str, Any]]:
    """What stands in the column beside the map."""
    area = next((row.area_m2 for row in boundaries if row.until is None), None)
    lines: list[tuple[str, Any]] = [(_("层级"), office.level(place.level)), (_("编码"), place.code)]
    if area is not None:
        lines.append((_("面积"), _("%s 平方米") % f"{area:,.0f}"))
    if place.door:
        lines.append((_("门牌码"), place.door))
    lines += [(str(name), place.attrs[key]) for key, name in _FACTS.items() if place.attrs.get(key) not in (None, "")]
    lines.append((_("从"), place.since))
    if place.until:
        lines.append((_("到"), place.until))
    return lines


def _inside(office: Office, place: Place) -> list[tuple[str, int, str]]:
    """How much lies below, level by level, out of the tree that is in memory."""
    counted = Counter(n.level for path, n in office.known.by_path.items() if path.startswith(place.path))
    url = reverse("office:places")
    return [
        (office.level(level), counted[level], f"{url}?in={place.code}&level={level}")
        for level in office.below(place.level)
        if counted[level]
    ]


def _acts(place: Place) -> list[tuple[str, str, str]]:
    """What can be done: label, URL name, icon. A stairwell has no polygon, the district itself only a name and one."""
    if place.until is not None:
        return []
    acts = [(_("改名…"), "office:rename", "edit")]
    if place.level != "unit":
        acts.append((_("画边界…"), "office:draw", "map"))
    if place.parent_id is not None:
        acts += [
            (_("拆分…"), "office:split", "git-branch"), (_("合并…"), "office:merge", "git-merge"),
            (_("移到别处…"), "office:move", "switch-horizontal"), (_("撤掉…"), "office:end", "trash"),
        ]  # fmt: skip
    return acts


@require_GET
@office_page
def map_of(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """The place's own polygon, chosen, and what is drawn right below it; of one that ended, the last it had."""
    place = place_of(office, place_id)
    rows = Boundary.objects.filter(district_id=office.district_id, place=place).select_related("place")
    own = rows.order_by("-since", "-pk").first()
    inside = [shapes.of_boundary(row, url=reverse("office:place", args=[row.place_id]), **_tall(row))
              for row in shapes.below(place)]  # fmt: skip
    mine = [shapes.of_boundary(own, chosen=True)] if own else []
    if inside and own:
        mine[0]["properties"].pop("name", None)  # the names of what lies inside say more
    return JsonResponse(shapes.collection([*mine, *inside, *([] if own else _point(place))]))


def _tall(row: Boundary) -> dict[str, Any]:
    return {"height": row.place.attrs.get("height_m", 18)} if row.place.level == "building" else {}


def _point(place: Place) -> list[dict[str, Any]]:
    if place.lon is None or place.lat is None:
        return []
    return [shapes.feature({"type": "Point", "coordinates": [place.lon, place.lat]}, name=place.name)]


@require_GET
@office_page
def around(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """For the map editor: the outline above, the neighbours to snap to, and what lies inside."""
    place = place_of(office, place_id, current=True)
    own = Boundary.objects.filter(district_id=office.district_id, place=place, until=None).first()
    shape = shapely.from_geojson(own.geojson) if own else None
    above = Boundary.objects.filter(district_id=office.district_id, place__children=place, until=None)
    features = [shapes.of_boundary(row, role="above") for row in above.select_related("place")]
    features += [shapes.of_boundary(row, role="beside") for row in shapes.around(place, shape)]
    features += [shapes.of_boundary(row, role="inside") for row in shapes.below(place)]
    if own:
        features.append(shapes.feature(json.loads(own.geojson), role="was"))
    return JsonResponse(shapes.collection(features or _point(place)))
