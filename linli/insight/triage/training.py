"""From examples to a model, and an honest word about how good it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from linli.insight.triage import features, fitting, outlook, trusting
from linli.insight.triage.folding import each, one_thread
from linli.insight.triage.likeness import kept_together
from linli.insight.triage.model import Model
from linli.insight.triage.terms import Scores, TriageError
from linli.insight.triage.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

Say = Callable[[str], None]

FOLDS = 5
FEWEST = 5  # examples of a label: fewer cannot be in every fold
MOST = 40_000  # examples that one training takes in; more are drawn from by lot
SEED = 4326
APART = 1000  # examples from which on folds are worth a process each
AT_ONCE = 1000  # texts counted between two words about it


def train(
    rows: Iterable[tuple[str, str]], *, progress: Say | None = None, hints: Sequence[tuple[str, str]] = ()
) -> Model:
    """Score by cross-validation, calibrate on what the folds had not seen, then learn from everything.

    ``hints`` are words that a label is known by: learnt from in every fold, never asked. Whoever gives them learns from
    our own samples, and does without the outlook that is made of those.
    """
    say = progress or (lambda _words: None)
    with one_thread():
        texts, labels, target, left_out = _examples(rows, say)
        say(f"{len(texts)} 条，{len(labels)} 类；数字符和词")
        told = [(text, labels.index(label)) for text, label in hints if label in labels]
        counted = sparse.vstack([_counted(texts, say), features.counts([text for text, _ in told])], format="csr")
        known = fitting.Counted.of(counted, outlook.nothing() if hints else outlook.own())
        del counted
        say("找相近的文字")
        together, grouped = kept_together(texts, FOLDS)
        tests = [new for _, new in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(
            target, target, together)]  # fmt: skip
        everything = np.concatenate([target, np.array([label for _, label in told], dtype=np.int64)])
        unseen, weights = _learnt(known, everything, tests, len(labels), say)
    sure = np.zeros(len(target))
    for mine in tests:  # each fold is judged by the trust that the others deserve
        others = np.setdiff1d(np.arange(len(target)), mine)
        sure[mine] = trusting.learn(unseen[others], target[others])(unseen[mine])
    scores = judge(unseen.argmax(axis=1), sure, target, labels, grouped=grouped, left_out=left_out)
    say(f"macro-F1 {scores.macro_f1:.4f}")
    return Model(labels, weights, trusting.learn(unseen, target), scores)


def _learnt(known: fitting.Counted, target: Integers, tests: list[Integers], labels: int,
            say: Say) -> tuple[Doubles, Weights]:  # fmt: skip
    """Margins of every text by a model that had not seen it, and the weights that all of them together teach."""

    def learn(new: Integers) -> tuple[Doubles, Weights | None]:
        rest = np.setdiff1d(np.arange(len(target)), new)
        weights = fitting.fit(known[rest], target[rest], labels)
        return fitting.asked(known[new], weights), None if len(new) else weights

    asked = [*tests, np.empty(0, np.int64)]
    unseen, whole = np.zeros((sum(map(len, tests)), labels)), None
    say(f"交叉验证，{len(tests)} 折")
    for number, (new, (margins, whole)) in enumerate(zip(asked, each(learn, asked, apart=len(target) >= APART),
                                                         strict=True), start=1):  # fmt: skip
        unseen[new] = margins
        if whole is None:
            say(f"交叉验证 {number}/{len(tests)}" + ("；用全部例子训练" if number == len(tests) else ""))
    assert whole is not None
    return unseen, whole


def _examples(rows: Iterable[tuple[str, str]], say: Say) -> tuple[list[str], list[str], Integers, dict[str, int]]:
    """Texts, labels, the label's number of each text; and labels that are too rare, with how many examples."""
    kept = [(text, label) for text, label in ((t.strip(), label.strip()) for t, label in rows) if text and label]
    if len(kept) > MOST:
        say(f"有 {len(kept)} 条，抽 {MOST} 条来学。")
        drawn = np.random.default_rng(SEED).choice(len(kept), MOST, replace=False)
        kept = [kept[n] for n in np.sort(drawn)]
    often = Counter(label for _, label in kept)
    rare = {label: count for label, count in sorted(often.items()) if count < FEWEST}
    labels = sorted(set(often) - set(rare))
    told = "、".join(f"{label}（{count} 条）" for label, count in rare.items())
    if len(labels) < 2:
        few = f"这些不到 {FEWEST} 条：{told}" if rare else f"现在有 {len(labels)} 个"
        raise TriageError(f"至少要有两个标签，每个至少 {FEWEST} 条，才能训练。{few}。")
    if rare:
        say(f"例子不到 {FEWEST} 条的标签没有学：{told}")
    number = {label: n for n, label in enumerate(labels)}
    kept = [(text, label) for text, label in kept if label in number]
    return [text for text, _ in kept], labels, np.array([number[label] for _, label in kept]), rare


def _counted(texts: list[str], say: Say) -> sparse.csr_matrix:
    parts = []
    for start in range(0, len(texts), AT_ONCE):
        parts.append(features.counts(texts[start : start + AT_ONCE]))
        if start and start % (5 * AT_ONCE) == 0:
            say(f"数了 {start} 条")
    return sparse.vstack(parts, format="csr")


def judge(best: Integers, sure: Doubles, target: Integers, labels: list[str], *, grouped: bool,
          left_out: dict[str, int]) -> Scores:  # fmt: skip
    right = best == target
    each = f1_score(target, best, average=None, labels=np.arange(len(labels)), zero_division=0)
    often = np.bincount(target, minlength=len(labels))
    return Scores(
        macro_f1=round(float(each.mean()), 4), accuracy=round(float(right.mean()), 4),
        ece=round(trusting.gap(sure, right), 4),
        n=len(target), folds=FOLDS, bins=trusting.BINS, trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        grouped=grouped, left_out=left_out,
        by_label={label: (int(n), round(float(f1), 4)) for label, n, f1 in zip(labels, often, each, strict=True)},
    )  # fmt: skip
