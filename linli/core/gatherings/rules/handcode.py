"""The host's rotating code: six digits on the host's screen, good for the minute they are shown and its neighbours.

HMAC-SHA-256 of a secret that never leaves the server. Who types it was told it by somebody in the room; a peer who is
there vouches besides, so a code passed on by telephone is not enough. Never a location.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Final

WINDOW: Final = 60  # seconds
DIGITS: Final = 6


def code_at(secret: str, moment: datetime) -> str:
    """What the host's screen shows at this moment."""
    return _code(secret, _window(moment))


def seconds_left(moment: datetime) -> int:
    """How long the present code is shown yet."""
    return WINDOW - int(moment.timestamp()) % WINDOW


def is_code(secret: str, typed: str, moment: datetime) -> bool:
    """Whether these digits were shown within a window of now. Every window is compared, in constant time each."""
    digits = "".join(c for c in typed[:40] if c.isdecimal() and c.isascii())
    window = _window(moment)
    fits = [hmac.compare_digest(_code(secret, window + by), digits) for by in (-1, 0, 1)]
    return any(fits)


def _window(moment: datetime) -> int:
    return int(moment.timestamp()) // WINDOW


def _code(secret: str, window: int) -> str:
    digest = hmac.new(secret.encode(), f"linli.gathering.v1\0{window}".encode(), hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**DIGITS).zfill(DIGITS)
