"""``linli insight``: files of many shapes in, a model and labelled files out, and words for whatever is wrong."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from linli.config import cli
from linli.config.commands import demo_env
from linli.core.matters.models import Matter, State
from linli.insight import triage
from linli.insight.suggesting import lessons
from linli.insight.triage import Guess, Model, own_history, tables
from tests.cast import DISTRICT, Town
from tests.insight.triage_cast import read, said, table, write
from tests.matters.test_walk import ActAs, opened

pytestmark = pytest.mark.system("T4")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(demo_env, "file", lambda: tmp_path / "demo.env")
    monkeypatch.setenv("DATABASE_URL", os.environ.get("DATABASE_URL", ""))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model from a zipped file with a byte order mark, subject and detail apart."""
    folder = tmp_path_factory.mktemp("model")
    rows = [[text[:6], f'{text}\n第二行，“有引号"和逗号”', label, "2026"] for text, label in said(160)]
    file = write(folder / "in.csv.gz", [["主题", "详情", "类别", "年"], *rows], bom=True)
    model = folder / "m.model"
    assert cli.main(["insight", "train", str(file), "--text", "主题,详情", "--label", "类别", "--out", str(model)]) == 0
    return model


def predicted(model: Path, file: Path, text: str, out: Path) -> int:
    return cli.main(["insight", "predict", str(model), str(file), "--text", text, "--out", str(out)])


def test_training_tells_its_scores_and_its_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[label, text] for text, label in said(120)] + [["", "没有标签"], ["供水", " "], ["罕见", "只有一条"]]
    file = write(tmp_path / "in.csv", [["label", "text"], *rows])
    out = tmp_path / "m"
    assert cli.main(["insight", "train", str(file), "--text", "text", "--label", "label", "--out", str(out)]) == 0
    told, noted = capsys.readouterr()
    scores = {line.split()[0]: float(line.split()[1].split("（")[0]) for line in told.splitlines()
              if line.startswith(("macro-F1", "accuracy", "ECE"))}  # fmt: skip
    assert scores.keys() == {"macro-F1", "accuracy", "ECE"}
    assert all(0 <= figure <= 1 for figure in scores.values())
    assert scores["macro-F1"] > 0.7
    assert "15 格" in told
    assert "有 2 行没有文字或没有分类" in noted
    assert "罕见（1 条）" in noted
    assert "交叉验证 5/5" in noted
    assert out.is_file()


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_every_row_comes_back_as_it_was(name: str, trained: Path, tmp_path: Path) -> None:
    texts = [text for text, _ in said(600, seed=2)]
    rows = [[str(n), text, f'换行\n“{n}”,"引号"', ""] for n, text in enumerate(texts)]
    rows[5], rows[7] = ["5", ""], ["7"]  # nothing said, and a row that ends early
    file = write(tmp_path / name, [["编号", "说的", "备注", "空"], *rows], bom=True)
    out = tmp_path / "out.csv"
    assert predicted(trained, file, "说的", out) == 0
    found = read(out)
    assert list(found[0]) == ["编号", "说的", "备注", "空", "label", "confidence"]
    assert [row["编号"] for row in found] == [str(n) for n in range(600)]
    assert found[9]["备注"] == '换行\n“9”,"引号"'
    guesses = Model.load(trained).predict([row["说的"] for row in found])
    sure = [guess.confidence if row["说的"] else 0.0 for row, guess in zip(found, guesses, strict=True)]
    assert [row["label"] for row in found] == [guess.label for guess in guesses]
    assert [float(row["confidence"]) for row in found] == sure
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out.csv"])


def test_blank_lines_are_no_rows_and_a_zipped_answer_can_be_asked_for(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\r\n\r\n停水了,1\r\n\r\n车位被占,2\r\n\r\n", encoding="utf-8")
    assert predicted(trained, tmp_path / "in.csv", "a", tmp_path / "out.csv.gz") == 0
    assert [row["label"] for row in read(tmp_path / "out.csv.gz")] == ["供水", "停车"]


def test_a_file_may_have_a_label_of_its_own(trained: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", [["label", "text"], ["真的", "停水了"]])
    assert predicted(trained, file, "text", tmp_path / "out.csv") == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as out:
        heading, row = csv.reader(out)
    assert heading == ["label", "text", "label", "confidence"]
    assert row[:3] == ["真的", "停水了", "供水"]


def test_an_empty_file_gives_an_empty_answer(trained: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "in.csv", [["text"]])
    assert predicted(trained, file, "text", tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "text,label,confidence\n"


def good(rows: int = 40) -> bytes:
    return table([["text", "label"], *[list(row) for row in said(rows)]])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "没有这个文件"),
        (b"", "是空的"),
        (good().replace(b"text,", b"said,"), "有的列：said、label"),
        (good().decode().encode("gb18030"), "不是 UTF-8"),
        (b"\x1f\x8b\x08\x00broken", "压缩"),
        (good() + b'"never closed', "引号没有配对"),
        (table([["text", "label"], *[[text, "同一个"] for text, _ in said(20)]]), "至少要有两个标签"),
        (table([["text", "label"], ["水", "甲"], ["电", "乙"]]), "甲（1 条）"),
        (table([["text", "label", "label"], ["水", "甲", "乙"]]), "“label”这一列出现了两次"),
        (good() + "灯不亮,坏了,照明\n".encode(), "第 41 条有 3 列"),
        (b"text,label\n" + b"x" * (tables.LONGEST + 1), "万字"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    data: bytes | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.csv"
    if data is not None:
        file.write_bytes(data)
    asked = ["insight", "train", str(file), "--text", "text", "--label", "label", "--out", str(tmp_path / "m")]
    assert cli.main(asked) != 0
    assert words in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_lines_before_the_heading_may_be_blank(trained: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"\r\n,\r\n" + "text\n停水了\n".encode())
    assert predicted(trained, file, "text", tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0] == "text,label,confidence"


def test_a_row_that_says_nothing_is_labelled_without_confidence(trained: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("no,text\n1,停水了\n2,  \n", encoding="utf-8")
    assert predicted(trained, file, "text", out) == 0
    said_so, silent = [float(row.rsplit(",", 1)[1]) for row in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert said_so > 0
    assert silent == 0


def test_a_place_where_nothing_can_be_made_is_not_blamed_on_the_file(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "in.csv"
    file.write_text("text\n停水了\n", encoding="utf-8")
    assert predicted(trained, file, "text", Path("/proc/linli.csv")) == 1
    assert "/proc/" in capsys.readouterr().err


def test_a_pipe_is_never_replaced_by_a_file_and_a_link_stays_one(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, pipe, link = tmp_path / "in.csv", tmp_path / "pipe", tmp_path / "link.csv"
    file.write_text("text\n停水了\n", encoding="utf-8")
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "real.csv")
    assert predicted(trained, file, "text", pipe) == 2
    assert "管道或设备" in capsys.readouterr().err
    assert pipe.is_fifo()
    assert predicted(trained, file, "text", link) == 0
    assert link.is_symlink()
    assert "停水了" in (tmp_path / "real.csv").read_text(encoding="utf-8")


def test_a_full_disk_is_said_in_words_and_leaves_what_was_there(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("text\n停水了\n", encoding="utf-8")
    out.write_text("what was there", encoding="utf-8")

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tables, "_predict", full)
    assert predicted(trained, file, "text", out) == 1
    assert "写不下去了" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "what was there"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


@pytest.mark.parametrize(
    ("data", "words"),
    [(None, "没有这个文件"), (table([["said"], ["水"]]), "有的列：said"),
     (table([["text"], ["水", "电"]]), "第 1 条有 2 列"),
     ("text\n停水了\n".encode("gb18030"), "不是 UTF-8"), (b'text\n"x', "引号没有配对")],
)  # fmt: skip
def test_a_prediction_that_fails_leaves_nothing_half_written(
    data: bytes | None, words: str, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    out.write_text("what was there", encoding="utf-8")
    if data is not None:
        file.write_bytes(data)
    assert predicted(trained, file, "text", out) != 0
    assert words in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "what was there"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


@pytest.mark.parametrize(
    ("line", "words"),
    [("train x.csv --out m", "--text"),
     ("train x.csv --own --out m", "FILE"), ("train x.csv --text a --label b", "--out"),
     ("train x.csv --text a --label b --out no/such/m", "没有文件夹"), ("predict m x.csv --text a --out .", "文件夹"),
     ("predict nowhere x.csv --text a --out out.csv", "没有这个模型文件"), ("", "还要写")],
)  # fmt: skip
def test_what_was_asked_wrongly_is_said(
    line: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "x.csv", [["a", "b"], ["1", "2"]])
    try:
        code = cli.main(["insight", *line.split()])
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code != 0
    assert words in capsys.readouterr().err


class Counting:
    """A model that only counts what it is given at once."""

    largest = 0

    def predict(self, texts: Sequence[str]) -> list[Guess]:
        self.largest = max(self.largest, len(texts))
        return [Guess("x", 0.5)] * len(texts)


def test_many_rows_are_never_held_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are made while they are asked for; at no time are more alive than one batch."""
    rows, written, ahead = 20_000, 0, 0
    out, model = tmp_path / "out.csv", Counting()

    def many() -> Iterator[list[str]]:
        nonlocal ahead
        for number in range(rows):
            ahead = max(ahead, number - written)
            yield [str(number), "停水了"]

    def write_row(row: list[str]) -> None:
        nonlocal written
        written += 1

    done = tables._predict(model, many(), [1], 2, write_row, lambda _done: None)  # type: ignore[arg-type]
    assert (done, written) == (rows, rows)
    assert model.largest <= tables.AT_ONCE
    assert ahead <= tables.AT_ONCE
    assert not out.exists()


def test_own_history_teaches(town: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Closed matters with a category are what it learns from; without any it says so."""
    out = tmp_path / "m"
    assert cli.main(["insight", "train", "--out", str(out)]) == 1
    assert "至少要有两个标签" in capsys.readouterr().err


def test_own_history_is_what_was_closed_and_is_nobodys_secret(town: Town, act_as: ActAs) -> None:
    made = [opened(town, act_as("resident")).matter for _ in range(4)]
    settled = {"state": State.CLOSED, "category": "010203"}
    Matter.objects.filter(pk=made[0].pk).update(**settled)
    Matter.objects.filter(pk=made[1].pk).update(**settled, confidential=True)
    Matter.objects.filter(pk=made[2].pk).update(**settled | {"category": ""})
    assert list(own_history(DISTRICT)) == [(made[0].text, "0102")]
    assert list(own_history(DISTRICT + 1)) == []


def test_what_people_refused_and_gave_back_changes_the_next_model(
    town: Town, act_as: ActAs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Closed matters taught 0101 for noise; people refused that and chose 0201, and the next model says so too."""
    said = opened(town, act_as("resident")).matter
    word = "楼上装修电钻响到半夜"
    texts = {
        "0101": [f"{word}，第{i}天睡不着。" for i in range(8)],
        "0201": [f"路边垃圾第{i}回没人清运。" for i in range(8)],
    }
    for label, many in texts.items():
        for text in many:
            made = opened(town, act_as("resident")).matter
            Matter.objects.filter(pk=made.pk).update(text=text, category=label, state=State.CLOSED)
    first, second = tmp_path / "a", tmp_path / "b"
    assert cli.main(["insight", "train", "--own", "--out", str(first)]) == 0
    assert "用了办结的 16 条，没采纳建议的 0 条，退回来的 0 条，采纳建议的 0 条" in capsys.readouterr().out
    at = timezone.now()
    for i in range(24):
        made = opened(town, act_as("resident")).matter
        Matter.objects.filter(pk=made.pk).update(text=f"{word}，又吵了{i}回。", category="0201")
        lessons.keep(DISTRICT, made.pk, "category", "refused", at, said="0101")
    Matter.objects.filter(pk=said.pk).update(text="垃圾堆在门口。", category="0201")
    lessons.keep(DISTRICT, said.pk, "handler", "returned", at, said="T-grid", reason="not_ours")
    assert cli.main(["insight", "train", "--own", "--out", str(second)]) == 0
    assert "用了办结的 16 条，没采纳建议的 24 条，退回来的 1 条，采纳建议的 0 条" in capsys.readouterr().out
    old, new = (triage.load(model).predict([f"{word}，又吵了一回。"])[0] for model in (first, second))
    assert (old.label, new.label) == ("0101", "0201")
