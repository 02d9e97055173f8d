"""What is known before the first example, and several fits at the same time."""

from __future__ import annotations

import numpy as np
import pytest

from linli.insight import triage
from linli.insight.triage import features, fitting, outlook, training
from linli.insight.triage.folding import each
from linli.insight.triage.shipped import hints, samples
from tests.insight.triage_cast import said

pytestmark = pytest.mark.system("T4")


def test_words_that_share_nothing_are_near_where_they_go_together() -> None:
    """Two sentences about buses with no character in common are nearer than one about buses and one about teachers."""
    texts = ["末班车收得太早", "站牌晚点严重", "班主任布置作业太多"]
    seen = outlook.own()(features.counts(texts))
    one, other, third = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    assert not set(texts[0]) & set(texts[1])
    assert one @ other > one @ third + 0.1


def test_the_outlook_is_of_our_own_words_alone() -> None:
    """Each line is a theme, beside the categories that our samples are of."""
    lines: dict[str, list[str]] = {}
    for word, theme in outlook.themes():
        lines.setdefault(theme, []).append(word)
    assert len(lines) >= 40
    assert min(map(len, lines.values())) >= 5
    told = {code for _, code in samples()} | {code for _, code in hints()} | set(lines)
    assert outlook.own().slopes.shape[1] == len(told)


def test_strange_texts_have_an_outlook_too() -> None:
    seen = outlook.own()(features.counts(["", "\0", "zzz", "😀😀"]))
    assert np.isfinite(seen).all()
    assert not seen[0].any()
    assert outlook.nothing()(features.counts(["停水"])).shape == (1, 0)


def test_who_learns_from_the_samples_does_without() -> None:
    """Else a sample would be judged by what was learnt from it."""
    rows = list(said(60))
    assert triage.train(rows)._weights.outlook.slopes.shape[1] > 0
    assert training.train(rows, hints=[("水压", "供水")])._weights.outlook.slopes.shape[1] == 0


def test_folds_in_processes_make_the_same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, heard = list(said(150)), list[str]()
    alone = triage.train(rows)
    monkeypatch.setattr(training, "APART", 1)
    apart = triage.train(rows, progress=heard.append)
    ours, theirs = alone._weights.arrays(), apart._weights.arrays()
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    assert (alone.scores.macro_f1, alone.scores.ece) == (apart.scores.macro_f1, apart.scores.ece)
    folds = [words for words in heard if words.startswith("交叉验证 ")]
    assert [words[5:8] for words in folds] == [f"{n}/5" for n in range(1, 6)]


def test_what_goes_wrong_in_a_process_is_told() -> None:
    def fail(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number * 10

    found = each(fail, [1, 2, 3], apart=True)
    assert next(found) == 10
    with pytest.raises(ValueError, match="two"):
        next(found)


def test_a_model_has_only_so_many_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST", 300)
    monkeypatch.setattr(fitting, "SEEN_MOST", 100)
    model = triage.train(said(200))
    held = model._weights
    assert (len(held.columns), len(held.seen)) == (300, 100)
    assert (np.diff(held.columns) > 0).all()
    assert model.scores.macro_f1 > 0.7
