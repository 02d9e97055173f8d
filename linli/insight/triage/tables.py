"""CSV files in and out, a row at a time: a million rows take no more memory than a thousand."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from linli.insight.triage.terms import TriageError

if TYPE_CHECKING:
    from linli.insight.triage.model import Model

ADDED = ("label", "confidence")
AT_ONCE = 256  # rows held between reading and writing
LONGEST = 1 << 24  # characters of a field; more is a quote that nobody closed
ZIPPED = b"\x1f\x8b"


@contextmanager
def rows(path: Path) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """The heading and the rows that are not empty. Whatever is wrong with the file is told as ``TriageError``."""
    csv.field_size_limit(LONGEST)
    with _worded(path), path.open("rb") as raw:
        start = raw.read(len(ZIPPED))
        raw.seek(0)
        plain: Any = gzip.open(raw) if start == ZIPPED else raw  # noqa: SIM115 (closed with raw)
        text = io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        heading = next((row for row in reader if any(name.strip() for name in row)), [])
        if not heading:
            raise TriageError(f"{path} 是空的：第一行应当是列名。")
        yield [name.strip() for name in heading], (row for row in reader if row)


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError) as error:
        if error.filename != str(path):  # of the file that is written meanwhile
            raise
        there = isinstance(error, IsADirectoryError)
        raise TriageError(f"{path} 是一个文件夹。" if there else f"没有这个文件：{path}") from error
    except UnicodeDecodeError as error:
        raise TriageError(f"{path} 不是 UTF-8 编码（可能是 GBK），请另存为 UTF-8 的 CSV。") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TriageError(f"{path} 的压缩不完整或坏了。") from error
    except csv.Error as error:
        raise TriageError(f"{path} 不是完整的 CSV：{_of_csv(str(error))}") from error


def _of_csv(said: str) -> str:
    if "field larger" in said:
        return f"有一格超过 {LONGEST // 10_000:,} 万字，多半是一个引号没有配对。"
    return "有一个引号没有配对。" if "unexpected end" in said else said


def places(heading: Sequence[str], names: str, path: Path) -> list[int]:
    """Where the columns stand that are asked for, ``name,name``; one that is not there is told with those that are."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if names.strip() in heading:  # a column whose own name has a comma in it
        wanted = [names.strip()]
    missing = [name for name in wanted if name not in heading]
    if missing or not wanted:
        told = "、".join(name for name in heading if name)
        raise TriageError(f"{path} 里没有这一列：{'、'.join(missing) or '（没有写列名）'}。有的列：{told}")
    if twice := [name for name in wanted if heading.count(name) > 1]:
        raise TriageError(f"{path} 里“{'、'.join(twice)}”这一列出现了两次，不知道用哪一列。")
    return [heading.index(name) for name in wanted]


def spoken(row: Sequence[str], columns: Sequence[int]) -> str:
    """What a row says: its columns one after the other, subject before detail; nothing twice."""
    said: list[str] = []
    for column in columns:
        words = row[column].strip() if column < len(row) else ""
        if words and words not in said:
            said.append(words)
    return "\n".join(said)


def examples(path: Path, text: str, label: str, *, left_out: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    """Texts with their labels. ``left_out`` is told at the end how many rows had no text or no label."""
    with rows(path) as (heading, body):
        columns, (target,) = places(heading, text, path), places(heading, label, path)[:1]
        without = 0
        for number, row in enumerate(body, 1):
            _fits(row, number, len(heading))
            said, called = spoken(row, columns), row[target].strip() if target < len(row) else ""
            if said and called:
                yield said, called
            else:
                without += 1
    left_out(without)


def predict(model: Model, path: Path, text: str, out: Path, *, said: Callable[[int], None]) -> int:
    """Every row as it was, with ``label`` and ``confidence`` at its end; how many there were.

    The file appears under its name when it is whole. ``said`` hears how many rows are done, every now and then.
    """
    from linli.insight.triage.folding import one_thread

    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with one_thread(), rows(path) as (heading, body):
            columns = places(heading, text, path)
            with _writing(draft, zipped=out.suffix == ".gz") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow([*heading, *ADDED])
                done = _predict(model, body, columns, len(heading), writer.writerow, said)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return done


def _fits(row: list[str], number: int, wide: int) -> None:
    if len(row) > wide:
        raise TriageError(f"第 {number} 条有 {len(row)} 列，列名只有 {wide} 个：多半是引号没有配好。")


def _predict(model: Model, body: Iterator[list[str]], columns: Sequence[int], wide: int,
             write: Callable[[list[str]], object], said: Callable[[int], None]) -> int:  # fmt: skip
    done = 0
    while batch := list(islice(body, AT_ONCE)):
        for row in batch:
            done += 1
            _fits(row, done, wide)
        texts = [spoken(row, columns) for row in batch]
        for row, text, guess in zip(batch, texts, model.predict(texts), strict=True):
            blanks = [""] * (wide - len(row))
            sure = guess.confidence if text else 0.0  # a row that says nothing tells nothing
            write([*row, *blanks, guess.label, f"{sure:.4f}"])
        said(done)
    return done


@contextmanager
def _writing(path: Path, *, zipped: bool) -> Iterator[TextIO]:
    if zipped:
        with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=6) as file:
            yield file
    else:
        with path.open("w", encoding="utf-8", newline="") as plain:
            yield plain
