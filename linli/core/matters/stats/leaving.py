"""What is left out of the rates: single matters (剔除) by their rows, and what older books could not tell.

The counts themselves stay whole: a rate takes what is left out off both sides of its stroke, and says how many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from django.db.models import Count, Q

from linli.core.matters.figures import SATISFIED_FROM
from linli.core.matters.models import Book, Rated
from linli.core.matters.stats import rows
from linli.core.matters.stats.asking import Question
from linli.core.matters.stats.versions import RATES

# Older books tell of no answer and no action: matters imported from them count in neither of these two.
UNTOLD = ("answered_in_time", "acted_in_time")
_OURS = Q(imported="")
_COUNTED = {
    "answered_in_time": _OURS & Q(rows.Met("reply")), "acted_in_time": _OURS & Q(rows.Met("act")),
    "resolved_in_time": Q(rows.Met("result")), "resolved": rows.RESOLVED, "satisfied": Q(score__gte=SATISFIED_FROM),
}  # fmt: skip
_SAMPLE = dict.fromkeys(UNTOLD, _OURS) | {"satisfied": Q(score__isnull=False)}


@dataclass(frozen=True)
class Left:
    """What one group leaves out: how many matters, and of each rate how many of its sample and of what it counts."""

    matters: int = 0
    sample: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: Left) -> Left:
        def both(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
            return {name: a.get(name, 0) + b.get(name, 0) for name in RATES}

        return Left(self.matters + other.matters, both(self.sample, other.sample), both(self.counted, other.counted))

    def as_json(self) -> dict[str, Any]:
        told = {name: {"sample": self.sample.get(name, 0), "counted": self.counted.get(name, 0)} for name in RATES}
        return {"matters": self.matters, **told}


@dataclass(frozen=True)
class Share:
    """A rate before it is divided: part of a sample, and how many were left out of it."""

    part: int
    sample: int
    excluded: int = 0


def whole(parts: Iterable[Left]) -> Left:
    return reduce(Left.__add__, parts, Left())


def left_out(asked: Question) -> dict[Any, Left]:
    """Key → what is left out by rows, in one statement; it reads as many matters as there are exclusions in force."""
    of_district = {"exclusions__district_id": asked.tree.district.id, "exclusions__ended_at": None}
    found = asked.matters().filter(rows.opened([(asked.period.since, asked.period.until)])).filter(**of_district)
    columns: dict[str, Any] = {"n": Count("id")}
    for name in RATES:
        named = Q(exclusions__figure__in=[name, Rated.ALL]) & _SAMPLE.get(name, Q())
        columns[f"s_{name}"] = Count("id", filter=named)
        columns[f"c_{name}"] = Count("id", filter=named & _COUNTED[name])
    told: Iterable[dict[str, Any]] = found.values(key=asked.matter_key()).annotate(**columns)  # type: ignore[assignment]
    return {
        row["key"]: Left(
            row["n"], {name: row[f"s_{name}"] for name in RATES}, {name: row[f"c_{name}"] for name in RATES}
        )
        for row in told
    }


def imported(asked: Question) -> dict[Any, int]:
    """Key → how many came from older books; nothing is asked where no book was ever imported."""
    if not Book.objects.filter(district_id=asked.tree.district.id).exists():
        return {}
    found = asked.matters().filter(rows.opened([(asked.period.since, asked.period.until)])).exclude(imported="")
    return dict(found.values(key=asked.matter_key()).annotate(n=Count("id")).values_list("key", "n"))
