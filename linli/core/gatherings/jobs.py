"""What the worker does about gatherings: what never began lapses, what comes back is drafted ahead of time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from linli.core.gatherings.actions.common import at, notify, when
from linli.core.gatherings.booking import book
from linli.core.gatherings.models import Gathering, GatheringKind, Series
from linli.core.gatherings.numbers import gathering_number
from linli.core.gatherings.rules.recurrence import parse_recurrence
from linli.kit.ids import new_id
from linli.kit.refusal import Refused

AT_ONCE = 50
GRACE = timedelta(hours=1)  # a host who forgot to press "begin" may still do it


def run_due(now: datetime | None = None) -> int:
    """Both jobs once; returns how much was done. Two short questions where nothing is due."""
    moment = at(now)
    return lapse_due(moment) + draft_due(moment)


def lapse_due(now: datetime) -> int:
    """Called sittings whose time is over and that never began: their host is told, their topics are offered again."""
    done = 0
    with transaction.atomic():
        rows = Gathering.objects.select_for_update(of=("self",), skip_locked=True).filter(
            state="called", ends_at__lt=now - GRACE
        )
        for row in rows.order_by("ends_at")[:AT_ONCE]:
            row.state, row.version = "lapsed", row.version + 1
            row.save(update_fields=["state", "version"])
            notify(row, [row.host_id], f"{when(row.starts_at)}的“{row.title}”没有开成，议题会排到下一次。", now)
            done += 1
    return done


def draft_due(now: datetime) -> int:
    """The next draft of every series that is due. Run twice it writes nothing twice: each sitting stands once."""
    done = 0
    with transaction.atomic():
        rows = Series.objects.select_for_update(of=("self",), skip_locked=True).filter(active=True, make_at__lte=now)
        for series in rows.select_related("place", "host").order_by("make_at")[:AT_ONCE]:
            _draft(series, now)
            done += 1
    return done


def _draft(series: Series, now: datetime) -> None:
    """Write the sitting at ``next_at`` if it still lies ahead, and move on to the one after.

    A worker that slept for a month writes the next sitting, not those that were missed.
    """
    rule = parse_recurrence(series.recurrence)
    starts = series.next_at if series.next_at > now else rule.after(now)
    series.next_at = rule.after(starts)
    series.make_at = rule.made(series.next_at)
    if series.host.until is not None and series.host.until <= starts.date():
        series.active = False  # nobody is left to host it
    else:
        _write(series, starts, rule.ends(starts), now)
    series.save(update_fields=["next_at", "make_at", "active"])


def _write(series: Series, starts: datetime, ends: datetime, now: datetime) -> None:
    kinds = GatheringKind.objects.filter(district_id=series.district_id, code=series.kind_code)
    kind = kinds.order_by("-version").first()
    same = Gathering.objects.filter(district_id=series.district_id, series_id=series.pk, starts_at=starts)
    if kind is None or same.exists():
        return
    gathering = Gathering(
        id=new_id(), district_id=series.district_id, number=gathering_number(series.district_id, now), kind=kind,
        public=kind.says.public, place=series.place, scope_path=series.place.path, title=series.title,
        starts_at=starts, ends_at=ends, host_id=series.host_id, series=series, made_at=now,
        secret=secrets.token_hex(32),
    )  # fmt: skip
    taken = ""
    try:
        book(gathering, series.room_id)
    except Refused as refused:
        taken = refused.message  # the draft stands without a room; its host is told to find another
    try:
        with transaction.atomic():
            gathering.save(force_insert=True)
    except IntegrityError:
        return  # another worker wrote it in the meantime
    text = f"{when(starts)}的“{series.title}”已经备好草稿，请定议题、发通知。{taken}"
    notify(gathering, [series.host_id], text, now)
