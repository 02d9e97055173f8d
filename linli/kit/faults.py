"""A page that broke leaves one line in the log: where, what kind, which lines of code; never what somebody wrote.

The text of an exception may quote a row or a form, and a path may be a receipt: neither is kept.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import traceback
from typing import Any, Final

import structlog
from django.db import Error, InterfaceError, OperationalError

log = structlog.get_logger()
FRAMES = 12  # the innermost are the ones that tell
# What a disk says that is full, or can only be read; a picture, a spooled form and a paper all end there.
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
READ_ONLY: Final = "25006"  # PostgreSQL's word of a standby: a failover that is not over yet


def passing(error: BaseException | None) -> str:
    """Which part of the house is gone for now, ``database`` or ``disk``; empty where the fault is our own.

    Nothing is wrong with what was asked, and the same will do once the part is back: visitors are told so.
    """
    if isinstance(error, OSError):
        return "disk" if error.errno in FULL else ""
    if not isinstance(error, Error):
        return ""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # A table that is missing or a statement that cannot be read has the plainest code, and stays a fault.
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        gone = isinstance(error, OperationalError) and code != sqlite3.SQLITE_ERROR
        return "" if not gone else "disk" if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY) else "database"
    standby = getattr(cause, "sqlstate", None) == READ_ONLY
    return "database" if standby or isinstance(error, OperationalError | InterfaceError) else ""


def tell_passing(request: Any, error: BaseException, part: str) -> None:
    """One short line for a visitor who was sent away: where it happened, what was gone, PostgreSQL's code if any."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    log.error("request.unavailable", **_where(request), part=part, error=type(error).__name__, state=state,
              at=_lines(error.__traceback__)[-1:])  # fmt: skip


class Handler(logging.Handler):
    """Hears Django's ``django.request`` and says what is ours to mend, in the manner of every other line."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            kind, error, frames = record.exc_info or (None, None, None)
            if kind is None or passing(error):  # a page that answers 503 by itself; and what was told already
                return
            log.error("request.broken", **_where(getattr(record, "request", None)),
                      error=kind.__name__, at=_lines(frames))  # fmt: skip
        except Exception:
            self.handleError(record)


def _where(request: Any) -> dict[str, str]:
    """The address as the table of addresses spells it, with the names of its parts and not their values."""
    match = getattr(request, "resolver_match", None)
    return {"method": getattr(request, "method", None) or "", "route": match.route if match else ""}


def _lines(frames: Any) -> list[str]:
    found = traceback.extract_tb(frames)[-FRAMES:] if frames else []
    return [f"{'/'.join(frame.filename.split('/')[-4:])}:{frame.lineno} {frame.name}" for frame in found]
