"""Which tables a backup holds and how a row travels: as a JSON list that either database can take in.

A value is written the way it reads in JSON: ids with hyphens, times in UTC ending in Z, decimals as text, sealed bytes
in base64. PostgreSQL takes these texts through COPY as they are; for SQLite they are put into Django's own spelling.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

import orjson
from django.apps import apps
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

Model = type[models.Model]
Put = Callable[[Any], Any]

# Counters of the running minute and sign-in codes of the last five: worthless or worse elsewhere. Posters are drawn
# again in minutes; their files do not travel, so neither do the rows that speak of them.
SKIPPED: Final = frozenset({"kit.Rate", "people.OneTimeCode", "posters.Run", "posters.Part"})
BATCH: Final = 2000
_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


@cache
def own_apps() -> frozenset[str]:
    """Labels of our own rooms; Django's tables (sessions, content types) are no state worth moving."""
    return frozenset(config.label for config in apps.get_app_configs() if config.name.startswith("linli."))


def tables() -> list[Model]:
    """All tables of our rooms, a referenced one before those that refer to it."""
    found: dict[Model, None] = {}

    def visit(model: Model) -> None:
        if model in found or model._meta.app_label not in own_apps() or model._meta.label in SKIPPED:
            return
        for field in model._meta.local_concrete_fields:
            if field.remote_field is not None and field.remote_field.model is not model:
                visit(field.remote_field.model)
        found[model] = None

    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy and model._meta.managed:
            visit(model)
    return list(found)


def columns(model: Model) -> list[str]:
    return [str(field.column) for field in model._meta.local_concrete_fields]


def attributes(model: Model) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def line(row: Sequence[Any] | dict[str, Any]) -> bytes:
    """One row (or a table's head) as a line."""
    return orjson.dumps(row, default=_plain, option=_OPTIONS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"a backup does not know {type(value).__name__}")


# ── taking in ───────────────────────────────────────────────────────────────────────────────────────────────
def insert(cursor: CursorWrapper, model: Model, lines: Iterable[bytes]) -> int:
    """Write a table's lines; how many there were. Bounded memory on this side of either database."""
    names = ", ".join(connection.ops.quote_name(name) for name in columns(model))
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        return _copy(cursor, f"COPY {table} ({names}) FROM STDIN", _putters(model, _TO_POSTGRESQL), lines)
    marks = ", ".join(["%s"] * len(columns(model)))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own tables and columns only
    return _insert_many(cursor, statement, _putters(model, _TO_SQLITE), lines)


def _copy(cursor: CursorWrapper, statement: str, putters: list[tuple[int, Put]], lines: Iterable[bytes]) -> int:
    count = 0
    with cursor.copy(statement) as copy:
        for text in lines:
            copy.write_row(_put(text, putters))
            count += 1
    return count


def _insert_many(cursor: CursorWrapper, statement: str, putters: list[tuple[int, Put]], lines: Iterable[bytes]) -> int:
    count, batch = 0, []
    for text in lines:
        batch.append(_put(text, putters))
        count += 1
        if len(batch) == BATCH:
            cursor.executemany(statement, batch)
            batch = []
    if batch:
        cursor.executemany(statement, batch)
    return count


def _put(text: bytes, putters: list[tuple[int, Put]]) -> list[Any]:
    row: list[Any] = orjson.loads(text)
    for index, put in putters:
        if row[index] is not None:
            row[index] = put(row[index])
    return row


def _putters(model: Model, how: dict[type[models.Field[Any, Any]], Put]) -> list[tuple[int, Put]]:
    """The columns whose JSON spelling the database would not take, with what respells them."""
    found = []
    for index, field in enumerate(model._meta.local_concrete_fields):
        held = field.target_field if isinstance(field, models.ForeignKey) else field
        put = next((put for kind, put in how.items() if isinstance(held, kind)), None)
        if put is not None:
            found.append((index, put))
    return found


def _sqlite_time(text: str) -> str:
    return f"{text[:10]} {text[11:-1]}"  # 2026-03-05T15:30:00Z → the naive UTC that Django keeps


# JSON is written by the standard library on SQLite, as Django does it: the same bytes as in the original.
_TO_SQLITE: Final[dict[type[models.Field[Any, Any]], Put]] = {
    models.UUIDField: lambda text: text.replace("-", ""),
    models.DateTimeField: _sqlite_time,
    models.JSONField: json.dumps,
    models.BinaryField: base64.b64decode,
}
_TO_POSTGRESQL: Final[dict[type[models.Field[Any, Any]], Put]] = {
    models.JSONField: lambda value: orjson.dumps(value).decode(),
    models.BinaryField: base64.b64decode,
}
