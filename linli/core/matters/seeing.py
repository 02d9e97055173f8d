"""Who sees which matters: everything is fetched through here, and missing and forbidden look alike.

Three ways to see one: its place lies under a post that sees (an index range); one's own post or unit holds it now;
one's unit was ever given or called to it (``Involvement``). A resident sees what he or she opened; a receipt opens its
one matter; the public ledger (``doors/open``) has its own masked query.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.flow import ENDED, LIVE
from linli.core.matters.models import Attachment, Involvement, Matter, State
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Tree, tree
from linli.kit import codes, crypto, memory, reader
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import Invalid, NotFound

MOST = 200
KEPT = 2000  # first pages whose SQL a process keeps


@dataclass(frozen=True)
class Filters:
    """What a list may be asked for. ``state`` may name several, or ``live``."""

    state: str = ""
    kind: str = ""
    place: str = ""
    q: str = ""
    channel: str = ""
    category: str = ""
    urgency: str = ""
    overdue: bool = False
    mine: bool = False
    since: datetime | None = None
    until: datetime | None = None
    by_due: bool = False  # the desk's order: worst clock first


@dataclass(frozen=True)
class Listed:
    """One page, newest first, and the cursor of the next."""

    rows: list[Matter]
    next: str | None


def within(tree_of: Tree, path: str) -> Q:
    """Matters at or below a path, by the column whose index also gives newest-first where there is one."""
    node = tree_of.by_path.get(path)
    column = {"street": "street_id", "community": "community_id"}.get(node.level if node else "", "")
    if node is not None and node.level == "district":
        return Q()
    if node is not None and node.level == tree_of.district.cell_level:
        column = "cell_id"
    if node is not None and column:
        return Q(**{column: node.id})
    low, high = subtree(path)
    return Q(scope_path__gte=low, scope_path__lt=high)


def branches(actor: Actor) -> list[Q]:
    """What the actor sees, as disjoint conditions that each have an index of their own."""
    if actor.district_id is None:
        return []
    if not actor.is_staff:
        return [Q(opened_by_id=actor.user_id)] if actor.user_id else []
    known = tree(actor.district_id)
    paths = actor.paths(duties.SEE)
    out = [within(known, path) for path in paths]
    outside = ~Q(pk__in=[])
    for path in paths:
        low, high = subtree(path)
        outside &= ~Q(scope_path__gte=low, scope_path__lt=high)
    if any(len(path) <= 4 for path in paths):
        return out
    seers = [p for p in (*actor.posts, *actor.unit_posts) if duties.SEE in duties.role(p.role).held]
    if seers:
        involved = Involvement.objects.filter(
            district_id=actor.district_id, post_id__in=[p.id for p in seers], matter_id=OuterRef("pk")
        )
        out.append(Q(Exists(involved)) & outside)
    elif any(duties.HANDLE in duties.role(p.role).held for p in actor.posts):
        out.append(Q(handler_id__in=list(actor.post_ids)) & ~Q(state__in=ENDED) & outside)
    return out


def filtered(rows: QuerySet[Matter], actor: Actor, filters: Filters, now: datetime) -> QuerySet[Matter]:
    """Apply what was asked. Raises Invalid for a state or place that does not exist."""
    rows = _by_state(rows, filters.state)
    exact = {"kind": filters.kind, "channel": filters.channel, "urgency": filters.urgency}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.category:
        rows = rows.filter(category__startswith=filters.category)
    if filters.place and actor.district_id is not None:
        known = tree(actor.district_id)
        node = known.by_code.get(filters.place)
        if node is None:
            raise Invalid(_("没有这个地方。"), fields={"place": _("没有找到：%s") % filters.place})
        rows = rows.filter(within(known, node.path))
    if filters.q:
        words = filters.q.strip()
        rows = rows.filter(Q(text__icontains=words) | Q(number__iexact=words))
    if filters.mine:
        own = Q(handler_id__in=list(actor.post_ids)) if actor.is_staff else Q(opened_by_id=actor.user_id)
        rows = rows.filter(own)
    return _by_time(rows, filters, now)


def _by_time(rows: QuerySet[Matter], filters: Filters, now: datetime) -> QuerySet[Matter]:
    if filters.overdue:
        rows = rows.filter(next_due__lt=now).exclude(state__in=ENDED)
    if filters.since:
        rows = rows.filter(opened_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(opened_at__lt=filters.until)
    return rows


def _by_state(rows: QuerySet[Matter], asked: str) -> QuerySet[Matter]:
    if not asked:
        return rows
    states = list(LIVE) if asked == "live" else [s.strip() for s in asked.split(",") if s.strip()]
    unknown = [s for s in states if s not in State.values]
    if unknown or not states:
        raise Invalid(_("没有这种状态。"), fields={"state": _("不认识：%s") % ("、".join(unknown) or asked)})
    rows = rows.filter(state__in=states) if len(states) > 1 else rows.filter(state=states[0])
    # Said again in the index's own words, so that the planner may use the smaller index of live ones.
    return rows if any(s in ENDED for s in states) else rows.exclude(state__in=ENDED)


def list_matters(actor: Actor, filters: Filters, *, cursor: str = "", limit: int = 50) -> Listed:
    """A page of what the actor sees, newest first. ``limit`` is capped at 200."""
    limit = max(1, min(limit, MOST))
    asked = page_question(actor, filters, read_cursor(cursor) if cursor else None, limit)
    found: list[Matter] = reader.ask(asked) if asked else []
    found.sort(key=lambda m: m.pk, reverse=True)
    page, more = found[:limit], len(found) > limit
    return Listed(page, page[-1].pk.hex if more else None)


_Questions = dict[tuple[Any, ...], reader.Question | None]
_questions: memory.PerDistrict[_Questions] = memory.PerDistrict(lambda district_id: {})


def page_question(actor: Actor, filters: Filters, before: uuid.UUID | None, limit: int) -> reader.Question | None:
    """What to ask for a page. Kept for the first page of each worker and filter, which is what is asked all day."""
    known = _questions.get(actor.district_id) if actor.district_id is not None else {}
    key = (actor.user_id, actor.posts, actor.unit_posts, filters, limit)
    passing = before or filters.overdue or filters.q or filters.since or filters.until
    if not passing and key in known:
        return known[key]
    made = _ask_for(actor, filters, before, limit)
    if not passing:
        if len(known) >= KEPT:
            known.clear()
        known[key] = made
    return made


def _ask_for(actor: Actor, filters: Filters, before: uuid.UUID | None, limit: int) -> reader.Question | None:
    now, parts = timezone.now(), []
    for branch in branches(actor):
        rows = Matter.objects.filter(branch, district_id=actor.district_id or 0)
        rows = filtered(rows, actor, filters, now)
        if before is not None:
            rows = rows.filter(pk__lt=before)
        try:
            # States stand in the SQL itself: a kept plan could not choose an index of live ones without knowing them.
            parts.append(reader.question(rows.order_by("-pk")[: limit + 1], constants=State.values))
        except EmptyResultSet:
            continue
    return reader.together(parts) if parts else None


def read_cursor(text: str) -> uuid.UUID:
    """The id that a cursor stands for; Invalid for anything else."""
    try:
        return uuid.UUID(hex=text)
    except ValueError as error:
        raise Invalid(_("翻页的位置不对，请从头看。"), fields={"cursor": _("不认识的位置。")}) from error


def count(actor: Actor, filters: Filters, *, cap: int = 1000) -> int:
    """How many there are, counted no further than ``cap``: tabs show 999+ and stay quick."""
    now = timezone.now()
    total = 0
    for branch in branches(actor):
        rows = filtered(Matter.objects.filter(branch, district_id=actor.district_id or 0), actor, filters, now)
        total += rows.order_by()[: cap - total].count()
        if total >= cap:
            return cap
    return total


def with_receipt(text: str) -> tuple[Actor, Matter]:
    """The matter that a receipt opens, and the actor who holds it. NotFound for anything else."""
    try:
        receipt, district_id = codes.read_receipt(text)
    except ValueError as error:
        raise NotFound(str(error)) from error
    matter = the_one(
        Matter.objects.filter(district_id=district_id, receipt_hash=crypto.hash_secret(receipt, "receipt")),
        _("没有找到这张回执对应的事，请再看一遍回执码。"),
    )
    return Actor(kind="receipt", district_id=district_id, receipt_matter=matter.pk), matter


def get_matter(actor: Actor, number: str) -> Matter:
    """One matter by its number, if the actor may see it; NotFound otherwise."""
    district_id = actor.district_id
    found = (
        reader.fetch(Matter, "WHERE district_id = %s AND number = %s", district_id, number.strip().upper())
        if district_id is not None
        else []
    )
    if not found or not may_see(actor, found[0]):
        raise NotFound(_("没有找到这件事。"))
    return found[0]


def may_see(actor: Actor, matter: Matter) -> bool:
    """Whether the actor sees this very matter."""
    if actor.receipt_matter == matter.pk or (actor.user_id is not None and matter.opened_by_id == actor.user_id):
        return True
    if actor.over(duties.SEE, matter.scope_path) or matter.handler_id in actor.post_ids:
        return True
    seers = [p.id for p in (*actor.posts, *actor.unit_posts) if duties.SEE in duties.role(p.role).held]
    return (
        bool(seers)
        and Involvement.objects.filter(district_id=matter.district_id, matter_id=matter.pk, post_id__in=seers).exists()
    )


def seen_among(actor: Actor, ids: Iterable[Any]) -> set[Any]:
    """Which of these matters the actor may open: a list that names others names them without a link."""
    asked = [pk for pk in ids if pk]
    if not asked:
        return set()
    rows = Matter.objects.filter(district_id=actor.district_id or 0, pk__in=asked)
    return {pk for branch in branches(actor) for pk in rows.filter(branch).values_list("pk", flat=True)}


def picture(actor: Actor, attachment_id: uuid.UUID, receipt: str = "") -> Attachment:
    """A picture of a matter that the caller sees, or whose receipt he holds; NotFound otherwise."""
    if receipt:
        actor, _matter = with_receipt(receipt)
    found = (
        Attachment.objects.filter(district_id=actor.district_id, pk=attachment_id).select_related("matter").first()
        if actor.district_id is not None
        else None
    )
    if found is None or not may_see(actor, found.matter):
        raise NotFound(_("没有找到这张照片。"))
    return found


def by_ids(district_id: int, ids: Iterable[Any]) -> dict[Any, Matter]:
    """Matters by id, for links."""
    return {m.pk: m for m in Matter.objects.filter(district_id=district_id, pk__in=list(ids))}
