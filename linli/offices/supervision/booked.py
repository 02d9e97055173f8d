"""The records of this room: issues of a bulletin. Orders and key tasks are clocks and matters, proved as such."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from linli.core.matters import records
from linli.core.matters.records import Book, Rows, columns
from linli.offices.supervision.models import Issue

ISSUE = "issue"
_ISSUE: Final = ("bulletin_id", "version", "at", "by_id", "actor", "reason", "public", "content", "digest")


def register() -> None:
    issues = Issue.objects.select_related
    records.book(Book(ISSUE, _("通报"), lambda: issues("bulletin"), _named, _said))


def _named(row: Issue) -> str:
    return f"{row.bulletin.number} v{row.version}"


def _said(rows: Rows) -> list[Any]:
    return [columns(row, *_ISSUE) for row in rows]
