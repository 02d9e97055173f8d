"""Counting the cells again from the matters themselves: after an import, and as the check that nothing drifted.

What the cells must hold is at every moment *the matters' rows less the deltas not folded yet*; one statement tells
both from one snapshot, so a recount needs no quiet hour. Memory grows with the places and values of one month, not
with the matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import ExtractHour, TruncDate, TruncMonth
from django.utils import timezone

from linli.core.matters import figures
from linli.core.matters.models import Delta, Matter
from linli.core.matters.models.figures import Figure, Folding, Spread
from linli.core.matters.stats import spread
from linli.core.matters.stats.cells import DIMS, Fact, Key, Sums, only_writer, write_new
from linli.core.matters.stats.period import DAY, MONTH, YEAR, after, start_of
from linli.core.matters.stats.rows import COUNTS, Seconds, counts, delta_key, key_of, opened, place_key
from linli.core.places.tree import Tree, tree

_NEGATIVE = {f"c{i}": Sum(name) * -1 for i, name in enumerate(COUNTS)}
LISTED = 200  # a check lists so many differences and says how many more there are


def rebuild(district_id: int) -> None:
    """Count all cells of a district anew. Acts go on meanwhile; only folding waits."""
    with only_writer(district_id) as lock:
        if lock is not None:
            recount(lock)


def recount(lock: Folding) -> None:
    """``rebuild`` for a caller that already is the only writer."""
    district_id = lock.district_id
    Figure.objects.filter(district_id=district_id).delete()
    Spread.objects.filter(district_id=district_id).delete()
    for year, months in groupby(_months(district_id), key=lambda month: month.year):
        for month in months:
            write_new(district_id, _month(district_id, month))
        for sums in _years(district_id, year):
            write_new(district_id, sums)
    lock.formula, lock.rebuilt_at = figures.FORMULA, timezone.now()
    lock.save(update_fields=["formula", "rebuilt_at"])


def check(district_id: int) -> list[str]:
    """What differs between the cells and a recount; empty where all is well."""
    found: list[str] = []
    with only_writer(district_id) as lock:
        if lock is not None and lock.formula != figures.FORMULA:
            found.append(f"formula: {lock.formula}, {figures.FORMULA}")
        for year, months in groupby(_months(district_id), key=lambda month: month.year):
            for month in months:
                held = _stored(district_id, (DAY, MONTH), month, after(month, MONTH))
                found += _differences(district_id, held, _month(district_id, month))
            held = _stored(district_id, (YEAR,), date(year, 1, 1), date(year + 1, 1, 1))
            told = Sums()
            for sums in _years(district_id, year):
                told.counts.update(sums.counts)
                told.spreads.update(sums.spreads)
            found += _differences(district_id, held, told)
    more = len(found) - LISTED
    return [*found[:LISTED], f"… +{more}"] if more > 0 else found


def _months(district_id: int) -> list[date]:
    """Every month that rows, deltas or cells know of."""
    rows = Matter.objects.filter(district_id=district_id).annotate(m=TruncMonth("opened_at"))
    months = {at.date() for at in rows.values_list("m", flat=True).distinct()}
    for model in (Delta, Figure, Spread):
        days = model._base_manager.filter(district_id=district_id).values_list("day", flat=True).distinct()
        months |= {day.replace(day=1) for day in days}
    return sorted(months)


def _month(district_id: int, month: date) -> Sums:
    """What the cells of a month and its days must hold."""
    told, places = Sums(), tree(district_id)
    for dim in DIMS:
        for place_id, day, value, *counted in _counted(places, month, dim):
            for grain, first in ((DAY, day), (MONTH, month)):
                told.count(Key(dim, grain, first, place_id, value), counted)
    for *cut, times in _lengths(places, month).iterator(chunk_size=2000):
        fact = Fact._make(cut)
        told.add_seconds(fact, spread.bucket(fact.seconds or 0), times, (DAY, MONTH))
    return told


def _rows(places: Tree, month: date) -> QuerySet[Matter]:
    asked = opened([(start_of(month), start_of(after(month, MONTH)))])
    return Matter.objects.filter(asked, district_id=places.district.id)


def _deltas(places: Tree, month: date) -> QuerySet[Delta]:
    return Delta.objects.filter(district_id=places.district.id, day__gte=month, day__lt=after(month, MONTH))


def _counted(places: Tree, month: date, dim: str) -> QuerySet[Any, Any]:
    rows = _rows(places, month).values(p=place_key(places), d=TruncDate("opened_at"), v=key_of(dim, places))
    deltas = _deltas(places, month).values(p=F("place_id"), d=F("day"), v=delta_key(dim)).annotate(**_NEGATIVE)
    return rows.annotate(**counts()).union(deltas, all=True).values_list("p", "d", "v", *_NEGATIVE)


def _lengths(places: Tree, month: date) -> QuerySet[Any, Any]:
    """Every length of a result with its cuts, and how often."""
    cuts = {"k": F("kind"), "c": F("channel"), "s": F("state")}
    rows = (
        _rows(places, month).filter(verified_at__isnull=False)
        .values(p=place_key(places), d=TruncDate("opened_at"), h=ExtractHour("opened_at"), **cuts, t=Seconds())
        .annotate(n=Count("id"))
    )  # fmt: skip
    deltas = (
        _deltas(places, month).filter(seconds__isnull=False)
        .values(p=F("place_id"), d=F("day"), h=F("hour"), **cuts, t=F("seconds"))
        .annotate(n=Sum("sign") * -1)
    )  # fmt: skip
    return rows.union(deltas, all=True).values_list("p", "d", "h", "k", "c", "s", "t", "n")


def _years(district_id: int, year: int) -> Iterator[Sums]:
    """What the cells of a year must hold, place by place, from its months as they are written."""
    first, last = date(year, 1, 1), date(year + 1, 1, 1)
    places: set[Any] = set()
    for model in (Figure, Spread):
        rows = model._base_manager.filter(district_id=district_id, grain=MONTH, day__gte=first, day__lt=last)
        places |= set(rows.values_list("place_id", flat=True).distinct())
    for place_id in sorted(places):
        months = _stored(district_id, (MONTH,), first, last, place_id=place_id)
        told = Sums()
        for key, counted in months.counts.items():
            told.count(key._replace(grain=YEAR, day=first), counted)
        for key, histogram in months.spreads.items():
            told.spread(key._replace(grain=YEAR, day=first), histogram)
        yield told


def _stored(district_id: int, grains: Iterable[str], low: date, high: date, **more: Any) -> Sums:
    asked = {"district_id": district_id, "grain__in": tuple(grains), "day__gte": low, "day__lt": high, **more}
    held = Sums()
    for row in Figure.objects.filter(**asked).values_list(*Key._fields, *COUNTS).iterator(chunk_size=2000):
        held.counts[Key(*row[:5])] = list(row[5:])
    for row in Spread.objects.filter(**asked).values_list(*Key._fields, "packed").iterator(chunk_size=2000):
        held.spreads[Key(*row[:5])] = spread.unpack(row[5])
    return held


def _differences(district_id: int, held: Sums, told: Sums) -> Iterator[str]:
    nothing = [0] * len(COUNTS)
    for key in sorted(held.counts.keys() | told.counts.keys()):
        is_, must = held.counts.get(key, nothing), told.counts.get(key, nothing)
        if is_ != must:
            yield f"{_name(district_id, key)}: {_said(is_)}, recount {_said(must)}"
    for key in sorted(held.spreads.keys() | told.spreads.keys()):
        if held.spreads.get(key, {}) != told.spreads.get(key, {}):
            yield f"{_name(district_id, key)}: spread of seconds differs"


def _name(district_id: int, key: Key) -> str:
    node = tree(district_id).by_id.get(key.place_id)
    return f"{key.day} {key.grain} {key.dim}={key.value or '*'} {node.code if node else key.place_id}"


def _said(counted: Iterable[int]) -> str:
    return "/".join(str(n) for n in counted)
