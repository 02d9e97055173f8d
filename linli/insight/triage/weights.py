"""What a model consists of, and the way from counted features to margins: the same in training and in asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from linli.insight.triage import features
from linli.insight.triage.outlook import Outlook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STRENGTH = np.array([2, 2, 1, 1], dtype=np.float32) / 6  # of each block of features: how much it may say
LEAST = 0.5  # of the usual length of a block: shorter texts than that are taken as less, not scaled up
WIDTH, OUTLOOK = 2.0, 1.0  # of the Gaussians: how fast likeness falls with distance, of words and of themes
SHORT = ("projection", "known", "slopes", "viewed", "view_slopes")  # written in half precision
NAMES = ("columns", "worth", "least", "seen", "projection", "known", "slopes", "pulls", "bias", "centre", "viewed")
VIEW = ("columns", "rarity", "slopes")
_FEW = 6  # a text or a batch looks its features up; all of a training's texts are worth a table as wide as all features


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
    centre: Floats  # what texts are about on the whole, by theme
    viewed: Floats  # known × themes
    outlook: Outlook

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is written."""
        held = {name: getattr(self, name) for name in NAMES}
        held |= {f"view_{name}": getattr(self.outlook, name) for name in VIEW}
        return held | {name: held[name].astype(np.float16) for name in SHORT}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Weights:
        """What was written; to be checked before it is used."""

        def read(name: str) -> NDArray[Any]:
            return arrays[name].astype(np.float32) if name in SHORT else arrays[name]

        return cls(**{name: read(name) for name in NAMES}, outlook=Outlook(*(read(f"view_{name}") for name in VIEW)))

    def check(self, labels: int) -> None:
        """``ValueError`` where arrays of a file do not fit together; nothing of it is used then."""
        count, along, known = len(self.columns), self.projection.shape[1], len(self.known)
        view, themes = self.outlook, self.outlook.slopes.shape[1]
        shapes = [(count,), (count,), STRENGTH.shape, (len(self.seen),), (len(self.seen), along), (known, along),
                  (count, labels), (known, labels), (labels,), (themes,), (known, themes)]  # fmt: skip
        seen = [(len(view.columns),), (len(view.columns),), (len(view.columns), themes)]
        if [getattr(self, name).shape for name in NAMES] != shapes or [getattr(view, n).shape for n in VIEW] != seen:
            raise ValueError("arrays do not fit together")
        for numbers, below in ((self.columns, features.width()), (self.seen, count), (view.columns, features.width())):
            if len(numbers) and (numbers.dtype.kind != "i" or numbers.min() < 0 or numbers.max() >= below):
                raise ValueError("a feature that is none")
        for numbers in (self.columns, view.columns):
            if (numbers[1:] <= numbers[:-1]).any():
                raise ValueError("features out of order")

    def margins(self, counted: sparse.csr_matrix) -> NDArray[np.float64]:
        """How much speaks for each label; not yet chances."""
        matrix, _ = weighed(counted, self.columns, self.columns >> features.BITS, self.worth, self.least)
        return self.judged(matrix, facing(self.outlook(counted), self.centre))

    def judged(self, matrix: sparse.csr_matrix, view: Floats) -> NDArray[np.float64]:
        """The same, from features that are weighed already."""
        told = matrix @ self.slopes + self.bias
        if self.seen.size:
            told = told + alike(afar(matrix, self.seen, self.projection), self.known, view, self.viewed) @ self.pulls
        return np.asarray(told, dtype=np.float64)


def weighed(
    counted: sparse.csr_matrix, columns: NDArray[np.int32], block: NDArray[np.int32], worth: Floats,
    least: Floats | None = None,
) -> tuple[sparse.csr_matrix, Floats]:  # fmt: skip
    """Sublinear counts times worth over the features that count, each ``block`` of its own strength; and ``least``,
    taken from these texts where it is not given."""
    column = _numbered(counted, columns)
    kept = column >= 0
    texts, blocks = counted.shape[0], len(features.BLOCKS)
    rows = np.repeat(np.arange(texts), np.diff(counted.indptr))[kept]
    column = column[kept]
    values = (1 + np.log(counted.data[kept])) * worth[column]
    place = rows * blocks + block[column]
    squares = np.bincount(place, values**2, minlength=texts * blocks).reshape(texts, blocks)
    if least is None:
        least = (LEAST * np.sqrt(np.median(squares, axis=0))).astype(np.float32)
    length = np.sqrt(squares + least**2).ravel()
    values = values / length[place] * np.sqrt(STRENGTH)[block[column]]
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=texts))])
    return sparse.csr_matrix((values.astype(np.float32), column, ends), shape=(texts, len(columns))), least


def _numbered(counted: sparse.csr_matrix, columns: NDArray[np.int32]) -> NDArray[np.int64]:
    """Of each count the place of its feature among ``columns``, -1 where it is none of them."""
    if not len(columns):
        return np.full(counted.nnz, -1)
    if counted.nnz < counted.shape[1] >> _FEW:
        at = np.minimum(np.searchsorted(columns, counted.indices), len(columns) - 1)
        return np.where(columns[at] == counted.indices, at, -1)
    table = np.full(counted.shape[1], -1)
    table[columns] = np.arange(len(columns))
    return np.asarray(table[counted.indices])


def afar(matrix: sparse.csr_matrix, seen: NDArray[np.int32], projection: Floats) -> Floats:
    """Where texts lie along the latent directions, each at length one; a text that shares nothing lies at nought."""
    return _unit(np.asarray(matrix[:, seen] @ projection, dtype=np.float32))


def facing(view: Floats, centre: Floats) -> Floats:
    """What a text is about more than others are, at length one."""
    return _unit(view - centre)


def _unit(along: Floats) -> Floats:
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return np.asarray(along / np.where(length > 0, length, 1), dtype=np.float32)


def near(along: Floats, known: Floats, width: float = WIDTH) -> Floats:
    """How like each text is to each known one, 0 to 1."""
    apart = along @ known.T
    apart -= 1
    apart *= width
    return np.asarray(np.exp(apart, out=apart), dtype=np.float32)


def alike(along: Floats, known: Floats, view: Floats, viewed: Floats) -> Floats:
    """Likeness by words and, where there is an outlook, by themes."""
    by_words = near(along, known)
    if viewed.shape[1]:
        by_words += near(view, viewed, OUTLOOK)
    return by_words


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the odds, kept finite."""
    inside = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))
