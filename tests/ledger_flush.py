"""Emptying the test database after a test with real transactions: the ledger's triggers refuse that, rightly.

Django truncates all hundred-odd tables and writes content types and permissions anew, a second and more for each such
test on PostgreSQL. Here the tables that hold rows are found by one statement and emptied by a second.
``tests/conftest.py`` imports the fixture; it then holds for every test of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

from linli.core.matters import triggers

# What every migrated database has from the start, and no test changes.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def _empty_postgresql() -> None:
    """As a superuser, with triggers and foreign keys asleep for this one transaction."""
    names = sorted(set(connection.introspection.table_names()) - KEPT)
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in names)
        )
        filled = [name for (name,) in cursor.fetchall()]
        deletes = "".join(f"DELETE FROM {quoted(name)};" for name in filled)
        cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletes} COMMIT")


def _may_be_quick() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


@pytest.fixture(scope="session", autouse=True)
def flushable_ledger() -> Iterator[None]:
    """Lift the triggers around the flush, and only there: inside the tests they stand."""
    original = TransactionTestCase._fixture_teardown

    def teardown(case: Any) -> None:
        plain = case.available_apps is None and not case.reset_sequences and not case.serialized_rollback
        if plain and _may_be_quick():
            _empty_postgresql()
            return
        with triggers.lifted():
            original(case)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    yield
    patch.undo()
