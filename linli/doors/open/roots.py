"""The daily roots and the sheet for the notice board: what anybody can compare with paper."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncDate
from django.http import Http404
from django.utils import timezone

from linli.core.matters.ledger.board import Board, board, explained
from linli.core.matters.ledger.sealing import day_root, on_day
from linli.core.matters.models import Leaf, Seal
from linli.core.places.tree import Node, Tree


@dataclass(frozen=True)
class Day:
    """One day's root; ``seals`` is how often that day was sealed."""

    day: date
    at: datetime
    seals: int
    root: str

    @property
    def groups(self) -> list[str]:
        return [self.root[i : i + 4] for i in range(0, len(self.root), 4)]


@dataclass(frozen=True)
class Month:
    """The sealed days of a month, newest first, and the months beside it that have any."""

    first: date
    days: list[Day]
    before: str
    after: str


def month(district_id: int, first: date) -> Month:
    """The roots of the month that begins on ``first``: two queries, both along the index of seals by time."""
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    low, high = _start(first), on_day(last)["at__lt"]
    rows = Seal.objects.filter(district_id=district_id)
    beside = rows.aggregate(before=Max("at", filter=Q(at__lt=low)), after=Min("at", filter=Q(at__gte=high)))
    of_days = (
        rows.filter(at__gte=low, at__lt=high)
        .annotate(day=TruncDate("at", tzinfo=timezone.get_default_timezone()))
        .values("day")
        .annotate(seals=Count("id"), last=Max("seq"))
    )
    told = {row["last"]: (row["day"], row["seals"]) for row in of_days}
    found = rows.filter(seq__in=list(told)).order_by("-seq")
    days = [Day(told[s.seq][0], s.at, told[s.seq][1], s.root) for s in found]
    return Month(first, days, _month(beside["before"]), _month(beside["after"]))


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def _month(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m}" if at else ""


@dataclass(frozen=True)
class Sheet:
    """A day's root; with a place also the codes of its matters, which is what hangs on that place's board."""

    day: date
    at: datetime
    root: str
    groups: list[str]
    place: Node | None
    board: Board | None
    places: list[tuple[Node, int]]
    explained: list[str]


def sheet(known: Tree, day: date, place: str = "") -> Sheet:
    """The sheet of a day. Without a place it lists the communities that have one; Http404 where nothing was sealed."""
    district_id = known.district.id
    sealed = day_root(district_id, day)
    node = known.by_code.get(place) if place else None
    if sealed is None or (place and node is None):
        raise Http404
    made = board(district_id, day, node.path) if node is not None else None
    groups = [sealed.root[i : i + 4] for i in range(0, len(sealed.root), 4)]
    places = [] if node is not None else _communities(known, day)
    return Sheet(day, sealed.at, sealed.root, groups, node, made, places, explained())


def _communities(known: Tree, day: date) -> list[tuple[Node, int]]:
    """Where something moved that day, and in how many matters: one statement over the day's leaves."""
    rows = Leaf.objects.filter(district_id=known.district.id, **on_day(day, "seal__"))
    counted = rows.values_list("matter__community_id").annotate(n=Count("matter_id", distinct=True))
    found = [(known.by_id[place], n) for place, n in counted if place in known.by_id]
    return sorted(found, key=lambda row: row[0].path)
