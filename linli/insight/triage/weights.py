"""What a model consists of, and the way from counted features to margins: the same in training and in asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from linli.insight.triage import features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STRENGTH = np.array([2, 2, 1, 1], dtype=np.float32) / 6  # of each block of features: how much it may say
LEAST = 0.5  # of the usual length of a block: shorter texts than that are taken as less, not scaled up
WIDTH = 2.0  # of the Gaussian: how fast likeness falls with distance
SHORT = ("projection", "known")  # written in half precision
NAMES = ("columns", "worth", "least", "seen", "projection", "known", "slopes", "pulls", "bias")


@dataclass(frozen=True, slots=True)
class Weights:
    """Arrays only, so that a file of them can be read without trusting it."""

    columns: NDArray[np.int32]  # features that count, in order
    worth: Floats  # of each: how rare, times how telling
    least: Floats  # of each block: what a text's length counts as at least, so that a bare greeting proves nothing
    seen: NDArray[np.int32]  # which of them the latent directions are made of
    projection: Floats  # seen × directions
    known: Floats  # texts that likeness is measured by × directions
    slopes: Floats  # columns × labels
    pulls: Floats  # known × labels
    bias: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is written."""
        held = {name: getattr(self, name) for name in NAMES}
        return held | {name: held[name].astype(np.float16) for name in SHORT}

    @classmethod
    def of(cls, arrays: dict[str, NDArray[Any]]) -> Weights:
        """What was written; to be checked before it is used."""
        return cls(**arrays | {name: arrays[name].astype(np.float32) for name in SHORT})

    def check(self, labels: int) -> None:
        """``ValueError`` where arrays of a file do not fit together; nothing of it is used then."""
        count, along = len(self.columns), self.projection.shape[1]
        shapes = [(count,), (count,), STRENGTH.shape, (len(self.seen),), (len(self.seen), along),
                  (len(self.known), along), (count, labels), (len(self.known), labels), (labels,)]  # fmt: skip
        if [getattr(self, name).shape for name in NAMES] != shapes:
            raise ValueError("arrays do not fit together")
        for numbers, below in ((self.columns, features.width()), (self.seen, count)):
            if len(numbers) and (numbers.dtype.kind != "i" or numbers.min() < 0 or numbers.max() >= below):
                raise ValueError("a feature that is none")


def weighed(
    counted: sparse.csr_matrix, columns: NDArray[np.int32], worth: Floats, least: Floats | None = None
) -> tuple[sparse.csr_matrix, Floats]:
    """Sublinear counts times worth over the features that count, each block of its own strength; and ``least``, taken
    from these texts where it is not given."""
    table = np.full(features.width(), -1, dtype=np.int32)
    table[columns] = np.arange(len(columns), dtype=np.int32)
    column = table[counted.indices]
    kept = column >= 0
    texts, blocks = counted.shape[0], len(features.BLOCKS)
    rows = np.repeat(np.arange(texts), np.diff(counted.indptr))[kept]
    column = column[kept]
    values = (1 + np.log(counted.data[kept])) * worth[column]
    block = columns[column] >> features.BITS
    place = rows * blocks + block
    squares = np.bincount(place, values**2, minlength=texts * blocks).reshape(texts, blocks)
    if least is None:
        least = (LEAST * np.sqrt(np.median(squares, axis=0))).astype(np.float32)
    length = np.sqrt(squares + least**2).ravel()
    values = values / length[place] * np.sqrt(STRENGTH)[block]
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=texts))])
    return sparse.csr_matrix((values.astype(np.float32), column, ends), shape=(texts, len(columns))), least


def afar(matrix: sparse.csr_matrix, seen: NDArray[np.int32], projection: Floats) -> Floats:
    """Where texts lie along the latent directions, each at length one; a text that shares nothing lies at nought."""
    along = np.asarray(matrix[:, seen] @ projection, dtype=np.float32)
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return np.asarray(along / np.where(length > 0, length, 1), dtype=np.float32)


def near(along: Floats, known: Floats) -> Floats:
    """How like each text is to each known one, 0 to 1."""
    return np.asarray(np.exp(WIDTH * (along @ known.T - 1)), dtype=np.float32)


def margins(counted: sparse.csr_matrix, held: Weights) -> NDArray[np.float64]:
    """How much speaks for each label; not yet chances."""
    matrix, _ = weighed(counted, held.columns, held.worth, held.least)
    told = matrix @ held.slopes + held.bias
    if held.seen.size:
        told = told + near(afar(matrix, held.seen, held.projection), held.known) @ held.pulls
    return np.asarray(told, dtype=np.float64)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the odds, kept finite."""
    inside = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))
