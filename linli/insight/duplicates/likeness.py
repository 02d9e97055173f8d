"""How alike two texts are, and two matters: words first, and where and when they lie beside each other.

``words`` is the cosine of the two sets of pairs, each weighed by its rarity squared, or seven tenths of how much of the
shorter one stands in the longer. Where both headlines name a place and neither name is found in the other's text, it
is the same trouble somewhere else, and the likeness is halved: the template trap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from linli.insight.duplicates import words as said

Weigh = Callable[[str], float]

SURE: Final = 0.42  # precision above .95 on judged pairs of real messages (tests/insight/judged_pairs.csv)
MAYBE: Final = 0.30  # shown to staff, never to residents
_CONTAINED: Final = 0.7
_NAMED: Final = 0.36  # part of a headline's name that must be found in the other's words
_ELSEWHERE: Final = 0.4
_AGREED: Final = 0.5
_CALLED_ALIKE: Final = 1.25
RARE: Final = 6.0  # a pair that weighs less is no name, whatever stands behind it
_PLACE: Final = 0.3  # how much a common house can add at the most
_LEAD: Final = 40


@dataclass(frozen=True)
class Said:
    """One text, taken apart once and compared often."""

    grams: frozenset[str]
    named: frozenset[str]  # pairs of names in the headline
    weight: float


def read(text: str, weigh: Weigh) -> Said:
    """Take a text apart."""
    grams = said.grams(text)
    named = frozenset(gram for gram in said.names(lead(text)) if weigh(gram) >= RARE)
    return Said(grams, named, _sum(grams, weigh))


def lead(text: str) -> str:
    """The headline: the first sentence, or its beginning."""
    line = text.strip()
    cut = min((at for stop in "。！？!?；;\n" if (at := line.find(stop)) > 0), default=len(line))
    return line[: min(cut, _LEAD)]


def alike(one: Said, other: Said, weigh: Weigh, *, same_house: bool = False) -> float:
    """0 … 1 by the words alone. Within one house the names in the texts say nothing about another place."""
    if not one.weight or not other.weight:
        return 0.0
    shared = _sum(one.grams & other.grams, weigh)
    cosine = shared / math.sqrt(one.weight * other.weight)
    contained = shared / min(one.weight, other.weight)
    likeness = max(cosine, _CONTAINED * contained)
    named = agreeing(one, other, weigh)
    if named is None or same_house:
        return likeness
    if named < _NAMED:
        return likeness * _ELSEWHERE
    return min(1.0, likeness * _CALLED_ALIKE) if named >= _AGREED else likeness


def agreeing(one: Said, other: Said, weigh: Weigh) -> float | None:
    """How much of a name in one headline is found in the other's words; None where neither headline names a place."""
    found = [_sum(a.named & b.grams, weigh) / _sum(a.named, weigh) for a, b in ((one, other), (other, one)) if a.named]
    return max(found) if found else None


def placed(likeness: float, near: float, apart: timedelta) -> float:
    """With the place and the time: a common house adds where the words meet at all; a long time takes."""
    lifted = likeness + (1 - likeness) * _PLACE * near * min(1.0, likeness / 0.2)
    days = max(0.0, abs(apart.total_seconds()) / 86_400 - 3)
    return lifted * (1 - 0.15 * min(1.0, days / 60))


def _sum(grams: Iterable[str], weigh: Weigh) -> float:
    return sum(weigh(gram) for gram in grams)
