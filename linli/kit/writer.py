"""One small writer: all rows of one act in one round trip.

The cost of an intake is its statements, not Python. On PostgreSQL the rows of an act go in one data-modifying
statement (``WITH a AS (INSERT …), b AS (INSERT …) SELECT 1``), which is one transaction by itself and, on a distributed
database, one task on one shard. SQLite has no such statement: there the same rows go in one transaction.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from itertools import groupby
from typing import Any, cast

import orjson
import psycopg
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from psycopg.types.json import Jsonb

PREPARE_AFTER = 5  # uses, for statements that do not ask to be prepared at once; ours do
Prepare = Callable[[Any], Any]


def _json(value: Any) -> Any:
    return None if value is None else Jsonb(value, orjson.dumps)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> tuple[str, tuple[tuple[str, Prepare | None], ...]]:
    """The quoted table with its column list, and for each column its attribute and what prepares its value.

    Nearly every value goes to the driver as it is; asking each field to prepare it would cost more than the driver.
    """
    fields = tuple(model._meta.local_concrete_fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    return f'"{model._meta.db_table}" ({names})', tuple((field.attname, _prepare(field)) for field in fields)


def _prepare(field: models.Field[Any, Any]) -> Prepare | None:
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.CharField):
        return _plain  # a TextChoices member is told by its value
    if isinstance(field, models.FileField | models.GenericIPAddressField):
        raise TypeError(f"the writer does not know {type(field).__name__}")
    return None


@lru_cache(maxsize=256)
def _statement(shape: tuple[tuple[type[models.Model], int], ...]) -> str:
    parts, numbers = [], itertools.count(1)
    for i, (model, count) in enumerate(shape):
        head, columns = _columns(model)
        rows = (f"({', '.join(f'${next(numbers)}' for _ in columns)})" for _ in range(count))
        # Names of our own tables and columns only; every value is a parameter.
        parts.append(f"w{i} AS (INSERT INTO {head} VALUES {', '.join(rows)})")  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT 1"


def insert(rows: Sequence[models.Model]) -> None:
    """Write ``rows`` (whole instances with their ids) together or not at all.

    Rows of one model must stand together, a referenced row before those that refer to it. Raises IntegrityError
    where a constraint is hurt, with nothing written. Inside a transaction it takes part in it.
    """
    if not rows:
        return
    if connection.vendor == "postgresql":
        _insert_postgresql(rows)
    else:
        _insert_in_turn(rows)


def _insert_postgresql(rows: Sequence[models.Model]) -> None:
    shape: list[tuple[type[models.Model], int]] = []
    values: list[Any] = []
    for model, group in groupby(rows, key=type):
        _head, columns = _columns(model)
        members = list(group)
        shape.append((model, len(members)))
        for row in members:
            kept = row.__dict__
            values.extend(prepare(kept[name]) if prepare else kept[name] for name, prepare in columns)
    statement = _statement(tuple(shape))
    if connection.in_atomic_block:
        # A savepoint, so that the caller may go on after a hurt constraint (a repeated key).
        with transaction.atomic():
            _execute(statement, values)
    else:
        _execute(statement, values)


def _execute(statement: str, values: list[Any]) -> None:
    """Past Django's cursor on purpose: bound and prepared on the server, which saves it parsing and planning.

    A raw cursor ($1, $2 …), because translating the placeholders of so long a statement costs as much as running it.
    """
    connection.ensure_connection()
    allow_preparing(connection.connection)
    try:
        with psycopg.RawCursor(connection.connection) as cursor:
            cursor.execute(statement, values, prepare=True)
    except psycopg.IntegrityError as error:
        raise IntegrityError(*error.args) from error
    except psycopg.Error as error:
        if not connection.in_atomic_block:
            connection.close()
        raise DatabaseError(*error.args) from error


def allow_preparing(database: Any) -> None:
    """Django switches preparing off for the whole connection, and then ``prepare=True`` alone does nothing.

    Django's own cursors bind on this side and are not touched by this.
    """
    if database.prepare_threshold is None:
        database.prepare_threshold = PREPARE_AFTER


def _insert_in_turn(rows: Sequence[models.Model]) -> None:
    with transaction.atomic():
        for model, group in groupby(rows, key=type):
            cast(type[models.Model], model)._base_manager.bulk_create(list(group))
