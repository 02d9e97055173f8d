"""Which doors an order means, and whose ground they must lie on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP, Node, Tree
from linli.kit.refusal import Forbidden, Invalid

A_FILE = 48  # doors of one part: twelve sheets of four; about a second's work
MOST = 60_000


def grounds(actor: Actor) -> tuple[str, ...]:
    """The paths over which somebody may have posters made: community, street, district, and who configures it."""
    found = sorted({*actor.paths(duties.DISPATCH), *actor.paths(duties.CONFIGURE)})
    return tuple(p for i, p in enumerate(found) if not any(p.startswith(q) for q in found[:i]))


@dataclass(frozen=True)
class Bundle:
    """Doors that go into one file."""

    name: str
    nodes: list[Node]


def named(known: Tree, actor: Actor, codes: Iterable[str]) -> list[Node]:
    """The places of an order. Raises Invalid about ``place`` for one that is not there, Forbidden for another's."""
    mine, found = grounds(actor), []
    for code in dict.fromkeys(codes):
        node = known.by_code.get(code)
        if node is None or not any(node.path.startswith(path) for path in mine):
            raise Invalid(_("没有找到这个地方。"), fields={"place": _("没有找到这个地方，或者不归您管。")})
        found.append(node)
    if not mine:
        raise Forbidden(_("海报由社区、街道和系统管理员做。"))
    if not found:
        raise Invalid(_("选一处。"), fields={"place": _("选一个街道、社区、小区或楼。")})
    return [n for n in found if not any(n is not other and n.path.startswith(other.path) for other in found)]


def doors(known: Tree, places: Sequence[Node], level: str) -> list[Node]:
    """Every door (or every building) at or below the places, in the order of the tree."""
    return [
        node for path, node in sorted(known.by_path.items())
        if node.level == level and (level != "unit" or node.door) and any(path.startswith(p.path) for p in places)
    ]  # fmt: skip


def bundles(known: Tree, nodes: Sequence[Node]) -> list[Bundle]:
    """Files of up to ``A_FILE`` doors, none of which crosses from one quarter into another."""
    made: list[Bundle] = []
    for quarter, inside in groupby(nodes, lambda n: known.at_level(n, "quarter") or known.root):
        some = list(inside)
        community = known.at_level(quarter, "community")
        name = f"{community.name} {quarter.name}" if community else quarter.name
        for at in range(0, len(some), A_FILE):
            tail = f" {at // A_FILE + 1}" if len(some) > A_FILE else ""
            made.append(Bundle(f"{name}{tail}", some[at : at + A_FILE]))
    return made


def common(places: Sequence[Node]) -> str:
    """The path of the narrowest place that holds all of them."""
    first = places[0].path
    for end in range(len(first), 0, -STEP):
        if all(node.path.startswith(first[:end]) for node in places):
            return first[:end]
    return first[:STEP]
