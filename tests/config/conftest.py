"""One loaded district a module: each test runs inside a savepoint of it and is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from linli.config.loading import Loaded


@pytest.fixture(scope="module")
def loaded(
    request: pytest.FixtureRequest, django_db_setup: Any, django_db_blocker: Any, districts: Callable[[str], Loaded]
) -> Iterator[Loaded]:
    """The district that the module names in ``PROFILE``, with demo logins."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield districts(request.module.PROFILE)
        transaction.set_rollback(True)
