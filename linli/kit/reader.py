"""One small reader, the writer's counterpart: the few questions that every list and detail asks, not built anew.

Django makes SQL out of Python objects at every question; for a page of fifty matters that cost more than the
database's answer and the page together. Here the SQL is kept and only the values change, PostgreSQL keeps its plan, and
rows become model instances without a call for each field. Everything else goes on asking the ORM.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

import orjson
import psycopg
from django.db import OperationalError, connection, models
from django.db.models.base import ModelState

from linli.kit.writer import allow_preparing

M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]
Change = tuple[int, Callable[[Any], Any]]


@dataclass(frozen=True)
class Question:
    """A queryset of whole rows as SQL with its values, ready to be asked again and again."""

    model: type[models.Model]
    sql: str
    values: tuple[Any, ...]


def question(rows: models.QuerySet[M], *, constants: Iterable[str] = ()) -> Question:
    """What this queryset would ask. It must select whole rows: no deferred fields, annotations or relations.

    ``constants`` are words of our own code that are written into the SQL where they stand among the values: a partial
    index serves a kept plan only where the plan knows them. Never anything that somebody typed.
    """
    compiler = rows.query.get_compiler(connection=connection)
    sql, values = compiler.as_sql()
    asked = [select[0].target for select in compiler.select]
    if asked != list(rows.model._meta.concrete_fields):
        raise ValueError("the reader reads whole rows only")
    return Question(rows.model, *_written(sql, values, frozenset(constants)))


def _written(sql: str, values: Iterable[Any], constants: frozenset[str]) -> tuple[str, tuple[Any, ...]]:
    out, left = [], []
    for part, value in zip(parts := sql.split("%s"), values, strict=False):
        constant = isinstance(value, str) and value in constants and value.isidentifier()
        out.append(f"{part}'{value}'" if constant else f"{part}%s")
        if not constant:
            left.append(value)
    return "".join(out) + parts[-1], tuple(left)


def together(parts: Sequence[Question]) -> Question:
    """Several questions about one model in one round trip; the parts' answers come one after the other."""
    if len(parts) == 1:
        return parts[0]
    sql = " UNION ALL ".join(f'SELECT * FROM ({part.sql}) AS "p{i}"' for i, part in enumerate(parts))  # noqa: S608
    return Question(parts[0].model, sql, tuple(value for part in parts for value in part.values))


def ask(asked: Question) -> list[Any]:
    """The instances that a question finds."""
    return _instances(asked.model, rows(asked.sql, asked.values))


def fetch(model: type[M], tail: str, *values: Any) -> list[M]:
    """The instances behind ``SELECT … FROM table`` and ``tail`` (WHERE and what follows, ``%s`` for each value)."""
    # Names of our own tables and columns, and a tail written in the code; every value is a parameter.
    return _instances(model, rows(f"{_head(model)} {tail}", prepared(values)))


def rows(sql: str, values: Sequence[Any]) -> list[Row]:
    """Bare rows. UUIDs among the values must be prepared (``prepared``) where SQLite may be asked."""
    if connection.vendor == "postgresql":
        return _ask_postgresql(_numbered(sql), values)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def prepared(values: Iterable[Any]) -> list[Any]:
    """Values as this database takes them."""
    return list(values) if connection.vendor == "postgresql" else [_as_text(value) for value in values]


def as_uuid(value: uuid.UUID | str | None) -> uuid.UUID | None:
    """A UUID among bare rows: SQLite keeps it as text."""
    return uuid.UUID(value) if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        raise TypeError("the reader prepares no instants")
    return value.isoformat() if isinstance(value, date) else value


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────
def _ask_postgresql(sql: str, values: Sequence[Any]) -> list[Row]:
    connection.validate_no_broken_transaction()
    try:
        return _execute(sql, values)
    except OperationalError:
        # A database that was started anew: nothing was changed by asking, so it may be asked once more.
        if connection.in_atomic_block or connection.connection is None or not connection.connection.closed:
            raise
        connection.close()
        return _execute(sql, values)


def _execute(sql: str, values: Sequence[Any]) -> list[Row]:
    connection.ensure_connection()
    allow_preparing(connection.connection)
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(sql, values, prepare=True)
        return cursor.fetchall()


@lru_cache(maxsize=256)
def _numbered(sql: str) -> str:
    """``%s`` as ``$1``, ``$2`` …: bound and prepared on the server."""
    numbers, parts = count(1), sql.split("%s")
    return "".join(f"{part}${next(numbers)}" for part in parts[:-1]).replace("%%", "%") + parts[-1].replace("%%", "%")


# ── rows to instances ───────────────────────────────────────────────────────────────────────────────────────
def _instances(model: type[M], found: Sequence[Row]) -> list[M]:
    names, changes, alias = _names(model), _changes(model), connection.alias
    return [_instance(model, names, changes, alias, row) for row in found]


def _instance(model: type[M], names: Sequence[str], changes: Sequence[Change], alias: str, row: Row) -> M:
    made = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, alias
    held = made.__dict__
    held["_state"] = state
    held.update(zip(names, row, strict=True))
    for index, change in changes:
        held[names[index]] = change(row[index])
    return made


@lru_cache(maxsize=64)
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


@lru_cache(maxsize=64)
def _head(model: type[models.Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}"'  # noqa: S608


@lru_cache(maxsize=64)
def _changes(model: type[models.Model]) -> tuple[Change, ...]:
    """For each column that does not come as its Python value: its place, and what makes the value of it."""
    compiler = model._default_manager.all().query.get_compiler(connection=connection)
    table, fields = model._meta.db_table, model._meta.concrete_fields
    found = compiler.get_converters([field.get_col(table) for field in fields])
    return tuple(
        (index, _load if isinstance(fields[index], models.JSONField) else _converted(converters, expression))
        for index, (converters, expression) in found.items()
    )


def _load(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


def _converted(converters: Sequence[Callable[..., Any]], expression: Any) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        for converter in converters:
            value = converter(value, expression, connection)
        return value

    return convert
