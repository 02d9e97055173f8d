"""What others asked before and were answered: verified replies of public matters, masked as on the public ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from linli.core.matters import masks
from linli.core.matters.actions.following import is_public
from linli.core.matters.models import Entry, Matter, State
from linli.core.matters.models.matter import ERASED_TEXT
from linli.core.places.tree import tree
from linli.insight.duplicates import Likely
from linli.insight.duplicates.likeness import SURE

_LONG: Final = 160


@dataclass(frozen=True)
class Reply:
    """A published answer: what was asked, what was done, when, and in which community (no nearer than that)."""

    number: str
    title: str
    text: str
    at: datetime
    place: str = ""


def published(found: Sequence[Likely], most: int = 2) -> list[Reply]:
    """Of these, the closed public ones whose result a second person verified; one question for all their replies.

    Only what is surely alike in its words: an answer to something else would send somebody away for nothing.
    """
    closed = [one.matter for one in found if one.likeness >= SURE and _may_be_told(one.matter)][:most]
    if not closed:
        return []
    said = _resolutions(closed)
    return [
        Reply(
            m.number, masks.title(m.text), masks.excerpt(said[m.pk], _LONG), m.verified_at or m.opened_at, _community(m)
        )
        for m in closed
        if said.get(m.pk)
    ]


def _community(matter: Matter) -> str:
    known = tree(matter.district_id)
    node = known.by_id.get(matter.community_id or matter.street_id or known.root.id)
    return node.name if node else ""


def _may_be_told(matter: Matter) -> bool:
    verified = matter.state == State.CLOSED and matter.verified_at is not None
    content = matter.score is None or matter.score >= 3  # what its own reporter found bad is no answer for others
    return verified and content and matter.text != ERASED_TEXT and is_public(matter)


def _resolutions(matters: Sequence[Matter]) -> dict[object, str]:
    """The newest words of each result."""
    rows = Entry.objects.filter(
        district_id=matters[0].district_id, matter_id__in=[m.pk for m in matters], act="resolve"
    )
    return {row.matter_id: row.text for row in rows.order_by("seq").only("matter_id", "text", "district_id")}
