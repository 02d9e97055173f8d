"""Rows by the thousand: COPY on PostgreSQL, ``executemany`` on SQLite; and the same matter told by several neighbours.

The copies are true ones: a new matter with an id, a number and a receipt of its own, its timeline chained anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
import psycopg
from django.db import connection, models, transaction

from bench.inmemory import Kept
from linli.core.matters import standing
from linli.core.matters.models import Clock, Entry, Matter
from linli.core.matters.numbers import next_number
from linli.core.places.tree import tree
from linli.kit import chain
from linli.kit.ids import new_id

BATCH = 2000


def write(stories: Iterable[Kept], copies: int = 1) -> int:
    """Write matters with all that belongs to them, in batches of one transaction; how many there were."""
    done, told = 0, (each for story in stories for each in _told(story, copies))
    while batch := list(islice(told, BATCH)):
        tables: dict[type[models.Model], list[models.Model]] = {Matter: [], Entry: [], Clock: []}
        for kept in batch:
            tables[Matter].append(kept.matter)
            for row in (*kept.entries, *kept.clocks, *kept.others):
                tables.setdefault(type(row), []).append(row)
        _write_tables(tables)
        done += len(batch)
    return done


def _write_tables(tables: dict[type[models.Model], list[models.Model]]) -> None:
    with transaction.atomic():
        if connection.vendor != "postgresql":
            for model, rows in tables.items():
                model._base_manager.bulk_create(rows)
            return
        with connection.cursor() as cursor:
            # The rows are our own and whole: without this, half of the time goes to looking up what they refer to.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model, rows in tables.items():
                _copy(cursor.connection, model, rows)


def _copy(database: psycopg.Connection[Any], model: type[models.Model], rows: list[models.Model]) -> None:
    fields = model._meta.local_concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    names = [(field.attname, isinstance(field, models.JSONField)) for field in fields]
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    with database.cursor() as cursor, cursor.copy(statement) as into:  # type: ignore[arg-type]
        for row in rows:
            held = row.__dict__
            into.write_row([_json(held[name]) if is_json else held[name] for name, is_json in names])


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


# ── copies ──────────────────────────────────────────────────────────────────────────────────────────────────
def _told(kept: Kept, copies: int) -> Iterator[Kept]:
    yield kept
    for _ in range(copies - 1):
        yield _again(kept)


def _again(kept: Kept) -> Kept:
    old = kept.matter
    matter = _twin(old)
    letters = tree(old.district_id).district.letters
    matter.number = next_number(old.district_id, letters, old.opened_at)
    matter.receipt_hash = f"{new_id().hex}{new_id().hex}"
    previous = chain.genesis(matter.district_id, matter.pk)
    entries = []
    for row in kept.entries:
        entry = _twin(row, matter_id=matter.pk)
        if "receipt" in entry.data:
            entry.data = {
                **entry.data, "number": matter.number, "receipt": chain.fingerprint(matter.receipt_hash),
            }  # fmt: skip
        if standing.KEY in entry.data:
            told = standing.digests(matter.receipt_hash, kept.stood[entry.seq])
            entry.data = {**entry.data, standing.KEY: told}
        previous = entry.chain = chain.link(
            previous, district_id=entry.district_id, matter_id=matter.pk, seq=entry.seq, at=entry.at, act=entry.act,
            actor=entry.actor, data=entry.data, digest=entry.digest,
        )  # fmt: skip
        entries.append(entry)
    matter.head = previous
    # In the order of their ids, which an entry's commitment follows.
    clocks = [_twin(row, matter_id=matter.pk) for row in sorted(kept.clocks, key=lambda clock: clock.pk)]
    others = [_twin(row, matter_id=matter.pk) for row in kept.others]
    return Kept(matter, entries, clocks, others)


def _twin(row: Any, **changed: Any) -> Any:
    # Not copy.copy, which would take longer than everything else here.
    made = type(row).__new__(type(row))
    made.__dict__.update(row.__dict__, id=new_id(), **changed)
    return made
