"""Written words as blocks of a paper: minutes and covenants are typed as plain text and carry their own numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from linli.kit.papers.model import Article, Block, Document, Heading, Labelled, Para

_HAN: Final = "一二三四五六七八九十百零〇"
_LEVELS: Final = (
    (1, re.compile(rf"([{_HAN}]{{1,4}}、)\s*(.*)")),
    (2, re.compile(rf"(（[{_HAN}]{{1,4}}）)\s*(.*)")),
    (3, re.compile(r"(\d{1,2}[.．])(?!\d)\s*(.*)")),
    (4, re.compile(r"(（\d{1,2}）)\s*(.*)")),
)
_ARTICLE: Final = re.compile(rf"(第[{_HAN}\d]{{1,5}}条)[\s　:：]*(.*)")
_CHAPTER: Final = re.compile(rf"(第[{_HAN}\d]{{1,5}}[章节])[\s　:：]*(.*)")
# Only what stands in the head of minutes: any other 某某： is part of a sentence.
LABELS: Final = (
    "会议时间", "时间", "会议地点", "地点", "主持人", "主持", "记录人", "记录", "出席", "到会", "参会", "列席", "请假",
    "缺席", "回避", "议题", "主题", "决议", "不同意见", "表决结果", "更正",
)  # fmt: skip
_LABELLED: Final = re.compile(rf"({'|'.join(LABELS)})\s*[:：]\s*(.*)")
_HEADING_LONGEST: Final = 40  # a longer numbered line is a paragraph that begins with a number


def document(text: str, *, title: str, at: datetime, **more: Any) -> Document:
    """A paper made of written words alone: a notice, a covenant. ``more`` are fields of Document."""
    return Document(title=title, at=at, body=tuple(blocks(text)), **more)


def blocks(text: str) -> Iterator[Block]:
    """Each line a block, its number and its words kept as they were written; empty lines are left out."""
    for line in text.splitlines():
        words = line.strip(" \t　\u00a0\ufeff")
        if words:
            yield _block(words)


def _block(words: str) -> Block:
    if found := _CHAPTER.fullmatch(words):
        return Heading(found[2], 1, f"{found[1]}　")
    if found := _ARTICLE.fullmatch(words):
        return Article(found[1], found[2])
    if (found := _LABELLED.fullmatch(words)) and found[2]:
        return Labelled(found[1], found[2])
    for level, pattern in _LEVELS:
        if (found := pattern.fullmatch(words)) and found[2]:
            return _headed(level, found[1], found[2])
    return Para(words)


def _headed(level: int, mark: str, rest: str) -> Block:
    if len(rest) > _HEADING_LONGEST or rest[-1] in "。；;":
        return Para(mark + rest)
    return Heading(rest, level, mark)
