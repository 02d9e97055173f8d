"""What was said, in its points: whoever answers, and whoever checks the answer, goes through them one by one.

Nothing is judged here and nothing is asked for twice. The points stand beside the form so that none is forgotten, those
of the neighbours whose words were merged into it too: masked, and without a word on who said them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from linli.core.matters import masks, seeing
from linli.core.matters.models import Matter
from linli.core.matters.models.matter import ERASED_TEXT
from linli.core.people.actor import Actor

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
NEIGHBOURS = 6  # whose points stand there; of more it is said how many there are
READ = 50  # merged matters that are looked into


@dataclass(frozen=True)
class Told:
    """The points of a matter, and what each merged neighbour said that nobody before had said."""

    own: list[str]
    neighbours: list[list[str]]
    more: int = 0  # neighbours with points of their own beyond those shown

    def __len__(self) -> int:
        return len(self.own) + sum(map(len, self.neighbours))


def told(actor: Actor, matter: Matter) -> Told | None:
    """What ``actor`` goes through; nothing where there is only one point. One question, where others were merged."""
    own = points(matter.text)
    if matter.households < 2:
        return Told(own, []) if len(own) > 1 else None
    known, each = set(own), []
    for text in _neighbours(actor, matter):
        fresh = [point for point in points(masks.mask(text)) if point not in known]
        known.update(fresh)
        each += [fresh] if fresh else []
    found = Told(own, each[:NEIGHBOURS], len(each[NEIGHBOURS:]))
    return found if len(found) > 1 else None


def _neighbours(actor: Actor, matter: Matter) -> list[str]:
    """Their words, in the order in which they spoke. What was said in confidence is for those who see that very one."""
    members = Matter.objects.filter(district_id=matter.district_id, job_id=matter.pk).order_by("pk")
    return [one.text for one in members[:READ] if not one.confidential or seeing.may_see(actor, one)]


def points(text: str) -> list[str]:
    """In their order; none of what was erased."""
    if text == ERASED_TEXT:
        return []
    found = [_bare(part) for line in _END.split(text) for part in _LISTED.split(line)]
    return [each for each in dict.fromkeys(found) if len(each) >= SHORT and not _polite(each)][:MOST]


def _bare(part: str) -> str:
    return _NUMBER.sub("", part.strip(" \t　，,、")).strip(" \t　，,、")


def _polite(part: str) -> bool:
    return len(part) < LONG and _POLITE.match(part) is not None
