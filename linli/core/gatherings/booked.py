"""The records of this room: sittings with their agenda, minutes with or without a topic, and resolutions."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.core.gatherings.models import AgendaItem, Attendance, Gathering, Minutes, Resolution
from linli.core.matters import records
from linli.core.matters.records import Book, Rows, columns

GATHERING, MINUTES, RESOLUTION = "gathering", "minutes", "resolution"
# What people were told of it. Its place may end and its host change posts: that is their own history.
_GATHERING: Final = (
    "number", "kind_id", "title", "text", "starts_at", "ends_at", "room_id", "where", "public", "state", "called_at",
    "began_at", "ended_at", "waived", "reason",
)  # fmt: skip
_ITEM: Final = (
    "position", "matter_id", "title", "minutes", "state", "procedure", "outcome", "text", "discussed_at",
)  # fmt: skip
_THERE: Final = ("label", "evidence", "state")
_MINUTES: Final = ("gathering_id", "version", "text", "digest", "by", "published_at")
_RESOLUTION: Final = (
    "gathering_id", "item_id", "seq", "text", "owner_id", "due_on", "review_on", "state", "review", "satisfied",
    "dissatisfied", "rounds", "made_at", "reviewed_at",
)  # fmt: skip


def register() -> None:
    records.book(Book(GATHERING, _("会"), _gatherings, lambda row: str(row.number), _said))
    records.book(
        Book(MINUTES, _("纪要"), lambda: Minutes.objects.select_related("gathering"), _versioned, _said_minutes)
    )
    resolutions = Resolution.objects.select_related
    records.book(Book(RESOLUTION, _("决议"), lambda: resolutions("gathering"), _numbered, _said_resolution))


def _gatherings() -> QuerySet[Gathering]:
    """Nobody has been told of a draft."""
    return Gathering.objects.exclude(state="draft")


def _said(rows: Rows) -> list[Any]:
    """The sitting, its agenda, and once it has ended who was there."""
    mine = {"district_id__in": {row.district_id for row in rows}, "gathering_id__in": [row.pk for row in rows]}
    items: dict[uuid.UUID, list[Any]] = {}
    for item in AgendaItem.objects.filter(**mine).order_by("gathering_id", "position", "pk"):
        items.setdefault(item.gathering_id, []).append(columns(item, *_ITEM))
    there: dict[uuid.UUID, list[Any]] = {}
    for one in Attendance.objects.filter(**mine).order_by("gathering_id", "pk"):
        there.setdefault(one.gathering_id, []).append(columns(one, *_THERE))
    return [
        columns(row, *_GATHERING)
        | {"items": items.get(row.pk, []), "there": there.get(row.pk, []) if row.state in ("ended", "minuted") else []}
        for row in rows
    ]


def _versioned(row: Minutes) -> str:
    return f"{row.gathering.number} v{row.version}"


def _said_minutes(rows: Rows) -> list[Any]:
    return [columns(row, *_MINUTES) for row in rows]


def _numbered(row: Resolution) -> str:
    return f"{row.gathering.number}-{row.seq}"


def _said_resolution(rows: Rows) -> list[Any]:
    return [columns(row, *_RESOLUTION) for row in rows]
