"""What others asked before and were answered: verified replies of public matters, masked as on the public ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from linli.core.matters import masks
from linli.core.matters.actions.following import is_public
from linli.core.matters.ledger.erasing import ERASED_TEXT
from linli.core.matters.models import Entry, Matter, State
from linli.insight.duplicates import Likely

_LONG: Final = 160


@dataclass(frozen=True)
class Reply:
    """A published answer: what was asked, what was done, when."""

    number: str
    title: str
    text: str
    at: datetime


def published(found: Sequence[Likely], most: int = 2) -> list[Reply]:
    """Of these, the closed public ones whose result a second person verified; one question for all their replies."""
    closed = [one.matter for one in found if _may_be_told(one.matter)][:most]
    if not closed:
        return []
    said = _resolutions(closed)
    return [
        Reply(m.number, masks.title(m.text), masks.excerpt(said[m.pk], _LONG), m.verified_at or m.opened_at)
        for m in closed
        if said.get(m.pk)
    ]


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
