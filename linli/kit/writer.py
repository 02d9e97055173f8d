"""One small writer: all rows of one act in one round trip.

The cost of an intake is its statements, not Python. On PostgreSQL the rows of an act go in one data-modifying
statement (``WITH a AS (INSERT …), b AS (INSERT …) SELECT 1``), which is one transaction by itself and, on a distributed
database, one task on one shard. SQLite has no such statement: there the same rows go in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from psycopg import errors as pg


@lru_cache(maxsize=64)
def _columns(model: type[models.Model]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    """The quoted table with its column list, and the fields in that order."""
    fields = tuple(model._meta.local_concrete_fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    return f'"{model._meta.db_table}" ({names})', fields


@lru_cache(maxsize=256)
def _statement(shape: tuple[tuple[type[models.Model], int], ...]) -> str:
    parts = []
    for i, (model, count) in enumerate(shape):
        head, fields = _columns(model)
        row = "(" + ", ".join(["%s"] * len(fields)) + ")"
        parts.append(f"w{i} AS (INSERT INTO {head} VALUES {', '.join([row] * count)})")
    return f"WITH {', '.join(parts)} SELECT 1"


def insert(rows: Sequence[models.Model]) -> None:
    """Write ``rows`` (whole instances with their ids) together or not at all.

    Rows of one model must stand together, a referenced row before those that refer to it. Raises IntegrityError where
    a constraint is hurt, with nothing written. Inside a transaction it takes part in it.
    """
    if connection.vendor == "postgresql":
        _insert_postgresql(rows)
    else:
        _insert_in_turn(rows)


def _insert_postgresql(rows: Sequence[models.Model]) -> None:
    shape: list[tuple[type[models.Model], int]] = []
    values: list[Any] = []
    for model, group in groupby(rows, key=type):
        _, fields = _columns(model)
        members = list(group)
        shape.append((model, len(members)))
        for row in members:
            values.extend(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields)
    connection.ensure_connection()
    raw = connection.connection
    if connection.in_atomic_block:
        # A savepoint, so that the caller may go on after a hurt constraint (a repeated key).
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_statement(tuple(shape)), values)
        return
    try:
        # Past Django's cursor on purpose: a prepared statement saves the planning, half of the server's work here.
        raw.execute(_statement(tuple(shape)), values, prepare=True)
    except pg.IntegrityError as error:
        raise IntegrityError(*error.args) from error
    except pg.Error as error:
        connection.close_if_unusable_or_obsolete()
        raise DatabaseError(*error.args) from error


def _insert_in_turn(rows: Sequence[models.Model]) -> None:
    with transaction.atomic():
        for model, group in groupby(rows, key=type):
            model._base_manager.bulk_create(list(group))
