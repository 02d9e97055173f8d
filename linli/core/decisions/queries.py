"""Looking at questions, always scoped by who looks. Missing and forbidden look alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from linli.core.decisions.models import Envelope, Member, Question, RuleVersion
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.tree import STEP, tree
from linli.kit import codes, crypto
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import NotFound

PUBLIC = ("open", "closed", "stripped", "decided", "withdrawn")


def public(district_id: int) -> QuerySet[Question]:
    """What anybody may see: everything that was ever opened. Newest first."""
    return (
        Question.objects.filter(district_id=district_id)
        .filter(Q(opened_at__isnull=False) | Q(imported__isnull=False))
        .select_related("rule", "place")
        .order_by("-pk")
    )


def visible(actor: Actor) -> QuerySet[Question]:
    """Public ones, and the drafts of one's own scope."""
    rows = Question.objects.filter(district_id=actor.district_id or 0).select_related("rule", "place").order_by("-pk")
    seen = Q(opened_at__isnull=False) | Q(imported__isnull=False)
    for path in actor.paths(duties.CONVENE):
        low, high = subtree(path)
        seen |= Q(scope_path__gte=low, scope_path__lt=high)
    return rows.filter(seen)


def get(actor: Actor, number: str, district_id: int | None = None) -> Question:
    """One question by its number; NotFound where the actor may not see it."""
    district = actor.district_id or district_id
    found = visible(actor) if actor.district_id else public(district or 0)
    return the_one(found.filter(number=number.strip().upper()), _("没有找到这个表决。"))


def hosted(actor: Actor) -> QuerySet[Question]:
    """Those that the actor may run."""
    rows = Question.objects.filter(district_id=actor.district_id or 0).select_related("rule", "place").order_by("-pk")
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        low, high = subtree(path)
        scopes |= Q(scope_path__gte=low, scope_path__lt=high)
    return rows.filter(scopes)


def to_vote(actor: Actor) -> list[Question]:
    """Open questions on whose roll the actor's person stands."""
    own = speaks(actor)
    if own is None or actor.district_id is None:
        return []
    mine = Member.objects.filter(own, district_id=actor.district_id).values("question_id")
    rows = Question.objects.filter(district_id=actor.district_id, state="open", pk__in=mine)
    return list(rows.select_related("rule", "place").order_by("closes_at")[:20])


def speaks(actor: Actor) -> Q | None:
    """Whose voice the actor may be: their person's, their account's; None for somebody who is neither."""
    if actor.person_id is not None and actor.user_id is not None:
        return Q(person_id=actor.person_id) | Q(user_id=actor.user_id)
    if actor.person_id is not None:
        return Q(person_id=actor.person_id)
    return Q(user_id=actor.user_id) if actor.user_id is not None else None


def around(district_id: int, place_id: uuid.UUID, limit: int = 20) -> list[Question]:
    """Questions of a place and of everything above it, newest first: what is being decided where I live."""
    known = tree(district_id)
    node = known.by_id.get(place_id)
    if node is None:
        return []
    paths = [node.path[:n] for n in range(STEP, len(node.path) + 1, STEP)]
    return list(public(district_id).filter(scope_path__in=paths)[:limit])


def with_receipt(text: str) -> Envelope:
    """The ballot that a receipt stands for: that it was taken, and whether it still counts. Never what it said."""
    try:
        receipt, district_id = codes.read_receipt(text)
    except ValueError as wrong:
        raise NotFound(str(wrong)) from wrong
    return the_one(
        Envelope.objects.filter(
            district_id=district_id, receipt_hash=crypto.hash_secret(receipt, "ballot")
        ).select_related("question", "entry"),
        _("没有找到这张投票回执，请再看一遍。"),
    )


def of_matter(actor: Actor, matter_id: uuid.UUID) -> list[Question]:
    """What was put to people about a matter, newest first."""
    return list(visible(actor).filter(matter_id=matter_id)[:10])


def settled(actor: Actor, questions: Iterable[Question]) -> set[uuid.UUID]:
    """Those of the questions in which every household of the actor's has voted."""
    keys = {q.pk for q in questions}
    own = speaks(actor)
    if not keys or own is None:
        return set()
    mine = Member.objects.filter(own, district_id=actor.district_id or 0, question_id__in=keys, entry__state="voting")
    voted = Envelope.objects.filter(district_id=actor.district_id or 0, entry_id=OuterRef("entry_id"), state="valid")
    return keys - set(mine.filter(~Exists(voted)).values_list("question_id", flat=True))


def roles_serving(actor: Actor) -> list[str]:
    """Roles that somebody holds where the actor may ask: of whom a roll of posts can be made."""
    within = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        low, high = subtree(path)
        within |= Q(scope_path__gte=low, scope_path__lt=high)
    rows = Post.objects.filter(within, district_id=actor.district_id or 0, until=None, person__isnull=False)
    held = set(rows.values_list("role", flat=True).distinct())
    return [code for code in duties.ROLES if code in held]


def rules(district_id: int) -> list[RuleVersion]:
    """The newest version of each rule."""
    newest: dict[str, RuleVersion] = {}
    for rule in RuleVersion.objects.filter(district_id=district_id).order_by("code", "version"):
        newest[rule.code] = rule
    return list(newest.values())
