"""A pytest plugin: say loudly which browser tests were skipped, and fail where ``LINLI_NO_SKIP`` forbids it."""

from __future__ import annotations

import os
from typing import Any

_skipped: dict[str, str] = {}
STRICT = os.environ.get("LINLI_NO_SKIP", "") not in ("", "0")


def pytest_runtest_logreport(report: Any) -> None:
    """Called for every test, also for those that another process ran."""
    if report.skipped and "e2e" in report.keywords and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skipped[report.nodeid] = reason.removeprefix("Skipped: ")


def pytest_sessionfinish(session: Any) -> None:
    if STRICT and _skipped and not hasattr(session.config, "workerinput") and session.exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _skipped:
        return
    write = terminalreporter.write_line
    write("")
    write("!" * 78, red=True, bold=True)
    write(f"！！ 跳过了 {len(_skipped)} 项浏览器测试，页面没有在真浏览器里走过：", red=True, bold=True)
    for reason in sorted(set(_skipped.values())):
        write(f"     {reason}", red=True)
    write("     Debian 上先装：apt install chromium fonts-noto-cjk", red=True)
    write("!" * 78, red=True, bold=True)
