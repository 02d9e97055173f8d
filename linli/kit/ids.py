"""Ids made by the application: time-ordered, so that newest-first is a walk along the primary key."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

import uuid_utils

_AS_OF: ContextVar[datetime | None] = ContextVar("as_of", default=None)

_last: list[uuid.UUID | None] = [None]


@contextmanager
def as_of(at: datetime) -> Iterator[None]:
    """What is told of the past inside takes its place there, as if it had been written then: for the demo's month."""
    token = _AS_OF.set(at)
    try:
        yield
    finally:
        _AS_OF.reset(token)


def new_id() -> uuid.UUID:
    """A UUIDv7 as the standard library's type."""
    if (at := _AS_OF.get()) is not None:
        return _next_at(at)
    return uuid.UUID(int=uuid_utils.uuid7().int)


def _next_at(at: datetime) -> uuid.UUID:
    """Of one moment, each after the one before: rows of one act are told in the order of their ids."""
    made = id_at(at)
    last = _last[0]
    if last is not None and made < last and last.int >> 80 == made.int >> 80:
        made = uuid.UUID(int=last.int + 1)
    _last[0] = made
    return made


def id_at(at: datetime) -> uuid.UUID:
    """A UUIDv7 of another time: what happened long ago takes its place among what happened then."""
    made = int(at.timestamp() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    made &= ~(0xF000 << 64 | 0xC000 << 48)
    return uuid.UUID(int=made | 0x7000 << 64 | 0x8000 << 48)
