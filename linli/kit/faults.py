"""A page that broke leaves one line in the log: where, what kind, which lines of code; never what somebody wrote.

The text of an exception may quote a row or a form, and a path may be a receipt: neither is kept.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

import structlog

log = structlog.get_logger()
FRAMES = 12  # the innermost are the ones that tell


class Handler(logging.Handler):
    """Hears Django's ``django.request`` and says what is ours to mend, in the manner of every other line."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            kind, _error, frames = record.exc_info or (None, None, None)
            log.error("request.broken", **_where(getattr(record, "request", None)),
                      error=kind.__name__ if kind else "", at=_lines(frames))  # fmt: skip
        except Exception:
            self.handleError(record)


def _where(request: Any) -> dict[str, str]:
    """The address as the table of addresses spells it, with the names of its parts and not their values."""
    match = getattr(request, "resolver_match", None)
    return {"method": getattr(request, "method", None) or "", "route": match.route if match else ""}


def _lines(frames: Any) -> list[str]:
    found = traceback.extract_tb(frames)[-FRAMES:] if frames else []
    return [f"{'/'.join(frame.filename.split('/')[-4:])}:{frame.lineno} {frame.name}" for frame in found]
