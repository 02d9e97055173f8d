"""Several bounded looks at matters in one statement.

A desk shows eight counts and a page made of several disjoint index ranges; one round trip serves them, and none is
counted further than its cap, so a desk over a hundred thousand matters stays as quick as one over a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

CAP = 1000
Rows = QuerySet[Any, Any]


def counts(groups: Sequence[Sequence[Rows]], *, cap: int = CAP) -> list[int]:
    """How many rows each group of disjoint querysets holds, up to ``cap``."""
    parts, params = [], []
    for group in groups:
        terms = ["0"]
        for sql, values in filter(None, (_compiled(rows.order_by().values("pk")[:cap]) for rows in group)):
            terms.append(f"(SELECT COUNT(*) FROM ({sql}) AS c)")  # noqa: S608  compiled by the ORM
            params += values
        parts.append(" + ".join(terms))
    if not parts:
        return []
    with connection.cursor() as cursor:
        # Only statements that the ORM compiled are put together here; every value stays a parameter.
        cursor.execute("SELECT " + ", ".join(parts), params)
        row = cursor.fetchone()
    return [min(int(n), cap) for n in row]


def keys(querysets: Sequence[Rows]) -> list[UUID]:
    """The primary keys of several sliced and ordered querysets, in one statement; their order among each other is
    the caller's to make."""
    parts, params = [], []
    for n, (sql, values) in enumerate(filter(None, (_compiled(rows.values("pk")) for rows in querysets))):
        parts.append(f"SELECT * FROM ({sql}) AS k{n}")  # noqa: S608  compiled by the ORM
        params += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return [row[0] if isinstance(row[0], UUID) else UUID(str(row[0])) for row in cursor.fetchall()]


def _compiled(rows: Rows) -> tuple[str, list[Any]] | None:
    """SQL and parameters; None for a queryset that can hold nothing."""
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, list(params)
