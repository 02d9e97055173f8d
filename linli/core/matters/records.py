"""Records: what rooms above have said for good and no timeline of a matter holds, chained and sealed all the same.

A room names its rows once (``book``, in ``AppConfig.ready``) and says ``keep`` at the end of each act that changed
some; ``linli verify`` then compares every row with the last fact of it. What a row's digest takes is the room's choice:
everything that was told to somebody or counted in public, and nothing that is deleted in its time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import models, transaction
from django.utils import timezone

from linli.core.matters.models import Fact, Record
from linli.kit import chain
from linli.kit.ids import new_id

AS_IS, GONE = "as_is", "gone"
_CHUNK: Final = 500
Rows = Sequence[Any]


@dataclass(frozen=True)
class Book:
    """One sort of rows. ``rows`` are those that must have a record; ``says`` tells what each row's digest takes."""

    code: str
    title: Any  # in plain words, for whoever reads what ``verify`` found
    rows: Callable[[], models.QuerySet[Any]]
    name: Callable[[Any], str]
    says: Callable[[Rows], list[Any]]  # for some rows at once, so that what hangs on them is one question
    late: bool = False  # opened when there may have been rows already: ``take_over``


BOOKS: dict[str, Book] = {}


def book(made: Book) -> None:
    """Rooms add theirs in ``AppConfig.ready``."""
    BOOKS[made.code] = made


def columns(row: models.Model, *names: str) -> dict[str, Any]:
    """These columns of a row as a digest takes them."""
    return {name: plain(getattr(row, name)) for name in names}


def plain(value: Any) -> Any:
    """As canonical JSON admits it, the same from memory and from both databases."""
    if isinstance(value, datetime):
        return chain.instant(value)
    if isinstance(value, dict):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, float | date | uuid.UUID):
        return str(value)
    return str(value) if isinstance(value, str) else value  # a choice of an enumeration is its text


def keep(code: str, district_id: int, ids: Iterable[uuid.UUID], *, now: datetime | None = None) -> None:
    """Say how these rows stand now; those that stand as they did get no new fact. Part of the act's transaction.

    They are read anew: a digest is of what the database holds, and many acts change rows without reading them.
    """
    wanted, moment = list(ids), now or timezone.now()
    for start in range(0, len(wanted), _CHUNK):
        rows = BOOKS[code].rows().filter(district_id=district_id, pk__in=wanted[start : start + _CHUNK])
        _write(code, told(code, rows.order_by("pk")), AS_IS, moment)


def let_go(code: str, rows: Iterable[Any], *, now: datetime | None = None) -> None:
    """These rows are about to be thrown away, as an act may: the record stays and says so."""
    _write(code, [(row, None) for row in rows], GONE, now or timezone.now())


def take_over(district_id: int) -> None:
    """Rows that stood before their book was opened are taken as they stand, once: before the book's first record."""
    for code, book in BOOKS.items():
        if unopened(code, district_id):
            keep(code, district_id, list(book.rows().filter(district_id=district_id).values_list("pk", flat=True)))


def unopened(code: str, district_id: int) -> bool:
    """Whether a late book has no record of this district yet: the next seal takes over what there is."""
    return BOOKS[code].late and not Record.objects.filter(district_id=district_id, book=code).exists()


def told(code: str, rows: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Each of these rows with what its digest takes."""
    found = list(rows)
    return list(zip(found, BOOKS[code].says(found) if found else [], strict=True))


def digest(salt: str, said: Any) -> str:
    return chain.digest(salt, "", {"says": said})


def link(record: Record, fact: Fact) -> str:
    """The chain value of a fact: a timeline's, with the row in the matter's place."""
    return chain.link(
        record.head or chain.genesis(record.district_id, record.subject), district_id=record.district_id,
        matter_id=record.subject, seq=fact.seq, at=fact.at, act=fact.act, actor=record.book, data={},
        digest=fact.digest,
    )  # fmt: skip


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _write(code: str, said_of: list[tuple[Any, Any]], act: str, now: datetime) -> None:
    if not said_of:
        return
    district_id = said_of[0][0].district_id
    with transaction.atomic():
        known = _locked(code, district_id, [row for row, _said in said_of])
        facts, moved = [], []
        for row, said in said_of:
            record = known[row.pk]
            if act == AS_IS and record.seq and digest(record.salt, said) == record.last:
                continue
            facts.append(_fact(record, said, act, now))
            moved.append(record)
        Fact.objects.bulk_create(facts, batch_size=_CHUNK)
        Record.objects.bulk_update(moved, ["seq", "head", "salt", "last"], batch_size=_CHUNK)


def _fact(record: Record, said: Any, act: str, now: datetime) -> Fact:
    record.salt = chain.new_salt()
    record.last = digest(record.salt, said)
    record.seq += 1
    fact = Fact(id=new_id(), district_id=record.district_id, record=record, seq=record.seq, at=now, act=act,
                digest=record.last, chain="")  # fmt: skip
    record.head = fact.chain = link(record, fact)
    return fact


def _locked(code: str, district_id: int, rows: Sequence[Any]) -> dict[uuid.UUID, Record]:
    """The records of these rows, made where there are none yet, under their locks in one written order."""
    wanted = {row.pk: row for row in rows}
    mine = Record.objects.filter(district_id=district_id, book=code, subject__in=list(wanted))
    mine = mine.select_for_update().order_by("subject")
    known = {record.subject: record for record in mine}
    fresh = [
        Record(id=new_id(), district_id=district_id, book=code, subject=key, name=BOOKS[code].name(row)[:80])
        for key, row in wanted.items()
        if key not in known
    ]
    if fresh:  # where two acts make the same record at once, the later one waits here and takes the first one's
        Record.objects.bulk_create(fresh, batch_size=_CHUNK, ignore_conflicts=True)
        known = {record.subject: record for record in mine.all()}
    return known
