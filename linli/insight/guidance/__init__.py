"""Help before filing (说之前先帮一把): an answer, where else to go, or a stop with its basis. Never a locked door.

``ask`` looks a text up; ``linli.insight.before`` puts it together with the matters that one may follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linli.core.places.tree import Node
from linli.insight.duplicates import Likely, likely
from linli.insight.duplicates.likeness import MAYBE
from linli.insight.guidance.notes import Note, leading
from linli.insight.guidance.replies import Reply, published

__all__ = ["Guidance", "Note", "Reply", "ask", "guide"]
LOOKED_AT = 12


@dataclass(frozen=True)
class Guidance:
    """``urgent`` stands above everything; ``stop`` and ``redirect`` say where to go; ``answers``, ``replies`` help."""

    urgent: Note | None = None
    stop: Note | None = None
    redirect: Note | None = None
    answers: tuple[Note, ...] = ()
    replies: tuple[Reply, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.urgent or self.stop or self.redirect or self.answers or self.replies)

    @property
    def asks_first(self) -> bool:
        """Whether the form comes back once before it files: danger, or a matter that others must handle."""
        return bool(self.urgent or self.stop)


def ask(district_id: int, text: str, place: Node | None = None) -> Guidance:
    """What can be said to this text before it is filed."""
    if not text.strip():
        return Guidance()
    return guide(district_id, text, likely(district_id, text, place=place, most=LOOKED_AT, least=MAYBE))


def guide(district_id: int, text: str, found: Sequence[Likely]) -> Guidance:
    """The same for who has looked for likely matters already."""
    notes = leading(district_id, text)

    def first(sort: str) -> Note | None:
        return next((note for note in notes if note.sort == sort), None)

    return Guidance(
        urgent=first("urgent"), stop=first("stop"), redirect=first("redirect"),
        answers=tuple(note for note in notes if note.sort == "answer")[:2], replies=tuple(published(found)),
    )  # fmt: skip
