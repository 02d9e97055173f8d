"""Processes that do not outlive whoever started them."""

from __future__ import annotations

import contextlib
import ctypes
import signal

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Called in a child. A parent killed with -9 cannot stop its children; the kernel does (Linux, prctl(2)).

    Else a child would keep for good what it inherited: the port of a server, the lock of somebody who learns.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
