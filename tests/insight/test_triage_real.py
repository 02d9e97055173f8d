"""A sample of real messages, through the commands: far better than guessing. Nothing here prints what people wrote."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from sklearn.metrics import f1_score

from bench.triage import FILE, rows
from linli.config import cli
from linli.config.commands import demo_env
from tests.insight.triage_cast import read, write

pytestmark = [pytest.mark.realdata, pytest.mark.system("T4")]

LEARN, ASK = 600, 200


@pytest.fixture
def messages() -> list[tuple[str, str]]:
    if not FILE.is_file():
        told = "the labelled messages are not beside the checkout"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    everything = rows()
    count = len(everything)  # a bare len() in an assertion would show the words where it fails
    assert count == 2600
    return everything[:: count // (LEARN + ASK)][: LEARN + ASK]


def test_real_messages_are_told_apart(
    messages: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_env, "file", lambda: tmp_path / "demo.env")
    learn, ask = messages[:LEARN], messages[LEARN:]
    seen = write(tmp_path / "seen.csv.gz", [["text", "class"], *map(list, learn)])
    new = write(tmp_path / "new.csv", [["text"], *([text] for text, _ in ask)])
    model, out = str(tmp_path / "m"), tmp_path / "out.csv"
    assert cli.main(["insight", "train", str(seen), "--text", "text", "--label", "class", "--out", model]) == 0
    assert cli.main(["insight", "predict", model, str(new), "--text", "text", "--out", str(out)]) == 0
    guessed = [(row["label"], float(row["confidence"])) for row in read(out)]
    wanted = [label for _, label in ask]
    right = [guess == label for (guess, _), label in zip(guessed, wanted, strict=True)]
    commonest = Counter(wanted).most_common(1)[0][1] / ASK
    accuracy, macro = sum(right) / ASK, f1_score(wanted, [guess for guess, _ in guessed], average="macro")
    assert accuracy > commonest + 0.4
    assert macro > 0.7
    assert abs(sum(sure for _, sure in guessed) / ASK - accuracy) < 0.1
