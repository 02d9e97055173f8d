"""What is done to a place besides drawing it: another name, a merger, a move, an end. Each on a day, and told."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linli.core.matters.askpage import line_field
from linli.core.people.models import Post
from linli.core.places import actions
from linli.core.places.models import Boundary, Place
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import Asking, DayForm, choice_field, day_field, offer
from linli.doors.office.gate import Office, office_page
from linli.doors.office.places import place_of
from linli.kit.fields import subtree
from linli.kit.later import later

if TYPE_CHECKING:
    import shapely
else:
    shapely = later("shapely")


def here(place: Place | uuid.UUID) -> str:
    return reverse("office:place", args=[place.pk if isinstance(place, Place) else place])


def said(office: Office) -> dict[str, Any]:
    """What every action of places is told first."""
    return {"by": office.by, "district_id": office.district_id}


def follows(office: Office, place: Place) -> str:
    """How much goes along, so that nobody splits a community by mistake."""
    low, high = subtree(place.path)
    places = sum(path.startswith(place.path) for path in office.known.by_path) - 1
    posts = Post.objects.filter(district_id=office.district_id, scope_path__gte=low, scope_path__lt=high, until=None)
    return _("下面 %(places)d 个地方、%(posts)d 个岗位跟着走；没办完的事由接手的地方接着办，办完的留在原处。") % {
        "places": places, "posts": posts.count(),
    }  # fmt: skip


# ── rename ──────────────────────────────────────────────────────────────────────────────────────────────────────
class NameForm(Asking):
    name = line_field(lazy("新的名称"))


@require_http_methods(["GET", "POST"])
@office_page
def rename(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """Another name; code and history stay."""
    place = place_of(office, place_id, current=True)
    act = Act(_("给%s改名？") % place.name, _("改名"), here(place), _("编码、边界和历史都不变。"))

    def do(data: dict[str, Any]) -> Done:
        made = actions.rename_place(**said(office), place_id=place.pk, name=data["name"])
        return here(place), _("改成了%s。") % made.name

    return perform(request, office, act, NameForm(office, posted(request), initial={"name": place.name}), do)


# ── merge ───────────────────────────────────────────────────────────────────────────────────────────────────────
class MergeForm(Asking):
    aliases = {"places": "others", "polygon": "others"}

    others = forms.MultipleChoiceField(
        label=lazy("和哪些合并"), help_text=lazy("只能是同级、同一个上级的；挨着的排在前面。"),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    name = line_field(lazy("合并后叫什么"))
    code = line_field(lazy("新的编码"), lazy("编码一辈子只用一次，不能和以前的任何一个相同。"), limit=32)
    on = day_field(lazy("从哪天起"), today=True)


@require_http_methods(["GET", "POST"])
@office_page
def merge(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """Several beside one another become one."""
    place = place_of(office, place_id, current=True)
    form = MergeForm(office, posted(request), initial={"name": place.name, "code": free_code(place, "M")})
    offer(form, "others", _beside(place))
    act = Act(_("把%s和别的合并？") % place.name, _("合并"), here(place), follows(office, place), grave=True)

    def do(data: dict[str, Any]) -> Done:
        ids = [place.pk, *(uuid.UUID(each) for each in data["others"])]
        made = actions.merge_places(
            **said(office), place_ids=ids, code=data["code"], name=data["name"], on=data["on"]
        )  # fmt: skip
        return here(made), _("合并成了%s。") % made.name

    return perform(request, office, act, form, do)


def _beside(place: Place) -> list[tuple[str, str]]:
    """Siblings of the same level, those that share a border first."""
    rows = Place.objects.filter(
        district_id=place.district_id, parent_id=place.parent_id, level=place.level, until=None
    ).exclude(pk=place.pk)
    siblings = list(rows.order_by("code"))
    drawn = Boundary.objects.filter(district_id=place.district_id, until=None, place__parent_id=place.parent_id)
    known = {row[0]: row[1] for row in drawn.values_list("place_id", "geojson")}
    own = shapely.from_geojson(known[place.pk]) if place.pk in known else None

    def touches(sibling: Place) -> bool:
        return (
            own is not None and sibling.pk in known and shapely.intersects(own, shapely.from_geojson(known[sibling.pk]))
        )

    near = {sibling.pk for sibling in siblings if touches(sibling)}
    siblings.sort(key=lambda each: (each.pk not in near, each.code))
    return [(str(s.pk), f"{s.name}　{s.code}" + (_("　挨着") if s.pk in near else "")) for s in siblings]


def free_code(place: Place, mark: str) -> str:
    """A code to suggest: the old one with a letter and the first number that was never used."""
    stem = f"{place.code[:28]}{mark}"
    rows = Place.objects.filter(district_id=place.district_id, code__startswith=stem)
    taken = set(rows.values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"{stem}{n}") not in taken)


# ── move ────────────────────────────────────────────────────────────────────────────────────────────────────────
class MoveForm(Asking):
    parent = choice_field(lazy("移到哪里"))
    on = day_field(lazy("从哪天起"), today=True)


@require_http_methods(["GET", "POST"])
@office_page
def move(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """Below another parent of the level that it lies below now; the polygons above follow."""
    place = place_of(office, place_id, current=True)
    form = MoveForm(office, posted(request))
    offer(form, "parent", _parents(office, place), any_word=str(_("请选一个")))
    act = Act(_("把%s移到别处？") % place.name, _("移过去"), here(place), follows(office, place), grave=True)

    def do(data: dict[str, Any]) -> Done:
        parent = cast(str, data["parent"])
        made = actions.move_place(**said(office), place_id=place.pk, parent_id=uuid.UUID(parent), on=data["on"])
        return here(made), _("%s移过去了。") % made.name

    return perform(request, office, act, form, do)


def _parents(office: Office, place: Place) -> list[Any]:
    """Where it may go, grouped by what that lies in."""
    now = office.known.by_id.get(place.parent_id) if place.parent_id else None
    if now is None:
        return []
    groups: dict[str, list[tuple[str, str]]] = {}
    for node in office.known.by_path.values():
        if node.level == now.level and node.id != now.id and not node.path.startswith(place.path):
            chain = office.known.chain(node)
            groups.setdefault(" ".join(n.name for n in chain[1:-1]) or chain[0].name, []).append(
                (str(node.id), node.name)
            )
    return list(groups.items())


# ── end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "POST"])
@office_page
def end(request: HttpRequest, office: Office, place_id: uuid.UUID) -> HttpResponseBase:
    """A place in which nothing lies any more ends on a day."""
    place = place_of(office, place_id, current=True)
    about = _("撤了就不再用，编码也不再给别处；历史还在。下面还有地方或房屋的，先移走。")
    act = Act(_("撤掉%s？") % place.name, _("撤掉"), here(place), about, grave=True)

    def do(data: dict[str, Any]) -> Done:
        actions.end_place(**said(office), place_id=place.pk, on=data["on"])
        return here(place), _("%s撤掉了。") % place.name

    return perform(request, office, act, DayForm(office, posted(request)), do)
