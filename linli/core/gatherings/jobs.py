"""What the worker does about gatherings: it writes what comes back ahead of time, asks, reminds, and lets lapse.

Each step is taken under its row's lock and written together with its notices and the step after it: a worker that is
killed, or runs twice, tells nobody twice. What is not due is not looked at.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from linli.core.gatherings import booked, stepping
from linli.core.gatherings.actions.calling import call_by_itself
from linli.core.gatherings.actions.common import Told, at, keep_up, notify, notify_all, when
from linli.core.gatherings.attendance import quorum
from linli.core.gatherings.booking import book
from linli.core.gatherings.briefing import brief_of
from linli.core.gatherings.inviting import addresses
from linli.core.gatherings.models import AgendaItem, Gathering, GatheringKind, Invitation, Series
from linli.core.gatherings.numbers import gathering_number
from linli.core.gatherings.rules.recurrence import parse_recurrence
from linli.core.matters import records
from linli.core.matters.catalogue import catalogue
from linli.kit.ids import new_id
from linli.kit.refusal import Refused

AT_ONCE = 50
AGAIN = timedelta(minutes=10)  # after a step that failed

log = structlog.get_logger(__name__)


def run_due(now: datetime | None = None) -> int:
    """Both jobs once; returns how much was done. Two short questions where nothing is due."""
    moment = at(now)
    return draft_due(moment) + step_due(moment)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────
def step_due(now: datetime) -> int:
    """The next step of every gathering for which it is time. One that fails holds up none of the others."""
    done = 0
    due = Gathering.objects.filter(step_at__lte=now)
    if not due.exists():
        return 0
    with transaction.atomic():
        rows = due.select_for_update(of=("self",), skip_locked=True)
        for row in rows.select_related("kind", "place", "host", "room").order_by("step_at", "pk")[:AT_ONCE]:
            done += _try(row, now)
    return done


def _try(gathering: Gathering, now: datetime) -> int:
    try:
        with transaction.atomic():
            _take(gathering, now)
    except Exception as error:
        log.error("gathering.step_failed", number=gathering.number, step=gathering.step, error=type(error).__name__)
        later = Gathering.objects.filter(district_id=gathering.district_id, pk=gathering.pk)
        later.update(step_at=now + AGAIN)
        return 0
    return 1


def _take(gathering: Gathering, now: datetime) -> None:
    """One step, and the one after it; all of it is written, or nothing."""
    before, step = Told.of(gathering), gathering.step
    STEPS[step](gathering, now)
    if gathering.state == before.state:
        stepping.done(gathering)
    gathering.version += 1
    keep_up(gathering, before, now)
    gathering.save()
    records.keep(booked.GATHERING, gathering.district_id, [gathering.pk], now=now)


def _call(gathering: Gathering, now: datetime) -> None:
    """What comes back by itself asks by itself. Where that cannot be, its host is told why."""
    try:
        with transaction.atomic():
            call_by_itself(gathering, now)
    except Refused as refused:
        gathering.state, gathering.called_at, gathering.waived = "draft", None, ""
        text = f"{when(gathering.starts_at)}的“{gathering.title}”没能自动发通知：{refused.message}"
        notify(gathering, [gathering.host_id], text, now)


def _nag(gathering: Gathering, now: datetime) -> None:
    days = gathering.kind.says.notice_days
    text = f"{when(gathering.starts_at)}的“{gathering.title}”还没有发通知，这种会要提前 {days} 天。"
    notify(gathering, [gathering.host_id], text, now)


def _remind(gathering: Gathering, now: datetime) -> None:
    """Everybody who did not decline, and the host how many come; the figures are taken afresh."""
    gathering.brief = brief_of(gathering, now) or gathering.brief
    rows = Invitation.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    coming = list(rows.exclude(answer="no").values_list("pk", flat=True))
    where = gathering.room.name if gathering.room else gathering.where
    text = f"提醒您：{when(gathering.starts_at)}在{where}开“{gathering.title}”。"
    notify_all(gathering, addresses(gathering, coming), text, now)
    said = rows.exclude(answer="").count()
    text = f"{when(gathering.starts_at)}的“{gathering.title}”请了 {rows.count()} 位，回了 {said} 位。"
    notify(gathering, [gathering.host_id], text, now)


def _lapse(gathering: Gathering, now: datetime) -> None:
    """It never began: its topics are offered to the next one."""
    gathering.state = "lapsed"
    text = f"{when(gathering.starts_at)}的“{gathering.title}”没有开成，议题会排到下一次。"
    notify(gathering, [gathering.host_id], text, now)


def _close(gathering: Gathering, now: datetime) -> None:
    """Nobody ended it. Without a quorum and without a point talked through it did not take place; else it is over."""
    points = AgendaItem.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    if not points.filter(state="discussed").exists() and not quorum(gathering).met:
        gathering.state = "lapsed"
        text = f"{when(gathering.starts_at)}的“{gathering.title}”到会的一直不够，算没有开成，议题会排到下一次。"
    else:
        gathering.state, gathering.ended_at = "ended", gathering.ends_at
        text = f"{when(gathering.starts_at)}的“{gathering.title}”过了散会时间，已经记为散会，请写纪要。"
    notify(gathering, [gathering.host_id], text, now)


def _owe(gathering: Gathering, now: datetime) -> None:
    text = f"{when(gathering.starts_at)}的“{gathering.title}”散会两天了，纪要还没有公布。"
    notify(gathering, [gathering.host_id], text, now)


STEPS: Final[dict[str, Callable[[Gathering, datetime], None]]] = {
    stepping.CALL: _call, stepping.NAG: _nag, stepping.REMIND: _remind, stepping.LAPSE: _lapse,
    stepping.CLOSE: _close, stepping.MINUTES: _owe,
}  # fmt: skip


# ── what comes back ─────────────────────────────────────────────────────────────────────────────────────────
def draft_due(now: datetime) -> int:
    """The next draft of every series that is due. Run twice it writes nothing twice: each sitting stands once."""
    done = 0
    due = Series.objects.filter(active=True, make_at__lte=now)
    if not due.exists():
        return 0
    with transaction.atomic():
        rows = due.select_for_update(of=("self",), skip_locked=True)
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
    if series.host.until is not None and series.host.until <= timezone.localdate(starts):
        series.active = False  # nobody is left to host it
    else:
        _write(series, starts, rule.ends(starts), now)
    series.save(update_fields=["next_at", "make_at", "active"])


def _is_holiday(district_id: int, starts: datetime) -> bool:
    """A pattern of weeks and months knows no holidays; its host is told and decides."""
    return catalogue(district_id).calendars["office"].is_holiday(timezone.localdate(starts))


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
    gathering.brief = brief_of(gathering, now)
    taken = ""
    try:
        book(gathering, series.room_id)
    except Refused as refused:
        taken = refused.message  # the draft stands without a room; its host is told to find another
    stepping.plan(gathering, now)
    try:
        with transaction.atomic():
            gathering.save(force_insert=True)
    except IntegrityError:
        return  # another worker wrote it in the meantime
    off = "这天放假，不合适就改日子。" if _is_holiday(series.district_id, starts) else ""
    text = f"{when(starts)}的“{series.title}”已经备好草稿，请定议题、发通知。{off}{taken}"
    if kind.says.auto and not taken:
        text = f"{when(starts)}的“{series.title}”已经备好草稿，到时候自动发通知。{off}"
    notify(gathering, [series.host_id], text, now)
