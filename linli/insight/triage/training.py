"""From examples to a model, and an honest word about how good it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from linli.insight.triage import features
from linli.insight.triage.likeness import groups
from linli.insight.triage.model import Model, Weights, margins, softmax, weighed
from linli.insight.triage.terms import Scores, TriageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
FEWEST = 5  # examples of a label: fewer cannot be in every fold
BINS = 15
SEED = 4326
OFTEN = 2  # texts that a feature must stand in


def train(rows: Iterable[tuple[str, str]], *, progress: Callable[[str], None] | None = None) -> Model:
    """Score by cross-validation, calibrate on what the folds had not seen, then learn from everything."""
    say = progress or (lambda _words: None)
    texts, labels, target = _examples(rows)
    say(f"{len(texts)} 条，{len(labels)} 类")
    counted = features.counts(texts)
    unseen = np.zeros((len(texts), len(labels)))
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for number, (learn, test) in enumerate(split.split(target, target, groups(texts)), start=1):
        weights = fit(counted[learn], target[learn], len(labels))
        unseen[test] = margins(weighed(counted[test], weights), weights)
        say(f"交叉验证 {number}/{FOLDS}")
    heat = calibrate(unseen, target)
    scores = judge(softmax(unseen * heat), target)
    say("用全部例子训练")
    return Model(labels, fit(counted, target, len(labels)), heat, scores)


def _examples(rows: Iterable[tuple[str, str]]) -> tuple[list[str], list[str], NDArray[np.int64]]:
    kept = [(text, label) for text, label in rows if text.strip() and label.strip()]
    often = Counter(label for _, label in kept)
    labels = sorted(often)
    if len(labels) < 2:
        raise TriageError("至少要有两个不同的标签才能训练。")
    rare = [label for label in labels if often[label] < FEWEST]
    if rare:
        raise TriageError(f"这些标签的例子不到 {FEWEST} 条：{'、'.join(rare)}")
    number = {label: n for n, label in enumerate(labels)}
    return [text for text, _ in kept], labels, np.array([number[label] for _, label in kept])


def fit(counted: sparse.csr_matrix, target: NDArray[np.int64], labels: int) -> Weights:
    """One straight line a label, over features that stand in two texts or more."""
    texts = np.bincount(counted.indices, minlength=counted.shape[1])
    columns = np.flatnonzero(texts >= OFTEN).astype(np.int32)
    rarity = (np.log((1 + counted.shape[0]) / (1 + texts[columns])) + 1).astype(np.float32)
    nothing = np.zeros((len(columns), labels), np.float32)
    draft = Weights(columns, rarity, nothing, np.zeros(labels, np.float32))
    line: Any = LinearSVC(C=0.5, random_state=SEED).fit(weighed(counted, draft), target)
    slope, bias = line.coef_, line.intercept_
    if labels == 2:
        slope, bias = np.vstack([-slope, slope]), np.concatenate([-bias, bias])
    return Weights(columns, rarity, np.ascontiguousarray(slope.T, np.float32), bias.astype(np.float32))


def calibrate(unseen: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """How far margins have to be stretched so that the chances they become come true."""

    def loss(log_heat: float) -> float:
        chances = softmax(unseen * np.exp(log_heat))
        return float(-np.log(np.maximum(chances[np.arange(len(target)), target], 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 4), method="bounded").x))


def judge(chances: NDArray[np.float64], target: NDArray[np.int64]) -> Scores:
    best, sure = chances.argmax(axis=1), chances.max(axis=1)
    right = best == target
    return Scores(
        macro_f1=round(float(f1_score(target, best, average="macro")), 4), accuracy=round(float(right.mean()), 4),
        ece=round(gap(sure, right), 4), n=len(target), folds=FOLDS, bins=BINS,
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def gap(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error: how far confidence is from being right, bin by bin, weighed by how many are in it."""
    bin_of = np.minimum((sure * BINS).astype(int), BINS - 1)
    off = np.bincount(bin_of, sure - right, minlength=BINS)
    return float(np.abs(off).sum() / len(sure))
