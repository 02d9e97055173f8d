"""The kit's pages are tried without the rooms that stand on it: no entries of theirs, no one of theirs signed in."""

from __future__ import annotations

import pytest

from linli.kit import nav


@pytest.fixture(autouse=True)
def _only_the_kit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.name.startswith("test_shell"):
        monkeypatch.setattr(nav, "_entries", {})
