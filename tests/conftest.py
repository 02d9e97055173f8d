"""What every test shares: the town, actors, and memory that forgets between tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from linli.core.matters import numbers
from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from linli.kit import memory
from tests import cast
from tests.ledger_flush import flushable_ledger

__all__ = ["flushable_ledger"]


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
    return cast.build()


@pytest.fixture
def act_as(town: cast.Town) -> Callable[[str], Actor]:
    """``act_as("grid")``: the actor behind a member of the cast."""
    return lambda name: actors.for_user(town.users[name].pk)
