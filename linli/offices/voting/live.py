"""The live page's figures, kept for two seconds a process: many watchers never slow down those who vote."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import translation

from linli.core.decisions import publishing, queries
from linli.core.decisions.models import Envelope, Question, RollEntry
from linli.core.decisions.publishing import FEWEST_SHOWN
from linli.core.places.tree import tree
from linli.offices.voting import words

KEEP_SECONDS = 0.0 if settings.TESTING else 2.0
_MOST = 500
_kept: dict[tuple[int, str, str], tuple[float, str]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class House:
    """Turnout of one building; of those too small to be told apart there is one line together."""

    name: str
    voted: int
    of: int


def fragment(district_id: int, number: str) -> str:
    """The meters of a public question as HTML. One thread asks the database, the others get what it found."""
    key = (district_id, number, translation.get_language() or "")
    found = _kept.get(key)
    if found and time.monotonic() - found[0] < KEEP_SECONDS:
        return found[1]
    with _lock:
        found = _kept.get(key)
        if found and time.monotonic() - found[0] < KEEP_SECONDS:
            return found[1]
        question = queries.public(district_id).filter(number=number).first()
        if question is None:
            raise Http404
        made = render_to_string("voting/_meters.html", {"q": question, **figures(question)})
        if len(_kept) > _MOST:
            _kept.clear()
        _kept[key] = (time.monotonic(), made)
        return made


def figures(question: Question) -> dict[str, Any]:
    """Meters, ballots taken so far, and turnout by building."""
    if not question.roll_hash or question.state == "withdrawn":
        return {"bars": [], "houses": []}
    return {"bars": [words.bar(m, question.roll_kind) for m in publishing.live(question)], "houses": houses(question),
            "unit": words.unit(question.roll_kind, "heads")}  # fmt: skip


def houses(question: Question) -> list[House]:
    """By building. Small ones are put together, with a larger one where they alone would still be told apart."""
    known = tree(question.district_id)
    rows = RollEntry.objects.filter(district_id=question.district_id, question_id=question.pk, state="voting")
    voted = Envelope.objects.filter(district_id=question.district_id, question_id=question.pk, state="valid")
    of, has = defaultdict[str, int](int), defaultdict[str, int](int)
    for path, n in rows.values_list("place_path").annotate(n=Count("pk")).order_by():
        of[_building(known, path)] += n
    for path, n in voted.values_list("entry__place_path").annotate(n=Count("pk")).order_by():
        has[_building(known, path)] += n
    small, large = [p for p in of if of[p] < FEWEST_SHOWN], [p for p in of if of[p] >= FEWEST_SHOWN]
    large.sort()
    if small and sum(of[p] for p in small) < FEWEST_SHOWN and large:
        small.append(min(large, key=lambda p: of[p]))
        large.remove(small[-1])
    told = [House(known.by_path[p].name, has[p], of[p]) for p in large if p in known.by_path]
    together = sum(of[p] for p in small)
    if together >= FEWEST_SHOWN and told:
        told.append(House("", sum(has[p] for p in small), together))
    return told if len(told) > 1 else []


def _building(known: Any, path: str) -> str:
    node = known.by_path.get(path)
    above = known.at_level(node, "building") if node else None
    return str(above.path if above else path)
