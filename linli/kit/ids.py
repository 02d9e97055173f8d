"""Ids made by the application: time-ordered, so that newest-first is a walk along the primary key."""

from __future__ import annotations

import os
import uuid
from datetime import datetime

import uuid_utils


def new_id() -> uuid.UUID:
    """A UUIDv7 as the standard library's type."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def id_at(at: datetime) -> uuid.UUID:
    """A UUIDv7 of another time: what happened long ago takes its place among what happened then."""
    made = int(at.timestamp() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    made &= ~(0xF000 << 64 | 0xC000 << 48)
    return uuid.UUID(int=made | 0x7000 << 64 | 0x8000 << 48)
