"""One model from counted features: least squares over n-grams and over likeness to known texts, solved together.

1. A feature's worth is how rare it is times how well it tells labels apart: its entropy over the labels, each label
   counted as if all had equally many texts.
2. Texts are also seen from afar, along the strongest latent directions of some of them, where two that share few words
   may be near; and by what they seem to be about (``outlook``). How near a text is to each of those (a Gaussian of
   either) is a second set of features.
3. Both are solved as one ridge regression, by conjugate gradients over texts; texts of rare labels weigh more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import linalg, sparse
from sklearn.utils.extmath import randomized_svd

from linli.insight.triage import features
from linli.insight.triage.outlook import Outlook
from linli.insight.triage.weights import OUTLOOK, WIDTH, Weights, afar, alike, facing, weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

OFTEN = 2  # texts that a feature must stand in
MOST = 250_000  # features of a model: of more, those that stand most and tell most
SEEN_OFTEN, SEEN_MOST = 3, 40_000  # of features that latent directions are made of
PLAIN = 0.05  # a feature that tells less than this is left out: more than half of all that is counted
TELLS = 0.15  # added to what a feature tells, which is 0 to 1
SMOOTH = 7.0  # texts, spread over all labels, that every feature is thought to stand in as well: two prove little
SKETCH = 2000  # texts that directions and likeness are taken from
DIRECTIONS = 200
STEADY = 1e-3  # keeps likeness of two equal texts from being solved for twice
RIDGE = 0.08
STEPS, ENOUGH = 60, 5e-3
NEVER = -9.0  # the margin of a label that no text has
SEED = 4326


@dataclass(frozen=True, slots=True)
class Counted:
    """Counted texts over the features that more than one of them has, and what each seems to be about."""

    counts: sparse.csr_matrix  # texts × numbers
    numbers: NDArray[np.int32]  # of features, in order
    view: Floats  # texts × themes
    outlook: Outlook

    @classmethod
    def of(cls, counts: sparse.csr_matrix, outlook: Outlook) -> Counted:
        """What stands in one text alone is never learnt from, whichever texts are asked."""
        numbers = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= OFTEN).astype(np.int32)
        return cls(_kept(counts, numbers), numbers, outlook(counts), outlook)

    def __getitem__(self, some: Integers) -> Counted:
        return Counted(self.counts[some], self.numbers, self.view[some], self.outlook)


def _kept(counts: sparse.csr_matrix, numbers: NDArray[np.int32]) -> sparse.csr_matrix:
    table = np.full(counts.shape[1], -1, dtype=np.int32)
    table[numbers] = np.arange(len(numbers), dtype=np.int32)
    column = table[counts.indices]
    there = column >= 0
    ends = np.concatenate([[0], np.cumsum(there)])[counts.indptr]
    return sparse.csr_matrix((counts.data[there], column[there], ends), shape=(counts.shape[0], len(numbers)))


def fit(texts: Counted, target: Integers, labels: int) -> Weights:
    """``target`` holds numbers of labels. One that no text has is never guessed."""
    often = np.bincount(target, minlength=labels)
    columns, worth = vocabulary(texts.counts, target, often)
    numbers = texts.numbers[columns]
    matrix, least = weighed(texts.counts, columns, numbers >> features.BITS, worth)
    some = _some(len(target))
    seen = _seen(matrix)
    projection = _short(_directions(matrix[some][:, seen]))
    along, centre = afar(matrix, seen, projection), texts.view.mean(axis=0)
    view = facing(texts.view, centre)
    known, viewed = _short(along[some]), _short(view[some])
    likeness = alike(along, known, view, viewed)
    itself = alike(known, known, viewed, viewed)  # as rounded, on either side: what is lopsided has no root
    among = linalg.cho_factor(itself + STEADY * np.eye(len(some), dtype=np.float32))
    share = np.where(often > 0, 2 * often / len(target) - 1, NEVER)
    wanted = np.where(target[:, None] == np.arange(labels), 1.0, np.where(often > 0, -1.0, NEVER)) - share
    patience = RIDGE * often[target] / often[often > 0].mean()
    coarse = np.hstack([matrix[:, seen] @ projection, _expanded(along, WIDTH), _expanded(view, OUTLOOK)])
    solved = _solve(matrix, likeness, among, wanted, patience, coarse)
    pulls = linalg.cho_solve(among, likeness.T @ solved)
    slopes = _short(np.asarray(matrix.T @ solved, np.float32))
    return Weights(numbers, worth, least, seen, projection, known, slopes, pulls, share.astype(np.float32), centre,
                   viewed, texts.outlook)  # fmt: skip


def asked(texts: Counted, held: Weights) -> Doubles:
    """Margins of texts that were counted together with those learnt from."""
    columns = np.searchsorted(texts.numbers, held.columns).astype(np.int32)
    matrix, _ = weighed(texts.counts, columns, held.columns >> features.BITS, held.worth, held.least)
    return held.judged(matrix, facing(texts.view, held.centre))


def _seen(matrix: sparse.csr_matrix) -> NDArray[np.int32]:
    """The features that directions are made of: those that stand often enough, the heaviest where they are many."""
    seen = np.flatnonzero(matrix.getnnz(axis=0) >= SEEN_OFTEN)
    return _heaviest(seen, np.bincount(matrix.indices, matrix.data**2, minlength=matrix.shape[1])[seen], SEEN_MOST)


def _heaviest(which: Integers, weight: NDArray[Any], most: int) -> NDArray[np.int32]:
    if len(which) > most:
        which = np.sort(which[np.argpartition(-weight, most)[:most]])
    return which.astype(np.int32)


def _short(figures: Floats) -> Floats:
    """As they will be read from the file, where they take half the room."""
    return figures.astype(np.float16).astype(np.float32)


def vocabulary(counted: sparse.csr_matrix, target: Integers, often: Integers) -> tuple[NDArray[np.int32], Floats]:
    """The features that count and what each is worth."""
    texts = np.bincount(counted.indices, minlength=counted.shape[1])
    columns = np.flatnonzero(texts >= OFTEN)
    rarity = np.log((1 + counted.shape[0]) / (1 + texts[columns])) + 1
    place = np.full(counted.shape[1], -1, dtype=np.int64)
    place[columns] = np.arange(len(columns))
    at = place[counted.indices]
    label = np.repeat(target, np.diff(counted.indptr))[at >= 0]
    stands = np.bincount(at[at >= 0] * len(often) + label, minlength=len(columns) * len(often))
    tells = _tells(stands.reshape(len(columns), -1)[:, often > 0], often[often > 0])
    worth = rarity * (tells + TELLS)
    telling = np.flatnonzero(tells >= PLAIN)
    kept = _heaviest(telling, (texts[columns] * worth**2)[telling], MOST)
    return columns[kept].astype(np.int32), worth[kept].astype(np.float32)


def _tells(stands: Integers, often: Integers) -> Doubles:
    """From 0, where a feature stands in texts of all labels alike, to 1: one minus the entropy of its labels."""
    share = stands / often + min(1.0, SMOOTH / len(often)) / often.mean()
    share /= share.sum(axis=1, keepdims=True)
    return np.asarray(1 + (share * np.log(share)).sum(axis=1) / np.log(max(2, len(often))))


def _some(count: int) -> Integers:
    if count <= SKETCH:
        return np.arange(count)
    return np.sort(np.random.default_rng(SEED).choice(count, SKETCH, replace=False))


def _directions(sketch: sparse.csr_matrix) -> Floats:
    """From features to the strongest directions, by way of how alike the texts of the sketch are."""
    if not sketch.nnz:
        return np.zeros((sketch.shape[1], 1), dtype=np.float32)
    count = min(DIRECTIONS, sketch.shape[0] - 1)
    alike = (sketch @ sketch.T).toarray()
    along, strength, _ = randomized_svd(alike, count, n_iter=4, random_state=SEED)
    kept = strength > 1e-5 * strength[0]
    kept[0] &= len(strength) <= 3  # the first is what all texts have in common
    return np.asarray(sketch.T @ (along[:, kept] / np.sqrt(strength[kept])), dtype=np.float32)


def _expanded(along: Floats, width: float) -> Floats:
    """The first two terms of the Gaussian's series: features whose products are nearly its likeness."""
    ones = np.ones((len(along), 1), dtype=np.float32)
    near = np.exp(-width / 2) * np.hstack([ones, np.sqrt(width) * along])
    return np.asarray(near if along.shape[1] else near[:, :0], dtype=np.float32)


def _solve(
    matrix: sparse.csr_matrix, likeness: Floats, among: tuple[Floats, bool], wanted: Doubles, patience: Doubles,
    coarse: Floats,
) -> Floats:  # fmt: skip
    """Conjugate gradients for (products of all features + patience) x = wanted, all labels at once.

    ``among`` is the likeness of known texts among themselves, factored: by way of it likeness to them makes likeness of
    any two texts (Nyström). ``coarse`` are few features that nearly make the same products: what they explain is solved
    for at once (a preconditioner), which spares three steps in four.
    """
    across = matrix.T.tocsr()
    calm = patience.astype(np.float32)[:, None]

    def products(x: Floats) -> Floats:
        by_likeness = likeness @ linalg.cho_solve(among, likeness.T @ x, check_finite=False)
        return np.asarray(matrix @ (across @ x) + by_likeness + calm * x, dtype=np.float32)

    unexplained = calm + max(0.0, 2 - float((coarse**2).sum(axis=1).mean()))
    scaled = coarse / unexplained
    inner = linalg.cho_factor(coarse.T @ scaled + np.eye(coarse.shape[1], dtype=np.float32))

    def nearly(x: Floats) -> Floats:
        return np.asarray(x / unexplained - scaled @ linalg.cho_solve(inner, scaled.T @ x), dtype=np.float32)

    x = np.zeros(wanted.shape, dtype=np.float32)
    left = wanted.astype(np.float32)
    along = nearly(left)
    size = (left * along).sum(axis=0)
    enough = size * ENOUGH**2
    for _ in range(STEPS):
        there = products(along)
        step = size / np.maximum((along * there).sum(axis=0), 1e-20)
        x += step * along
        left -= step * there
        ahead = nearly(left)
        before, size = size, (left * ahead).sum(axis=0)
        if (size <= enough).all():
            break
        along = ahead + size / np.maximum(before, 1e-20) * along
    return x
