"""Who looks at which pairings and visits, the board of quarters, and days against promises."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, Tree, tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound
from linli.offices.pairing.models import Pairing, Visit, VisitState
from linli.offices.pairing.scheme import Promise, Role, Scheme, scheme

PAGE = 30
CHANNEL = "leader"  # 领导走访: the channel of what was found on site
PAST = 6  # periods shown of one pairing


def on_day(district_id: int, day: date) -> QuerySet[Pairing]:
    """Pairings that stand on a day: whose holder's post or unit has ended answers no longer."""
    stands = Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))
    holder = Q(post=None) | Q(post__until=None) | Q(post__until__gt=day)
    unit = Q(organisation=None) | Q(organisation__until=None) | Q(organisation__until__gt=day)
    return Pairing.objects.filter(stands, holder, unit, district_id=district_id)


def _named(rows: QuerySet[Pairing]) -> QuerySet[Pairing]:
    return rows.select_related("post__person", "organisation", "place")


def _mine(actor: Actor) -> Q:
    return Q(post_id__in=actor.post_ids) | Q(organisation_id__in=actor.organisation_ids)


def visible(actor: Actor) -> QuerySet[Pairing]:
    """What lies under a post that reads figures or arranges, and what is my own. A neighbour's days on site are not
    everybody's business: who answers for a place is public, how often they came is for those responsible."""
    if actor.district_id is None or not actor.is_staff:
        return Pairing.objects.none()
    inside = _mine(actor)
    for path in {*actor.paths(duties.STATS), *actor.paths(duties.PAIR)}:
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    return Pairing.objects.filter(inside, district_id=actor.district_id)


def one(actor: Actor, pairing_id: uuid.UUID, *, lock: bool = False) -> Pairing:
    rows = _named(visible(actor)).filter(pk=pairing_id)
    return the_one(rows, _("没有这条包联。"), lock=lock)


def may_open(actor: Actor, pairing: Pairing | None) -> bool:
    """The same for one in hand, without asking the database: a board names whoever answers, and links what opens."""
    if pairing is None or not actor.is_staff:
        return False
    over = (*actor.paths(duties.STATS), *actor.paths(duties.PAIR))
    return pairing.scope_path.startswith(over) or is_holder(actor, pairing)


def is_holder(actor: Actor, pairing: Pairing) -> bool:
    return pairing.post_id in actor.post_ids or pairing.organisation_id in actor.organisation_ids


def mine(actor: Actor, day: date | None = None) -> list[Pairing]:
    """The places that I, or my unit, answer for today."""
    if actor.district_id is None:
        return []
    rows = on_day(actor.district_id, day or timezone.localdate()).filter(_mine(actor))
    return list(_named(rows).order_by("scope_path", "role"))


def mine_exists(actor: Actor) -> bool:
    rows = Pairing.objects.filter(_mine(actor), district_id=actor.district_id or 0, until=None)
    return rows.exists()


def of_mine(actor: Actor, pairing_id: uuid.UUID) -> Pairing:
    """One that is my own to visit; anybody else's is not there."""
    rows = _named(Pairing.objects.filter(_mine(actor), district_id=actor.district_id or 0)).filter(pk=pairing_id)
    found = rows.first() if actor.district_id else None
    if found is None:
        raise NotFound(_("没有这条包联。"))
    return found


def visits(actor: Actor) -> QuerySet[Visit]:
    """Visits of pairings that the actor sees."""
    rows = Visit.objects.filter(district_id=actor.district_id or 0, pairing__in=visible(actor))
    return rows.select_related("pairing__post__person", "pairing__organisation", "by", "place", "matter")


def visit(actor: Actor, visit_id: uuid.UUID, *, lock: bool = False) -> Visit:
    rows = visits(actor).filter(pk=visit_id)
    return the_one(rows, _("没有这次走访。"), lock=lock)


def waiting(actor: Actor, limit: int = 50) -> list[Visit]:
    """Visits that wait for the word of the community."""
    if actor.district_id is None or not actor.paths(duties.VERIFY):
        return []
    inside = Q()
    for path in actor.paths(duties.VERIFY):
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    rows = Visit.objects.filter(inside, district_id=actor.district_id, state=VisitState.LOGGED)
    rows = rows.select_related("pairing__post__person", "pairing__organisation", "by", "place", "matter")
    return [v for v in rows.order_by("-id")[:limit] if not is_holder(actor, v.pairing)]


def visit_of(matter_id: uuid.UUID, actor: Actor) -> Visit | None:
    """The visit that a matter was found on, for whoever sees the pairing."""
    return visits(actor).filter(matter_id=matter_id).first()


# ── days against promises ───────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Kept:
    """One promise in one period: how much was said, logged, and seen by the community. Never a rank of anybody."""

    promise: Promise
    first: date
    after: date
    logged: int = 0
    seen: int = 0

    @property
    def last(self) -> date:
        return self.after - timedelta(days=1)

    @property
    def short(self) -> int:
        return max(0, self.promise.count - self.logged)

    @property
    def words(self) -> str:
        amount = self.promise.amount
        return _("到了 %(n)s，说好 %(of)s") % {"n": amount(self.logged), "of": amount(self.promise.count)}


def kept(pairings: Sequence[Pairing], day: date) -> dict[uuid.UUID, Kept]:
    """Each pairing's promise in the period of ``day``; one query for all. Days count once, visits each."""
    made = {p.pk: _empty(Promise.read(p.promise), day) for p in pairings if p.promise}
    if not made:
        return {}
    first, after = min(k.first for k in made.values()), max(k.after for k in made.values())
    posts = {p.post_id for p in pairings if p.post_id}
    units = {p.organisation_id for p in pairings if p.organisation_id}
    rows = Visit.objects.filter(district_id=pairings[0].district_id, on__gte=first, on__lt=after).filter(
        Q(pairing__post_id__in=posts) | Q(pairing__organisation_id__in=units)
    )
    told = rows.exclude(state=VisitState.UNSEEN).values_list(
        "pairing_id", "pairing__role", "pairing__post_id", "pairing__organisation_id", "on", "state", "id"
    )
    by_place: dict[Any, list[tuple[date, str, uuid.UUID]]] = defaultdict(list)
    by_holder: dict[Any, list[tuple[date, str, uuid.UUID]]] = defaultdict(list)
    for pairing_id, role, post, unit, on, state, key in told:
        by_place[pairing_id].append((on, state, key))
        by_holder[role, post, unit].append((on, state, key))
    for pairing in pairings:
        if pairing.pk in made:
            k = made[pairing.pk]
            _count(k, by_holder[pairing.who] if k.promise.by == "holder" else by_place[pairing.pk])
    return made


def _empty(promise: Promise, day: date) -> Kept:
    return Kept(promise, *promise.period(day))


def _count(k: Kept, rows: Iterable[tuple[date, str, uuid.UUID]]) -> None:
    inside = [row for row in rows if k.first <= row[0] < k.after]
    what = 0 if k.promise.of == "days" else 2
    k.logged = len({row[what] for row in inside})
    k.seen = len({row[what] for row in inside if row[1] == VisitState.SEEN})


def past(pairing: Pairing, day: date | None = None) -> list[Kept]:
    """The last periods of one pairing, newest first; what lies before the first visit anybody logged says nothing."""
    out: list[Kept] = []
    same = (
        Q(pairing__post_id=pairing.post_id) if pairing.post_id else Q(pairing__organisation_id=pairing.organisation_id)
    )
    began = Visit.objects.filter(same, district_id=pairing.district_id).aggregate(first=Min("on"))["first"]
    at = day or timezone.localdate()
    for _each in range(PAST if pairing.promise else 0):
        found = kept([pairing], at)[pairing.pk]
        if found.after <= pairing.since or (out and (began is None or found.after <= began)):
            break
        out.append(found)
        at = found.first - timedelta(days=1)
    return out


# ── the board ───────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Asked:
    """What the address of the board says."""

    place: str = ""
    role: str = ""
    lack: str = ""  # "any", "none", or a role that is missing
    q: str = ""
    cursor: str = ""
    day: date = field(default_factory=timezone.localdate)


@dataclass(frozen=True)
class Seat:
    """One role of one quarter: who is there, how many are missing, and the place where it is assigned."""

    role: Role
    at: Node | None
    held: list[tuple[Pairing, Kept | None]]
    missing: int


@dataclass(frozen=True)
class Row:
    """One quarter."""

    node: Node
    where: str
    seats: list[Seat]

    @property
    def missing(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.missing]


@dataclass(frozen=True)
class Board:
    """A page of quarters, and how many of all of them are complete."""

    scheme: Scheme
    rows: list[Row]
    next: str | None
    total: int
    whole: int  # quarters that lack nobody
    bare: int  # quarters where nobody answers in any role
    lacking: dict[str, int]  # role → quarters that lack it


def board(actor: Actor, asked: Asked) -> Board:
    """Every quarter of the actor's places with its people; what is missing is counted over all of them."""
    known = tree(actor.district_id or 0)
    plan = scheme(known)
    quarters = _quarters(actor, known)
    held = _held_counts(known, asked.day)
    lacks = {n.id: _lacks(known, plan, n, held) for n in quarters}
    tally = {role.code: sum(1 for found in lacks.values() if role.code in found) for role in plan.roles}
    bare = sum(1 for found in lacks.values() if plan.roles and len(found) == len(plan.roles))
    chosen = [n for n in quarters if _fits(n, asked, known, plan, lacks[n.id])]
    after = [n for n in chosen if n.path > asked.cursor] if asked.cursor else chosen
    shown = after[:PAGE]
    rows = _rows(known, plan, shown, asked)
    more = shown[-1].path if len(after) > PAGE else None
    return Board(plan, rows, more, len(quarters), sum(1 for f in lacks.values() if not f), bare, tally)


def everything(actor: Actor, asked: Asked) -> Iterable[Row]:
    """The whole board in the same order and under the same filters, a page at a time: for the export."""
    known = tree(actor.district_id or 0)
    plan = scheme(known)
    held = _held_counts(known, asked.day)
    chosen = [n for n in _quarters(actor, known) if _fits(n, asked, known, plan, _lacks(known, plan, n, held))]
    for start in range(0, len(chosen), 200):
        yield from _rows(known, plan, chosen[start : start + 200], asked)


def _quarters(actor: Actor, known: Tree) -> list[Node]:
    """Quarters under a post of the actor's, in the order of the tree; towns outside the counts have none."""
    paths = (*actor.paths(duties.STATS), *actor.paths(duties.PAIR)) or ("~",)
    found = [n for n in known.by_path.values() if n.level == "quarter" and not n.generic and n.path.startswith(paths)]
    return sorted(found, key=lambda n: n.path)


def _held_counts(known: Tree, day: date) -> dict[tuple[uuid.UUID, str], int]:
    counts: dict[tuple[uuid.UUID, str], int] = defaultdict(int)
    for place, role in on_day(known.district.id, day).values_list("place_id", "role").iterator(chunk_size=2000):
        counts[place, role] += 1
    return counts


def _lacks(known: Tree, plan: Scheme, quarter: Node, held: dict[tuple[uuid.UUID, str], int]) -> dict[str, int]:
    out = {}
    for role in plan.roles:
        at = plan.seat(known, quarter, role)
        missing = role.least - (held.get((at.id, role.code), 0) if at else 0)
        if missing > 0:
            out[role.code] = missing
    return out


def _fits(node: Node, asked: Asked, known: Tree, plan: Scheme, lack: dict[str, int]) -> bool:
    place = known.by_code.get(asked.place) if asked.place else None
    if place is not None and not node.path.startswith(place.path):
        return False
    if asked.q and asked.q not in known.full_name(node, below="street"):
        return False
    if asked.lack == "any":
        return bool(lack)
    if asked.lack == "none":
        return not lack
    if asked.lack == "all":
        return len(lack) == len(plan.roles)
    return not asked.lack or asked.lack in lack


def _rows(known: Tree, plan: Scheme, quarters: Sequence[Node], asked: Asked) -> list[Row]:
    seats = {(n.id, role.code): plan.seat(known, n, role) for n in quarters for role in plan.roles}
    places = {at.id for at in seats.values() if at is not None}
    found = on_day(known.district.id, asked.day).filter(place_id__in=places)
    if asked.role:
        found = found.filter(role=asked.role)
    pairings = list(_named(found).order_by("scope_path", "since", "id"))
    promised = kept(pairings, asked.day)
    by_seat: dict[tuple[uuid.UUID, str], list[Pairing]] = defaultdict(list)
    for pairing in pairings:
        by_seat[pairing.place_id, pairing.role].append(pairing)
    roles = [r for r in plan.roles if asked.role in ("", r.code)]
    return [Row(n, _above(known, n), [_seat(r, seats[n.id, r.code], by_seat, promised) for r in roles])
            for n in quarters]  # fmt: skip


def _above(known: Tree, node: Node) -> str:
    return " ".join(n.name for n in known.chain(node)[1:-1])


def _seat(
    role: Role, at: Node | None, by_seat: dict[tuple[uuid.UUID, str], list[Pairing]], promised: dict[uuid.UUID, Kept]
) -> Seat:
    held = by_seat.get((at.id, role.code), []) if at else []
    return Seat(role, at, [(p, promised.get(p.pk)) for p in held], max(0, role.least - len(held)))


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Public:
    """What hangs at the gate: the role, who, from when, and what they promised."""

    role: str
    place: str
    name: str
    title: str
    since: date
    promise: str


def public_of(known: Tree, node: Node) -> list[Public]:
    """Who pairs with a place: at its own level and every one above, in the scheme's order."""
    plan = scheme(known)
    if not plan.roles:
        return []
    chain = {n.id: n for n in known.chain(node)}
    rows = _named(on_day(known.district.id, timezone.localdate()).filter(place_id__in=chain))
    order = {role.code: index for index, role in enumerate(plan.roles)}
    found = sorted(rows, key=lambda p: (order.get(p.role, 99), p.since, p.pk))
    return [
        Public(role.name, chain[p.place_id].name, p.holder, p.title, p.since, Promise.read(p.promise).words())
        for p in found
        if (role := plan.role(p.role)) is not None
    ]
