"""What the worker does for notices: fill inboxes stretch by stretch, and fold old counts together."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from linli.core.people import notices
from linli.core.people.models import User
from linli.kit.fields import subtree
from linli.kit.models import Outbox
from linli.kit.outbox import handles
from linli.offices.notices.actions import tell_on
from linli.offices.notices.models import Announcement, Tally
from linli.offices.notices.queries import address

STRETCH = 300  # accounts of one outbox row: one short transaction
FOLD_OVER = 200


@handles("announcement", lazy("公告"))
def fill_inboxes(row: Outbox, now: datetime) -> None:
    """``{announcement, after}``: a notice to each account that lives there, then the next stretch."""
    told = Announcement.objects.filter(district_id=row.district_id, pk=row.payload["announcement"]).select_related(
        "place"
    )
    announcement = told.first()
    if announcement is None or not announcement.stands(timezone.localdate(now)):
        return
    low, high = subtree(announcement.scope_path)
    living = User.objects.filter(
        district_id=row.district_id, is_active=True, home__path__gte=low, home__path__lt=high
    ).order_by("pk")
    if row.payload.get("after"):
        living = living.filter(pk__gt=uuid.UUID(row.payload["after"]))
    keys = list(living.values_list("pk", flat=True)[:STRETCH])
    text, url = f"{announcement.place.name}通知：{announcement.title}", f"{address(announcement)}?from=inbox"
    notices.leave(row.district_id, text, now, users=keys, url=url)
    if keys:
        Tally.objects.create(district_id=row.district_id, announcement=announcement, what="told", count=len(keys))
    if len(keys) == STRETCH:
        tell_on(announcement, keys[-1])


def fold(most: int = 20) -> int:
    """Put counts of one notice together where there are many; returns how many rows became one."""
    crowded = Tally.objects.values("district_id", "announcement_id", "what").annotate(rows=Count("id"))
    done = 0
    for each in crowded.filter(rows__gt=FOLD_OVER).order_by()[:most]:
        done += _fold(each["district_id"], each["announcement_id"], each["what"])
    return done


def _fold(district_id: int, announcement_id: uuid.UUID, what: str) -> int:
    """The rows that are there now become one; rows appended meanwhile are not touched."""
    with transaction.atomic():
        rows = Tally.objects.filter(district_id=district_id, announcement_id=announcement_id, what=what)
        keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:500])
        some = Tally.objects.filter(district_id=district_id, pk__in=keys)
        total = some.aggregate(total=Sum("count"))["total"] or 0
        some.delete()
        Tally.objects.create(district_id=district_id, announcement_id=announcement_id, what=what, count=total)
        return len(keys)
