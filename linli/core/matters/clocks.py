"""Clocks: promises that are made once and kept as they were made.

A clock row is what the sweep walks; ``Matter.clocks`` repeats it in short for lists. What a clock shows (running,
warned, breached) follows from its times, so that a page is right even before the sweep came by; what it *decided*
(met, missed) is stamped once and never rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import Clock, Matter, Policy
from linli.kit import chain
from linli.kit.calendar import NATURAL, Span, WorkCalendar, add_working, counts_on, due, remaining, resume_due, soon_at
from linli.kit.ids import new_id

_ZONE = timezone.get_default_timezone()
PROMISES = ("reply", "act", "result")  # made at the opening
UNTIMED = "untimed"  # the calendar of a verdict whose end no book tells: it counts, and is not shown as a time
GOING = ("running", "warned", "breached")
# Helpers of the sweep, which may end without a word: of them the promise is committed to and not how they ended. Every
# other clock moves only with an entry that commits to it.
UNCOMMITTED = ("rating", "pause", "arrive")
STAGE_NAMES = {
    "accept": "接单", "reply": "答复", "act": "行动", "result": "结果", "rating": "评价", "contest": "异议",
    "arrive": "报到", "supervise": "督办", "pause": "暂停",
}  # fmt: skip


def start(
    matter: Matter,
    stage: str,
    policy: Policy,
    catalogue: Catalogue,
    now: datetime,
    *,
    call_id: Any = None,
    due_at: datetime | None = None,
) -> Clock | None:
    """A new running clock, or None where the policy has no such stage. ``due_at`` overrides the policy's span."""
    calendar_name, provisional, warn_at = "natural", False, None
    if due_at is None:
        text = policy.stages.get(stage)
        if not text:
            return None
        span = Span.parse(text)
        calendar = catalogue.calendar(policy.calendar)
        promised = due(now, span, calendar)
        due_at, provisional = promised.at, promised.provisional
        counted_on = counts_on(span, calendar)
        calendar_name = "natural" if counted_on is NATURAL else policy.calendar
        warn_at = soon_at(now, due_at, counted_on) if stage not in ("rating", "pause") else None
    elif stage == "supervise":
        warn_at = soon_at(now, due_at, NATURAL)  # who was ordered hears of it before the date, not only after
    if warn_at is not None and not now < warn_at < due_at:
        warn_at = None  # an ordered date that has passed already: nothing to warn of
    return Clock(
        id=new_id(), district_id=matter.district_id, matter_id=matter.pk, stage=stage, round=matter.rounds,
        call_id=call_id, state="running", started_at=now, due_at=due_at, warn_at=warn_at,
        next_at=warn_at or due_at, calendar=calendar_name, provisional=provisional,
    )  # fmt: skip


def _is_late(clock: Clock, now: datetime) -> bool:
    """Past its end, or past it when it was paused."""
    return (clock.left_seconds or 0) < 0 if clock.state == "paused" else now > clock.due_at


def stop(clock: Clock, now: datetime) -> None:
    """Stamp the verdict. A clock that already has one keeps it."""
    if clock.state in GOING or clock.state == "paused":
        clock.state = "missed" if _is_late(clock, now) else "met"
        clock.stopped_at, clock.next_at = now, None


def cancel(clock: Clock, now: datetime) -> None:
    """The promise no longer applies (merged, declined, handed on); a missed one stays missed."""
    if clock.state in GOING or clock.state == "paused":
        clock.state = "missed" if _is_late(clock, now) else "cancelled"
        clock.stopped_at, clock.next_at = now, None


def pause(clock: Clock, now: datetime, catalogue: Catalogue) -> None:
    """Hold the clock and keep the counted time left."""
    if clock.state in GOING:
        left = remaining(now, clock.due_at, catalogue.calendar(clock.calendar))
        clock.left_seconds = int(left.total_seconds())
        clock.state, clock.next_at = "paused", None


def go_on(clock: Clock, now: datetime, catalogue: Catalogue) -> None:
    """Let a held clock run again with the time that was left."""
    if clock.state != "paused" or clock.left_seconds is None:
        return
    calendar = catalogue.calendar(clock.calendar)
    again = resume_due(now, timedelta(seconds=clock.left_seconds), calendar)
    # The warning stays a share of the whole promise, not of what is left of it.
    ahead_of_due = remaining(clock.warn_at, clock.due_at, calendar) if clock.warn_at else None
    clock.due_at, clock.provisional, clock.left_seconds = again.at, again.provisional, None
    ahead = again.at > now
    clock.state = "running" if ahead or not clock.late else "breached"
    clock.warn_at = _warning(now, again.at, ahead_of_due, calendar) if ahead else None
    # Late already: the sweep tells of it once, unless it has.
    clock.next_at = (clock.warn_at or again.at) if ahead or not clock.late else None


def _warning(now: datetime, due_at: datetime, ahead: timedelta | None, calendar: WorkCalendar) -> datetime:
    return max(now, add_working(due_at, -ahead, calendar)) if ahead else soon_at(now, due_at, calendar)


def _told(at: datetime) -> str:
    """As it is shown everywhere: local, to the second. The row keeps the exact instant."""
    return at.astimezone(_ZONE).isoformat(timespec="seconds")


def brief(rows: Iterable[Clock]) -> list[dict[str, Any]]:
    """What the matter keeps of its clocks."""
    out = []
    for c in rows:
        item: dict[str, Any] = {
            "stage": c.stage, "round": c.round, "state": c.state,
            "started_at": _told(c.started_at), "due_at": _told(c.due_at),
        }  # fmt: skip
        if c.warn_at:
            item["warn_at"] = _told(c.warn_at)
        if c.stopped_at:
            item["stopped_at"] = _told(c.stopped_at)
        if c.left_seconds is not None:
            item["left_seconds"] = c.left_seconds
        if c.call_id:
            item["call"] = str(c.call_id)
        if c.provisional:
            item["provisional"] = True
        if c.calendar == UNTIMED:
            item["untimed"] = True
        out.append(item)
    return out


def commitment(rows: Iterable[Clock], *, helpers: bool = True) -> str:
    """What an entry holds of the clocks as it left them: every promise, its end and its verdict.

    Without ``helpers`` it is as older entries have it.
    """
    told = [_committed(c) for c in sorted(rows, key=lambda c: c.pk) if helpers or c.stage not in UNCOMMITTED]
    return chain.fingerprint(told)


def _committed(c: Clock) -> list[Any]:
    promise = [c.stage, c.round, chain.instant(c.started_at), chain.instant(c.due_at)]
    if c.stage in UNCOMMITTED:
        return promise
    stopped = c.stopped_at and chain.instant(c.stopped_at)
    return [*promise[:2], c.state, *promise[2:], stopped, c.left_seconds, c.calendar, c.late]


def shown(clocks: Iterable[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The clocks as they stand at ``now``: a running one past its warning or its end says so."""
    out = []
    for clock in clocks:
        if clock.get("untimed"):
            continue
        if clock["state"] in GOING:
            due_at = datetime.fromisoformat(clock["due_at"])
            warn = clock.get("warn_at")
            state = "running"
            if now > due_at:
                state = "breached"
            elif warn and now >= datetime.fromisoformat(warn):
                state = "warned"
            clock = {**clock, "state": state}
        out.append(clock)
    return out


def is_provisional(clock: Mapping[str, Any]) -> bool:
    """Whether a promise that still runs was reckoned over days whose holidays are not known here yet."""
    return bool(clock.get("provisional")) and clock["state"] in GOING


def unknown_holidays() -> str:
    """What is said beside such a promise, at every door."""
    return _("这里还没有那时的放假安排，先按周一到周五算。时间说好了就不再改。")


def next_due(rows: Iterable[Clock]) -> datetime | None:
    """The earliest end among promises still owed: what lists sort and 'overdue' asks."""
    owed = [c.due_at for c in rows if c.state in GOING and c.stage not in ("rating", "pause")]
    return min(owed, default=None)
