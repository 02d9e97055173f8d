"""Making suggestions for a matter, in the worker: what it is about, and who should handle it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from linli.core.matters.models import Matter
from linli.core.matters.models.matter import ERASED_TEXT
from linli.core.places.tree import tree
from linli.insight.duplicates import Likely, likely
from linli.insight.models import Hint
from linli.insight.suggesting.guessing import category_of
from linli.insight.suggesting.handling import handler_of
from linli.kit.ids import new_id

MOST, LEAST = 12, 0.2  # neighbours that are asked, and how alike they must be


def suggest(matter: Matter, now: datetime) -> None:
    """Fill ``Matter.suggestion`` and the hints that nobody has answered yet. Erased words are not guessed at."""
    if matter.text == ERASED_TEXT:
        return
    alike = _alike(matter)
    category = category_of(matter, alike)
    told = {"category": category.code, "confidence": category.confidence} if category else None
    if told != matter.suggestion:
        Matter.objects.filter(district_id=matter.district_id, pk=matter.pk).update(suggestion=told)
        matter.suggestion = told
    _keep(matter, Hint.What.CATEGORY, category, now)
    _keep(matter, Hint.What.HANDLER, handler_of(matter, category, alike), now)


def suggest_handler(matter: Matter, now: datetime) -> None:
    """After a return: the one who gave it back may have named somebody, and is himself out of the question."""
    alike = _alike(matter)
    _keep(matter, Hint.What.HANDLER, handler_of(matter, category_of(matter, alike), alike), now)


def forget(district_id: int, matter_id: object) -> None:
    """Suggestions were made of the words; with the words they go. Lessons hold codes only and stay."""
    Hint.objects.filter(district_id=district_id, matter_id=str(matter_id)).delete()


def _alike(matter: Matter) -> list[Likely]:
    """Confidential ones speak too: only their category and who settled them are used, never a word of theirs."""
    node = tree(matter.district_id).by_id.get(matter.place_id)
    return likely(
        matter.district_id, matter.text, place=node, lon=matter.lon, lat=matter.lat, at=matter.opened_at,
        but=matter.pk, most=MOST, least=LEAST,
    )  # fmt: skip


def _keep(matter: Matter, what: str, found: Any, now: datetime) -> None:
    """One open hint a kind. A new voice after a return opens it again; nothing sure enough closes it."""
    rows = Hint.objects.filter(district_id=matter.district_id, matter_id=matter.pk, what=what)
    held = rows.first()
    if found is None:
        rows.filter(answer="").delete()
        return
    if held is not None and held.answer and held.value == found.code:
        return  # the same was answered already
    values = {"value": found.code, "confidence": found.confidence, "reason": found.reason, "at": now}
    if held is None:
        Hint.objects.create(id=new_id(), district_id=matter.district_id, matter_id=matter.pk, what=what, **values)
    else:
        rows.update(answer="", answered_at=None, **values)
