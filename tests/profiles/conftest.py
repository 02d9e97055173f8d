"""Plans are made once a session: they are pure values that no test can change."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from linli.profiles import Profile, load_profile
from linli.profiles.plan import Plan, build


@cache
def _profile(slug: str) -> Profile:
    return load_profile(slug)


@cache
def _plan(slug: str) -> Plan:
    return build(_profile(slug))


@pytest.fixture(scope="session")
def profile() -> Callable[[str], Profile]:
    return _profile


@pytest.fixture(scope="session")
def plan() -> Callable[[str], Plan]:
    return _plan
