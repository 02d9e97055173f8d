"""What somebody said, in its points: whoever answers, and whoever checks the answer, goes through them one by one.

Nothing is judged here and nothing is asked for twice. The points stand beside the form so that none is forgotten.
"""

from __future__ import annotations

import re

MOST = 8  # of a very long text; who answers has the whole of it on the same page
SHORT = 4  # characters: less than that is no point
_END = re.compile(r"[。！？!?；;…\n\r]+")
_FIGURE = r"(?:\d{1,2}|[一二三四五六七八九十])[、.．)）](?!\s*\d)"
# "1、灯坏了 2、门关不上"; not "3、4 号楼", where a figure follows.
_LISTED = re.compile(rf"(?:^|(?<=[\s，,：:]))(?={_FIGURE})")
_NUMBER = re.compile(rf"^(?:[(（]?{_FIGURE}|第[一二三四五六七八九十][，、：:])\s*")
# What is said at the end of a request and asks for nothing of its own.
_THANKS = r"谢谢|多谢|感谢|辛苦|您好|你好"
_WISHES = r"(?:麻烦|请|望|希望|盼)[^，,]{0,3}(?:来看|尽快|早日|抓紧|帮忙|处理|解决)"
_POLITE = re.compile(rf"^(?:{_THANKS}|{_WISHES})")
LONG = 16  # characters: a polite sentence of that length says something as well


def points(text: str) -> list[str]:
    """Two points and more, in their order; empty where there is only one."""
    found = [_bare(part) for line in _END.split(text) for part in _LISTED.split(line)]
    told = [each for each in dict.fromkeys(found) if len(each) >= SHORT and not _polite(each)]
    return told[:MOST] if len(told) > 1 else []


def _bare(part: str) -> str:
    return _NUMBER.sub("", part.strip(" \t　，,、")).strip(" \t　，,、")


def _polite(part: str) -> bool:
    return len(part) < LONG and _POLITE.match(part) is not None
