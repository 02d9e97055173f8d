"""Naming a place in a form: by the names along its path, typed as people say them, with or without spaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import Finder
from linli.core.matters.targets import Choice, two_lines
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, Tree, tree

MOST = 12


@dataclass
class Ground:
    """Whose places are near, and which levels may be named."""

    actor: Actor
    duty: str
    levels: tuple[str, ...] = ()
    tree: Tree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = tree(self.actor.district_id or 0)

    @property
    def paths(self) -> tuple[str, ...]:
        return self.actor.paths(self.duty) or (self.tree.root.path,)

    def fits(self, node: Node) -> bool:
        return not self.levels or node.level in self.levels


def choices(ground: Ground, nodes: Iterable[Node]) -> list[Choice]:
    return [(n.code, _label(ground.tree, n)) for n in nodes]


def _label(known: Tree, node: Node) -> SafeString:
    return two_lines(node.name, *(n.name for n in known.chain(node)[1:-1]))


def suggest(ground: Ground) -> list[Choice]:
    """The actor's own places and what lies right below them."""
    roots = [ground.tree.by_path[p] for p in ground.paths if p in ground.tree.by_path]
    below = [child for root in roots for child in ground.tree.children.get(root.id, [])]
    return choices(ground, [n for n in [*roots, *below] if ground.fits(n)][:MOST])


def find(ground: Ground, word: str) -> list[Choice]:
    """By code or door code, else by names: 柳荫里 1 号楼, 柳荫里1号楼 and 1号楼 all find it, the actor's own first."""
    typed = word.strip()
    exact = ground.tree.by_code.get(typed.upper()) or ground.tree.by_door.get(typed.upper())
    if exact is not None and ground.fits(exact):
        return choices(ground, [exact])
    wanted = _plain(typed)
    if not wanted:
        return []
    hits = [n for n in ground.tree.by_id.values() if ground.fits(n) and _named(ground.tree, n, wanted)]
    # Whoever says 1 单元 means one of that name, not the entrance of house 1; and one here before one elsewhere.
    hits = [n for n in hits if wanted in _plain(n.name)] or hits
    hits = [n for n in hits if any(n.path.startswith(p) for p in ground.paths)] or hits
    return choices(ground, sorted(hits, key=lambda n: (len(n.path), n.code))[:MOST])


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _named(known: Tree, node: Node, wanted: str) -> bool:
    """Whether the word is used up by the names along the path, the last bit of it by the node's own name."""
    own = _plain(node.name)
    if wanted[-1] not in own:
        return False
    if wanted in own:
        return True
    left = wanted
    for step in known.chain(node)[1:]:
        taken = _taken(left, _plain(step.name))
        if step is node:
            return taken == len(left)
        left = left[taken:]
        if not left:
            return False
    return False


def _taken(left: str, name: str) -> int:
    """How much of the beginning of ``left`` stands in ``name``."""
    for size in range(len(left), 0, -1):
        if left[:size] in name:
            return size
    return 0


def keep(ground: Ground, codes: list[str]) -> list[Choice]:
    return choices(ground, [ground.tree.by_code[c] for c in codes if c in ground.tree.by_code])


PLACES = Finder(suggest, find, keep, lazy("小区、楼号、单元，或门牌码"))
