"""What people look at: rounds they own, go for or may answer; words; groups; progress by building."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from linli.core.matters import masks
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.models import Dwelling
from linli.core.places.tree import STEP, Node, Tree, tree
from linli.kit import codes, crypto
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound
from linli.offices.opinions.models import Group, Hint, Knock, Opinion, Round, Stretch
from linli.offices.opinions.models.rounds import Outcome, State

SMALL = 5  # a group with fewer is not shown to strangers by its words
HALLS = ("quarter", "village", "community")


def below(path: str, field: str = "scope_path") -> Q:
    low, high = subtree(path)
    return Q(**{f"{field}__gte": low, f"{field}__lt": high})


# ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────────────
def owned(actor: Actor, *, q: str = "", state: str = "") -> QuerySet[Round]:
    """Rounds at places where the actor convenes."""
    inside = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        inside |= below(path)
    rows = Round.objects.filter(inside, district_id=actor.district_id or 0)
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(code__iexact=q))
    return rows.filter(state=state) if state in State.values else rows


def own(actor: Actor, code: str) -> Round:
    return the_one(
        owned(actor).filter(code=code.strip().upper()).select_related("place", "matter"), _("没有找到这次征求意见。")
    )


def by_code(text: str) -> Round:
    """A round by the code on its sheet; a draft is not there yet."""
    try:
        code, district_id = codes.read_code(text, "thing")
    except ValueError as error:
        raise NotFound(str(error)) from error
    rows = Round.objects.filter(district_id=district_id, code=code).exclude(state=State.DRAFT)
    return the_one(rows.select_related("place", "matter"), _("没有找到这次征求意见。"))


def published(district_id: int, q: str = "") -> QuerySet[Round]:
    rows = Round.objects.filter(district_id=district_id, state=State.PUBLISHED)
    return rows.filter(title__icontains=q) if q else rows


def around(district_id: int, node: Node | None) -> list[Round]:
    """Open rounds that go by a place: one of its buildings is the place, lies in it or holds it. One question."""
    if node is None:
        return []
    above = [node.path[:n] for n in range(STEP, len(node.path) + 1, STEP)]
    near = Stretch.objects.filter(below(node.path, "path") | Q(path__in=above), district_id=district_id)
    rows = Round.objects.filter(district_id=district_id, state=State.OPEN, pk__in=near.values("round_id"))
    return list(rows.select_related("place").order_by("ends_on", "pk")[:10])


def published_of(matter: Matter) -> list[Round]:
    """Published rounds that were asked about a matter, or of which it came. One question."""
    about = Q(matter=matter) | Q(
        pk__in=Group.objects.filter(district_id=matter.district_id, matter=matter).values("round_id")
    )
    return list(published(matter.district_id).filter(about).order_by("pk")[:10])


def of_matter(matter: Matter) -> list[Group]:
    """Groups of opinions that this matter was made of."""
    rows = Group.objects.filter(district_id=matter.district_id, matter=matter)
    return list(rows.select_related("round").order_by("pk")[:10])


# ── whoever goes ────────────────────────────────────────────────────────────────────────────────────────────────
def walking(actor: Actor) -> list[Round]:
    """Open rounds for which one of the actor's posts goes, those that end first at the top."""
    if actor.district_id is None or not actor.is_staff:
        return []
    reached = Q(pk__in=[])
    for post in actor.posts:
        above = [post.path[:n] for n in range(STEP, len(post.path), STEP)]
        reached |= below(post.path) | Q(scope_path__in=above)
    rows = Round.objects.filter(reached, district_id=actor.district_id, state=State.OPEN).select_related("place")
    return [row for row in rows.order_by("ends_on", "pk")[:50] if reach(actor, row)]


def reach(actor: Actor, row: Round) -> tuple[str, ...]:
    """The paths of the actor's posts that go for this round; none where nobody asked this role to go."""
    if actor.district_id != row.district_id:
        return ()
    return tuple(
        p.path for p in actor.posts
        if p.role in row.roles and (row.scope_path.startswith(p.path) or p.path.startswith(row.scope_path))
    )  # fmt: skip


def covered(paths: tuple[str, ...], path: str) -> bool:
    """Whether a door at ``path`` lies in what one of the posts serves."""
    return path.startswith(paths) if paths else False


def walked(actor: Actor, code: str) -> tuple[Round, tuple[str, ...]]:
    """A round that the actor goes for, and his paths; any other is not there."""
    rows = Round.objects.filter(district_id=actor.district_id or 0, code=code.strip().upper())
    row = rows.exclude(state=State.DRAFT).select_related("place").first()
    paths = reach(actor, row) if row is not None else ()
    if row is None or not paths:
        raise NotFound(_("没有找到这次征求意见。"))
    return row, paths


def my_stretches(row: Round, paths: tuple[str, ...]) -> list[Stretch]:
    """Buildings of a round that one's posts reach: a unit's head finds his own building."""
    rows = Stretch.objects.filter(district_id=row.district_id, round=row).order_by("path")
    return [s for s in rows if s.path.startswith(paths) or any(p.startswith(s.path) for p in paths)]


# ── progress ────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Tally:
    """Plain figures of one building, or of all."""

    doors: int = 0
    spoke: int = 0
    nothing: int = 0
    nobody: int = 0
    declined: int = 0
    blank: int = 0  # buildings without any door on file

    @property
    def visited(self) -> int:
        return self.spoke + self.nothing + self.nobody + self.declined

    def add(self, other: Tally) -> None:
        for name in ("doors", "blank", *Outcome.values):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def tallies(row: Round, stretches: Iterable[Stretch]) -> dict[uuid.UUID, Tally]:
    """By building: counted from the doors while the round is open, and afterwards as they were counted at its end."""
    shown = list(stretches)
    if row.state != State.OPEN:
        return {
            s.building_id: Tally(s.doors, s.spoke, s.nothing, s.nobody, s.declined, int(not s.doors)) for s in shown
        }
    made = {s.building_id: Tally(doors=s.doors, blank=int(not s.doors)) for s in shown}
    rows = Knock.objects.filter(district_id=row.district_id, round=row, building_id__in=list(made))
    for building, outcome, n in rows.order_by().values_list("building_id", "outcome").annotate(n=Count("id")):
        setattr(made[building], outcome, n)
    return made


def whole(row: Round) -> Tally:
    """All buildings together."""
    total = Tally()
    for one in tallies(row, Stretch.objects.filter(district_id=row.district_id, round=row)).values():
        total.add(one)
    return total


@dataclass(frozen=True)
class Door:
    """One home as the walker sees it: its number, and what it came to so far."""

    id: uuid.UUID
    number: str
    outcome: str
    word: str


@dataclass(frozen=True)
class Stair:
    """A unit of a building with its homes, top floor first."""

    node: Node
    doors: list[Door]


def stairs(row: Round, building: Node, paths: tuple[str, ...]) -> list[Stair]:
    """Every home of a building that one's posts reach. Two questions."""
    known = tree(row.district_id)
    homes = Dwelling.objects.filter(below(building.path, "place__path"), district_id=row.district_id)
    marks = Knock.objects.filter(district_id=row.district_id, round=row, building_id=building.id)
    came = dict(marks.exclude(dwelling=None).values_list("dwelling_id", "outcome"))
    names = dict(Outcome.choices)
    found: dict[uuid.UUID, list[Door]] = {}
    for home in homes.exclude(use="garage").only("id", "place_id", "number"):
        outcome = came.get(home.pk, "")
        found.setdefault(home.place_id, []).append(Door(home.pk, home.number, outcome, str(names.get(outcome, ""))))
    nodes = sorted((known.by_id[p] for p in found if p in known.by_id), key=lambda n: n.path)
    return [Stair(n, sorted(found[n.id], key=_order)) for n in nodes if covered(paths, n.path)]


def _order(door: Door) -> tuple[int, str]:
    return (int(door.number) if door.number.isdigit() else -1, door.number)


def building(row: Round, paths: tuple[str, ...], code: str) -> Node:
    """A building of the round that one's posts reach."""
    node = tree(row.district_id).by_code.get(code)
    mine = {s.building_id for s in my_stretches(row, paths)}
    if node is None or node.id not in mine:
        raise NotFound(_("没有这栋楼。"))
    return node


def houses(known: Tree, place: Node) -> list[Node]:
    """The buildings of a place; a place that is a building is one."""
    found = [n for n in known.by_path.values() if n.level == "building" and n.path.startswith(place.path)]
    return sorted(found, key=lambda n: n.path)


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Filters:
    """How a list of words is narrowed."""

    q: str = ""
    group: str = ""  # an id, "none" for those in no group
    building: str = ""  # a code
    question: str = ""
    via: str = ""
    answered: str = ""  # yes, no

    @property
    def narrowed(self) -> bool:
        return any((self.q, self.group, self.building, self.question, self.via, self.answered))


def words(row: Round, f: Filters | None = None) -> QuerySet[Opinion]:
    rows = Opinion.objects.filter(district_id=row.district_id, round=row).select_related("group")
    f = f or Filters()
    if f.q:
        rows = rows.filter(text__icontains=f.q)
    if f.group == "none":
        rows = rows.filter(group=None)
    elif f.group:
        rows = rows.filter(group_id=_uuid(f.group))
    if f.building:
        node = tree(row.district_id).by_code.get(f.building)
        rows = rows.filter(building_id=node.id if node else None)
    if f.question.isdigit():
        rows = rows.filter(question=int(f.question))
    if f.via in ("door", "self"):
        rows = rows.filter(via=f.via)
    if f.answered in ("yes", "no"):
        rows = rows.exclude(reply="") if f.answered == "yes" else rows.filter(reply="")
    return rows


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def groups(row: Round) -> list[Group]:
    """Living groups with how many words lie in each (``n``), the largest first. One question."""
    rows = Group.objects.filter(district_id=row.district_id, round=row, merged_into=None).select_related("matter")
    made: list[Group] = []
    for group in rows.annotate(held=Count("opinions")):
        group.n = group.held
        made.append(group)
    return sorted(made, key=lambda g: (-g.n, g.pk))


def group(row: Round, group_id: uuid.UUID) -> Group:
    rows = Group.objects.filter(district_id=row.district_id, round=row, pk=group_id)
    return the_one(rows.select_related("matter", "merged_into"), _("没有这一组。"))


def opinion(row: Round, opinion_id: uuid.UUID) -> Opinion:
    return the_one(words(row).filter(pk=opinion_id), _("没有找到这条意见。"))


@dataclass(frozen=True)
class Cluster:
    """Words that the machine finds alike: with one another, or with a group that is there."""

    key: uuid.UUID
    group: Group | None
    opinions: list[Opinion]
    percent: int


def clusters(row: Round, most: int = 20) -> list[Cluster]:
    """What the machine suggests and nobody has answered yet, the largest first."""
    rows = Hint.objects.filter(district_id=row.district_id, round=row, refused=False, opinion__group=None)
    found: dict[uuid.UUID, list[Hint]] = {}
    for hint in rows.select_related("opinion", "group").order_by("-percent", "pk")[:2000]:
        found.setdefault(hint.cluster, []).append(hint)
    made = [
        Cluster(k, hints[0].group, [h.opinion for h in hints], min(h.percent for h in hints))
        for k, hints in found.items() if hints[0].group or len(hints) > 1
    ]  # fmt: skip
    return sorted(made, key=lambda c: (-len(c.opinions), c.key))[:most]


# ── one's own ───────────────────────────────────────────────────────────────────────────────────────────────────
def of_receipt(text: str) -> Opinion | None:
    """The words that a receipt stands for, None where there are none; ValueError where it is no receipt."""
    receipt, district_id = codes.read_receipt(text)
    return _whole(Opinion.objects.filter(district_id=district_id, receipt_hash=receipt_hash(receipt))).first()


def receipt_hash(receipt: str) -> str:
    return crypto.hash_secret(receipt, "opinion-round")


def mine(actor: Actor, limit: int = 30) -> list[Opinion]:
    if actor.user_id is None:
        return []
    rows = Opinion.objects.filter(district_id=actor.district_id or 0, author_id=actor.user_id)
    return list(_whole(rows).order_by("-pk")[:limit])


def _whole(rows: QuerySet[Opinion]) -> QuerySet[Opinion]:
    return rows.select_related("round", "group__matter")


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Line:
    """One group of the published result."""

    title: str
    count: int
    matter: Matter | None
    said: list[str]

    @property
    def matter_title(self) -> str:
        """For everybody: masked."""
        return masks.title(self.matter.text) if self.matter else ""


@dataclass(frozen=True)
class Result:
    """Counts by group; groups below ``SMALL`` are added up and neither named nor quoted."""

    lines: list[Line]
    others: int
    small: int
    loose: int
    total: int


def result(row: Round, quotes: int = 3) -> Result:
    """The published result. Three questions however many groups there are."""
    made = groups(row)
    large = [g for g in made if g.n >= SMALL]
    said: dict[Any, list[str]] = {}
    rows = words(row).filter(group__in=large, quiet=False, erased_at=None).order_by("pk")
    for group_id, text in rows.values_list("group_id", "text")[:3000]:
        if len(said.setdefault(group_id, [])) < quotes:
            said[group_id].append(masks.excerpt(text))
    total = words(row).count()
    small = [g for g in made if 0 < g.n < SMALL]
    grouped = sum(g.n for g in made)
    lines = [Line(masks.mask(g.title), g.n, open_matter(g.matter), said.get(g.pk, [])) for g in large]
    return Result(lines, sum(g.n for g in small), len(small), total - grouped, total)


def hosted(actor: Actor, matters: Iterable[Matter | None]) -> set[uuid.UUID]:
    """Those of some matters over which the actor convenes."""
    return {m.pk for m in matters if m is not None and actor.over(duties.CONVENE, m.scope_path) is not None}


def open_matter(matter: Matter | None) -> Matter | None:
    return matter if matter is not None and not matter.confidential else None
