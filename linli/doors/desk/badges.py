"""Figures beside the words of the navigation: read once a request, all in one statement."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from linli.core.matters.models import Call
from linli.core.people.entering import actor_of
from linli.core.people.models import Notice
from linli.doors.desk import queue, statements
from linli.doors.desk.gate import district_of


def counts(request: HttpRequest) -> dict[str, int]:
    """Every saved view, the calls that wait, the unread notices."""
    kept: dict[str, int] | None = getattr(request, "desk_counts", None)
    if kept is None:
        kept = _count(request)
        request.desk_counts = kept  # type: ignore[attr-defined]
    return kept


def _count(request: HttpRequest) -> dict[str, int]:
    actor, now = actor_of(request), timezone.now()
    mine = list(actor.post_ids)
    calls = Call.objects.filter(district_id=district_of(actor), post_id__in=mine, state__in=["called", "arrived"])
    unread = Notice.objects.filter(read_at=None)
    notices = [
        unread.filter(district_id=district_of(actor), post_id__in=mine),
        unread.filter(Q(user_id=actor.user_id), post=None),
    ]
    groups = [make(actor, now) for make in queue.TABS.values()]
    found = statements.counts([*groups, [calls], notices])
    return dict(zip([*queue.TABS, "calls", "notices"], found, strict=True))


def badge(name: str) -> Callable[[HttpRequest], int | None]:
    """For ``NavEntry.count``: nothing rather than a nought."""

    def count(request: HttpRequest) -> int | None:
        return counts(request)[name] or None

    return count
