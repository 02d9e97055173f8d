"""Many whole rows of one table at once, without an instance for each: COPY on PostgreSQL, ``executemany`` on SQLite.

For what an act writes by the ten thousand, as a frozen roll. ``kit.writer`` is for the few rows of an ordinary act.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import connection, models


def fill(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write ``rows``, each with the values of ``names`` (attribute names of every column) in their order.

    Takes part in the transaction that is going on. Raises IntegrityError where a constraint is hurt.
    """
    known = {field.attname: field for field in model._meta.local_concrete_fields}
    if set(names) != set(known):
        raise TypeError(f"{model.__name__} needs {sorted(known)}, not {sorted(names)}")
    fields = [known[name] for name in names]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            told = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
                for row in rows:
                    into.write_row(_with_json(row, told) if told else row)
            return
        marks = ", ".join(["%s"] * len(fields))
        prepared = [[f.get_db_prep_save(v, connection) for f, v in zip(fields, row, strict=True)] for row in rows]
        # Names of our own tables and columns only; every value is a parameter.
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", prepared)  # noqa: S608


def _with_json(row: Sequence[Any], told: Sequence[int]) -> list[Any]:
    values = list(row)
    for n in told:
        values[n] = None if values[n] is None else orjson.dumps(values[n]).decode()
    return values
