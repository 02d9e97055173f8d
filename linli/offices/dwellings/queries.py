"""Who may look at which dwellings, coverage counted by dwelling, and units that nobody answers for."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node, Tree, tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound
from linli.offices.dwellings.models import Survey, UnitDuty, Welcome, WelcomeState

ROLES = ("community_secretary", "community_worker", "street_cadre", "street_leader", "department_officer",
         "grid_worker", "quarter_secretary")  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """The district's own way: what it is called, who may answer for a unit, how long a look holds, a welcome's days."""

    title: str
    roles: tuple[str, ...]
    valid_months: int
    welcome_days: int

    def fresh_since(self, now: datetime) -> datetime:
        """A look older than this counts no longer."""
        return now - timedelta(days=self.valid_months * 30)


def plan(known: Tree) -> Plan:
    data: dict[str, Any] = known.district.settings.get("dwellings") or {}
    return Plan(data.get("title") or _("分包单元"), tuple(data.get("roles") or ROLES), data.get("valid_months", 12),
                data.get("welcome_days", 7))  # fmt: skip


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────
def standing(district_id: int, day: date | None = None) -> QuerySet[UnitDuty]:
    """Duties of today: whose post has ended answers for nothing any more."""
    on = day or timezone.localdate()
    term, post = Q(since__lte=on) & (Q(until=None) | Q(until__gt=on)), Q(post__until=None) | Q(post__until__gt=on)
    rows = UnitDuty.objects.filter(term, post, district_id=district_id)
    return rows.select_related("post__person", "post__organisation")


def my_units(actor: Actor) -> list[UnitDuty]:
    """Units that I answer for."""
    if actor.district_id is None:
        return []
    return list(standing(actor.district_id).filter(post_id__in=actor.post_ids).order_by("scope_path"))


def surveys_over(actor: Actor, path: str) -> bool:
    return actor.over(duties.RECORD, path) is not None


def unit(actor: Actor, code: str) -> Node:
    """A unit that the actor surveys: under his post, or his own duty; any other is not there."""
    node = tree(actor.district_id).by_code.get(code) if actor.district_id else None
    if node is None or node.level != "unit" or not may_survey(actor, node):
        raise NotFound(_("没有这个单元。"))
    return node


def may_survey(actor: Actor, node: Node) -> bool:
    if surveys_over(actor, node.path):
        return True
    rows = standing(actor.district_id or 0).filter(unit_id=node.id, post_id__in=actor.post_ids)
    return actor.district_id is not None and rows.exists()


def looks_over(actor: Actor, node: Node) -> bool:
    return actor.over(duties.STATS, node.path) is not None and actor.over(duties.SEE, node.path) is not None


def quarters(actor: Actor) -> list[Node]:
    """Quarters whose coverage the actor looks at, in the order of the tree."""
    known = tree(actor.district_id or 0)
    paths = tuple(p for p in actor.paths(duties.STATS) if actor.over(duties.SEE, p) is not None)
    found = [n for n in known.by_path.values() if n.level == "quarter" and not n.generic and n.path.startswith(paths)]
    return sorted(found, key=lambda n: n.path) if paths else []


def quarter(actor: Actor, code: str) -> Node:
    node = tree(actor.district_id).by_code.get(code) if actor.district_id else None
    if node is None or node.level != "quarter" or not looks_over(actor, node):
        raise NotFound(_("没有这个小区。"))
    return node


# ── coverage ────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Cover:
    """What is known of some dwellings: the denominator is every dwelling on file, surveyed or not."""

    dwellings: int = 0
    surveyed: int = 0
    owner: int = 0
    rented: int = 0
    vacant: int = 0
    units: int = 0
    without: list[Node] = field(default_factory=list)  # units that nobody answers for
    blank: list[Node] = field(default_factory=list)  # units whose dwellings are not on file

    @property
    def left(self) -> int:
        return self.dwellings - self.surveyed

    @property
    def share(self) -> str:
        """One decimal, cut and not rounded, so that 100 % is only said of all."""
        if not self.dwellings:
            return "—"
        tenths = self.surveyed * 1000 // self.dwellings
        return f"{tenths // 10}.{tenths % 10} %"

    def add(self, other: Cover) -> None:
        for name in ("dwellings", "surveyed", "owner", "rented", "vacant", "units"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.without += other.without
        self.blank += other.blank


def covers(known: Tree, roots: Sequence[Node], now: datetime | None = None) -> dict[uuid.UUID, Cover]:
    """Coverage of every unit, building and root under ``roots``, in the order of the tree. Three queries."""
    if not roots:
        return {}
    inside = _units(known, roots)
    low, high = roots[0].path, subtree(roots[-1].path)[1]
    homes = Dwelling.objects.filter(district_id=known.district.id, place__path__gte=low, place__path__lt=high)
    counts = dict(homes.order_by().values_list("place_id").annotate(n=Count("id")))
    looked: dict[Any, dict[str, int]] = defaultdict(dict)
    fresh = plan(known).fresh_since(now or timezone.now())
    rows = Survey.objects.filter(district_id=known.district.id, latest=True, scope_path__gte=low, scope_path__lt=high)
    for place, status, n in (
        rows.filter(at__gte=fresh).order_by().values_list("unit_id", "status").annotate(n=Count("id"))
    ):
        looked[place][status] = n
    held = standing(known.district.id).filter(scope_path__gte=low, scope_path__lt=high)
    answered = set(held.values_list("unit_id", flat=True))
    made: dict[uuid.UUID, Cover] = defaultdict(Cover)
    for node in inside:
        own = _of_unit(node, counts.get(node.id, 0), looked.get(node.id, {}), node.id in answered)
        for above in known.chain(node):
            made[above.id].add(own)
    return dict(made)


def _units(known: Tree, roots: Iterable[Node]) -> list[Node]:
    paths = tuple(n.path for n in roots)
    return [n for n in known.by_path.values() if n.level == "unit" and n.path.startswith(paths)]


def _of_unit(node: Node, dwellings: int, looked: dict[str, int], answered: bool) -> Cover:
    """``unknown`` was looked at and not found out: it is not surveyed yet."""
    return Cover(
        dwellings, sum(n for status, n in looked.items() if status != "unknown"), looked.get("owner", 0),
        looked.get("rented", 0), looked.get("vacant", 0), 1, [] if answered else [node], [] if dwellings else [node],
    )  # fmt: skip


# ── one unit, floor by floor ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Door:
    """One dwelling on the grid of a unit."""

    id: uuid.UUID
    number: str
    status: str
    name: str
    on: date | None
    fresh: bool


@dataclass(frozen=True)
class Floor:
    name: str
    doors: list[Door]


def floors(known: Tree, node: Node) -> list[Floor]:
    """The unit's dwellings from the top floor down, as the house stands. Two queries."""
    homes = list(Dwelling.objects.filter(district_id=known.district.id, place_id=node.id))
    rows = Survey.objects.filter(district_id=known.district.id, dwelling__in=homes, latest=True)
    latest = {row.dwelling_id: row for row in rows}
    fresh = plan(known).fresh_since(timezone.now())
    by_floor: dict[str, list[Door]] = defaultdict(list)
    for home in sorted(homes, key=lambda h: _order(h.number)):
        by_floor[_floor(home.number)].append(_door(home, latest.get(home.pk), fresh))
    return [Floor(name, doors) for name, doors in sorted(by_floor.items(), key=lambda f: -_number(f[0]))]


def _door(home: Dwelling, row: Survey | None, fresh: datetime) -> Door:
    names = dict(Survey._meta.get_field("status").flatchoices)
    status = row.status if row is not None and row.at >= fresh else ""
    on = timezone.localtime(row.at).date() if row else None
    return Door(home.pk, home.number, status, str(names.get(status, _("没看过"))), on, bool(status))


def _floor(number: str) -> str:
    """302 lies on the third floor, 1702 on the seventeenth; what is no such number stands apart."""
    return number[:-2] if number.isdigit() and len(number) > 2 else ""


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _order(number: str) -> tuple[int, str]:
    return (_number(number), number)


# ── welcomes ────────────────────────────────────────────────────────────────────────────────────────────────────
def welcomes(actor: Actor) -> QuerySet[Welcome]:
    """Of the places one surveys, and of the units one answers for."""
    if actor.district_id is None or not actor.is_staff:
        return Welcome.objects.none()
    inside = Q(unit_id__in=[d.unit_id for d in my_units(actor)])
    for path in actor.paths(duties.RECORD):
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    return Welcome.objects.filter(inside, district_id=actor.district_id).select_related("dwelling", "unit")


def welcome(actor: Actor, welcome_id: uuid.UUID, *, lock: bool = False) -> Welcome:
    rows = welcomes(actor).filter(pk=welcome_id)
    return the_one(rows, _("没有这次欢迎。"), lock=lock)


def to_welcome(actor: Actor, limit: int = 100) -> list[Welcome]:
    """Those that wait, the next due first."""
    return list(welcomes(actor).filter(state=WelcomeState.OPEN).order_by("due_on", "id")[:limit])
