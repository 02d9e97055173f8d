"""A lock that many writers hold at once: they wait for whoever changes the row's standing, and never for one another.

``select_for_update`` lets one through at a time; a row that every writer of a busy hour locks so is a queue. What a
writer needs is only that the row is not ended in between: PostgreSQL's ``FOR KEY SHARE`` says that. SQLite has one
writer at a time anyway.
"""

from __future__ import annotations

import uuid

from django.db import connection, models


def share(model: type[models.Model], district_id: int, pk: uuid.UUID) -> None:
    """Inside a transaction: from here to its end nobody who takes the row for update comes in between."""
    if connection.vendor != "postgresql":
        return
    table, name = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE {name('district_id')} = %s AND {name('id')} = %s FOR KEY SHARE",  # noqa: S608
            [district_id, pk],
        )
