"""Emptying the test database after a test with real transactions: the ledger's triggers refuse that, rightly.

``tests/conftest.py`` imports the fixture; it then holds for every test of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase

from linli.core.matters import triggers


@pytest.fixture(scope="session", autouse=True)
def flushable_ledger() -> Iterator[None]:
    """Lift the triggers around the flush, and only there: inside the tests they stand."""
    original = TransactionTestCase._fixture_teardown

    def teardown(case: Any) -> None:
        with triggers.lifted():
            original(case)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    yield
    patch.undo()
