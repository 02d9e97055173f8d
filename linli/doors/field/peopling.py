"""My people and places: who serves below me, building by building, and where nobody does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.people.roster import HIDDEN
from linli.core.places.tree import Node, Tree, tree
from linli.doors.field import areas
from linli.kit.fields import subtree
from linli.kit.refusal import NotFound

MOST = 400
NEAR = ("grid", "quarter", "building", "unit")


@dataclass(frozen=True)
class Serving:
    """Somebody who serves: never with a number."""

    name: str
    title: str
    place: str


@dataclass(frozen=True)
class Building:
    """One building: its head, its units' heads, its doors."""

    node: Node
    units: int
    people: list[Serving] = field(default_factory=list)
    open: int = 0


@dataclass(frozen=True)
class Mine:
    """The page: the place looked at, the ways to the others, people of the place itself, and its buildings."""

    place: Node | None
    others: list[Node]
    people: list[Serving]
    buildings: list[Building]
    found: list[Serving]

    @property
    def nobody(self) -> int:
        """Buildings without anybody who serves them."""
        return sum(1 for building in self.buildings if not building.people)


def mine(actor: Actor, code: str = "", q: str = "") -> Mine:
    """What lies under my posts. NotFound for a place that does not."""
    assert actor.district_id is not None, "the gate lets nobody in without a district"
    known = tree(actor.district_id)
    roots = [known.by_path[p] for p in _paths(actor) if p in known.by_path]
    if not roots:
        return Mine(None, [], [], [], [])
    place = _chosen(known, roots, code)
    others = roots if len(roots) > 1 else _ways(known, roots[0], place)
    if q:
        return Mine(place, others, [], [], _search(known, roots, q))
    people, buildings = _near(known, place)
    counted = areas.open_by_place(actor, [b.node for b in buildings], known)
    buildings = [replace(b, open=counted.get(b.node.id, 0)) for b in buildings]
    return Mine(place, others, people, buildings, [])


def _paths(actor: Actor) -> tuple[str, ...]:
    """Where I record and look after things; of a unit without a place of its own, nothing."""
    return actor.paths(duties.RECORD) or tuple(sorted({p.path for p in actor.posts if p.organisation_id}))[:1]


def _chosen(known: Tree, roots: list[Node], code: str) -> Node:
    if not code:
        return roots[0]
    node = known.by_code.get(code)
    if node is None or not any(node.path.startswith(root.path) for root in roots):
        raise NotFound("not below me")
    return node


def _ways(known: Tree, root: Node, place: Node) -> list[Node]:
    """From a wide place down: what lies right below it, and back up."""
    below = [n for n in known.children.get(place.id, []) if n.level not in ("building", "unit")]
    up = [n for n in known.chain(place) if n.path.startswith(root.path) and n.id != place.id]
    return [*up, *sorted(below, key=lambda n: n.path)]


def _near(known: Tree, place: Node) -> tuple[list[Serving], list[Building]]:
    """Of a quarter, a grid or a building: everybody. Higher up only who serves the place itself."""
    rows = _posts(known)
    if place.level not in NEAR:
        here = rows.filter(scope_path=place.path).order_by("role", "code")
        return [_serving(known, p) for p in here[:MOST]], []
    low, high = subtree(place.path)
    posts = list(rows.filter(scope_path__gte=low, scope_path__lt=high).order_by("scope_path", "role", "code")[:MOST])
    made: dict[UUID, Building] = {
        n.id: Building(n, len(known.children.get(n.id, [])))
        for n in sorted(known.by_id.values(), key=lambda n: n.path)
        if n.level == "building" and n.path.startswith(place.path)
    }
    own: list[Serving] = []
    for post in posts:
        node = known.by_id.get(post.place_id)
        building = known.at_level(node, "building") if node else None
        held = made.get(building.id) if building else None
        (held.people if held else own).append(_serving(known, post))
    return own, list(made.values())


def _search(known: Tree, roots: list[Node], q: str) -> list[Serving]:
    inside = Q()
    for root in roots:
        low, high = subtree(root.path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    rows = _posts(known).filter(inside).filter(Q(person__shown__icontains=q) | Q(title__icontains=q))
    return [_serving(known, p) for p in rows.order_by("scope_path", "code")[:60]]


def _posts(known: Tree) -> QuerySet[Post]:
    today = timezone.localdate()
    rows = Post.objects.filter(Q(until=None) | Q(until__gt=today), district_id=known.district.id, since__lte=today)
    return rows.exclude(role__in=HIDDEN).select_related("person", "organisation")


def _serving(known: Tree, post: Post) -> Serving:
    node = known.by_id.get(post.place_id)
    name = post.person.shown if post.person else post.organisation.name if post.organisation else ""
    where = ""
    if node is not None:
        where = node.name if node.level in ("building", "unit") else known.full_name(node, below="quarter")
    return Serving(name, post.title if post.person else duties.role(post.role).name, where)
