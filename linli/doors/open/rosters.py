"""Who serves where: names and duties, never a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils import timezone

from linli.core.people import duties
from linli.core.people.models import Post
from linli.core.people.roster import HIDDEN
from linli.core.places.tree import Node, Tree
from linli.doors.open import asking
from linli.kit.fields import subtree

MOST = 300
# Above a quarter the page would be a telephone book: there the building heads stand on the quarter's own page.
_LEVELS = {
    "district": ("district",),
    "street": ("street",),
    "community": ("community", "quarter", "grid"),
    "quarter": ("quarter", "grid", "building", "unit"),
    "grid": ("grid", "building", "unit"),
    "building": ("building", "unit"),
}


@dataclass(frozen=True)
class Serving:
    """Somebody who serves: a person by name and title, an organisation by its name."""

    name: str
    title: str
    unit: str
    hours: str
    seal: str


@dataclass(frozen=True)
class Section:
    """The posts of one place."""

    place: Node
    people: list[Serving]


@dataclass(frozen=True)
class Found:
    """What the page shows: the place asked for with its sections, the ways up and down, or what a word found."""

    place: Node
    chain: list[Node]
    below: list[Node]
    sections: list[Section] = field(default_factory=list)
    named: list[tuple[Node, str]] = field(default_factory=list)
    people: list[tuple[Serving, str]] = field(default_factory=list)


def of_place(known: Tree, node: Node) -> Found:
    """Everybody who serves the place, place by place downwards; one query."""
    wanted = _LEVELS.get(node.level, ("community",))
    low, high = subtree(node.path)
    # The path ranges over the index; the level cuts in memory, where the tree lies anyway.
    rows = _today(known).filter(scope_path__gte=low, scope_path__lt=high).order_by("scope_path", "role", "code")
    if node.level in ("district", "street"):
        rows = rows.filter(scope_path=node.path)
    elif "building" not in wanted:
        rows = rows.exclude(role__in=("building_head", "building_head_online", "building_party_head", "unit_head"))
    shown = [p for p in rows[:MOST] if (n := known.by_id.get(p.place_id)) is not None and n.level in wanted]
    sections = [
        Section(known.by_id[place], [_serving(known, p) for p in posts])
        for place, posts in groupby(shown, lambda p: p.place_id)
    ]
    below = [n for n in known.children.get(node.id, []) if n.level not in ("building", "unit")]
    return Found(node, known.chain(node), sorted(below, key=lambda n: n.path), sections)


def search(known: Tree, q: str) -> Found:
    """Places and people by a word: two letters of a name are enough, and a number finds nobody."""
    places = asking.named(q, known, ("street", "community", "quarter", "grid"))
    rows = _today(known).filter(
        Q(person__shown__icontains=q) | Q(title__icontains=q) | Q(organisation__name__icontains=q)
    )
    people = [(_serving(known, p), _where(known, p)) for p in rows.order_by("scope_path", "code")[:60]]
    return Found(known.root, [], [], named=[(n, known.full_name(n, below="street")) for n in places], people=people)


def _where(known: Tree, post: Post) -> str:
    node = known.by_id.get(post.place_id)
    return known.full_name(node) if node else ""


def _today(known: Tree) -> QuerySet[Post]:
    today = timezone.localdate()
    rows = Post.objects.filter(Q(until=None) | Q(until__gt=today), district_id=known.district.id, since__lte=today)
    return rows.exclude(role__in=HIDDEN).select_related("person", "organisation")


def _serving(known: Tree, post: Post) -> Serving:
    unit = post.organisation.name if post.organisation else ""
    name = post.person.shown if post.person else unit
    return Serving(name, post.title if post.person else duties.role(post.role).name, unit if post.person else "",
                   post.hours, name.removeprefix(known.district.name)[:1] or name[:1])  # fmt: skip
