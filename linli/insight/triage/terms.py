"""Words of the room: what a guess is, how good a model is, and what makes training impossible."""

from __future__ import annotations

from dataclasses import dataclass


class TriageError(ValueError):
    """Something about the file, the texts or the model that whoever gave them can mend; its words are for them."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text is likely about, and how likely (0–1, calibrated: of a hundred guesses at .8 some eighty are right)."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a model was on texts that it had not seen, near-equal texts kept together."""

    macro_f1: float
    accuracy: float
    ece: float  # expected calibration error, over ``bins`` equal-width bins of confidence
    n: int
    folds: int
    bins: int
    trained_at: str
