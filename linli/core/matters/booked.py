"""The records of this room itself: links that no act of a matter tells, and admissions (社区准入)."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.core.matters import records
from linli.core.matters.models import Admission, Link
from linli.core.matters.records import Book, Rows, columns

LINK, ADMISSION = "link", "admission"
_LINK: Final = ("source_id", "target_id", "type", "reason", "at", "ended_at")
_ADMISSION: Final = (
    "number", "department_id", "title", "basis", "place_id", "state", "since", "until", "applied_by_id",
    "decided_by_id", "decided_at", "reason", "at",
)  # fmt: skip


def register() -> None:
    records.book(Book(LINK, _("两件事的关联"), _links, _between, _said_link))
    records.book(Book(ADMISSION, _("社区准入"), _leaves, _number, _said_admission))


def _links() -> QuerySet[Link]:
    """What was merged is told by both timelines."""
    return Link.objects.exclude(type="merged_into").select_related("source", "target")


def _between(row: Link) -> str:
    return f"{row.source.number} → {row.target.number}"


def _said_link(rows: Rows) -> list[Any]:
    return [columns(row, *_LINK) for row in rows]


def _leaves() -> QuerySet[Admission]:
    return Admission.objects.select_related("place")


def _number(row: Admission) -> str:
    return row.number


def _said_admission(rows: Rows) -> list[Any]:
    """How far a leave reaches is its place's own path, always: another one is said, which no act ever does."""
    return [
        columns(row, *_ADMISSION) | ({} if row.scope_path == row.place.path else {"reaches": row.scope_path})
        for row in rows
    ]
