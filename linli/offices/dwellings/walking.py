"""``/field/dwellings/``: my units, and one unit floor by floor. ``/welcome/``: the card that newcomers get."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.roster import serving
from linli.core.places.models import District
from linli.core.places.tree import Node, Tree, tree
from linli.kit import codes, shell
from linli.kit.lists import param
from linli.kit.refusal import Refused
from linli.kit.templatetags.linli import qr_svg
from linli.offices.dwellings import actions, queries
from linli.offices.dwellings.models import STATUSES, Welcome

NEAR = ("unit_head", "building_head", "building_party_head", "grid_worker", "steward", "quarter_secretary",
        "community_secretary", "community_office", "property_manager")  # fmt: skip


@require_safe
@staff_page
def mine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The units I answer for; below them the way to any building I survey; homes that wait for a welcome."""
    known = tree(actor.district_id or 0)
    duties_of = [d for d in queries.my_units(actor) if d.unit_id in known.by_id]
    place = _chosen(actor, known, param(request, "place"))
    nodes = [known.by_id[d.unit_id] for d in duties_of]
    below = sorted(known.children.get(place.id, []), key=lambda n: n.path) if place else []
    units = [n for n in below if n.level == "unit"]
    made = {**_covers(known, nodes), **_covers(known, units)}
    waits = [_wait(known, w) for w in queries.to_welcome(actor, 30) if w.unit_id in known.by_id]
    context = {
        "own": [_row(known, n, made) for n in nodes], "place": place, "units": [_row(known, n, made) for n in units],
        "below": [n for n in below if n.level != "unit"][:300], "chain": _chain(actor, known, place), "waits": waits,
    }  # fmt: skip
    return render(request, "dwellings/mine.html", context)


def _wait(known: Tree, w: Welcome) -> dict[str, Any]:
    node = known.by_id[w.unit_id]
    late = w.due_on < timezone.localdate()
    return {"w": w, "where": known.full_name(node, below="quarter"), "late": late, "door": node.door}


def _covers(known: Tree, nodes: list[Node]) -> dict[uuid.UUID, queries.Cover]:
    return queries.covers(known, sorted(nodes, key=lambda n: n.path))


def _row(known: Tree, node: Node, made: dict[uuid.UUID, queries.Cover]) -> dict[str, Any]:
    return {"node": node, "where": known.full_name(node, below="quarter"), "c": made.get(node.id) or queries.Cover()}


def _chosen(actor: Actor, known: Tree, code: str) -> Node | None:
    """The place looked at: one under a post that records; the first such post's own without a word."""
    paths = actor.paths(duties.RECORD)
    if not code:
        return known.by_path.get(paths[0]) if paths else None
    node = known.by_code.get(code)
    if node is None or not node.path.startswith(paths or ("~",)):
        raise Http404
    return node


def _chain(actor: Actor, known: Tree, place: Node | None) -> list[Node]:
    paths = actor.paths(duties.RECORD)
    return [n for n in known.chain(place) if n.path.startswith(paths)] if place and paths else []


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def walk(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One unit: choose what one sees, then tap every door that is so. One tap is one look."""
    node = queries.unit(actor, code)
    brush = request.POST.get("brush") or param(request, "brush")
    brush = brush if brush in dict(STATUSES) else "owner"
    if request.method == "POST":
        try:
            _do(request, actor, node, brush)
        except Refused as refused:
            shell.toast(request, refused.message)
        return HttpResponseRedirect(f"{reverse('dwellings:walk', args=[code])}?brush={brush}")
    known = tree(actor.district_id or 0)
    made = queries.covers(known, [node]).get(node.id) or queries.Cover()
    held = queries.standing(known.district.id).filter(unit_id=node.id).first()
    siblings = sorted(known.children.get(node.parent_id, []), key=lambda n: n.path) if node.parent_id else []
    at = next((i for i, n in enumerate(siblings) if n.id == node.id), 0)
    context = {
        "node": node, "where": known.full_name(node, below="quarter"), "floors": queries.floors(known, node),
        "c": made, "brush": brush, "brushes": STATUSES, "duty": held,
        "after": siblings[at + 1] if at + 1 < len(siblings) else None,
        "parent": known.by_id.get(node.parent_id) if node.parent_id else None,
        "up": queries.surveys_over(actor, node.path),
    }  # fmt: skip
    return render(request, "dwellings/walk.html", context)


def _do(request: HttpRequest, actor: Actor, node: Node, brush: str) -> None:
    if "floors" in request.POST:
        added = actions.lay_out(actor=actor, unit=node, floors=_int(request, "floors"), doors=_int(request, "doors"))
        shell.toast(request, _("排好了，%d 户。") % added)
        return
    try:
        home = uuid.UUID(request.POST.get("dwelling", ""))
    except ValueError as error:
        raise Http404 from error
    actions.survey(actor=actor, dwelling_id=home, status=brush)


def _int(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isdigit() and len(text) < 4 else 0


# ── for newcomers ───────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
def welcome(request: HttpRequest, door: str) -> HttpResponse:
    """Behind the door's code: who looks after this staircase, and how one says something. Prints on half a sheet."""
    try:
        canonical, district_id = codes.read_code(door, "door")
        known = tree(district_id)
    except (ValueError, District.DoesNotExist) as error:
        raise Http404 from error
    node = known.by_door.get(canonical)
    if node is None:
        raise Http404
    people = [p for p in serving(known, node) if p["role"] in NEAR]
    held = queries.standing(district_id).filter(unit_id=node.id).first()
    order = {role: index for index, role in enumerate(NEAR)}
    url = request.build_absolute_uri(f"/d/{canonical}")
    context = {"node": node, "where": known.full_name(node, below="quarter"), "duty": held, "qr": qr_svg(url),
               "people": sorted(people, key=lambda p: order[p["role"]])[:8], "door": canonical,
               "community": known.at_level(node, "community"), "district": known.district.name}  # fmt: skip
    return render(request, "dwellings/welcome.html", context)
