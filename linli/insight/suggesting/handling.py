"""Who should handle a matter that waits: by the district's rules, by who settled what is like it, by who was named.

Three voices, each with its own weight; whoever gave the matter back is never suggested again. The share that a voice's
choice gets is corrected by what became of earlier suggestions as sure as it (``calibrated``). Nothing here counts how
well somebody works: only how often what is like this was settled there.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from linli.core.matters import routing
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Entry, Matter, State
from linli.core.people import duties
from linli.core.people.posts import PostRef, Roster, roster
from linli.insight.duplicates import Likely
from linli.insight.models import Hint
from linli.insight.suggesting.guessing import Category

SAY: Final = 0.55
_RULE: Final = 0.75
_NAMED: Final = 0.8
_SETTLED: Final = 0.9  # what neighbours say together counts for, once there are enough of them
_DOUBT: Final = 0.4  # likeness that stands against neighbours who are few
_LEARNT: Final = 20  # earlier suggestions that count as much as the voice itself
_BIN: Final = 0.1


@dataclass(frozen=True)
class Handler:
    """A post by its code, how sure, and by what."""

    code: str
    confidence: float
    reason: dict[str, Any]


def handler_of(matter: Matter, category: Category | None, alike: Sequence[Likely]) -> Handler | None:
    """The likeliest handler of a matter that nobody holds; None where nothing is sure enough."""
    if matter.state != State.OPEN or matter.handler_id is not None:
        return None
    known = roster(matter.district_id)
    named, refused = _given_back(matter)
    voices = [*_named(named, known), *_by_rule(matter, category, known), *_by_settled(matter, alike, known)]
    voices = [one for one in voices if one.code not in refused]
    if not voices:
        return None
    best = max(voices, key=lambda one: (one.confidence, one.code))
    sure = calibrated(matter.district_id, _together(best, voices))
    return Handler(best.code, round(sure, 3), best.reason) if sure >= SAY else None


def _together(best: Handler, voices: Sequence[Handler]) -> float:
    """Voices that agree make surer, those that differ less sure."""
    doubt, against = 1.0, 1.0
    for one in voices:
        if one.code == best.code:
            doubt *= 1 - one.confidence
        else:
            against *= 1 - one.confidence / 3
    return (1 - doubt) * against


def calibrated(district_id: int, raw: float) -> float:
    """``raw`` moved towards the share of taken ones among earlier suggestions that were as sure."""
    low = int(raw / _BIN) * _BIN
    near = Hint.objects.filter(
        district_id=district_id, what=Hint.What.HANDLER, confidence__gte=low, confidence__lt=low + _BIN
    ).exclude(answer="")
    answers = list(near.order_by("-at").values_list("answer", flat=True)[:200])
    taken = sum(answer == Hint.Answer.TAKEN for answer in answers)
    return (taken + _LEARNT * raw) / (len(answers) + _LEARNT)


# ── the voices ──────────────────────────────────────────────────────────────────────────────────────────────────
def _given_back(matter: Matter) -> tuple[str, set[str]]:
    """Whom the last return named, and the handlers who gave it back: each stands in the entry before its return."""
    rows = Entry.objects.filter(district_id=matter.district_id, matter_id=matter.pk).order_by("seq")
    named, refused, holder = "", set(), ""
    for act, data in rows.values_list("act", "data"):
        if act == "return":
            named = str(data.get("suggest", ""))
            refused.add(holder)
        holder = str(data.get("handler", ""))
    return named, refused


def _named(code: str, known: Roster) -> list[Handler]:
    post = known.find(code) if code else None
    return [Handler(post.code, _NAMED, {"by": "named"})] if post is not None and _handles(post) else []


def _by_rule(matter: Matter, category: Category | None, known: Roster) -> list[Handler]:
    """Where the district's rules would send it, if it were what the machine takes it for."""
    asked = copy.copy(matter)
    asked.category = matter.category or (category.code if category else "")
    found = routing.by_rule(asked, catalogue(matter.district_id), known)
    if found is None:
        return []
    rule, post = found
    sure = _RULE if matter.category or not rule.category else _RULE * (category.confidence if category else 0.0)
    return [Handler(post.code, sure, {"by": "rule", "rule": rule.name})]


def _by_settled(matter: Matter, alike: Sequence[Likely], known: Roster) -> list[Handler]:
    """Who settled what is like it: the same unit, or whoever serves in the same role nearest to this place."""
    weight: dict[str, float] = {}
    count: dict[str, int] = {}
    for one in alike:
        post = _same(one.matter.resolver_id, matter, known) if one.matter.verified_at else None
        if post is not None:
            weight[post.code] = weight.get(post.code, 0.0) + one.likeness
            count[post.code] = count.get(post.code, 0) + 1
    if not weight:
        return []
    best = max(sorted(weight), key=lambda code: weight[code])
    share = weight[best] / (sum(weight.values()) + _DOUBT)
    return [Handler(best, _SETTLED * share, {"by": "settled", "n": count[best]})]


def _same(post_id: UUID | None, matter: Matter, known: Roster) -> PostRef | None:
    post = known.by_id.get(post_id) if post_id else None
    if post is None:
        return None
    found = post if post.person_id is None else known.nearest(post.role, matter.scope_path)
    return found if found is not None and _handles(found) else None


def _handles(post: PostRef) -> bool:
    return duties.role(post.role).handles
