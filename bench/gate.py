"""The line between what a part makes ready and what it times.

Parts that make much and time little are begun beside one another and stop here, each ``let through`` when nothing else
runs. A part that runs by itself passes without waiting.
"""

from __future__ import annotations

import os
import sys

WAITS = "BENCH_GATE"
READY = "ready"


def reached() -> None:
    """Everything is made: what follows is timed."""
    if os.environ.get(WAITS):
        print(READY, flush=True)
        sys.stdin.readline()
