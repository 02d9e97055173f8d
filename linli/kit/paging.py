"""Keyset paging: newest first, by time and id. A cursor is the place where the last page ended.

A page number would drift while matters arrive and would make the database count; a cursor does neither. It is
opaque (its form may change) and unsigned: it opens nothing, because the list it continues is scoped by the caller.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from linli.kit.refusal import Refused

Row = TypeVar("Row", bound=Model)

_FORM = struct.Struct(">Bq16s")
_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadCursorError(Refused):
    """A cursor that no list of ours has handed out."""

    def __init__(self) -> None:
        super().__init__(_("翻页的标记不对，请从第一页看起。"))


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, and the cursor of the next one where there is more."""

    items: Sequence[Row]
    next: str | None


def encode(at: datetime, key: UUID) -> str:
    """The cursor that stands behind the row opened ``at`` with the id ``key``."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_FORM.pack(_VERSION, micros, key.bytes)).rstrip(b"=").decode()


def decode(cursor: str) -> tuple[datetime, UUID]:
    """What ``encode`` packed. Raises BadCursorError for anything else."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, micros, key = _FORM.unpack(raw)
        at = _EPOCH + timedelta(microseconds=micros)
    except (binascii.Error, struct.error, ValueError, OverflowError) as error:
        raise BadCursorError from error
    if version != _VERSION or encode(at, UUID(bytes=key)) != cursor:
        raise BadCursorError
    return at, UUID(bytes=key)


def after(rows: QuerySet[Row], cursor: str, *, at: str) -> QuerySet[Row]:
    """``rows`` behind the cursor, newest first.

    ``at <= t`` stands alone so that an index on (…, at) is read as a range; the pair settles rows of one instant.
    """
    when, key = decode(cursor)
    return rows.filter(**{f"{at}__lte": when}).filter(Q(**{f"{at}__lt": when}) | Q(pk__lt=key))


def page(rows: QuerySet[Row], *, cursor: str | None = None, limit: int = 50, at: str = "opened_at") -> Page[Row]:
    """One page of ``rows``; reads one row more than it shows, to know whether there is a next page."""
    if cursor:
        rows = after(rows, cursor, at=at)
    found: list[Any] = list(rows.order_by(f"-{at}", "-pk")[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    return Page(items=shown, next=encode(getattr(shown[-1], at), shown[-1].pk) if more else None)
