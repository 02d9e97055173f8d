"""What people look at: topics of a place, the loop of one topic, one's own words, what a sitting is pre-filled with."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings.models import AgendaItem, Gathering
from linli.core.matters import masks
from linli.core.matters.catalogue import catalogue
from linli.core.matters.flow import ENDED, LIVE
from linli.core.matters.models import Clock, Link, Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import STEP, tree
from linli.kit.fields import subtree
from linli.kit.refusal import NotFound
from linli.offices.councils.actions import RAISED, TOPIC, mark_of
from linli.offices.councils.models import Dissent, Support, Turn


# ── topics ──────────────────────────────────────────────────────────────────────────────────────────────────
def topics(district_id: int, path: str = "", *, q: str = "", state: str = "") -> QuerySet[Matter]:
    """Topics that everybody may read; ``path`` keeps a place's own and what lies below it."""
    rows = Matter.objects.filter(district_id=district_id, kind=TOPIC, confidential=False).exclude(state="merged")
    if path:
        low, high = subtree(path)
        rows = rows.filter(scope_path__gte=low, scope_path__lt=high)
    if q:
        rows = rows.filter(Q(number__iexact=q) | Q(text__icontains=q))
    if state == "open":
        rows = rows.exclude(state__in=ENDED)
    elif state == "ended":
        rows = rows.filter(state__in=ENDED)
    return rows


def around(district_id: int, place_id: uuid.UUID | None) -> QuerySet[Matter]:
    """Topics of the quarter somebody lives in and of everything above it: what is talked about where I live."""
    node = tree(district_id).by_id.get(place_id) if place_id else None
    if node is None:
        return topics(district_id)
    top = quarter_of(district_id, node.path)
    above = [top[:n] for n in range(STEP, len(top), STEP)]
    low, high = subtree(top)
    return topics(district_id).filter(Q(scope_path__gte=low, scope_path__lt=high) | Q(scope_path__in=above))


def quarter_of(district_id: int, path: str) -> str:
    """The path of the quarter (or the nearest place above a grid) in which a path lies."""
    known = tree(district_id)
    for n in range(len(path), 0, -STEP):
        node = known.by_path.get(path[:n])
        if node is not None and node.level in ("quarter", "village", "community"):
            return node.path
    return path


def topic(district_id: int, number: str) -> Matter:
    found = topics(district_id).filter(number=number.strip().upper()).first()
    if found is None:
        raise NotFound(_("没有找到这个议题。"))
    return found


def staff_topics(actor: Actor, **asked: str) -> QuerySet[Matter]:
    """Topics in the scopes where the actor convenes."""
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        low, high = subtree(path)
        scopes |= Q(scope_path__gte=low, scope_path__lt=high)
    return topics(actor.district_id or 0, **asked).filter(scopes)


def supports(district_id: int, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    rows = Support.objects.filter(district_id=district_id, matter_id__in=list(ids))
    return {row["matter_id"]: row["n"] for row in rows.values("matter_id").annotate(n=Count("id"))}


def supported(actor: Actor, matter: Matter) -> bool:
    if actor.user_id is None:
        return False
    mine = Support.objects.filter(district_id=matter.district_id, matter=matter, mark=mark_of(actor, matter))
    return mine.exists()


def sources(matter: Matter) -> list[Matter]:
    """What people said that became this topic, the first one first."""
    links = Link.objects.filter(district_id=matter.district_id, target=matter, type=RAISED, ended_at=None)
    return [link.source for link in links.select_related("source").order_by("at", "id")[:200]]


def dissents(district_id: int, items: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Dissent]]:
    found: dict[uuid.UUID, list[Dissent]] = {}
    for row in Dissent.objects.filter(district_id=district_id, item_id__in=list(items)).order_by("at", "pk"):
        found.setdefault(row.item_id, []).append(row)
    return found


def turns(gathering: Gathering) -> dict[uuid.UUID, list[Turn]]:
    found: dict[uuid.UUID, list[Turn]] = {}
    rows = Turn.objects.filter(district_id=gathering.district_id, item__gathering=gathering)
    for row in rows.order_by("position"):
        found.setdefault(row.item_id, []).append(row)
    return found


def item(gathering: Gathering, item_id: uuid.UUID) -> AgendaItem:
    rows = AgendaItem.objects.filter(district_id=gathering.district_id, gathering=gathering, pk=item_id)
    found = rows.select_related("gathering__kind", "matter").first()
    if found is None:
        raise NotFound(_("议程里没有这一项。"))
    return found


# ── my words ────────────────────────────────────────────────────────────────────────────────────────────────
def my_words(actor: Actor, limit: int = 30) -> list[tuple[Matter, Matter]]:
    """Pairs of what I said and the topic it became (itself, where I proposed one), the newest first."""
    if actor.user_id is None:
        return []
    mine = Matter.objects.filter(district_id=actor.district_id or 0, opened_by_id=actor.user_id)
    own = [(m, m) for m in mine.filter(kind=TOPIC).order_by("-id")[:limit]]
    links = Link.objects.filter(
        district_id=actor.district_id or 0, type=RAISED, ended_at=None, source__opened_by_id=actor.user_id
    ).select_related("source", "target")
    led = [(link.source, link.target) for link in links.order_by("-at")[:limit]]
    return sorted([*own, *led], key=lambda pair: pair[0].opened_at, reverse=True)[:limit]


# ── what a sitting is pre-filled with ───────────────────────────────────────────────────────────────────────
def brief(district_id: int, path: str, until: datetime, days: int) -> dict[str, Any]:
    """Figures of a period, what came up again and again, and what is late. Plain JSON, nobody's name in it."""
    since = until - timedelta(days=days)
    low, high = subtree(path)
    here = Matter.objects.filter(district_id=district_id, scope_path__gte=low, scope_path__lt=high)
    period = here.filter(opened_at__gte=since, opened_at__lt=until).exclude(kind__in=(TOPIC, "key_task"))
    counted = period.aggregate(received=Count("id"), done=Count("id", filter=Q(state__in=("verified", "closed"))))
    names = catalogue(district_id).categories
    often = (
        period.exclude(category="").order_by().values("category").annotate(n=Count("id")).filter(n__gte=2)
        .order_by("-n", "category")[:5]
    )  # fmt: skip
    late = Clock.objects.filter(
        district_id=district_id, state="breached", matter__scope_path__gte=low, matter__scope_path__lt=high,
        matter__state__in=LIVE, matter__confidential=False,
    ).select_related("matter").order_by("due_at")[:40]  # fmt: skip
    rows = {clock.matter_id: clock for clock in reversed(late)}
    overdue = [
        {"number": c.matter.number, "title": masks.title(c.matter.text), "due": timezone.localdate(c.due_at).isoformat()}
        for c in sorted(rows.values(), key=lambda c: c.due_at)[:10]
    ]  # fmt: skip
    return {
        "since": timezone.localdate(since).isoformat(), "until": timezone.localdate(until).isoformat(), **counted,
        "often": [{"name": names[r["category"]].name if r["category"] in names else r["category"], "n": r["n"]}
                  for r in often],
        "overdue": overdue,
    }  # fmt: skip
