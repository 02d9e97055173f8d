"""Reading the ledger in stretches: some hundred matters with everything that bears on them, whatever their number."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from linli.core.matters import standing
from linli.core.matters.ledger.replay import COLUMNS
from linli.core.matters.models import (
    Attachment,
    Call,
    Clock,
    Contact,
    Entry,
    Exclusion,
    Involvement,
    Leaf,
    Link,
    Matter,
    Objection,
    Origin,
    Reveal,
    Whistle,
)

STRETCH = 500
PORTION = 5_000
_MATTER = (
    "id", "district_id", "seq", "head", "sealed_seq", "happened_at", "handler__code", "handler__until",
    "receipt_hash", "scope_path", "street_id", "community_id", "cell_id", "clocks", "next_due", "imported",
    "calls_open", *standing.COLUMNS,
    *(name for name in COLUMNS if name not in ("happened", "handler")),
)  # fmt: skip
_ENTRY = ("seq", "at", "act", "actor", "text", "data", "salt", "digest", "chain", "redacted_at")
# Tables that pages show beside the timeline, each told again from its entries; their rows name their matter.
BESIDE: dict[str, Callable[[], QuerySet[Any]]] = {
    "exclusion": Exclusion.objects.all, "objection": Objection.objects.all,
    "whistle": lambda: Whistle.objects.select_related("by"),
    "call": lambda: Call.objects.select_related("post"), "reveal": Reveal.objects.all,
    "involved": Involvement.objects.all,
    "joined": lambda: Link.objects.filter(type="merged_into").annotate(
        matter_id=F("source_id"), into=F("target__number")
    ),
}  # fmt: skip

Dicts = dict[uuid.UUID, list[dict[str, Any]]]


@dataclass
class Stretch:
    """Matters one after the other by id, and what hangs on them: rows whose matter is gone show up here too."""

    matters: list[dict[str, Any]]
    last: uuid.UUID | None
    files: bool = True  # whether the pictures' files are read too
    entries: Dicts = field(default_factory=dict)
    leaves: Dicts = field(default_factory=dict)
    pictures: dict[uuid.UUID, list[Attachment]] = field(default_factory=dict)
    contacts: dict[uuid.UUID, Contact] = field(default_factory=dict)
    clocks: dict[uuid.UUID, list[Clock]] = field(default_factory=dict)
    origins: dict[uuid.UUID, Origin] = field(default_factory=dict)
    beside: dict[str, dict[uuid.UUID, list[Any]]] = field(default_factory=dict)

    def of(self, kind: str, key: uuid.UUID) -> list[Any]:
        """The rows of that table which hang on the matter, oldest first."""
        return self.beside[kind].get(key, [])


class Portion(NamedTuple):
    """Matters of a district with ids above ``after`` and up to ``upto``; None is no bound."""

    district_id: int
    after: uuid.UUID | None
    upto: uuid.UUID | None
    files: bool = True  # whether the pictures' files are read too


def portions(district_id: int, *, files: bool = True) -> Iterator[Portion]:
    """The whole district; the last portion has no upper bound, so nothing hides behind the newest matter."""
    ids = Matter.objects.filter(district_id=district_id).order_by("id").values_list("id", flat=True)
    after: uuid.UUID | None = None
    while True:
        upto = (ids.filter(id__gt=after) if after else ids)[PORTION - 1 : PORTION].first()
        yield Portion(district_id, after, upto, files)
        if upto is None:
            return
        after = upto


def stretches(portion: Portion) -> Iterator[Stretch]:
    """A portion, some hundred matters at a time; the last stretch ends where the portion does."""
    district_id, after, end, files = portion
    rows = Matter.objects.filter(district_id=district_id).order_by("id")
    rows = rows.filter(id__lte=end) if end else rows
    while True:
        matters = list((rows.filter(id__gt=after) if after else rows).values(*_MATTER)[:STRETCH])
        full = len(matters) == STRETCH
        last = matters[-1]["id"] if matters else after
        yield _fill(Stretch(matters, last, files), district_id, after, last if full else end)
        if not full:
            return
        after = last


def one(district_id: int, matter_id: uuid.UUID, *, files: bool = True) -> Stretch:
    """A single matter."""
    matters = list(Matter.objects.filter(district_id=district_id, id=matter_id).values(*_MATTER))
    exact = {"district_id": district_id, "matter_id": matter_id}
    return _load(Stretch(matters, matter_id, files), exact, district_id)


def _fill(stretch: Stretch, district_id: int, after: uuid.UUID | None, upto: uuid.UUID | None) -> Stretch:
    bounds: dict[str, Any] = {"district_id": district_id}
    if after is not None:
        bounds["matter_id__gt"] = after
    if upto is not None:
        bounds["matter_id__lte"] = upto
    return _load(stretch, bounds, district_id)


def _load(stretch: Stretch, bounds: dict[str, Any], district_id: int) -> Stretch:
    entries = Entry.objects.filter(**bounds).order_by("matter_id", "seq")
    stretch.entries = _grouped(entries, _ENTRY, district_id)
    leaves = Leaf.objects.filter(**bounds, matter__isnull=False).order_by("matter_id", "seq")
    stretch.leaves = _grouped(leaves, ("number", "seq", "head"), district_id)
    stretch.pictures = defaultdict(list)
    for picture in Attachment.objects.filter(**bounds).order_by("matter_id", "seq"):
        stretch.pictures[picture.matter_id].append(picture)
    stretch.contacts = {contact.matter_id: contact for contact in Contact.objects.filter(**bounds)}
    stretch.clocks = defaultdict(list)
    for clock in Clock.objects.filter(**bounds).order_by("id"):
        stretch.clocks[clock.matter_id].append(clock)
    for kind, every in BESIDE.items():
        rows = stretch.beside[kind] = defaultdict(list)
        for row in every().filter(**bounds).order_by("id"):
            rows[row.matter_id].append(row)
    stretch.origins = {origin.matter_id: origin for origin in Origin.objects.filter(**bounds).select_related("book")}
    return stretch


def _grouped(rows: QuerySet[Any, Any], names: tuple[str, ...], district_id: int) -> Dicts:
    found: Dicts = defaultdict(list)
    for matter_id, *values in rows.values_list("matter_id", *names):
        row = dict(zip(names, values, strict=True))
        found[matter_id].append(row | {"district_id": district_id, "matter_id": matter_id})
    return found
