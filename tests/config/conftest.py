"""One loaded district a module: each test runs inside a savepoint of it and is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from linli.config.loading import Loaded, load


@pytest.fixture(scope="module")
def loaded(request: pytest.FixtureRequest, django_db_setup: Any, django_db_blocker: Any) -> Iterator[Loaded]:
    """The district that the module names in ``PROFILE``, with demo logins."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(request.module.PROFILE, demo=True, report=lambda line: None)
        transaction.set_rollback(True)
