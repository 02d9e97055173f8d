"""Figures beside the words of the navigation: read once a request, all in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from linli.core.matters.models import Call
from linli.core.people.actor import Actor
from linli.core.people.entering import actor_of
from linli.core.people.models import Notice
from linli.doors.desk import queue, statements
from linli.doors.desk.gate import district_of

BESIDE = ("all", "calls", "notices")  # what the navigation shows on every page
EVERY = (*queue.TABS, "calls", "notices")


def counts(request: HttpRequest, names: Sequence[str] = EVERY) -> dict[str, int]:
    """How much each of ``names`` holds: a saved view, the calls that wait, the unread notices.

    Only the queue asks for every view; any other page pays for the three of its navigation alone.
    """
    kept: dict[str, int] = request.__dict__.setdefault("desk_counts", {})
    if wanted := [name for name in names if name not in kept]:
        kept.update(_count(request, wanted))
    return kept


def _count(request: HttpRequest, names: Sequence[str]) -> dict[str, int]:
    actor, now = actor_of(request), timezone.now()
    groups = [_rows(name, actor, now) for name in names]
    return dict(zip(names, statements.counts(groups), strict=True))


def _rows(name: str, actor: Actor, now: datetime) -> list[statements.Rows]:
    """What a figure counts, as disjoint ranges."""
    district_id, mine = district_of(actor), list(actor.post_ids)
    if name == "calls":
        return [Call.objects.filter(district_id=district_id, post_id__in=mine, state__in=["called", "arrived"])]
    if name == "notices":
        unread = Notice.objects.filter(read_at=None)
        return [
            unread.filter(district_id=district_id, post_id__in=mine),
            unread.filter(Q(user_id=actor.user_id), post=None),
        ]
    return list(queue.TABS[name](actor, now))


def badge(name: str) -> Callable[[HttpRequest], int | None]:
    """For ``NavEntry.count``: nothing rather than a nought."""

    def count(request: HttpRequest) -> int | None:
        return counts(request, BESIDE)[name] or None

    return count
