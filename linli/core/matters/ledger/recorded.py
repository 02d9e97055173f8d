"""Judging records: each chain by itself, against its seals, and against the row that it is about.

The row must say today what the last fact is a digest of. A row without a record was put there by hand, as was a row
that lives on after its record said that it is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from linli.core.matters import records
from linli.core.matters.ledger.sealing import leaf_name
from linli.core.matters.models import Fact, Leaf, Record

STRETCH = 500


class Told(NamedTuple):
    """What does not hold of one record. ``seq`` is the fact's number."""

    name: str
    seq: int
    reason: str
    sentence: str


def judge(district_id: int, count: dict[str, int]) -> Iterator[Told]:
    """Every record of a district, in stretches; then what has a row and no record, or a seal and no record."""
    after: uuid.UUID | None = None
    while True:
        rows = Record.objects.filter(district_id=district_id).order_by("id")
        found = list((rows.filter(id__gt=after) if after else rows)[:STRETCH])
        yield from judge_these(district_id, found, count)
        if len(found) < STRETCH:
            break
        after = found[-1].pk
    yield from (told for _name, told in unrecorded(district_id))
    yield from _orphans(district_id)


def judge_these(district_id: int, found: list[Record], count: dict[str, int]) -> Iterator[Told]:
    """Some records of a district, each looked at again before anybody hears that it is broken."""
    broken = _stretch(district_id, found)
    for record in found:
        if record.pk in broken:
            yield from _again(district_id, record, broken[record.pk])
    count["records"] += len(found)


def unrecorded(district_id: int) -> Iterator[tuple[str, Told]]:
    """(name, what does not hold) of each row that a book wants recorded and that has no record."""
    for code, book in records.BOOKS.items():
        if records.unopened(code, district_id):
            continue
        mine = Record.objects.filter(district_id=district_id, book=code, subject=OuterRef("pk"))
        for row in book.rows().filter(~Exists(mine), district_id=district_id).iterator(chunk_size=STRETCH):
            name = book.name(row)
            yield name, Told(f"{book.title} {name}", 0, code, _("没有记下过：不是经过系统写进来的"))


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _again(district_id: int, record: Record, first: list[Told]) -> Iterator[Told]:
    """An act between two reads makes a record look broken: once more, alone and locked, before anybody hears of it."""
    with transaction.atomic():
        held = list(Record.objects.select_for_update().filter(district_id=district_id, pk=record.pk))
        yield from _stretch(district_id, held).get(record.pk, []) if held else first


def _stretch(district_id: int, found: list[Record]) -> dict[uuid.UUID, list[Told]]:
    keys = [record.pk for record in found]
    facts: dict[uuid.UUID, list[Fact]] = {}
    for fact in Fact.objects.filter(district_id=district_id, record_id__in=keys).order_by("record_id", "seq"):
        facts.setdefault(fact.record_id, []).append(fact)
    leaves: dict[uuid.UUID | None, list[Leaf]] = {}
    for leaf in Leaf.objects.filter(district_id=district_id, record_id__in=keys):
        leaves.setdefault(leaf.record_id, []).append(leaf)
    says = _says(district_id, found)
    broken = {}
    for record in found:
        mine = facts.get(record.pk, [])
        told = [*_chained(record, mine), *_sealed(record, mine, leaves.get(record.pk, [])), *_row(record, mine, says)]
        if told:
            broken[record.pk] = [Told(_named(record), seq, *rest) for seq, *rest in told]
    return broken


def _says(district_id: int, found: list[Record]) -> dict[tuple[str, uuid.UUID], Any]:
    """(book, row) → what the row says today, and what people call it."""
    there: dict[tuple[str, uuid.UUID], Any] = {}
    for code, book in records.BOOKS.items():
        subjects = [record.subject for record in found if record.book == code]
        if subjects:
            rows = book.rows().filter(district_id=district_id, pk__in=subjects).order_by("pk")
            there |= {(code, row.pk): (said, book.name(row)[:80]) for row, said in records.told(code, rows)}
    return there


def _named(record: Record) -> str:
    book = records.BOOKS.get(record.book)
    return f"{book.title if book else record.book} {record.name}"


def _chained(record: Record, facts: list[Fact]) -> Iterator[tuple[int, str, str]]:
    tried = Record(district_id=record.district_id, book=record.book, subject=record.subject)
    for place, fact in enumerate(facts, 1):
        if fact.seq != place or records.link(tried, fact) != fact.chain:
            yield place, "record.chain", _("第 %d 次记下的被改过，和前一次连不上") % place
            return
        tried.head = fact.chain
    if (len(facts), tried.head, facts[-1].digest if facts else "") != (record.seq, record.head, record.last):
        yield len(facts), "record.tail", _("记下过 %(all)d 次，现在有 %(now)d 次，或者末尾被改过") % {
            "all": record.seq, "now": len(facts)
        }  # fmt: skip


def _sealed(record: Record, facts: list[Fact], leaves: list[Leaf]) -> Iterator[tuple[int, str, str]]:
    chains = {fact.seq: fact.chain for fact in facts}
    for leaf in leaves:
        if chains.get(leaf.seq) != leaf.head or leaf.number != leaf_name(record.book, record.subject):
            yield leaf.seq, "record.sealed", _("第 %d 次记下的和封印过的不一样：公布以后被重算过") % leaf.seq
    if record.sealed_seq and record.sealed_seq not in {leaf.seq for leaf in leaves}:
        yield record.sealed_seq, "record.unsealed", _("登记说封印过第 %d 次，封印里没有") % record.sealed_seq


def _row(record: Record, facts: list[Fact], says: dict[tuple[str, uuid.UUID], Any]) -> Iterator[tuple[int, str, str]]:
    there = says.get((record.book, record.subject))
    gone = bool(facts) and facts[-1].act == records.GONE
    if gone != (there is None):
        told = _("说是丢弃了，却还在") if gone else _("整个没有了，记下的还在")
        yield record.seq, record.book, told
    elif there is not None:
        said, name = there
        if name != record.name or records.digest(record.salt, said) != record.last:
            yield record.seq, record.book, _("现在的内容和最后一次记下的不一样：有人改过")


def _orphans(district_id: int) -> Iterator[Told]:
    """What hangs on a record that is not there any more."""
    there = Record.objects.filter(pk=OuterRef("record_id"))
    lost = Leaf.objects.filter(~Exists(there), district_id=district_id, record__isnull=False)
    for leaf in lost.order_by("record_id", "-seq").iterator(chunk_size=STRETCH):
        yield Told(leaf.number, leaf.seq, "record.gone", _("整个没有了，封印里还有"))
    for fact in Fact.objects.filter(~Exists(there), district_id=district_id).iterator(chunk_size=STRETCH):
        yield Told(str(fact.record_id), fact.seq, "record.gone", _("整个没有了，记下的还在"))
