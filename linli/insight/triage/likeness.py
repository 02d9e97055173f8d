"""Which texts say the same thing again: copies, resent letters, a sentence added. They must share a fold, or a model is
asked what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from linli.insight.triage.features import tidy

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUN = 4  # characters of a shingle
HASHES = 64
BAND = 4  # hashes that must all agree before two texts are compared: finds nearly all pairs that are over ALIKE
ALIKE = 0.6  # shingles in common, of all that either has


def kept_together(texts: Sequence[str], folds: int) -> tuple[NDArray[np.int64], bool]:
    """Groups for ``folds`` folds. Where texts are words from a list rather than letters, most of them repeat others;
    then every row is a group by itself, and the second answer is False."""
    for found in (groups(texts), groups(texts, alike=1.0)):
        largest = np.bincount(found).max() if len(found) else 0
        if largest * folds <= len(texts) and 2 * len(np.unique(found)) >= len(texts):
            return found, True
    return np.arange(len(texts)), False


def groups(texts: Sequence[str], alike: float = ALIKE) -> NDArray[np.int64]:
    """A number for each text; texts that are alike, directly or through others, have the same."""
    signs = np.stack([signature(text) for text in texts]) if texts else np.empty((0, HASHES), np.uint32)
    leader = list(range(len(texts)))

    def top(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for start in range(0, HASHES, BAND):
        first: dict[bytes, int] = {}
        for one, sign in enumerate(signs):
            other = first.setdefault(sign[start : start + BAND].tobytes(), one)
            if other != one and top(other) != top(one) and (signs[one] == signs[other]).mean() >= alike:
                leader[top(one)] = top(other)
    return np.array([top(one) for one in range(len(texts))], dtype=np.int64)


_dice = np.random.default_rng(4326)
_TIMES = _dice.integers(1, 1 << 63, HASHES, dtype=np.uint64) | np.uint64(1)


def signature(text: str) -> NDArray[np.uint32]:
    """MinHash: the share of equal places in two signatures tells the share of equal shingles in two texts."""
    points = np.frombuffer(tidy(text).encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)
    if len(points) < RUN:
        points = np.pad(points, (0, RUN - len(points)))
    shingles = np.zeros(len(points) - RUN + 1, dtype=np.uint64)
    for step in range(RUN):
        shingles = shingles * np.uint64(0x9E3779B97F4A7C15) + points[step : step + len(shingles)]
    shingles = np.unique(shingles ^ (shingles >> np.uint64(29)))
    mixed = shingles[:, None] * _TIMES[None, :]
    return np.asarray((mixed >> np.uint64(32)).min(axis=0), dtype=np.uint32)
