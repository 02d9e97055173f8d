"""A trained model and its file: numpy arrays and JSON, read without running anything that is in it."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from linli.insight.triage import features
from linli.insight.triage.terms import Guess, Scores, TriageError
from linli.insight.triage.trusting import Trust
from linli.insight.triage.weights import Weights

FORMAT = 2
BATCH = 256  # texts that are numbers at the same time


class Model:
    """Guesses labels. Made by ``train`` or ``load``."""

    def __init__(self, labels: Sequence[str], weights: Weights, trust: Trust, scores: Scores) -> None:
        self.labels = list(labels)
        self.scores = scores
        self._weights = weights
        self._trust = trust

    def predict(self, texts: Sequence[str]) -> list[Guess]:
        """The likeliest label of each text, in the order of the texts."""
        guesses: list[Guess] = []
        for start in range(0, len(texts), BATCH):
            told = self._weights.margins(features.counts(texts[start : start + BATCH]))
            for best, sure in zip(told.argmax(axis=1), self._trust(told), strict=True):
                guesses.append(Guess(self.labels[best], round(float(sure), 4)))
        return guesses

    def save(self, path: Path | str) -> None:
        """Write the file in one step: a reader sees the old one or the new one."""
        path = Path(path)
        about = {"format": FORMAT, "labels": self.labels, "trust": asdict(self._trust), "scores": asdict(self.scores)}
        told = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                np.savez_compressed(file, allow_pickle=False, about=told, **self._weights.arrays())
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
                weights = Weights.of(held)
            model = cls(about["labels"], weights, Trust(**about["trust"]), _scores(about["scores"]))
            weights.check(len(model.labels))
        except FileNotFoundError as error:
            raise TriageError(f"没有这个模型文件：{path}") from error
        except TriageError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise TriageError(f"{path} 不是模型文件，或者坏了。") from error
        return model


def _scores(told: dict[str, Any]) -> Scores:
    pairs = {label: (int(count), float(f1)) for label, (count, f1) in told.pop("by_label").items()}
    return Scores(**told, by_label=pairs)
