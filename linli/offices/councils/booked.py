"""The records of this room: opinions on a topic, who supports one, what was said against it, verdicts of residents."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.core.matters import records
from linli.core.matters.models import Matter, Record
from linli.core.matters.records import Book, Rows, columns
from linli.offices.councils.marks import TOPIC
from linli.offices.councils.models import Dissent, Opinion, Support, Verdict

OPINION, SUPPORT, DISSENT, VERDICT = "opinion", "support", "dissent", "verdict"
_OPINION: Final = (
    "topic_id", "text", "digest", "erased_at", "erased_by", "erased_why", "author_id", "recorded_by_id", "helper",
    "receipt_hash", "reply", "replied_by", "replied_at", "at",
)  # fmt: skip
_DISSENT: Final = ("item_id", "person_id", "label", "text", "at", "asked_at", "content", "answer")
_VERDICT: Final = ("resolution_id", "turn", "mark", "satisfied", "text")


def register() -> None:
    records.book(
        Book(OPINION, _("议题的意见"), lambda: Opinion.objects.select_related("topic"), _of_topic, _said(_OPINION))
    )
    records.book(Book(SUPPORT, _("议题的附议"), _supported, lambda row: str(row.number), _marks))
    against = Dissent.objects.select_related
    records.book(Book(DISSENT, _("不同意见"), lambda: against("item__gathering"), _of_item, _said(_DISSENT)))
    words = Verdict.objects.select_related
    records.book(
        Book(VERDICT, _("居民的评审"), lambda: words("resolution__gathering"), _of_resolution, _said(_VERDICT))
    )


def _of_topic(row: Opinion) -> str:
    return str(row.topic.number)


def _of_item(row: Dissent) -> str:
    return str(row.item.gathering.number)


def _of_resolution(row: Verdict) -> str:
    return f"{row.resolution.gathering.number}-{row.resolution.seq}"


def _said(names: tuple[str, ...]) -> Any:
    return lambda rows: [columns(row, *names) for row in rows]


def _supported() -> QuerySet[Matter]:
    """Topics that somebody supports, or did."""
    now = Exists(Support.objects.filter(district_id=OuterRef("district_id"), matter_id=OuterRef("pk")))
    once = Exists(Record.objects.filter(district_id=OuterRef("district_id"), book=SUPPORT, subject=OuterRef("pk")))
    return Matter.objects.filter(Q(now) | Q(once), kind=TOPIC).only("id", "district_id", "number")


def _marks(rows: Rows) -> list[Any]:
    marks = Support.marks(rows)
    return [marks[row.pk] for row in rows]
