"""What people made of suggestions, and what was given back: what the next model learns from. Nobody's name is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

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


# The strongest word about a matter first: somebody said no, somebody gave it back, somebody said yes.
SOURCES = ("refused", "returned", "taken")


def judged(district_id: int) -> Iterator[tuple[str, str, str]]:
    """Source, text and category of matters that somebody judged or gave back, oldest first; closed ones are history.

    A refused suggestion or a return teaches by what people chose instead; where nobody has chosen, nothing yet.
    """
    kept = Lesson.objects.filter(district_id=district_id).filter(Q(what="category") | Q(source="returned"))
    by_matter: dict[UUID, str] = {}
    for matter_id, source in kept.values_list("matter_id", "source").iterator(chunk_size=2000):
        held = by_matter.get(matter_id)
        if held is None or SOURCES.index(source) < SOURCES.index(held):
            by_matter[matter_id] = source
    found = Matter.objects.filter(district_id=district_id, pk__in=kept.values("matter_id"), confidential=False)
    found = found.exclude(category="").exclude(state=State.CLOSED).order_by("pk")
    for matter_id, text, category in found.values_list("pk", "text", "category").iterator(chunk_size=2000):
        if len(category) >= LEVEL and text.strip():
            yield by_matter[matter_id], text, category[:LEVEL]


def rows(district_id: int) -> Iterator[tuple[str, str]]:
    """The same as examples: text and category."""
    for _source, text, category in judged(district_id):
        yield text, category
