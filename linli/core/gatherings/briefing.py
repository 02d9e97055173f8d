"""What a sitting is pre-filled with: figures of a period, what came up again and again, what is late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q
from django.utils import timezone

from linli.core.gatherings.models import Gathering
from linli.core.matters import masks
from linli.core.matters.catalogue import catalogue
from linli.core.matters.flow import LIVE
from linli.core.matters.models import Clock, Matter
from linli.kit.fields import subtree

_DAYS: Final = {"day": 1, "week": 7, "month": 30}
_LEFT_OUT: Final = ("topic", "key_task")
_OFTEN = 5
_LATE = 10


def brief_of(gathering: Gathering, until: datetime) -> dict[str, Any]:
    """The period that the kind asks for, over the gathering's place; nothing where it asks for none."""
    days = _DAYS.get(gathering.kind.says.prefill)
    return brief(gathering.district_id, gathering.scope_path, until, days) if days else {}


def days_of(gathering: Gathering) -> int:
    """The days that a host looks back on: as the kind says, else until the next one of its kind, else a month."""
    says = gathering.kind.says
    every = says.recurrence.every if says.recurrence else ""
    return _DAYS.get(says.prefill) or _DAYS.get(every) or _DAYS["month"]


def brief(district_id: int, path: str, until: datetime, days: int) -> dict[str, Any]:
    """Plain JSON, nobody's name in it. Three questions to the database."""
    since = until - timedelta(days=days)
    low, high = subtree(path)
    here = Matter.objects.filter(district_id=district_id, scope_path__gte=low, scope_path__lt=high)
    period = here.filter(opened_at__gte=since, opened_at__lt=until).exclude(kind__in=_LEFT_OUT)
    counted = period.aggregate(received=Count("id"), done=Count("id", filter=Q(state__in=("verified", "closed"))))
    names = catalogue(district_id).categories
    rows = period.exclude(category="").order_by().values("category").annotate(n=Count("id")).filter(n__gte=2)
    often = [
        {"name": names[r["category"]].name if r["category"] in names else r["category"], "n": r["n"]}
        for r in rows.order_by("-n", "category")[:_OFTEN]
    ]
    return {
        "since": timezone.localdate(since).isoformat(), "until": timezone.localdate(until).isoformat(), **counted,
        "often": often, "overdue": _overdue(district_id, low, high),
    }  # fmt: skip


def _overdue(district_id: int, low: str, high: str) -> list[dict[str, str]]:
    """Those that are late the longest, each once, whatever number of its clocks ran out."""
    late = Clock.objects.filter(
        district_id=district_id, state="breached", matter__scope_path__gte=low, matter__scope_path__lt=high,
        matter__state__in=LIVE, matter__confidential=False,
    ).select_related("matter").order_by("due_at")[: _LATE * 4]  # fmt: skip
    first: dict[object, Clock] = {}
    for clock in late:
        first.setdefault(clock.matter_id, clock)
    return [
        {
            "number": c.matter.number, "title": masks.title(c.matter.text),
            "due": timezone.localdate(c.due_at).isoformat(),
        }
        for c in list(first.values())[:_LATE]
    ]  # fmt: skip
