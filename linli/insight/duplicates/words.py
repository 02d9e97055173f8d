"""What of a text is compared: pairs of neighbouring characters, and the pairs that stand in names of places.

No dictionary and no segmentation, so that a web process can do it in well under a millisecond: what two people call
the same thing by shares its pairs of characters whatever is said around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from zlib import crc32

_WIDE: Final = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_RUN: Final = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")
_HAN: Final = "\u4e00"
LONGEST: Final = 1200  # characters of a text that are looked at: what it is about stands before

# What a name of a place ends in. The characters before it are the name; a number before it is a house or a flat.
_ENDINGS: Final = (
    "小区|社区|家园|花园|公寓|大厦|广场|新村|新城|街道|大道|学院|中学|小学|学校|大学|幼儿园|医院|公园|市场|商场|公司|驾校|"
    "超市|酒店|宾馆|工地|项目|楼盘|车站|地铁站|路口|路|街|巷|胡同|村|镇|乡|苑|园|城|府|里|湾|庄|桥|郡|居|院|楼|寺|河|湖|山|组"
)
_NAME: Final = re.compile(rf"([\u4e00-\u9fff]{{2,4}}?)(?={_ENDINGS})")
_NUMBERED: Final = re.compile(
    r"([0-9a-z一二三四五六七八九十]{1,4})\s*(?:号楼|号院|单元|栋|幢|座|弄|组|期|号线|路公交|路车)"
)


def plain(text: str) -> str:
    """Half-width, small letters, cut to what is looked at."""
    return text[:LONGEST].translate(_WIDE).lower()


def key(gram: str) -> int:
    """The number that a pair goes by in tables: signed 32 bits, the same on every machine."""
    return crc32(gram.encode()) - 0x80000000


@lru_cache(maxsize=512)
def grams(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, and words of letters or digits."""
    found: set[str] = set()
    for run in _RUN.findall(plain(text)):
        if run[0] >= _HAN:
            found.update(run[at : at + 2] for at in range(len(run) - 1))
        elif len(run) <= 12:
            found.add(run)
    return frozenset(found)


@lru_cache(maxsize=512)
def names(text: str) -> frozenset[str]:
    """The pairs that stand in names of places, and numbers of houses as they are."""
    said = plain(text)
    found: set[str] = set()
    for name in _before_endings(said):
        found.update(name[at : at + 2] for at in range(len(name) - 1))
    found.update(match[0] for match in _NUMBERED.finditer(said))
    return frozenset(found)


def _before_endings(said: str) -> Iterable[str]:
    """The two to four characters before each ending; the same ones may stand before several."""
    for match in re.finditer(_ENDINGS, said):
        start = match.start()
        run = said[max(0, start - 4) : start]
        kept = ""
        for char in reversed(run):
            if not _HAN <= char <= "\u9fff":
                break
            kept = char + kept
        if len(kept) >= 2:
            yield kept
