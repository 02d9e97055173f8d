"""The records of this room: a covenant with its versions, votes and history; what was said to it, and the answers."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from linli.core.matters import records
from linli.core.matters.records import Book, Rows, columns
from linli.offices.covenants.models import Answer, Comment, Covenant, Event, Passage, Support, Version

COVENANT, COMMENT = "covenant", "comment"
_COVENANT: Final = (
    "number", "kind", "title", "purpose", "matter_id", "state", "newest", "shown", "opens_on", "closes_on",
    "replaces_id", "made_at", "ended_on",
)  # fmt: skip
_VERSION: Final = ("number", "title", "text", "why", "previous", "digest", "by", "at")
_PASSAGE: Final = (
    "number", "digest", "question_id", "cautions", "why", "by", "at", "since", "until", "review_on", "outcome",
    "settled_at", "filed_on", "filed_with", "filed_as",
)  # fmt: skip
_EVENT: Final = ("seq", "act", "number", "text", "data", "by", "at")
_COMMENT: Final = (
    "covenant_id", "number", "article", "text", "digest", "erased_at", "erased_by", "erased_why", "author_id",
    "recorded_by_id", "helper", "receipt_hash", "outcome", "at",
)  # fmt: skip
_ANSWER: Final = ("outcome", "number", "text", "by", "at")


def register() -> None:
    records.book(Book(COVENANT, _("公约"), Covenant.objects.all, lambda row: str(row.number), _said))
    comments = Comment.objects.select_related
    records.book(Book(COMMENT, _("公约的意见"), lambda: comments("covenant"), _of_covenant, _commented))


def _of_covenant(row: Comment) -> str:
    return str(row.covenant.number)


def _said(rows: Rows) -> list[Any]:
    mine = {"district_id__in": {row.district_id for row in rows}, "covenant_id__in": [row.pk for row in rows]}
    versions: dict[uuid.UUID, list[Any]] = {}
    for version in Version.objects.filter(**mine).order_by("covenant_id", "number"):
        versions.setdefault(version.covenant_id, []).append(columns(version, *_VERSION))
    passages: dict[uuid.UUID, list[Any]] = {}
    for passage in Passage.objects.filter(**mine).order_by("covenant_id", "pk"):
        passages.setdefault(passage.covenant_id, []).append(columns(passage, *_PASSAGE))
    events: dict[uuid.UUID, list[Any]] = {}
    for event in Event.objects.filter(**mine).order_by("covenant_id", "seq"):
        events.setdefault(event.covenant_id, []).append(columns(event, *_EVENT))
    return [
        columns(row, *_COVENANT)
        | {"versions": versions.get(row.pk, []), "passages": passages.get(row.pk, []), "events": events.get(row.pk, [])}
        for row in rows
    ]


def _commented(rows: Rows) -> list[Any]:
    mine = {"district_id__in": {row.district_id for row in rows}, "comment_id__in": [row.pk for row in rows]}
    answers: dict[uuid.UUID, list[Any]] = {}
    for answer in Answer.objects.filter(**mine).order_by("comment_id", "pk"):
        answers.setdefault(answer.comment_id, []).append(columns(answer, *_ANSWER))
    marks = Support.marks(rows)
    return [columns(row, *_COMMENT) | {"answers": answers.get(row.pk, []), "same": marks[row.pk]} for row in rows]
