"""The kit's pages are tried without the rooms that stand on it: no entries of theirs, no one of theirs signed in."""

from __future__ import annotations

import pytest

from linli.kit import nav, shell


@pytest.fixture(autouse=True)
def _only_the_kit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.name.startswith("test_shell"):
        monkeypatch.setattr(nav, "_entries", {})
        # What the rooms told the shell when their addresses were read, here or by a test before this one.
        monkeypatch.setattr(shell, "_identity", shell._account)
        monkeypatch.setattr(shell, "_district", lambda request: "")
        monkeypatch.setattr(shell, "_keep", shell._nothing)
