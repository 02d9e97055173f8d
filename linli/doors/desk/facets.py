"""The tabs over the queue, the facets under them, and what an empty list says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import State
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.core.places.tree import Node, Tree
from linli.doors.desk import statements
from linli.doors.desk.queue import Asked
from linli.kit.templatetags.linli import edit

Option = tuple[str, str]
NAMES: dict[str, str | Promise] = {
    "watch": lazy("我要盯的"), "overdue": lazy("已超时"), "accept": lazy("待接单"), "called": lazy("被吹哨"),
    "verify": lazy("待核查"), "contested": lazy("有异议"), "dispatch": lazy("待派单"), "all": lazy("全部"),
}  # fmt: skip
_EMPTY: dict[str, tuple[str | Promise, str | Promise]] = {
    "watch": (lazy("手上没有要盯的事"), lazy("派给您、等您派、等您复核的都会在这里。")),
    "overdue": (lazy("手上没有超时的事"), lazy("过了说好的时间还没办的会在这里，最晚的在前。")),
    "accept": (lazy("没有等人接的单"), lazy("派出去还没人接的会在这里。")),
    "called": (lazy("没有叫您的哨"), lazy("别处吹哨叫到您的单位，会在这里等您报到。")),
    "verify": (lazy("没有等核查的"), lazy("报了办结、等另一个人去看的会在这里。")),
    "contested": (lazy("没有异议"), lazy("居民说没办好、等没经手的单位去查的会在这里。")),
    "dispatch": (lazy("没有等派的事"), lazy("规则没派出去、或者退回来的会在这里。")),
    "all": (lazy("您这里还没有事"), lazy("居民说的、网格员记的、电话转来的都会在这里。")),
}


@dataclass(frozen=True)
class Facet:
    """One menu over the list: its name in the address, its word, its options."""

    name: str
    label: str
    options: list[Option]
    default: str = ""  # what holds where the address says nothing; "" where that means everything


def menu(request: HttpRequest, facet: Facet) -> dict[str, Any]:
    """A menu that always stands on something, for ``kit/pick.html``: the kit's own says 全部 for nothing."""
    chosen = request.GET.get(facet.name, "") or facet.default
    options = [
        {"url": edit(request.GET, {facet.name: value}), "word": word, "on": value == chosen, "count": None}
        for value, word in facet.options
    ]  # fmt: skip
    word = next((option["word"] for option in options if option["on"]), "")
    return {"label": facet.label, "word": word, "options": options, "on": False, "name": facet.name}


def tabs(asked: Asked, counts: dict[str, int]) -> list[dict[str, Any]]:
    """For ``{% saved %}``: a count that reached its cap says 999+."""
    home = reverse("desk:queue")
    return [
        {
            "label": name, "url": f"{home}?tab={tab}", "current": tab == asked.tab,
            "count": counts[tab] if counts[tab] < statements.CAP else f"{statements.CAP - 1}+",
            "alert": tab in ("overdue", "contested") and counts[tab] > 0,
        }
        for tab, name in NAMES.items()
    ]  # fmt: skip


def offered(
    asked: Asked, actor: Actor, known: Tree, catalogue: Catalogue, handlers: Iterable[UUID | None] = ()
) -> list[Facet]:
    """Only menus with a choice: a desk of one kind has no menu of kinds. ``handlers`` are those of the page shown."""
    made = [
        Facet("category", _("类别"), _categories(asked, catalogue)),
        Facet("place", _("地点"), _places(asked, actor, known)),
        Facet("channel", _("来源"), list(catalogue.channels.items())),
        Facet("handler", _("在谁手上"), _handlers(asked, known.district.id, handlers)),
        Facet("kind", _("种类"), [(k.code, k.name) for k in catalogue.kinds.values()]),
    ]
    if asked.tab == "all":
        made.append(Facet("state", _("状态"), _states()))
    shown = [facet for facet in made if len(facet.options) > 1]
    return [*shown, Facet("order", _("排序"), [("due", _("急的在前")), ("new", _("新的在前"))], "due")]


def _handlers(asked: Asked, district_id: int, held_by: Iterable[UUID | None]) -> list[Option]:
    """Me, whoever is chosen, and those whose matters stand on this page, by name."""
    posts = roster(district_id)
    found = {post.code: post.name for key in held_by if key and (post := posts.by_id.get(key))}
    chosen = posts.find(asked.handler) if asked.handler else None
    if chosen is not None:
        found[chosen.code] = chosen.name
    return [("me", _("我")), *sorted(found.items(), key=lambda row: row[1])]


def _categories(asked: Asked, catalogue: Catalogue) -> list[Option]:
    """The first level, and below what is chosen the level under it."""
    chosen = asked.category
    top = [(c, n.name) for c, n in sorted(catalogue.categories.items()) if len(c) == 2 and n.active]
    if not chosen:
        return top
    line = [chosen[:n] for n in range(2, len(chosen) + 1, 2)]
    below = [
        (code, "　" * (len(code) // 2 - 1) + category.name)
        for code, category in sorted(catalogue.categories.items())
        if code in line or (code[:-2] == chosen and category.active)
    ]
    return [*below, *(row for row in top if row[0] != chosen[:2])]


def _places(asked: Asked, actor: Actor, known: Tree) -> list[Option]:
    """What lies right below the actor's posts, and below the place that is chosen; the way up stays open."""
    roots = [known.by_path[p] for p in actor.paths(duties.SEE) if p in known.by_path]
    top = [child for root in roots for child in _below(known, root)] or roots
    chosen = known.by_code.get(asked.place)
    if chosen is None:
        return [(n.code, n.name) for n in top]
    line = [n for n in known.chain(chosen) if any(n.path.startswith(r.path) and n != r for r in roots)]
    inside = [(n.code, "　" * depth + n.name) for depth, n in enumerate(line)]
    deeper = [(n.code, "　" * len(line) + n.name) for n in _below(known, chosen)]
    used = {code for code, _name in inside}
    if not inside:
        inside = [(chosen.code, chosen.name)]
    return [*inside, *deeper, *((n.code, n.name) for n in top if n.code not in used)]


def _below(known: Tree, node: Node) -> list[Node]:
    """Buildings and their entrances are found by searching: a menu of a hundred houses helps nobody."""
    below = [n for n in known.children.get(node.id, []) if n.level not in ("building", "unit")]
    return sorted(below, key=lambda n: n.code)[:60]


def _states() -> list[Option]:
    more = [("any", _("全部，含办完的")), ("ended", _("办完的"))]
    return [*more, *((str(value), str(label)) for value, label in State.choices)]


def empty(asked: Asked) -> dict[str, str]:
    """What belongs here, why there is none, one act."""
    if asked.narrowed:
        return {"title": _("没有合这些条件的"), "text": _("换个条件，或者放开筛选再看。"),
                "act": _("放开筛选"), "url": f"{reverse('desk:queue')}?tab={asked.tab}"}  # fmt: skip
    title, text = _EMPTY[asked.tab]
    other = "watch" if asked.tab == "all" else "all"
    act = _("替居民记一件") if asked.tab == "all" else _("看全部")
    url = reverse("desk:new") if asked.tab == "all" else f"{reverse('desk:queue')}?tab={other}"
    return {"title": str(title), "text": str(text), "act": act, "url": url}
