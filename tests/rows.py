"""The rows of a table as the database gave them, put in again by one statement: for what many tests begin with."""

from __future__ import annotations

from typing import Any

from django.db import connection


def read(table: str, where: str = "TRUE") -> Any:
    """Rows of a table in the database's own words; ``write`` takes them back."""
    picked = f'SELECT * FROM "{table}" WHERE {where}'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ({picked}) TO STDOUT (FORMAT BINARY)") as copy:  # type: ignore[attr-defined]
                return b"".join(bytes(part) for part in copy)
        cursor.execute(picked)
        return cursor.fetchall()


def write(table: str, held: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT BINARY)') as copy:  # type: ignore[attr-defined]
                copy.write(held)
        elif held:
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({", ".join(["%s"] * len(held[0]))})', held)
