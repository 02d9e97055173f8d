"""What the pages share: which covenant an address names, one page of a list, and two versions side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.meant import district_named
from linli.kit import paging
from linli.kit.lists import param
from linli.kit.refusal import NotFound
from linli.offices.covenants import comparing, queries, standing, words
from linli.offices.covenants.models import Answer, Comment, Covenant, Support, Version
from linli.offices.covenants.models.comments import Outcome
from linli.offices.covenants.models.covenant import Kind
from linli.offices.covenants.text import Text, called
from linli.offices.covenants.trail import named


def shown(number: str) -> Covenant:
    """What anybody may see by its number."""
    try:
        return queries.shown(district_named(number), number)
    except NotFound as missing:
        raise Http404 from missing


def hosted(actor: Actor, number: str) -> Covenant:
    """One that the actor may host."""
    return queries.of_host(actor, number)


def must_host(actor: Actor) -> None:
    if not actor.paths(duties.CONVENE):
        raise Http404


def page_of(request: HttpRequest, rows: QuerySet[Any], at: str, limit: int = 20) -> paging.Page[Any]:
    """One page; a cursor that nobody gave out begins anew."""
    try:
        return paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=limit, at=at)
    except paging.BadCursorError:
        return paging.page(rows, limit=limit, at=at)


def wanted(request: HttpRequest) -> queries.Wanted:
    kind = param(request, "kind", 12)
    return queries.Wanted(
        param(request, "tab", 12), param(request, "q", 40), kind if kind in Kind.values else "", param(request, "place")
    )


def rows_of(district_id: int, items: Any) -> list[dict[str, Any]]:
    """Covenants of a list, each with where it stands: one question for all of them."""
    held = queries.holding(district_id, [c.pk for c in items])
    today = timezone.localdate()
    return [{"c": c, "standing": standing.of(c, held.get(c.pk), today), "holds": held.get(c.pk)} for c in items]


def asked(request: HttpRequest) -> queries.Asked:
    outcome = param(request, "outcome", 10)
    return queries.Asked(
        outcome if outcome in Outcome.values else "", param(request, "article", 12), param(request, "q", 40)
    )


# ── comments as they are shown ──────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Shown:
    """One comment with all that a page says of it."""

    comment: Comment
    article: str
    answers: list[Answer]
    supports: int
    mine: bool

    @property
    def last(self) -> Answer | None:
        return self.answers[0] if self.answers else None


def told(actor: Actor, covenant: Covenant, rows: list[Comment], text: Text) -> list[Shown]:
    """Three questions, however many comments."""
    ids = [c.pk for c in rows]
    answers = queries.answers(covenant.district_id, ids)
    counts, mine = Support.counts(covenant.district_id, ids), Support.given(actor, covenant.district_id, ids)
    return [
        Shown(c, named(text, c.article), answers.get(c.pk, []), counts.get(c.pk, 0), c.pk in mine) for c in rows
    ]  # fmt: skip


def article_pairs(text: Text) -> list[tuple[str, str]]:
    """Choices of a filter: the whole, then every article of the newest text."""
    rows = [(a.key, f"{called(n)}　{a.heading}" if a.heading else called(n)) for n, a in text.numbered]
    return [("whole", _("整份")), *rows]


# ── two versions ────────────────────────────────────────────────────────────────────────────────────────────
def two(request: HttpRequest, covenant: Covenant, *, upto: int) -> dict[str, Any]:
    """Which two are compared (the last two, unless asked otherwise), and how they differ."""
    versions = queries.versions(covenant, upto=upto)
    if not versions:
        raise Http404
    numbers = {v.number: v for v in versions}
    new = numbers.get(_number(request, "b")) or versions[-1]
    old = numbers.get(_number(request, "a")) or _before(covenant, numbers, new)
    found = comparing.compare(old.said, new.said)
    between = [v for v in versions if old.number < v.number <= new.number and v.why]
    return {
        "c": covenant, "versions": versions, "old": old, "new": new, "found": found, "between": between,
        "summary": words.summary(found), "changes": [(x, words.of_change(x)) for x in found.changes],
        "quiet": sum(x.kind == "same" and not x.moved for x in found.changes),
    }  # fmt: skip


def _before(covenant: Covenant, numbers: dict[int, Version], new: Version) -> Version:
    """What one wants to compare with first: the last version that was adopted before it, else the one before."""
    adopted = [p.number for p in queries.passages(covenant) if p.outcome == "adopted" and p.number < new.number]
    return numbers.get(max(adopted, default=new.number - 1), new)


def _number(request: HttpRequest, name: str) -> int:
    said = param(request, name, 5)
    return int(said) if said.isdecimal() else 0
