"""Words that a covenant is not there for: fines, points taken away, naming people, cutting off water and power.

A covenant is an agreement between neighbours. It cannot punish: only law can (行政处罚法: what is not law, regulation
or rule sets no administrative penalty, and only an authority imposes one). Linli scores nobody (limits.md 4). A word is
only a word ("不罚款" has it too), so a person reads it, says why it may stand, and is named beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from linli.core.matters import masks
from linli.offices.covenants.text import Text, called

GROUNDS: Final[dict[str, Any]] = {
    "fine": _(
        "公约是邻里之间的约定，不能罚款。罚款是行政处罚，只有法律、法规、规章能设定（行政处罚法第十六条），"
        "只有有权的行政机关能罚（第十七条）。"
    ),
    "points": _("公约不给人打分、不扣分，也不拿积分当处罚。积分是做志愿服务得来的，不因为违约收回。"),
    "naming": _("公约不点名、不曝光。公开一个人的姓名和做过的事，要有法律依据或者本人同意（个人信息保护法第十三条）。"),
    "supply": _("不能用停水、停电、停气、停暖来逼人守约（民法典第九百四十四条第三款）。"),
    "person": _("看着像姓名、电话或门牌。公约说的是大家，不写哪一个人。"),
}
_WORDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("fine", re.compile(r"罚款|罚金|处罚|罚没|没收|[处并可]罚|罚\s*[\d一二三四五六七八九十百千万两]+\s*[元块]|滞纳金")),
    ("points", re.compile(
        r"扣[除减]?\s*[\d一二三四五六七八九十两]*\s*(?:积|信用)?分|积分清零|减分|信用分|打分|评分|黑名单|失信"
    )),
    ("naming", re.compile(r"曝光|点名|通报批评|公开姓名|张榜公布|示众")),
    ("supply", re.compile(r"[停断](?:止供)?[水电气暖](?![动池瓶梯箱表车桩])")),
)  # fmt: skip


@dataclass(frozen=True)
class Caution:
    """One word in one article. ``article`` is its number, 0 for the opening words."""

    article: int
    word: str
    ground: str

    @property
    def where(self) -> str:
        return called(self.article) if self.article else str(_("开头的话"))

    @property
    def why(self) -> str:
        return str(GROUNDS[self.ground])

    def as_json(self) -> dict[str, Any]:
        return {"article": self.article, "word": self.word, "ground": self.ground}


def find(text: Text) -> list[Caution]:
    """Every word to think about, article by article, each once an article."""
    rows = [(0, text.preamble), *((n, f"{a.heading}\n{a.text}") for n, a in text.numbered)]
    found: dict[tuple[int, str, str], Caution] = {}
    for number, said in rows:
        for ground, pattern in _WORDS:
            for hit in pattern.finditer(said):
                found.setdefault((number, ground, hit[0]), Caution(number, hit[0], ground))
        if (shown := _personal(said)) is not None:
            found.setdefault((number, "person", shown), Caution(number, shown, "person"))
    return list(found.values())


def _personal(said: str) -> str | None:
    """What the mask of the public ledger would hide; the first few characters of it."""
    return _hidden(masks.mask(said), said) or None


def _hidden(masked: str, said: str) -> str:
    """The first stretch in which the two differ; full-width figures that were only made narrow do not count."""
    if masked == said:
        return ""
    start = next((n for n, (a, b) in enumerate(zip(masked, said, strict=False)) if _other(a, b)), None)
    return "" if start is None else said[start : start + 12].split("\n")[0]


def _other(a: str, b: str) -> bool:
    return a != b and ord(b) - ord(a) != 0xFEE0


def of_json(rows: list[dict[str, Any]]) -> list[Caution]:
    return [Caution(**row) for row in rows]
