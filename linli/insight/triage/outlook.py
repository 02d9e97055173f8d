"""What is known before the first example: how much of a text is about each thing that our own samples are about.

Few letters of one kind share few words; that 末班车 and 站牌 go together is known without them. A ridge over hashed
characters learns it from texts and words that we wrote (``samples/``); a model then compares texts by what they seem
to be about as well. Nothing of anybody's letters is in it, so folds need not learn it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, sparse

from linli.insight.triage import features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

THEMES = Path(__file__).parent / "samples" / "themes.txt"
RIDGE = 0.3
OFTEN = 2  # samples that a run of characters must stand in


@dataclass(frozen=True, slots=True)
class Outlook:
    """A linear map from counted characters to themes."""

    columns: NDArray[np.int32]  # features by number, in order
    rarity: Floats
    slopes: Floats  # columns × themes

    def __call__(self, counted: sparse.csr_matrix) -> Floats:
        """How much speaks for each theme, text by text; a longer text does not say more."""
        if not len(self.columns):
            return np.zeros((counted.shape[0], self.slopes.shape[1]), dtype=np.float32)
        return np.asarray(_scaled(counted, self.columns, self.rarity) @ self.slopes, dtype=np.float32)


def nothing() -> Outlook:
    """Where a model learns from the samples themselves, they cannot help it twice."""
    return Outlook(np.empty(0, np.int32), np.empty(0, np.float32), np.empty((0, 0), np.float32))


@lru_cache(maxsize=1)
def own() -> Outlook:
    """From the texts and words of the catalogue's categories, and from words that go together."""
    from linli.insight.triage.shipped import hints, samples

    return learnt([*samples(), *hints(), *themes()])


def themes() -> Iterator[tuple[str, str]]:
    """Words with the number of the line that they stand in."""
    lines = THEMES.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(line for line in lines if line and not line.startswith("#")):
        for word in line.split():
            yield word, f"theme {number}"


def learnt(examples: Iterable[tuple[str, str]]) -> Outlook:
    texts, called = zip(*examples, strict=True)
    counted = features.counts(texts)
    names = sorted(set(called))
    wanted = np.array([names.index(name) for name in called])[:, None] == np.arange(len(names))
    stands = np.bincount(counted.indices, minlength=counted.shape[1])[: 1 << features.BITS]  # characters: block 0
    columns = np.flatnonzero(stands >= OFTEN).astype(np.int32)
    rarity = (np.log((1 + len(texts)) / (1 + stands[columns])) + 1).astype(np.float32)
    matrix = _scaled(counted, columns, rarity)
    alike = (matrix @ matrix.T).toarray() + RIDGE * np.eye(len(texts), dtype=np.float32)
    aims = np.where(wanted, 1.0, -1 / len(names)).astype(np.float32)
    slopes = np.asarray(matrix.T @ linalg.solve(alike, aims, assume_a="pos", overwrite_a=True), dtype=np.float16)
    return Outlook(columns, rarity, slopes.astype(np.float32))


def _scaled(counted: sparse.csr_matrix, columns: NDArray[np.int32], rarity: Floats) -> sparse.csr_matrix:
    """Sublinear counts times rarity, each text at length one."""
    at = np.minimum(np.searchsorted(columns, counted.indices), len(columns) - 1)
    kept = columns[at] == counted.indices
    rows = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr))[kept]
    values = (1 + np.log(counted.data[kept])) * rarity[at[kept]]
    length = np.sqrt(np.bincount(rows, values**2, minlength=counted.shape[0]))
    values = (values / length[rows]).astype(np.float32)
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=counted.shape[0]))])
    return sparse.csr_matrix((values, at[kept], ends), shape=(counted.shape[0], len(columns)))
