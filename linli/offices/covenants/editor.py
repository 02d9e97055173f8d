"""The editor's rows: articles as they were typed, moved up and down, added and taken out without a script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from linli.offices.covenants.text import HEADING, LONGEST, MOST_ARTICLES, Article, Text

EMPTY_AT_FIRST: Final = 3
_NUMBER: Final = re.compile(r"^[ \t　]*第[零〇一二三四五六七八九十百两\d]{1,6}条[ \t　:：、.．]*", re.MULTILINE)
_OP: Final = re.compile(r"(add|split|(?:up|down|drop|below)-(\d{1,3}))")


@dataclass(frozen=True)
class Row:
    """One article in the form. A new one has no key yet."""

    key: str
    heading: str
    text: str

    @property
    def article(self) -> Article:
        return Article(self.key, self.heading, self.text)


def rows_of(data: Mapping[str, Any]) -> list[Row]:
    """The rows that were sent, in their order: ``key-1``, ``heading-1``, ``words-1`` and so on."""
    wanted = str(data.get("rows", ""))
    count = min(int(wanted), MOST_ARTICLES + 20) if wanted.isdecimal() and len(wanted) < 5 else 0
    return [
        Row(str(data.get(f"key-{n}", ""))[:12], str(data.get(f"heading-{n}", ""))[: HEADING * 10],
            str(data.get(f"words-{n}", ""))[: LONGEST * 10])
        for n in range(1, count + 1)
    ]  # fmt: skip


def rows_from(text: Text | None) -> list[Row]:
    if text is None:
        return [Row("", "", "")] * EMPTY_AT_FIRST
    return [Row(a.key, a.heading, a.text) for a in text.articles]


def articles(rows: Iterable[Row]) -> tuple[Article, ...]:
    return tuple(row.article for row in rows)


def applied(rows: list[Row], op: str) -> list[Row]:
    """The rows after a button beside one of them was pressed."""
    if not (found := _OP.fullmatch(op)):
        return rows
    if found[2] is None:
        return [*rows, Row("", "", "")] if found[1] == "add" else rows
    at, act, made = int(found[2]) - 1, found[1].partition("-")[0], list(rows)
    if not 0 <= at < len(made):
        return made
    if act == "drop":
        del made[at]
        return made or [Row("", "", "")]
    if act == "below":
        made.insert(at + 1, Row("", "", ""))
        return made
    other = at - 1 if act == "up" else at + 1
    if 0 <= other < len(made):
        made[at], made[other] = made[other], made[at]
    return made


def split(said: str) -> tuple[str, list[Row]]:
    """A text pasted whole: what stands before 第一条, and its articles; without numbers a paragraph is an article."""
    said = said.replace("\r\n", "\n").strip()
    starts = list(_NUMBER.finditer(said))
    if not starts:
        return "", [Row("", "", line.strip()) for line in said.split("\n") if line.strip()]
    ends = [m.start() for m in starts[1:]] + [len(said)]
    rows = [_headed(said[m.end() : end].strip()) for m, end in zip(starts, ends, strict=True)]
    return said[: starts[0].start()].strip(), [row for row in rows if row.text or row.heading]


def _headed(said: str) -> Row:
    """［充电］ or 充电： in front of the first sentence is the heading."""
    if found := re.match(r"[［\[【]([^］\]】]{1,30})[］\]】]\s*", said):
        return Row("", found[1].strip(), said[found.end() :].strip())
    if found := re.match(r"([^\s，。；：:、]{1,12})[：:]\s*(?=\S)", said):
        return Row("", found[1], said[found.end() :].strip())
    return Row("", "", said)
