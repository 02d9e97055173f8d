"""The records of this room: a round with what its doors came to, every voice word for word, and the groups.

Names that speakers left are deleted half a year after the end, so no record takes them: only their salted digest.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from linli.core.matters import records
from linli.core.matters.records import Book, Rows, columns
from linli.offices.opinions.models import Group, Opinion, Round, Stretch
from linli.offices.opinions.models.rounds import State

ROUND, VOICE, GROUP = "round", "voice", "group"
_ROUND: Final = (
    "code", "place_id", "title", "about", "questions", "roles", "starts_on", "ends_on", "matter_id", "url", "by",
    "state", "opened_at", "ended_at", "published_at",
)  # fmt: skip
_STRETCH: Final = ("building_id", "doors", "spoke", "nothing", "nobody", "declined")
_VOICE: Final = (
    "round_id", "building_id", "question", "text", "digest", "erased_at", "erased_by", "erased_why", "quiet", "via",
    "by", "names_digest", "author_id", "receipt_hash", "at", "correction", "reply", "replied_by", "replied_at",
    "group_id",
)  # fmt: skip
_GROUP: Final = ("round_id", "title", "by", "at", "merged_into_id", "matter_id")


def register() -> None:
    records.book(Book(ROUND, _("征求意见"), _rounds, lambda row: str(row.code), _said))
    voices = Opinion.objects.select_related
    records.book(Book(VOICE, _("征求来的原话"), lambda: voices("round"), _of_round, _said_voice))
    groups = Group.objects.select_related
    records.book(Book(GROUP, _("意见的归并"), lambda: groups("round"), _of_round, _said_group))


def _rounds() -> QuerySet[Round]:
    """A draft asks nobody, and may be thrown away."""
    return Round.objects.exclude(state=State.DRAFT)


def _of_round(row: Any) -> str:
    return str(row.round.code)


def _said(rows: Rows) -> list[Any]:
    """The round, and from its end on the counts of every building."""
    houses: dict[uuid.UUID, list[Any]] = {}
    mine = {"district_id__in": {row.district_id for row in rows}, "round_id__in": [row.pk for row in rows]}
    for one in Stretch.objects.filter(**mine).order_by("round_id", "pk"):
        houses.setdefault(one.round_id, []).append(columns(one, *_STRETCH))
    return [columns(row, *_ROUND) | {"houses": houses.get(row.pk, [])} for row in rows]


def _said_voice(rows: Rows) -> list[Any]:
    return [columns(row, *_VOICE) for row in rows]


def _said_group(rows: Rows) -> list[Any]:
    return [columns(row, *_GROUP) for row in rows]
