"""A trained model and its file: numpy arrays and JSON, read without running anything that is in it."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from linli.insight.triage import features
from linli.insight.triage.terms import Guess, Scores, TriageError
from linli.insight.triage.weights import NAMES, Weights, margins, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1
BATCH = 256  # texts that are numbers at the same time


class Model:
    """Guesses labels. Made by ``train`` or ``load``."""

    def __init__(self, labels: Sequence[str], weights: Weights, heat: float, scores: Scores) -> None:
        self.labels = list(labels)
        self.scores = scores
        self._weights = weights
        self._heat = heat

    def predict(self, texts: Sequence[str]) -> list[Guess]:
        """The likeliest label of each text, in the order of the texts."""
        guesses: list[Guess] = []
        for chances in self._chances(texts):
            best, sure = chances.argmax(axis=1), chances.max(axis=1)
            guesses += [Guess(self.labels[i], round(float(c), 4)) for i, c in zip(best, sure, strict=True)]
        return guesses

    def _chances(self, texts: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        for start in range(0, len(texts), BATCH):
            counted = features.counts(texts[start : start + BATCH])
            yield softmax(margins(counted, self._weights) * self._heat)

    def save(self, path: Path | str) -> None:
        """Write the file in one step: a reader sees the old one or the new one."""
        path = Path(path)
        about = {"format": FORMAT, "labels": self.labels, "heat": self._heat, "scores": asdict(self.scores)}
        told = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                np.savez_compressed(file, about=told, **{name: getattr(self._weights, name) for name in NAMES})
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path | str) -> Model:
        """Arrays and JSON only (``allow_pickle=False``), and only arrays that fit together."""
        try:
            with np.load(path, allow_pickle=False) as held:
                about: dict[str, Any] = json.loads(held["about"].tobytes())
                if about["format"] != FORMAT:
                    raise TriageError(f"{path} 是别的版本的模型，请重新训练。")
                weights = Weights(**{name: held[name] for name in NAMES})
            model = cls(about["labels"], weights, float(about["heat"]), Scores(**about["scores"]))
            weights.check(len(model.labels))
        except FileNotFoundError as error:
            raise TriageError(f"没有这个模型文件：{path}") from error
        except TriageError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise TriageError(f"{path} 不是模型文件，或者坏了。") from error
        return model
