"""Looking at covenants, always scoped by who looks. Missing and forbidden look alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP, Node, tree
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound
from linli.offices.covenants.models import Answer, Comment, Covenant, Event, Follow, Passage, Version

HALLS = ("quarter", "village", "community")
MOST_PLACES = 300
TABS = ("force", "comment", "voting", "draft", "ended")


@dataclass(frozen=True)
class Wanted:
    """How a list is narrowed."""

    tab: str = ""
    q: str = ""
    kind: str = ""
    place: str = ""  # a place's code: its own and what lies below


# ── covenants ───────────────────────────────────────────────────────────────────────────────────────────────
def public(district_id: int) -> QuerySet[Covenant]:
    """What anybody may see: everything whose text was ever shown."""
    return Covenant.objects.filter(district_id=district_id, shown__gt=0).select_related("place", "replaces")


def hosted(actor: Actor) -> QuerySet[Covenant]:
    """Those that the actor may host, drafts too."""
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        scopes |= _below(path)
    rows = Covenant.objects.filter(scopes, district_id=actor.district_id or 0)
    return rows.select_related("place", "replaces", "matter")


def around(district_id: int, places: Sequence[Node]) -> QuerySet[Covenant]:
    """Those of the quarters around these places and of everything above: what I agree on with my neighbours."""
    known, wanted = tree(district_id), Q(pk__in=[])
    for node in places:
        top = _hall(district_id, node).path
        wanted |= _below(top) | Q(scope_path__in=[top[:n] for n in range(STEP, len(top), STEP)])
    return public(known.district.id).filter(wanted)


def narrowed(district_id: int, rows: QuerySet[Covenant], wanted: Wanted) -> QuerySet[Covenant]:
    """By a word of title or number, by kind, place and where it stands."""
    if wanted.q:
        rows = rows.filter(
            Q(title__icontains=wanted.q) | Q(number__iexact=wanted.q) | Q(place__name__icontains=wanted.q)
        )
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.place:
        node = tree(district_id).by_code.get(wanted.place)
        rows = rows.filter(_below(node.path) if node else Q(pk__in=[]))
    if wanted.tab == "force":
        return rows.filter(Exists(_holding().filter(covenant_id=OuterRef("pk"))))
    if wanted.tab in TABS:
        return rows.filter(state=wanted.tab)
    return rows


def shown(district_id: int, number: str) -> Covenant:
    """One that anybody may see."""
    return _one(public(district_id), number)


def of_host(actor: Actor, number: str) -> Covenant:
    return _one(hosted(actor), number)


def _one(rows: QuerySet[Covenant], number: str) -> Covenant:
    return the_one(rows.filter(number=number.strip().upper()), _("没有找到这份公约。"))


def own_places(actor: Actor) -> list[Node]:
    """Where somebody belongs: home first, then every place they serve at, each once."""
    if actor.district_id is None:
        return []
    known = tree(actor.district_id)
    ids = [actor.home_id, *(p.place_id for p in actor.posts)]
    return list({i: known.by_id[i] for i in ids if i is not None and i in known.by_id}.values())


def convened(actor: Actor) -> list[Node]:
    """Where the actor may have a covenant: each scope itself, and the communities, quarters and buildings in it."""
    known, nodes = tree(actor.district_id or 0), {}
    for path in actor.paths(duties.CONVENE):
        below = [n for n in known.by_path.values() if n.path.startswith(path) and n.level in (*HALLS, "building")]
        below.sort(key=lambda n: (len(n.path), n.path))
        nodes.update({n.path: n for n in [known.by_path[path], *below[:MOST_PLACES]]})
    return list(nodes.values())


def _hall(district_id: int, node: Node) -> Node:
    """The quarter (or community) in which a place lies."""
    return next((n for n in reversed(tree(district_id).chain(node)) if n.level in HALLS), node)


# ── versions and passages ───────────────────────────────────────────────────────────────────────────────────
def _holding(today: date | None = None) -> QuerySet[Passage]:
    day = today or timezone.localdate()
    return Passage.objects.filter(Q(until=None) | Q(until__gt=day), outcome="adopted", since__lte=day)


def holding(district_id: int, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Passage]:
    """What is in force of these covenants, one question for all."""
    rows = _holding().filter(district_id=district_id, covenant_id__in=list(ids)).order_by("since", "pk")
    return {row.covenant_id: row for row in rows}


def passages(covenant: Covenant) -> list[Passage]:
    """Every vote on it, the newest first."""
    rows = Passage.objects.filter(district_id=covenant.district_id, covenant=covenant)
    return list(rows.select_related("question__rule").order_by("-pk"))


def versions(covenant: Covenant, *, upto: int) -> list[Version]:
    """The versions that somebody may read, the first one first."""
    rows = Version.objects.filter(district_id=covenant.district_id, covenant=covenant, number__lte=upto)
    return list(rows.order_by("number"))


def version(covenant: Covenant, number: int, *, upto: int) -> Version:
    rows = Version.objects.filter(district_id=covenant.district_id, covenant=covenant, number=number)
    found = rows.first() if number <= upto else None
    if found is None:
        raise NotFound(_("没有这一稿。"))
    return found


def events(covenant: Covenant) -> list[Event]:
    rows = Event.objects.filter(district_id=covenant.district_id, covenant=covenant)
    return list(rows.order_by("-seq")[:200])


def public_events(covenant: Covenant) -> list[Event]:
    """What everybody may read: not how often a draft was rewritten before it was shown."""
    return [e for e in events(covenant) if e.number <= covenant.shown]


def to_review(actor: Actor, until: date, limit: int = 20) -> list[Passage]:
    """Covenants in force whose day to be looked at again comes up to ``until``."""
    mine = hosted(actor).filter(state="settled").values("pk")
    rows = _holding().filter(district_id=actor.district_id or 0, covenant__in=mine, review_on__lte=until)
    return list(rows.select_related("covenant__place").order_by("review_on", "pk")[:limit])


# ── comments ────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Asked:
    """How comments are narrowed. ``article`` is a key, ``whole`` for the text as a whole."""

    outcome: str = ""
    article: str = ""
    q: str = ""


def comments(covenant: Covenant, asked: Asked) -> QuerySet[Comment]:
    rows = Comment.objects.filter(district_id=covenant.district_id, covenant=covenant)
    if asked.outcome:
        rows = rows.filter(outcome=asked.outcome)
    if asked.article:
        rows = rows.filter(article="" if asked.article == "whole" else asked.article)
    if asked.q:
        rows = rows.filter(text__icontains=asked.q)
    return rows


def comment(covenant: Covenant, comment_id: uuid.UUID) -> Comment:
    rows = Comment.objects.filter(district_id=covenant.district_id, covenant=covenant, pk=comment_id)
    return the_one(rows.select_related("covenant"), _("没有找到这条意见。"))


def tally(covenant: Covenant) -> dict[str, int]:
    """How many comments stand at which outcome, and how many there are (``all``)."""
    rows = Comment.objects.filter(district_id=covenant.district_id, covenant=covenant)
    found = {row["outcome"]: row["n"] for row in rows.values("outcome").annotate(n=Count("pk")).order_by()}
    return {"all": sum(found.values()), **found}


def per_article(covenant: Covenant) -> dict[str, int]:
    """How many comments each article has; the whole text under ""."""
    rows = Comment.objects.filter(district_id=covenant.district_id, covenant=covenant)
    return {row["article"]: row["n"] for row in rows.values("article").annotate(n=Count("pk")).order_by()}


def waiting(district_id: int, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many comments of each covenant have no answer yet."""
    rows = Comment.objects.filter(district_id=district_id, covenant_id__in=list(ids), outcome="waiting")
    return {row["covenant_id"]: row["n"] for row in rows.values("covenant_id").annotate(n=Count("pk")).order_by()}


def answers(district_id: int, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Answer]]:
    """The answers to these comments, the last one first."""
    found: dict[uuid.UUID, list[Answer]] = {}
    for row in Answer.objects.filter(district_id=district_id, comment_id__in=list(ids)).order_by("-pk"):
        found.setdefault(row.comment_id, []).append(row)
    return found


def follows(actor: Actor, covenant: Covenant) -> bool:
    if actor.user_id is None:
        return False
    rows: Any = Follow.objects.filter(district_id=covenant.district_id, covenant=covenant, user_id=actor.user_id)
    return bool(rows.exists())


def _below(path: str) -> Q:
    low, high = subtree(path)
    return Q(scope_path__gte=low, scope_path__lt=high)
