"""How long results took, in the middle: sorted where that is quick, else told by the histograms.

Up to ``EXACT_UP_TO`` results the median is exact, from the rows. Above, whole months and years (for an uncut question
whole days too) come from the packed histograms, the rest is put into the same buckets by the database: at most 1 % off.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Aggregate, Count, F, IntegerField, QuerySet, Sum, TextField, Value

from linli.core.matters.models.figures import Spread
from linli.core.matters.stats import rows, spread
from linli.core.matters.stats.asking import Question
from linli.core.matters.stats.period import DAY, Piece, start_of

EXACT_UP_TO = 5_000


class Joined(Aggregate):
    """Texts of a group with a comma between them: a year by day is ten thousand histograms, but only so many days."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        function = "STRING_AGG" if connection.vendor == "postgresql" else "GROUP_CONCAT"
        return super().as_sql(compiler, connection, function=function, template="%(function)s(%(expressions)s, ',')")


class Lengths(NamedTuple):
    """Key → value → how often; the values are seconds where ``exact``, else buckets."""

    by_key: dict[Any, spread.Histogram]
    exact: bool


def lengths(asked: Question, resolved: int) -> Lengths:
    """What the medians of an answer are made of, given how many results it counts."""
    if not resolved:
        return Lengths({}, exact=True)
    exact = resolved <= EXACT_UP_TO
    if exact or not asked.from_cells:
        return Lengths(_from_rows(asked, [(asked.period.since, asked.period.until)], exact=exact), exact)
    return Lengths(_from_cells(asked), exact=False)


def median(histogram: spread.Histogram | None, *, exact: bool) -> int | None:
    """The median of one group, of an even number the mean of the middle two, in whole seconds."""
    pair = spread.middle_pair(histogram or {})
    if pair is None:
        return None
    low, high = pair if exact else (spread.middle(pair[0]), spread.middle(pair[1]))
    return round((low + high) / 2)


def _from_rows(asked: Question, spans: list[tuple[Any, Any]], *, exact: bool) -> dict[Any, spread.Histogram]:
    told = asked.matters().filter(rows.opened(spans), verified_at__isnull=False)
    value = rows.Seconds() if exact else rows.bucketed(rows.Seconds())
    return _gathered(told.values_list(asked.matter_key(), value).annotate(n=Count("id")))


def _gathered(told: Iterable[tuple[Any, int, int]]) -> dict[Any, spread.Histogram]:
    found: dict[Any, spread.Histogram] = {}
    for key, value, times in told:
        held = found.setdefault(key, {})
        held[value] = held.get(value, 0) + times
    return found


def _from_cells(asked: Question) -> dict[Any, spread.Histogram]:
    """Histograms, deltas and rows in one statement, for the same reason as the counts."""
    kept, spans = _split(asked)
    none, empty = Value(0, output_field=IntegerField()), Value("", output_field=TextField())
    parts: list[QuerySet[Any, Any]] = []
    if kept:
        cells = asked.cells(Spread, kept).values(key=asked.cell_key())
        parts.append(cells.annotate(p=Joined("packed"), b=none, n=none))
        deltas = asked.deltas(kept).filter(seconds__isnull=False)
        told = deltas.values(key=rows.delta_key(asked.by), p=empty, b=rows.bucketed(F("seconds")))
        parts.append(told.annotate(n=Sum("sign")))
    if spans:
        own = asked.matters().filter(rows.opened(spans), verified_at__isnull=False)
        lengths_of = own.values(key=asked.matter_key(), p=empty, b=rows.bucketed(rows.Seconds()))
        parts.append(lengths_of.annotate(n=Count("id")))
    found: dict[Any, spread.Histogram] = {}
    if not parts:
        return found
    for key, packed, bucket, times in parts[0].union(*parts[1:], all=True).values_list("key", "p", "b", "n"):
        found[key] = spread.merge(found.get(key), spread.unpack_all(packed) if packed else {bucket: times})
    return found


def _split(asked: Question) -> tuple[list[Piece], list[tuple[Any, Any]]]:
    """The spans that histograms are kept for, and those that the rows have to tell."""
    pieces = asked.period.pieces(asked.grains)
    kept = [p for p in pieces if p.grain != DAY or asked.dim == "all"]
    spans: list[tuple[Any, Any]] = [*asked.period.edges]
    left = [piece for piece in pieces if piece not in kept]
    spans += [(p.low and start_of(p.low), p.high and start_of(p.high)) for p in left]
    return kept, spans
