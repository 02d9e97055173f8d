"""Two scopes and a second district beside them, for what must not reach across. Some files have one of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Town
from tests.permissions import scene as scenes
from tests.permissions.scene import Scene


@pytest.fixture
def far(db: Any, monkeypatch: pytest.MonkeyPatch) -> Town:
    return scenes.foreign(monkeypatch)


@pytest.fixture
def scene(far: Town, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Scene:
    """The two scopes, and a second district beside them whose logins begin with ``far-``."""
    scenes.warm(monkeypatch, tmp_path)
    town.users |= {user.username: user for user in far.users.values()}
    return scenes.build(town)
