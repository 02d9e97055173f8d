"""``python -m bench.triage``: how well and how fast matters are told apart, beside a plain model on the same folds.

The real messages lie beside the checkout, never in it; no word of theirs is printed or kept. Folds and groups of
near-equal texts are those of ``linli insight train``; the floor is character 1–3-grams, TF-IDF and a linear SVM.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from bench import gate

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT.parent / "shared" / "data" / "messages_labelled.csv.gz"
AT_ONCE, MANY = 2600, 10_000


def rows(file: Path = FILE) -> list[tuple[str, str]]:
    from linli.insight.triage import tables

    return list(tables.examples(file, "留言主题,留言详情", "一级标签", left_out=lambda _count: None))


def measure(many: int = MANY) -> dict[str, Any]:
    """The scores of both, texts a second, and seconds to train on ``many`` texts."""
    from linli.insight import triage

    told = rows()
    found: dict[str, Any] = {"n": len(told), "floor": floor(told)}
    model = triage.train(told)
    found |= {"macro_f1": model.scores.macro_f1, "accuracy": model.scores.accuracy, "ece": model.scores.ece,
              "bins": model.scores.bins}  # fmt: skip
    texts = [text for text, _ in told[:AT_ONCE]]
    gate.reached()
    model.predict(texts[:100])
    started, cpu = time.perf_counter(), time.process_time()
    model.predict(texts)
    found |= {"texts_per_second": len(texts) / (time.perf_counter() - started),
              "texts_per_cpu_second": len(texts) / (time.process_time() - cpu)}  # fmt: skip
    if many:
        started, cpu = time.perf_counter(), time.process_time()
        triage.train(grown(told, many))
        found |= {"many": many, "many_seconds": time.perf_counter() - started, "many_cpu": time.process_time() - cpu}
    return found


def grown(told: list[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """As many texts as asked, of the same length and vocabulary: the two halves of two texts of one label."""
    by_label: dict[str, list[str]] = {}
    for text, label in told:
        by_label.setdefault(label, []).append(text)
    made = list(told)
    step = 1
    while len(made) < count:
        for label, texts in by_label.items():
            for n, text in enumerate(texts):
                other = texts[(n + step) % len(texts)]
                made.append((text[: len(text) // 2] + other[len(other) // 2 :], label))
        step += 1
    return made[:count]


def floor(told: list[tuple[str, str]]) -> float:
    """Macro-F1 of the plain model on the folds that ours is judged by."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.svm import LinearSVC

    from linli.insight.triage.likeness import kept_together
    from linli.insight.triage.training import FOLDS, SEED

    texts, labels = np.array([text for text, _ in told], dtype=object), np.array([label for _, label in told])
    together, _ = kept_together(list(texts), FOLDS)
    guessed = labels.copy()
    for learn, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(texts, labels, together):
        grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
        model = LinearSVC(random_state=SEED).fit(grams.fit_transform(texts[learn]), labels[learn])
        guessed[test] = model.predict(grams.transform(texts[test]))
    return float(f1_score(labels, guessed, average="macro"))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1) if FILE.is_file() else "no labelled messages beside the checkout: left out")
