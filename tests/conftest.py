"""What every test shares: the town, actors, and memory that forgets between tests."""

from __future__ import annotations

import gc
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
from tests import cast
from tests.districts import districts
from tests.e2e import templates
from tests.ledger_flush import flushable_ledger

__all__ = ["districts", "flushable_ledger"]
gc.disable()  # until all tests are collected
LONGEST = ("tests/e2e/", "tests/permissions/test_pages.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process ends with a walk of minutes while the others have nothing."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there before the first test stays to the end: the collector need not look through it again and again."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


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
def town(db: Any) -> cast.Town:
    return cast.put()


@pytest.fixture
def act_as(town: cast.Town) -> Callable[[str], Actor]:
    """``act_as("grid")``: the actor behind a member of the cast."""
    return lambda name: actors.for_user(town.users[name].pk)
