"""Cells in memory and in the database: adding up, writing, and what a cell is called."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db import models, transaction

from linli.core.matters import figures
from linli.core.matters.models.figures import Figure, Folding, Spread
from linli.core.matters.stats import spread
from linli.core.matters.stats.period import DAY, MONTH, YEAR, floor
from linli.core.matters.stats.rows import COUNTS

DIMS = ("all", "kind", "state", "channel", "hour")
GRAINS = (DAY, MONTH, YEAR)
_CHUNK = 400
_NAMES = uuid.UUID("0190a5c1-7c4e-7d11-9a55-6c1f6e7a0b21")  # any fixed one
T = TypeVar("T")


class Key(NamedTuple):
    """Which cell. Cells are always written in the order of their keys."""

    dim: str
    grain: str
    day: date
    place_id: uuid.UUID
    value: str


class Fact(NamedTuple):
    """One way of counting, with everything it is cut by."""

    place_id: uuid.UUID
    day: date
    hour: int
    kind: str
    channel: str
    state: str
    seconds: int | None

    def cuts(self) -> tuple[str, ...]:
        """The values in the order of ``DIMS``."""
        return ("", self.kind, self.state, self.channel, str(self.hour))


@dataclass
class Sums:
    """Counts and histograms by cell."""

    counts: dict[Key, list[int]] = field(default_factory=dict)
    spreads: dict[Key, spread.Histogram] = field(default_factory=dict)

    def add(self, fact: Fact, counted: Sequence[int]) -> None:
        """Put what ``counted`` says of matters that look like ``fact`` into all their cells."""
        cuts = list(zip(DIMS, fact.cuts(), strict=True))
        for grain in GRAINS:
            first = floor(fact.day, grain)
            for dim, value in cuts:
                self.count(Key(dim, grain, first, fact.place_id, value), counted)
        if fact.seconds is not None:
            self.add_seconds(fact, spread.bucket(fact.seconds), counted[0], GRAINS)

    def add_seconds(self, fact: Fact, bucket: int, times: int, grains: Iterable[str]) -> None:
        """Put results of one length into the histograms; days are kept uncut only."""
        for grain in grains:
            first = floor(fact.day, grain)
            for dim, value in zip(DIMS, fact.cuts(), strict=True):
                if grain != DAY or dim == "all":
                    self.spread(Key(dim, grain, first, fact.place_id, value), {bucket: times})

    def count(self, key: Key, counted: Sequence[int]) -> None:
        held = self.counts.get(key)
        if held is None:
            self.counts[key] = list(counted)
        else:
            for i, n in enumerate(counted):
                held[i] += n

    def spread(self, key: Key, histogram: spread.Histogram) -> None:
        spread.add(self.spreads.setdefault(key, {}), histogram)


def cell_id(district_id: int, key: Key) -> uuid.UUID:
    """A cell's id follows from what it is, so that a batch of cells is found by its ids."""
    return uuid.uuid5(_NAMES, f"{district_id}/{key.dim}/{key.grain}/{key.day}/{key.place_id}/{key.value}")


def batches(items: Iterable[T], size: int = _CHUNK) -> Iterator[list[T]]:
    """In lists of ``size``: a statement takes only so many parameters."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


@contextmanager
def only_writer(district_id: int, *, wait: bool = True) -> Iterator[Folding | None]:
    """A transaction that alone writes the district's cells; None where another one does and we do not ``wait``.

    One row, locked first: workers never wait for one another inside a district and so cannot lock each other out.
    """
    Folding.objects.get_or_create(district_id=district_id, defaults={"formula": figures.FORMULA})
    with transaction.atomic():
        rows = Folding.objects.select_for_update(skip_locked=not wait)
        yield rows.filter(district_id=district_id).first()


def write(district_id: int, sums: Sums) -> None:
    """Add ``sums`` to the cells, which the caller alone may write (``only_writer``); cells that come to nothing go."""
    _write_counts(district_id, sums.counts)
    _write_spreads(district_id, sums.spreads)


def write_new(district_id: int, sums: Sums) -> None:
    """The same where there is no such cell yet."""
    counts = sorted((key, counted) for key, counted in sums.counts.items() if any(counted))
    for some in batches(counts):
        Figure.objects.bulk_create(_figure(district_id, key, counted) for key, counted in some)
    spreads = sorted(key for key, histogram in sums.spreads.items() if histogram)
    for keys in batches(spreads):
        Spread.objects.bulk_create(_spread(district_id, key, sums.spreads[key]) for key in keys)


def _figure(district_id: int, key: Key, counted: Sequence[int]) -> Figure:
    told = dict(zip(COUNTS, counted, strict=True))
    return Figure(id=cell_id(district_id, key), district_id=district_id, **key._asdict(), **told)


def _spread(district_id: int, key: Key, histogram: spread.Histogram) -> Spread:
    packed = spread.pack(histogram)
    return Spread(id=cell_id(district_id, key), district_id=district_id, packed=packed, **key._asdict())


def _write_counts(district_id: int, counts: dict[Key, list[int]]) -> None:
    for keys in batches(sorted(k for k, counted in counts.items() if any(counted))):
        ids = {key: cell_id(district_id, key) for key in keys}
        known = Figure.objects.filter(district_id=district_id, id__in=ids.values())
        held = {row[0]: row[1:] for row in known.values_list("id", *COUNTS)}
        rows, gone = [], []
        for key in keys:
            old = held.get(ids[key], (0,) * len(COUNTS))
            new = [a + b for a, b in zip(old, counts[key], strict=True)]
            if any(new):
                rows.append(_figure(district_id, key, new))
            else:
                gone.append(ids[key])
        _store(Figure, district_id, rows, gone, COUNTS)


def _write_spreads(district_id: int, spreads: dict[Key, spread.Histogram]) -> None:
    for keys in batches(sorted(k for k, histogram in spreads.items() if histogram)):
        ids = {key: cell_id(district_id, key) for key in keys}
        known = Spread.objects.filter(district_id=district_id, id__in=ids.values())
        held = dict(known.values_list("id", "packed"))
        rows, gone = [], []
        for key in keys:
            histogram = spread.unpack(held.get(ids[key], "[]"))
            spread.add(histogram, spreads[key])
            if histogram:
                rows.append(_spread(district_id, key, histogram))
            else:
                gone.append(ids[key])
        _store(Spread, district_id, rows, gone, ("packed",))


def _store(
    model: type[models.Model],
    district_id: int,
    rows: Sequence[models.Model],
    gone: list[uuid.UUID],
    told: Sequence[str],
) -> None:
    cells = model._base_manager
    cells.filter(district_id=district_id, id__in=gone).delete()
    cells.bulk_create(
        rows, update_conflicts=True, update_fields=list(told),
        unique_fields=["district", "dim", "grain", "day", "place", "value"],
    )  # fmt: skip
