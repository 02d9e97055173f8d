"""Who looks at which reports and services, and the figures counted from them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, Tree, tree
from linli.kit import codes
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound
from linli.offices.checkins.models import CheckIn, Item, Service, ServiceState, Sign, Summary, UnitReport, UnitState

REPORTING = ("unit", "department", "social", "party")  # bodies whose people report
KEEPS = duties.VERIFY  # whose places' reports one keeps: communities, streets, the district


def _under(paths: tuple[str, ...]) -> Q:
    inside = Q(pk__in=[])
    for path in paths:
        low, high = subtree(path)
        inside |= Q(scope_path__gte=low, scope_path__lt=high)
    return inside


def may_keep(actor: Actor, path: str) -> bool:
    return actor.over(KEEPS, path) is not None


def communities(actor: Actor) -> list[Node]:
    """The communities whose reports the actor keeps, in the order of the tree."""
    if actor.district_id is None:
        return []
    known = tree(actor.district_id)
    paths = actor.paths(KEEPS)
    found = [n for n in known.by_path.values() if n.level == "community" and not n.generic and n.path.startswith(paths)]
    return sorted(found, key=lambda n: n.path) if paths else []


def community(actor: Actor, code: str) -> Node:
    """One of them; any other is not there."""
    node = tree(actor.district_id).by_code.get(code) if actor.district_id else None
    if node is None or node.level != "community" or not may_keep(actor, node.path):
        raise NotFound(_("没有这个社区。"))
    return node


# ── of mine ─────────────────────────────────────────────────────────────────────────────────────────────────────
def mine(actor: Actor) -> list[CheckIn]:
    """My own reports that stand."""
    rows = CheckIn.objects.filter(_me(actor), district_id=actor.district_id or 0, ended_on=None)
    return list(rows.select_related("place", "organisation", "person").order_by("id"))


def _me(actor: Actor) -> Q:
    me = Q(pk__in=[])
    if actor.user_id is not None:
        me |= Q(user_id=actor.user_id)
    if actor.person_id is not None:
        me |= Q(person_id=actor.person_id)
    return me


def is_me(actor: Actor, row: CheckIn) -> bool:
    return (row.user_id is not None and row.user_id == actor.user_id) or (
        actor.person_id is not None and row.person_id == actor.person_id
    )


def my_checkin(actor: Actor, checkin_id: uuid.UUID) -> CheckIn:
    found = next((row for row in mine(actor) if row.pk == checkin_id), None)
    if found is None:
        raise NotFound(_("没有这次报到。"))
    return found


def my_services(actor: Actor) -> QuerySet[Service]:
    rows = CheckIn.objects.filter(_me(actor), district_id=actor.district_id or 0)
    return Service.objects.filter(district_id=actor.district_id or 0, checkin__in=rows).select_related("checkin__place")


def my_service(actor: Actor, service_id: uuid.UUID) -> Service:
    return the_one(my_services(actor).filter(pk=service_id), _("没有这次服务。"), lock=True)


@dataclass(frozen=True)
class Total:
    """What one has had certified."""

    services: int
    minutes: int

    @property
    def words(self) -> str:
        return hours(self.minutes)


def hours(minutes: int) -> str:
    """2 小时 30 分: whole numbers, no rounding up."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return _("%d 分钟") % rest
    return _("%(h)d 小时 %(m)d 分") % {"h": whole, "m": rest} if rest else _("%d 小时") % whole


def total(rows: QuerySet[Service]) -> Total:
    found = rows.filter(state=ServiceState.CERTIFIED).aggregate(n=Count("id"), m=Sum("minutes"))
    return Total(found["n"], found["m"] or 0)


# ── what a community offers ─────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Offered:
    """One item with how many took it."""

    item: Item
    taken: int

    @property
    def left(self) -> int:
        return max(0, self.item.needed - self.taken)


def items(district_id: int, place_ids: list[uuid.UUID]) -> list[Offered]:
    """Open items of these communities, newest first; two queries."""
    rows = Item.objects.filter(district_id=district_id, place_id__in=place_ids, closed_at=None).select_related("place")
    found = list(rows.order_by("-id")[:200])
    taken = dict(
        Service.objects.filter(district_id=district_id, item__in=found)
        .filter(state__in=[ServiceState.CHOSEN, ServiceState.STARTED])
        .values_list("item_id")
        .annotate(n=Count("id"))
    )
    return [Offered(item, taken.get(item.pk, 0)) for item in found]


def open_item(district_id: int, item_id: uuid.UUID, *, lock: bool = False) -> Item:
    rows = Item.objects.filter(district_id=district_id, pk=item_id, closed_at=None)
    return the_one(rows, _("没有这一项，或者已经收了。"), lock=lock)


def sign_of(code: str) -> tuple[Sign, Node] | None:
    """The community behind a printed code; None for a code that is none or was replaced."""
    try:
        canonical, district_id = codes.read_code(code, "post")
    except ValueError:
        return None
    sign = Sign.objects.filter(district_id=district_id, code=canonical, ended_at=None).first()
    node = tree(district_id).by_id.get(sign.place_id) if sign else None
    return (sign, node) if sign and node else None


# ── what the community keeps ────────────────────────────────────────────────────────────────────────────────────
def waiting(actor: Actor, node: Node | None = None) -> QuerySet[Service]:
    """Services that wait to be certified, oldest first; one's own are certified by another."""
    paths = (node.path,) if node else actor.paths(KEEPS)
    rows = Service.objects.filter(_under(paths), district_id=actor.district_id or 0, state=ServiceState.DONE)
    rows = rows.exclude(checkin__user_id=actor.user_id) if actor.user_id else rows
    rows = rows.exclude(checkin__person_id=actor.person_id) if actor.person_id else rows
    return rows.select_related("checkin__person", "checkin__organisation", "checkin__place").order_by("id")


def kept_service(actor: Actor, service_id: uuid.UUID, *, lock: bool = False) -> Service:
    rows = Service.objects.filter(_under(actor.paths(KEEPS)), district_id=actor.district_id or 0, pk=service_id)
    rows = rows.select_related("checkin")
    return the_one(rows, _("没有这次服务。"), lock=lock)


def members(district_id: int, node: Node) -> QuerySet[CheckIn]:
    rows = CheckIn.objects.filter(district_id=district_id, place_id=node.id, ended_on=None)
    return rows.select_related("person", "organisation")


def units(actor: Actor, node: Node | None = None) -> QuerySet[UnitReport]:
    """Reports of units: to the actor's communities, or of the actor's own unit."""
    inside = Q(place_id=node.id) if node else _under(actor.paths(KEEPS)) | Q(organisation__in=actor.organisation_ids)
    rows = UnitReport.objects.filter(inside, district_id=actor.district_id or 0)
    return rows.exclude(state=UnitState.ENDED).select_related("organisation", "place").order_by("id")


def unit_report(actor: Actor, report_id: uuid.UUID, *, lock: bool = False) -> UnitReport:
    rows = units(actor).filter(pk=report_id)
    return the_one(rows, _("没有这次报到。"), lock=lock)


@dataclass(frozen=True)
class Line:
    """One community's figures, each counted from rows."""

    node: Node
    units: int
    by_unit: int
    by_home: int
    services: int
    minutes: int
    waiting: int

    @property
    def hours(self) -> str:
        return hours(self.minutes)


def figures(known: Tree, nodes: list[Node]) -> list[Line]:
    """Figures of communities in the order of the tree: a list of places, no table of the best. Three queries."""
    mine: dict[str, Any] = {"district_id": known.district.id}
    ids = {n.id for n in nodes}
    units_of = dict(
        UnitReport.objects.filter(**mine, state=UnitState.AGREED).values_list("place_id").annotate(n=Count("id"))
    )
    people: dict[Any, int] = defaultdict(int)
    for place, how, n in (
        CheckIn.objects.filter(**mine, ended_on=None).values_list("place_id", "how").annotate(n=Count("id"))
    ):
        people[place, how] = n
    served: dict[Any, tuple[int, int]] = {}
    rows = Service.objects.filter(**mine, state__in=[ServiceState.CERTIFIED, ServiceState.DONE])
    grouped = rows.values_list("checkin__place_id", "state").annotate(n=Count("id"), m=Sum("minutes"))
    for place, state, n, m in grouped:
        served[place, state] = (n, m)
    nothing = (0, 0)
    return [
        Line(n, units_of.get(n.id, 0), people[n.id, "unit"], people[n.id, "home"],
             *served.get((n.id, ServiceState.CERTIFIED), nothing), served.get((n.id, ServiceState.DONE), nothing)[0])
        for n in nodes if n.id in ids
    ]  # fmt: skip


def counted(
    district_id: int, organisation_id: uuid.UUID, place_id: uuid.UUID, since: date, until: date
) -> dict[str, Any]:
    """What a summary says: members of the unit here, services and minutes certified in the period, by what it was."""
    rows = Service.objects.filter(
        district_id=district_id, checkin__organisation_id=organisation_id, checkin__place_id=place_id,
        state=ServiceState.CERTIFIED, on__gte=since, on__lte=until,
    )  # fmt: skip
    parts = [
        {"what": what, "services": n, "minutes": m}
        for what, n, m in rows.values_list("what").annotate(n=Count("id"), m=Sum("minutes")).order_by("what")
    ]
    there = CheckIn.objects.filter(district_id=district_id, organisation_id=organisation_id, place_id=place_id)
    stood = there.filter(at__date__lte=until).filter(Q(ended_on=None) | Q(ended_on__gt=since))
    return {
        "members": stood.values("person_id").distinct().count(),
        "served": rows.values("checkin__person_id").distinct().count(),
        "services": sum(p["services"] for p in parts), "minutes": sum(p["minutes"] for p in parts), "parts": parts,
    }  # fmt: skip


def summaries(actor: Actor) -> QuerySet[Summary]:
    """Of the actor's communities, or about the actor's own unit."""
    inside = _under(actor.paths(KEEPS)) | Q(organisation__in=actor.organisation_ids)
    rows = Summary.objects.filter(inside, district_id=actor.district_id or 0)
    return rows.select_related("organisation", "place").order_by("-id")


def summary_by_code(typed: str) -> Summary | None:
    """For everybody: the summary behind a code, whatever it is typed like."""
    try:
        canonical, district_id = codes.read_code(typed, "thing")
    except ValueError:
        return None
    rows = Summary.objects.filter(district_id=district_id, code=canonical)
    return rows.select_related("organisation", "place").first()
