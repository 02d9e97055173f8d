"""Confidence that comes true: of a hundred guesses at .8 some eighty are right.

Margins are stretched (``heat``) until the chances they become explain the labels best; then the likeliest label's odds
are bent by a straight line (``slope``, ``shift``) until they agree with how often it was right. Both are learnt from
texts that the model had not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit

from linli.insight.triage.weights import odds, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

BINS = 15


@dataclass(frozen=True, slots=True)
class Trust:
    """From margins to how sure the likeliest label is."""

    heat: float
    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, margins: Doubles) -> Doubles:
        return np.asarray(expit(self.slope * odds(softmax(margins * self.heat).max(axis=1)) + self.shift))


def learn(margins: Doubles, target: Integers) -> Trust:
    """``margins`` of texts that were not learnt from, and what they were."""

    def loss(log_heat: float) -> float:
        chances = softmax(margins * np.exp(log_heat))
        return float(-np.log(np.maximum(chances[np.arange(len(target)), target], 1e-12)).mean())

    heat = float(np.exp(minimize_scalar(loss, bounds=(-2, 5), method="bounded").x))
    told = odds(softmax(margins * heat).max(axis=1))
    right = margins.argmax(axis=1) == target

    def bent(line: Doubles) -> float:
        sign = np.where(right, 1, -1) * (line[0] * told + line[1])
        # Held to the unbent line a little, for where examples are few or all of them right.
        return float(np.logaddexp(0, -sign).sum() + (line[0] - 1) ** 2 + line[1] ** 2)

    slope, shift = minimize(bent, np.array([1.0, 0.0]), bounds=[(0.05, 5), (-5, 5)]).x
    return Trust(heat, float(slope), float(shift))


def gap(sure: Doubles, right: NDArray[np.bool_]) -> float:
    """Expected calibration error: how far confidence is from being right, bin by bin, weighed by how many are in it."""
    bin_of = np.minimum((sure * BINS).astype(int), BINS - 1)
    off = np.bincount(bin_of, sure - right, minlength=BINS)
    return float(np.abs(off).sum() / len(sure))
