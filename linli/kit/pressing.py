"""What every press does beside drawing: it reads one JSON object, writes the file aside, and says what went wrong.

A press is a process of its own, run by its path; it knows nothing of Django, and neither does this.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def run(draw: Callable[[dict[str, Any]], bytes]) -> int:
    """Draw, and write ``asked["out"]`` synced; whoever asked renames it. What goes wrong is one line on stderr."""
    asked = json.load(sys.stdin)
    try:
        drawn = draw(asked)
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        return 1
    with open(asked["out"], "wb") as file:
        file.write(drawn)
        file.flush()
        os.fsync(file.fileno())
    return 0
