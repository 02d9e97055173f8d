"""A trained model: weights, and how sure they may be taken. Kept as numpy arrays and JSON, read without running anything."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from linli.insight.triage import features
from linli.insight.triage.terms import Guess, Scores, TriageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int32]

FORMAT = 1
BATCH = 256  # texts that are numbers at the same time


@dataclass(frozen=True, slots=True)
class Weights:
    """``columns`` are the features that count, in order; each has a rarity and a weight for every label."""

    columns: Integers
    rarity: Floats
    weights: Floats  # features × labels
    bias: Floats


class Model:
    """Guesses labels. Made by ``train`` or ``load``."""

    def __init__(self, labels: Sequence[str], weights: Weights, heat: float, scores: Scores) -> None:
        self.labels = list(labels)
        self.scores = scores
        self._weights = weights
        self._heat = heat

    def predict(self, texts: Sequence[str]) -> list[Guess]:
        """The likeliest label of each text."""
        guesses: list[Guess] = []
        for chances in self._chances(texts):
            best = chances.argmax(axis=1)
            sure = chances[np.arange(len(best)), best]
            guesses += [Guess(self.labels[i], round(float(c), 4)) for i, c in zip(best, sure, strict=True)]
        return guesses

    def _chances(self, texts: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        for start in range(0, len(texts), BATCH):
            counted = features.counts(texts[start : start + BATCH])
            yield softmax(margins(weighed(counted, self._weights), self._weights) * self._heat)

    def save(self, path: Path | str) -> None:
        """Write the file in one step: a reader sees the old one or the new one."""
        about = {"format": FORMAT, "labels": self.labels, "heat": self._heat, "scores": asdict(self.scores)}
        path = Path(path)
        draft = path.with_name(f".{path.name}.draft")
        arrays = {name: getattr(self._weights, name) for name in ("columns", "rarity", "weights", "bias")}
        with draft.open("wb") as file:
            told = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
            np.savez_compressed(file, about=told, **arrays)
        draft.replace(path)

    @classmethod
    def load(cls, path: Path | str) -> Model:
        """Arrays and JSON only (``allow_pickle=False``)."""
        try:
            with np.load(path, allow_pickle=False) as held:
                about: dict[str, Any] = json.loads(held["about"].tobytes())
                weights = Weights(*(held[name] for name in ("columns", "rarity", "weights", "bias")))
        except FileNotFoundError as error:
            raise TriageError(f"没有这个模型文件：{path}") from error
        except (ValueError, KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise TriageError(f"{path} 不是模型文件，或者坏了。") from error
        if about.get("format") != FORMAT:
            raise TriageError(f"{path} 是别的版本的模型，请重新训练。")
        return cls(about["labels"], weights, about["heat"], Scores(**about["scores"]))


def weighed(counted: sparse.csr_matrix, weights: Weights) -> sparse.csr_matrix:
    """Sublinear counts times rarity over the features that count, each block of length one."""
    table = np.full(features.width(), -1, dtype=np.int32)
    table[weights.columns] = np.arange(len(weights.columns), dtype=np.int32)
    column = table[counted.indices]
    kept = column >= 0
    rows = np.repeat(np.arange(counted.shape[0]), np.diff(counted.indptr))[kept]
    column = column[kept]
    values = (1 + np.log(counted.data[kept])) * weights.rarity[column]
    block = (weights.columns[column] >> features.BITS).astype(np.int64)
    place = rows * len(features.BLOCKS) + block
    length = np.sqrt(np.bincount(place, values**2, minlength=counted.shape[0] * len(features.BLOCKS)))
    values = values / length[place]
    shape = (counted.shape[0], len(weights.columns))
    return sparse.csr_matrix((values, (rows, column)), shape=shape, dtype=np.float32)


def margins(matrix: sparse.csr_matrix, weights: Weights) -> NDArray[np.float64]:
    return np.asarray(matrix @ weights.weights + weights.bias, dtype=np.float64)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
