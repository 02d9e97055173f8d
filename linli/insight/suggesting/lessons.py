"""What people made of suggestions, and what was given back: what the next model learns from. Nobody's name is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from linli.core.matters.models import Matter, State
from linli.insight.models import Lesson
from linli.kit.ids import new_id

LEVEL = 4  # digits of a category's code that a model learns: what a rule dispatches by


def keep(
    district_id: int, matter_id: UUID, what: str, source: str, at: datetime, *, said: str = "", meant: str = "",
    reason: str = "",
) -> None:  # fmt: skip
    """One lesson; the same one twice is one."""
    Lesson.objects.get_or_create(
        district_id=district_id, matter_id=matter_id, what=what, source=source, at=at,
        defaults={"id": new_id(), "said": said, "meant": meant, "reason": reason},
    )  # fmt: skip


def rows(district_id: int) -> Iterator[tuple[str, str]]:
    """Text and category of matters on which somebody judged a suggestion, oldest first; closed ones are history anyway.

    A refused suggestion teaches by what people chose instead; one that nobody replaced teaches nothing yet.
    """
    told = Lesson.objects.filter(district_id=district_id, what="category").values("matter_id")
    judged = Matter.objects.filter(district_id=district_id, pk__in=told, confidential=False)
    judged = judged.exclude(category="").exclude(state=State.CLOSED).order_by("pk")
    for text, category in judged.values_list("text", "category").iterator(chunk_size=2000):
        if len(category) >= LEVEL and text.strip():
            yield text, category[:LEVEL]
