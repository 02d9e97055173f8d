"""Words of the room: what a guess is, how good a model is, and what makes training impossible."""

from __future__ import annotations

from dataclasses import dataclass, field


class TriageError(ValueError):
    """Something about the file, the texts or the model that whoever gave them can mend; its words are for them."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text is likely about, and how likely (0–1, calibrated: eighty of a hundred guesses at .8 are right)."""

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
    grouped: bool = True  # False where most texts repeat one another, and rows were dealt out one by one
    by_label: dict[str, tuple[int, float]] = field(default_factory=dict)  # examples and F1
    left_out: dict[str, int] = field(default_factory=dict)  # labels with too few examples
