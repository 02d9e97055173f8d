"""Everything that helps before filing: matters that one may follow, and guidance, from one look."""

from __future__ import annotations

from dataclasses import dataclass

from linli.core.places.tree import Node
from linli.insight import guidance
from linli.insight.duplicates import Offered, likely
from linli.insight.duplicates.likeness import MAYBE
from linli.insight.duplicates.showing import offers
from linli.insight.guidance import Guidance

SHORTEST = 4  # characters before anything is looked for


@dataclass(frozen=True)
class Before:
    """What is shown on the form."""

    guidance: Guidance
    offered: tuple[Offered, ...]

    def __bool__(self) -> bool:
        return bool(self.guidance or self.offered)

    @property
    def asks_first(self) -> bool:
        """Whether the form comes back once before it files. Pressing again always files."""
        return bool(self.offered) or self.guidance.asks_first


def before(
    district_id: int, text: str, place: Node | None, lon: float | None = None, lat: float | None = None
) -> Before:
    """Look once, for residents: everything in it is public and masked."""
    if len(text.strip()) < SHORTEST:
        return Before(Guidance(), ())
    found = likely(district_id, text, place=place, lon=lon, lat=lat, most=guidance.LOOKED_AT, least=MAYBE)
    return Before(guidance.guide(district_id, text, found), tuple(offers(found)))
