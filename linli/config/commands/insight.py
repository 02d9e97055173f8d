"""``linli insight``: a model learns from a file or from what people here decided, and labels the rows of a file."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from linli.config.commands import Told, goal, note, say
from linli.insight import triage
from linli.insight.triage import tables

if TYPE_CHECKING:
    from linli.insight.triage import Model

EVERY = 5.0  # seconds between two words about how far it is


def train(asked: argparse.Namespace) -> int:
    """Train, say how good the model is, and keep it."""
    out = goal(asked.out)
    began = time.monotonic()
    used: Counter[str] = Counter()
    model = triage.train(
        _examples(asked, used), progress=lambda words: note(f"[{time.monotonic() - began:5.1f} s] {words}")
    )
    model.save(out)
    if used:
        say(_used(used))
    for line in _told(model):
        say(line)
    say(f"模型：{asked.out}")
    return 0


def _own(district: int, used: Counter[str]) -> Iterator[tuple[str, str]]:
    """What was closed here, and what people judged or gave back and is not closed yet; ``used`` counts them."""
    from linli.insight.suggesting import lessons

    for text, label in triage.own_history(district):
        used["closed"] += 1
        yield text, label
    for source, text, label in lessons.judged(district):
        used[source] += 1
        yield text, label


def _used(used: Counter[str]) -> str:
    """How many examples of each sort the model has learnt from."""
    return (
        f"用了办结的 {used['closed']} 条，没采纳建议的 {used['refused']} 条，退回来的 {used['returned']} 条，"
        f"采纳建议的 {used['taken']} 条"
    )


def _examples(asked: argparse.Namespace, used: Counter[str]) -> Iterator[tuple[str, str]]:
    if asked.own or not asked.file:
        if asked.file or asked.text or asked.label:
            raise Told("从文件训练要写 FILE、--text 和 --label；用自己的办件训练（--own）就都不写。", 2)
        return _own(_district(asked.district), used)
    if not asked.text or not asked.label:
        raise Told("还要写：--text 哪几列是说的话，--label 哪一列是分类。", 2)
    return tables.examples(Path(asked.file), asked.text, asked.label, left_out=_left_out)


def _left_out(count: int) -> None:
    if count:
        note(f"有 {count} 行没有文字或没有分类，没有用上。")


def _district(code: int | None) -> int:
    from linli.core.places.models import District

    codes = list(District.objects.order_by("pk").values_list("pk", flat=True))
    if code is not None and code in codes:
        return code
    if code is not None or not codes:
        raise Told("库里没有这个区。先运行 make demo，或 linli load PROFILE。")
    if len(codes) > 1:
        raise Told("库里不止一个区，请用 --district 写明：" + "、".join(map(str, codes)), 2)
    return int(codes[0])


def _told(model: Model) -> Iterator[str]:
    """The scores, for people and for programs: a name, a blank, a figure."""
    found = model.scores
    how = "相近的文字放在同一折" if found.grouped else "文字大多重复，按行分折"
    yield f"{found.folds} 折交叉验证，{found.n} 条，{len(model.labels)} 类（{how}）"
    yield f"macro-F1 {found.macro_f1:.4f}"
    yield f"accuracy {found.accuracy:.4f}"
    yield f"ECE {found.ece:.4f}（{found.bins} 格）"
    for label, (count, f1) in found.by_label.items():
        yield f"  {f1:.3f}  {count:>6} 条  {label}"


def predict(asked: argparse.Namespace) -> int:
    """Label every row of a file."""
    out = goal(asked.out)
    model = triage.load(Path(asked.model))
    done = tables.predict(model, Path(asked.file), asked.text, out, said=_now_and_then())
    note(f"{done} 条，写在 {asked.out}")
    return 0


def _now_and_then() -> Callable[[int], None]:
    last = time.monotonic()

    def said(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            note(f"{done} 条 …")

    return said
