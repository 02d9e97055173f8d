"""双楼长: every building with its head on the ground and its head online, and those that lack one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.core.people import duties
from linli.core.people.actions import may_configure
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.models import Post
from linli.core.places.tree import Node, Tree, tree
from linli.doors.desk.gate import param
from linli.doors.office.lists import as_csv
from linli.kit.fields import subtree
from linli.kit.figures import listed
from linli.kit.paging import Page

GROUND, ONLINE = "building_head", "building_head_online"
LIMIT = 50


@dataclass(frozen=True)
class Building:
    """One building and the names of its heads."""

    node: Node
    community: Node | None
    where: str
    ground: list[str] = field(default_factory=list)
    online: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sums:
    """Of some buildings: how many there are, posts of each sort, and how many buildings lack which."""

    buildings: int
    ground: int
    online: int
    both: int
    no_ground: int
    no_online: int
    neither: int


LACKS = {
    "any": lambda b: not (b.ground and b.online),
    "ground": lambda b: not b.ground,
    "online": lambda b: not b.online,
    "none": lambda b: not (b.ground or b.online),
    "both": lambda b: bool(b.ground and b.online),
}


def buildings(actor: Actor) -> list[Building]:
    """Every building under the actor's ground, in the order of the tree: the tree from memory, one query for posts."""
    known = tree(actor.district_id or 0)
    paths = actor.paths(duties.STATS)
    held = _heads(known, paths)
    return [
        Building(
            node,
            known.at_level(node, "community"),
            known.full_name(node, below="quarter"),
            *held.get(node.id, ([], [])),
        )
        for path, node in sorted(known.by_path.items())
        if node.level == "building" and any(path.startswith(p) for p in paths)
    ]


def _heads(known: Tree, paths: tuple[str, ...]) -> dict[uuid.UUID, tuple[list[str], list[str]]]:
    today, inside = timezone.localdate(), Q()
    for path in paths:
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    rows = Post.objects.filter(inside, Q(until=None) | Q(until__gt=today), district_id=known.district.id,
                               role__in=(GROUND, ONLINE), since__lte=today)  # fmt: skip
    held: dict[uuid.UUID, tuple[list[str], list[str]]] = {}
    names = rows.order_by("code").values_list("place_id", "role", "person__shown", "organisation__name")
    for place_id, role, shown, body in names.iterator(chunk_size=2000):
        held.setdefault(place_id, ([], []))[role == ONLINE].append(shown or body or "")
    return held


def sums(rows: list[Building]) -> Sums:
    return Sums(
        len(rows), sum(len(b.ground) for b in rows), sum(len(b.online) for b in rows),
        *(sum(map(LACKS[name], rows)) for name in ("both", "ground", "online", "none")),
    )  # fmt: skip


def _asked(request: HttpRequest, actor: Actor) -> tuple[list[Building], list[Building]]:
    """All of the actor's, and those that the address asks for."""
    if not actor.paths(duties.STATS):
        raise Http404
    every = buildings(actor)
    lack, at, word = param(request, "lack"), param(request, "in", 32), param(request, "q", 40).replace(" ", "")
    rows = [b for b in every if at in ("", b.community.code if b.community else "")]
    if lack in LACKS:
        rows = [b for b in rows if LACKS[lack](b)]
    if word:
        rows = [b for b in rows if word in b.where.replace(" ", "") or word in "".join([*b.ground, *b.online])]
    return every, rows


@require_GET
@staff_page
def listing(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The sums, by community, and the buildings; the cursor is the path of the last one shown."""
    every, rows = _asked(request, actor)
    after = param(request, "cursor", 64)
    left = [b for b in rows if b.node.path > after] if after else rows
    shown = left[:LIMIT]
    page: Page[Any] = Page(items=shown, next=shown[-1].node.path if len(left) > LIMIT else None)
    return render(request, "board/heads.html", {
        "page": page, "sums": sums(every), "count": len(rows), "tabs": _tabs(request, every),
        "communities": _communities(every), "configures": may_configure(actor) is not None,
        "narrowed": any(param(request, name) for name in ("lack", "in", "q")), "word": param(request, "q", 40),
        "picks": [(row["code"], row["name"], row["sums"].buildings) for row in _communities(every)],
    })  # fmt: skip


def _tabs(request: HttpRequest, every: list[Building]) -> list[dict[str, Any]]:
    at, lack = param(request, "in", 32), param(request, "lack")
    inside = [b for b in every if at in ("", b.community.code if b.community else "")]
    named = [("", _("全部")), ("any", _("缺人的")), ("ground", _("缺线下楼长")), ("online", _("缺网络楼长")),
             ("none", _("两个都缺")), ("both", _("齐的"))]  # fmt: skip
    return [
        {"label": name, "url": f"?lack={code}&in={at}" if at else f"?lack={code}", "current": lack == code,
         "count": sum(map(LACKS[code], inside)) if code else len(inside), "alert": False}
        for code, name in named
    ]  # fmt: skip


def _communities(every: list[Building]) -> list[dict[str, Any]]:
    by: dict[str, list[Building]] = {}
    for building in every:
        by.setdefault(building.community.code if building.community else "", []).append(building)
    return [
        {"code": code, "name": rows[0].community.name if rows[0].community else "", "sums": sums(rows)}
        for code, rows in by.items()
    ]


@require_GET
@staff_page
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same list as a file: public names, never a number."""
    _every, rows = _asked(request, actor)
    head = [_("楼栋编码"), _("楼栋"), _("社区"), _("线下楼长"), _("网络楼长"), _("缺什么")]
    return as_csv("heads", head, _cells(rows))


def _cells(rows: list[Building]) -> Iterator[list[Any]]:
    for b in rows:
        lacking = [name for name, there in ((_("线下楼长"), b.ground), (_("网络楼长"), b.online)) if not there]
        community = b.community.name if b.community else ""
        yield [b.node.code, b.where, community, listed(b.ground), listed(b.online), listed(lacking)]
