"""What every test shares: the town, actors, and memory that forgets between tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import translation

from linli.core.matters import numbers
from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from linli.kit import memory
from tests import cast, standing
from tests.e2e import templates
from tests.ledger_flush import flushable_ledger

__all__ = ["flushable_ledger"]
REAL = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The demos' templates end with the run, not with the process of it that happened to make them."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and not hasattr(session.config, "workerinput"):
        templates.forget(factory.getbasetemp() / "demos")


@pytest.fixture(scope="session", autouse=True)
def _own_var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files and the worker's sign of life of the tests are not those of a demo that runs in the same checkout."""
    var = tmp_path_factory.mktemp("var")
    with override_settings(VAR=var, MEDIA_ROOT=var / "files"):
        yield


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Processes keep configuration in memory, and threads a language; a test must not inherit another's."""
    translation.activate(settings.LANGUAGE_CODE)
    memory.forget()
    actors.forget()
    numbers.forget()
    yield
    memory.forget()
    actors.forget()
    numbers.forget()


@pytest.fixture
def _django_db_helper(_standing: None, _django_db_helper: None) -> None:
    """pytest-django's own, after the town was put up around it or taken down."""


@pytest.fixture(scope="session")
def _taken_down(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        standing.clear()


@pytest.fixture
def _standing(request: pytest.FixtureRequest, _taken_down: None, django_db_blocker: Any) -> None:
    marker = request.node.get_closest_marker("django_db")
    real = bool(marker and (marker.kwargs or marker.args)) or bool(REAL & set(request.fixturenames))
    with django_db_blocker.unblock():
        standing.keep("town" in request.fixturenames and not real)


@pytest.fixture(scope="module")
def bare_database(django_db_setup: None, django_db_blocker: Any) -> None:
    """Asked for first by a fixture that keeps a transaction of its own around the tests of its module."""
    with django_db_blocker.unblock():
        standing.clear()


@pytest.fixture
def town(db: Any) -> cast.Town:
    return standing.town()


@pytest.fixture
def act_as(town: cast.Town) -> Callable[[str], Actor]:
    """``act_as("grid")``: the actor behind a member of the cast."""
    return lambda name: actors.for_user(town.users[name].pk)
