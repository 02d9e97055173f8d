"""A pytest plugin: the tests that failed, a line each, in the file that ``LINLI_FAILED`` names (none failed: no file).

``pytest @FILE`` runs them again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_failed: dict[str, None] = {}


def pytest_runtest_logreport(report: Any) -> None:
    """Called for every test, also for those that another process ran."""
    if report.failed:
        _failed[report.nodeid] = None


def pytest_sessionfinish(session: Any) -> None:
    named = os.environ.get("LINLI_FAILED", "")
    if named and _failed and not hasattr(session.config, "workerinput"):
        Path(named).write_text("".join(f"{each}\n" for each in _failed), encoding="utf-8")
