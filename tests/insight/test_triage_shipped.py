"""The starting model is learnt once, by one process at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from linli.insight.triage import shipped

pytestmark = pytest.mark.system("T4")


def test_whoever_finds_another_at_it_leaves_it_to_that_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[Path] = []
    monkeypatch.setattr(shipped, "shipped", learnt.append)
    folder = tmp_path / "insight"
    shipped.alone(folder)
    assert learnt == [folder]
    with (folder / "triage.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        shipped.alone(folder)
        assert learnt == [folder]
    shipped.alone(folder)  # the other one died before it was done
    assert learnt == [folder, folder]
