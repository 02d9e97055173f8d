"""What an official paper is made of, whoever writes it to a file.

Papers are Chinese whatever language the one who asks reads: they are records of an office. Nothing here knows Django,
because the press is a process of its own (``press.py``); a paper travels to it as plain JSON (``Document.plain``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final

LEVELS: Final = 4  # 一、（一）1.（1）
_DIGITS: Final = "〇一二三四五六七八九"
# What no file of either kind can hold; a text that somebody pasted may.
_CONTROL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 65534, 65535))

_HAN: Final = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]"
_BEFORE_FIGURE: Final = re.compile(rf"(?<={_HAN}) (?=\d)")
_AFTER_FIGURE: Final = re.compile(rf"(?<![A-Za-z0-9-])(\d[\d,.:/]*%?) (?={_HAN})")


@dataclass(frozen=True)
class Heading:
    """层次序数: level 1 to 4. ``numbered`` writes the number in front of those that have none (``mark`` empty)."""

    text: str
    level: int = 1
    mark: str = ""


@dataclass(frozen=True)
class Para:
    """One paragraph of the body, its first line two characters in."""

    text: str


@dataclass(frozen=True)
class Labelled:
    """出席：张三、李四。A label in 黑体, and what follows stands under its own first character where it breaks."""

    label: str
    text: str


@dataclass(frozen=True)
class Article:
    """第一条　… of a covenant: the number in 黑体, then the words."""

    mark: str
    text: str


@dataclass(frozen=True)
class Note:
    """A remark of the record in small type: how something was counted, where it can be checked."""

    text: str


@dataclass(frozen=True)
class Table:
    """A table. ``widths`` are shares, ``right`` columns of figures; ``height`` in mm leaves room to write by hand."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    right: tuple[int, ...] = ()
    height: float = 0


Block = Heading | Para | Labelled | Article | Note | Table


@dataclass(frozen=True)
class Part:
    """附件: a title and what stands below it, on a page of its own."""

    title: str
    body: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """One paper. What is empty is left out.

    ``masthead`` is the red head (发文机关标志, or ××会议纪要), ``serial`` stands in the middle under it (发文字号,
    期号), ``issuer`` and ``on`` left and right above the red line (纪要, 通报). ``signed`` and ``on`` close a letter.
    ``at`` is the moment the paper speaks of: it dates the file, so that the same paper is the same file tomorrow.
    """

    title: str
    at: datetime
    masthead: str = ""
    serial: str = ""
    issuer: str = ""
    on: date | None = None
    to: str = ""
    body: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()
    signed: str = ""
    copies: str = ""
    printed: str = ""  # 印发机关; the day beside it is ``on``
    keywords: tuple[str, ...] = field(default=())

    def plain(self) -> dict[str, Any]:
        """As JSON takes it, headings numbered, days written out; what the two writers read."""
        told = dict(_plain(self))
        told["body"] = [_plain(block) for block in numbered(self.body)]
        told["parts"] = [{"title": _clean(p.title), "body": [_plain(b) for b in numbered(p.body)]} for p in self.parts]
        told["on"] = day(self.on) if self.on else ""
        told["stamp"] = [self.at.year, self.at.month, self.at.day, self.at.hour, self.at.minute, self.at.second]
        told["title_lines"] = title_lines(_clean(self.title), TITLE_LINE)
        told["head_lines"] = title_lines(_clean(self.masthead), HEAD_LINE)
        told["head_size"] = head_size(told["head_lines"])
        told["author"] = _clean(self.signed or self.issuer)
        told["signed_right"], told["on_right"] = closing(told["signed"], told["on"])
        return told


# ── numbers and days ────────────────────────────────────────────────────────────────────────────────────────────
def chinese(number: int) -> str:
    """1 → 一, 12 → 十二, 30 → 三十; up to 99, which no paper reaches."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        return str(number)
    left = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return left + (_DIGITS[ones] if ones else "")


def mark_of(level: int, number: int) -> str:
    """一、（一）1.（1）: the four layers of the standard."""
    return (f"{chinese(number)}、", f"（{chinese(number)}）", f"{number}.", f"（{number}）")[level - 1]


def numbered(body: Iterable[Block]) -> list[Block]:
    """The same blocks, every heading with its number: those that came with one keep it."""
    counts, out = [0] * LEVELS, list[Block]()
    for block in body:
        if isinstance(block, Heading) and not block.mark:
            at = min(max(block.level, 1), LEVELS)
            counts[at - 1] += 1
            counts[at:] = [0] * (LEVELS - at)
            block = Heading(block.text, at, mark_of(at, counts[at - 1]))
        out.append(block)
    return out


def day(value: date) -> str:
    """2026年3月5日: months and days without a nought, as the standard writes them."""
    return f"{value.year}年{value.month}月{value.day}日"


# ── titles and signatures ───────────────────────────────────────────────────────────────────────────────────────
TITLE_LINE: Final = 19  # characters of 22 pt on a line of 156 mm, one left free
HEAD_LINE: Final = 14  # of the red head: more of them go on two lines
_LARGEST, _WIDTH = 46, 432  # of the red head, in points
_AFTER: Final = "的、，：　暨和及月日”》"  # a line of a title may end after these …
_BEFORE: Final = (  # … or before these
    "关于", "情况", "工作", "表决", "会议", "纪要", "通报", "公告", "决议", "督办", "居民", "党建", "大党委", "大工委",
    "第", "“", "《",
)  # fmt: skip


def title_lines(title: str, most: int) -> list[str]:
    """A title in lines of about the same length, broken where a word ends as far as that can be told."""
    words = " ".join(title.split())
    count = -(-width(words) // most)
    lines = []
    for left in range(count, 1, -1):
        cut = _cut(words, left, most)
        lines.append(words[:cut].strip())
        words = words[cut:]
    return [line for line in [*lines, words.strip()] if line]


def head_size(lines: Sequence[str]) -> int:
    """In points: as large as the longest line allows, and no larger than a head of office is."""
    return min(_LARGEST, _WIDTH // max((width(line) for line in lines), default=1))


def closing(signed: str, on: str) -> tuple[float, float]:
    """How many characters stay free right of the signature and of the day below it, which stands four in.

    The signature stands over the middle of the day; one that is longer stands two in, and the day under its middle.
    """
    own, days = width(signed), width(on)
    right = 4 + (days - own) / 2
    return (right, 4) if right >= 2 else (2, 2 + (own - days) / 2)


def _cut(words: str, lines: int, most: int) -> int:
    """The place nearest an equal share where a line may end; the share itself where there is none nearby."""
    middle = round(len(words) / lines)
    for off in range(8):
        for at in (middle + off, middle - off):
            ends = 1 < at < len(words) - 1 and (words[at - 1] in _AFTER or words.startswith(_BEFORE, at))
            if ends and width(words[:at]) <= most and width(words[at:]) <= most * (lines - 1):
                return at
    return middle


def width(words: str) -> int:
    """In characters of Han: two Latin letters or figures take about one."""
    return round(sum(1 if ord(c) > 0x2E7F or c in "“”—…" else 0.55 for c in words)) or 1


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        told = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return told if isinstance(value, Document) else {"kind": type(value).__name__.lower(), **told}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return _clean(value)
    return [_plain(one) for one in value] if isinstance(value, Sequence) else value


def _clean(words: str) -> str:
    """Fit for a file, and set as papers are: no blanks between Han and figures, as screens have them."""
    plain = words.translate(_CONTROL).replace("\r\n", "\n").replace("\r", "\n")
    return _AFTER_FIGURE.sub(r"\1", _BEFORE_FIGURE.sub("", plain))
