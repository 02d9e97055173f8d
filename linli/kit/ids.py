"""Ids made by the application: time-ordered, so that newest-first is a walk along the primary key."""

from __future__ import annotations

import uuid

import uuid_utils


def new_id() -> uuid.UUID:
    """A UUIDv7 as the standard library's type."""
    return uuid.UUID(int=uuid_utils.uuid7().int)
