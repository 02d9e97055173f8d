"""The model itself: it learns, says how sure it is, survives its file, and takes no file on trust."""

from __future__ import annotations

import random
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from linli import profiles
from linli.insight import triage
from linli.insight.triage import features, fitting, likeness, trusting, weights
from linli.insight.triage.shipped import SAMPLES, hints, samples
from tests.insight.triage_cast import TOPICS, said

pytestmark = pytest.mark.system("T4")


@pytest.fixture(scope="module")
def model() -> triage.Model:
    return triage.train(said(240))


def test_it_learns_what_texts_are_about(model: triage.Model) -> None:
    new = list(said(80, seed=2))
    guesses = model.predict([text for text, _ in new])
    assert sum(guess.label == label for guess, (_, label) in zip(guesses, new, strict=True)) >= 70
    assert all(0 <= guess.confidence <= 1 for guess in guesses)
    assert model.labels == sorted(TOPICS)
    assert model.scores.macro_f1 > 0.8
    assert (model.scores.n, model.scores.folds) == (240, 5)
    assert sum(count for count, _ in model.scores.by_label.values()) == 240


def test_a_file_gives_the_same_model_back(model: triage.Model, tmp_path: Path) -> None:
    texts = [text for text, _ in said(50, seed=3)] + ["", "？", "\0", "😀" * 50, "\ud800", "x" * 100_000]
    model.save(tmp_path / "m.npz")
    again = triage.load(tmp_path / "m.npz")
    assert again.predict(texts) == model.predict(texts)
    assert (again.labels, again.scores) == (model.labels, model.scores)
    assert [path.name for path in tmp_path.iterdir()] == ["m.npz"]


def test_the_order_and_size_of_batches_do_not_matter(model: triage.Model) -> None:
    texts = [text for text, _ in said(300, seed=4)]
    one_by_one = [model.predict([text])[0] for text in texts[:20] + texts[-20:]]
    assert one_by_one == [*model.predict(texts)[:20], *model.predict(texts)[-20:]]
    assert model.predict([]) == []


def test_few_texts_look_up_what_many_read_from_a_table(model: triage.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for text, _ in said(40, seed=6)]
    looked_up = model.predict(texts)
    monkeypatch.setattr(weights, "_FEW", 40)
    assert model.predict(texts) == looked_up


def test_the_same_examples_make_the_same_model() -> None:
    texts = [text for text, _ in said(30, seed=5)]
    assert triage.train(said(120)).predict(texts) == triage.train(said(120)).predict(texts)


def test_nothing_in_a_file_is_run(model: triage.Model, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "ran",)  # type: ignore[return-value]

    path = tmp_path / "m.npz"
    model.save(path)
    held = dict(np.load(path))
    np.savez(path, **{**held, "worth": np.array([Bomb()], dtype=object)})
    with pytest.raises(triage.TriageError):
        triage.load(path)
    assert not (tmp_path / "ran").exists()


def _spoiled(held: dict[str, Any], broken: str) -> dict[str, Any]:
    """The arrays of a file with one thing about them wrong."""
    about = held["about"].tobytes().decode()
    wrong: dict[str, dict[str, Any]] = {
        "shape": {"slopes": held["slopes"][:-1]},
        "feature": {"columns": held["columns"] + features.width()},
        "view": {"viewed": held["viewed"][:, 1:]},
        "theme": {"view_columns": held["view_columns"] - features.width()},
        "labels": {"about": np.frombuffer(about.replace('"供水", ', "").encode(), dtype=np.uint8)},
        "version": {"about": np.frombuffer(about.replace('"format": 2', '"format": 999').encode(), dtype=np.uint8)},
    }
    return {name: value for name, value in (held | wrong.get(broken, {})).items()
            if (broken, name) != ("missing", "bias")}  # fmt: skip


@pytest.mark.parametrize(
    "broken", ["shape", "feature", "view", "theme", "labels", "cut", "words", "missing", "version"]
)
def test_a_file_that_does_not_fit_is_refused(broken: str, model: triage.Model, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    model.save(path)
    held = _spoiled(dict(np.load(path)), broken)
    np.savez(path, **held)
    if broken == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif broken == "words":
        path.write_text("no model at all", encoding="utf-8")
    with pytest.raises(triage.TriageError):
        triage.load(path)


def test_confidence_comes_true_where_labels_are_noisy() -> None:
    """Three in ten labels are any label: whoever is sure of all is wrong about that, and it must show."""
    model = triage.train(said(900, noise=0.3))
    new = list(said(900, seed=9, noise=0.3))
    guesses = model.predict([text for text, _ in new])
    right = np.array([guess.label == label for guess, (_, label) in zip(guesses, new, strict=True)])
    sure = np.array([guess.confidence for guess in guesses])
    assert abs(sure.mean() - right.mean()) < 0.06
    assert trusting.gap(sure, right) < 0.09
    assert model.scores.ece < 0.09


def test_the_gap_is_what_it_says() -> None:
    assert trusting.gap(np.array([0.9, 0.9, 0.1, 0.1]), np.array([True, True, False, False])) == pytest.approx(0.1)
    assert trusting.gap(np.array([0.5, 0.5]), np.array([True, False])) == pytest.approx(0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [([], "两个标签"), ([("水", "甲")] * 9, "两个标签"), ([("水", "甲")] * 9 + [("电", "乙")] * 4, "乙（4 条）"),
     ([(" ", "甲")] * 9 + [("电", " ")] * 9, "两个标签")],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_said(rows: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(triage.TriageError, match=words):
        triage.train(rows)


def test_labels_with_few_examples_are_left_out_and_named() -> None:
    heard: list[str] = []
    model = triage.train([*said(100), ("一只孔雀跑了", "动物"), ("两只孔雀跑了", "动物")], progress=heard.append)
    assert "动物" not in model.labels
    assert model.scores.left_out == {"动物": 2}
    assert any("动物（2 条）" in words for words in heard)
    assert any("5/5" in words for words in heard)


def test_few_examples_and_many_labels_still_train() -> None:
    rows = [(f"{name}{n}号坏了{n * 7}", name) for name in map(str, "甲乙丙丁戊己庚辛壬癸") for n in range(5)]
    model = triage.train(rows)
    assert len(model.labels) == 10
    assert model.predict(["甲99号坏了"])[0].label in model.labels
    two = triage.train([("水管坏了", "水"), ("电线坏了", "电")] * 5)
    assert two.predict(["水管坏了"])[0].label == "水"


def test_texts_that_say_the_same_share_a_fold() -> None:
    long = "我们小区三号楼门口的路灯已经坏了半个多月，晚上黑得看不见台阶，老人摔了两回，请尽快派人来修一修。"
    found = likeness.groups(
        [long, long + "谢谢！", "楼上漏水，" * 20, "停车位不够，晚上没地方停", long.replace("三", "3")]
    )
    assert found[0] == found[1] == found[4]
    assert len(set(found.tolist())) == 3


def test_words_from_a_list_are_no_letters() -> None:
    """Where texts repeat one another by their nature, keeping repeats together would leave folds without labels."""
    texts = ["市容环境", "占道经营", "违法停车"] * 50
    found, grouped = likeness.kept_together(texts, 5)
    assert not grouped
    assert len(set(found.tolist())) == len(texts)
    model = triage.train([(text, text[:2]) for text in texts])
    assert not model.scores.grouped
    assert model.scores.macro_f1 == 1


def test_hashed_words_are_told_apart_and_counted() -> None:
    """The same word has the same number wherever it stands; letters of another width or case are the same letters."""
    counted = features.counts(["停水停水", "我家停水", "ＡＢ12", "ab34", ""])
    assert counted.shape == (5, features.width())
    assert counted[4].nnz == 0
    assert (counted[2] != counted[3]).nnz == 0
    both = counted[0].multiply(counted[1] > 0)
    assert both.nnz >= 4  # 停, 水, 停水 as characters, and in the opening again
    assert counted[0].max() >= 2
    dice = random.Random(3)
    texts = ["".join(dice.choices("停水了没有人管路灯坏", k=dice.randrange(0, 30))) for _ in range(40)]
    together, alone = features.counts(texts), [features.counts([text]) for text in texts]
    assert all((together[n] != alone[n]).nnz == 0 for n in range(40))


def test_rare_labels_are_guessed_too() -> None:
    rows = list(said(400, seed=6))
    kept = [row for row in rows if row[1] != "绿化"] + [row for row in rows if row[1] == "绿化"][:8]
    model = triage.train(kept)
    new = [text for text, label in said(200, seed=7) if label == "绿化"]
    hit = sum(guess.label == "绿化" for guess in model.predict(new))
    assert hit >= len(new) * 0.25  # four labels, one of them with eight examples


def test_what_ships_covers_the_catalogue() -> None:
    written = list(samples())
    by_code: dict[str, set[str]] = {}
    for text, code in written:
        by_code.setdefault(code, set()).add(text)
    assert min(map(len, by_code.values())) >= 12
    assert len({text for text, _ in written}) == len(written)
    assert {code for _, code in hints()} == set(by_code)
    catalogue = tomllib.loads((Path(profiles.__file__).parent / "catalogue" / "catalogue.toml").read_text("utf-8"))
    groups = [(f"{n:02}{m:02}", group["name"]) for n, top in enumerate(catalogue["categories"], start=1)
              for m, group in enumerate(top["groups"], start=1)]  # fmt: skip
    named = [(row["code"], row["name"]) for file in sorted(SAMPLES.glob("*.toml"))
             for row in tomllib.loads(file.read_text("utf-8"))["categories"]]  # fmt: skip
    assert named == groups


def test_the_web_does_not_pay_for_it() -> None:
    """Importing the room brings in none of the heavy packages."""
    heavy = ("numpy", "scipy", "sklearn", "rjieba", "threadpoolctl")
    code = f"import sys, linli.insight.triage; sys.exit(any(name in sys.modules for name in {heavy!r}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_conjugate_gradients_find_the_solution() -> None:
    """What the model is solved by agrees with a direct solution."""
    from scipy import linalg, sparse

    dice = np.random.default_rng(1)
    matrix = sparse.random(60, 200, 0.1, format="csr", dtype=np.float32, random_state=1)
    likeness_ = dice.normal(size=(60, 10)).astype(np.float32) / 4
    wanted, patience = dice.normal(size=(60, 3)), dice.uniform(0.1, 1, 60)
    alike = likeness_[:10].T @ likeness_[:10] + np.eye(10, dtype=np.float32)
    found = fitting._solve(matrix, likeness_, linalg.cho_factor(alike), wanted, patience, likeness_)
    by_likeness = likeness_ @ np.linalg.inv(alike) @ likeness_.T
    direct = np.linalg.solve((matrix @ matrix.T).toarray() + by_likeness + np.diag(patience), wanted)
    assert np.abs(found - direct).max() < 0.05 * np.abs(direct).max()


def test_texts_that_tell_nothing_are_still_learnt_from() -> None:
    """Every text is the same, or has no letter of its own: the commonest label, as sure as it is common."""
    model = triage.train([("没有区别", "甲")] * 30 + [("没有区别", "乙")] * 10)
    (guess,) = model.predict(["没有区别"])
    assert guess.label == "甲"
    assert 0.5 < guess.confidence < 0.95
