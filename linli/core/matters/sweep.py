"""The sweep: what happens by itself when a clock gets there.

One indexed question (which clocks have ``next_at`` behind them?) finds the work, so an idle sweep is one query however
many clocks run. Each matter is then done in a transaction of its own through the same ``step`` and actions that people
use: warned, breached and reported upward, escalated where the policy says so, resumed, closed.

1. Nothing happens twice: what was done has moved its ``next_at`` on, in the same transaction.
2. A matter that somebody holds under a lock is passed over; its clocks are still due in the next sweep.
3. One that fails is undone as a whole, logged, and looked at again in a minute; the others go on.
4. After an outage entries carry the time at which they were made, and the time that was promised in their data; a
   warning that comes after the end of its promise is left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import actions, clocks
from linli.core.matters.actions.moving import TIERS, next_above
from linli.core.matters.actions.rights import judging_office
from linli.core.matters.flow import ENDED, LIVE, PAUSED, VERIFIED
from linli.core.matters.models import Call, Clock, Matter, Whistle
from linli.core.matters.step import Step, step
from linli.core.people.actor import SYSTEM
from linli.core.people.posts import PostRef
from linli.kit.figures import daytime
from linli.kit.outbox import told

AGAIN = timedelta(minutes=1)  # after an error
CHASE_FIRST, CHASE_MOST = timedelta(days=1), timedelta(days=7)
# Stages whose end is an act of the system's, and no breach.
_BY_ACT = ("rating", "pause")

log = structlog.get_logger(__name__)


@dataclass
class Swept:
    """What one sweep did."""

    warned: int = 0
    breached: int = 0
    missed: int = 0  # called units that did not come in time
    escalated: int = 0
    chased: int = 0  # orders asked for again after their date
    resumed: int = 0
    closed: int = 0
    dropped: int = 0  # clocks of a matter that has ended meanwhile
    skipped: int = 0  # matters under somebody's lock
    failed: int = 0

    @property
    def done(self) -> int:
        """How much was really done; 0 means that the worker may rest."""
        return int(sum(astuple(self))) - self.skipped - self.failed

    def add(self, other: Swept) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def sweep(now: datetime | None = None, limit: int = 500) -> Swept:
    """Look after up to ``limit`` due clocks, oldest first."""
    at = now or timezone.now()
    swept = Swept()
    for district_id, matter_id in _due_matters(at, limit):
        swept.add(_one(district_id, matter_id, at))
    return swept


def _due_matters(now: datetime, limit: int) -> Iterable[tuple[int, uuid.UUID]]:
    """Matters of the oldest due clocks, each once. Only this question goes to all districts; what follows names one."""
    due = Clock.objects.filter(next_at__lte=now).order_by("next_at")
    return dict.fromkeys(due.values_list("district_id", "matter_id")[:limit])


def _one(district_id: int, matter_id: uuid.UUID, now: datetime) -> Swept:
    done = Swept()
    try:
        with transaction.atomic():
            mine = Matter.objects.filter(district_id=district_id, pk=matter_id).select_for_update(skip_locked=True)
            state = mine.values_list("state", flat=True).first()
            if state is None:
                return Swept(skipped=1)
            _look_after(district_id, matter_id, state, now, done)
    except Exception as error:
        log.error("sweep.failed", district=district_id, matter=str(matter_id), error=told(error))
        _push(district_id, matter_id, now)
        return Swept(failed=1)
    return done


def _push(district_id: int, matter_id: uuid.UUID, now: datetime) -> None:
    due = Clock.objects.filter(district_id=district_id, matter_id=matter_id, next_at__lte=now)
    due.update(next_at=now + AGAIN)


def _look_after(district_id: int, matter_id: uuid.UUID, state: str, now: datetime, done: Swept) -> None:
    """Everything that is due on one matter, under its lock."""
    due = list(Clock.objects.filter(district_id=district_id, matter_id=matter_id, next_at__lte=now))
    stages = {c.stage for c in due}
    if state in ENDED:
        done.dropped += _drop(district_id, matter_id, now, "")
        return
    if "pause" in stages:
        if state == PAUSED:
            actions.resume(actor=SYSTEM, district_id=district_id, matter_id=matter_id, now=now)
            done.resumed += 1
        else:
            done.dropped += _drop(district_id, matter_id, now, "pause")
    if "rating" in stages:
        if state == VERIFIED:
            actions.close(actor=SYSTEM, district_id=district_id, matter_id=matter_id, now=now)
            done.closed += 1
            return
        done.dropped += _drop(district_id, matter_id, now, "rating")
    if any(_reached(c, now) for c in due):
        _report(district_id, matter_id, now, done)


def _drop(district_id: int, matter_id: uuid.UUID, now: datetime, stage: str) -> int:
    """End due clocks that nothing waits for any more, without a word: nobody broke anything."""
    count = 0
    with step(district_id, matter_id, actor=SYSTEM, act="remind", now=now) as current:
        for clock in _due(current):
            if stage in ("", clock.stage):
                clocks.cancel(clock, now)
                count += 1
    return count


def _due(current: Step) -> list[Clock]:
    """The matter's clocks that have to be looked at, in the order of their promises."""
    found = [c for c in current.going() if c.next_at is not None and c.next_at <= current.now]
    return sorted(found, key=lambda c: (c.due_at, c.pk))


def _reached(clock: Clock, now: datetime) -> str:
    """Whether a promise's warning or its end was reached, or neither.

    A promise is kept up to and including its last moment (``clocks.stop``), so its end comes strictly after it.
    """
    if clock.stage in _BY_ACT:
        return ""
    if now > clock.due_at:
        return "end"
    soon = clock.warn_at is not None and clock.warn_at <= now < clock.due_at
    return "warning" if soon and clock.state == "running" else ""


# ── promises ────────────────────────────────────────────────────────────────────────────────────────────────
def _report(district_id: int, matter_id: uuid.UUID, now: datetime, done: Swept) -> None:
    """Warn, breach, report no-shows: one step for all of them; then escalate, as an act of its own."""
    up = ""
    with step(district_id, matter_id, actor=SYSTEM, act="breach", now=now) as current:
        for clock in _due(current):
            reached = _reached(clock, now)
            if reached == "warning":
                _warn(current, clock)
                done.warned += 1
            elif reached == "end" and clock.stage == "arrive":
                done.missed += _miss(current, clock)
            elif reached == "end" and clock.late and clock.stage == "supervise":
                _chase(current, clock)
                done.chased += 1
            elif reached == "end":
                _breach(current, clock)
                done.breached += 1
                up = up or _upward(current, clock)
    if up:
        actions.escalate(actor=SYSTEM, district_id=district_id, matter_id=matter_id, reason=up, now=now)
        done.escalated += 1


def _warn(current: Step, clock: Clock) -> None:
    clock.state, clock.next_at = "warned", clock.due_at
    if clock.stage == "arrive":
        _remind(current, clock)
        return
    words = _("快到点：%(stage)s，%(when)s 前。") % _named(clock)
    current.say(words, act="warn", **_facts(clock))
    _tell(current, [_owed_by(current, clock)], words)


def _breach(current: Step, clock: Clock) -> None:
    """The clock goes on being owed; its verdict is stamped when it is stopped."""
    clock.state, clock.next_at, clock.late = "breached", _again(clock, current.now), True
    words = _("超时：%(stage)s，说好 %(when)s 前。") % _named(clock)
    current.say(words, act="breach", **_facts(clock))
    owing = _owed_by(current, clock)
    first = _post(current, current.matter.first_id) if clock.stage == "accept" else None
    _tell(current, [owing, first, _above(current, first or owing)], words)


def _chase(current: Step, clock: Clock) -> None:
    """跟踪问效: an order whose date has passed is asked for again and again, until it is answered."""
    clock.state, clock.next_at = "breached", _again(clock, current.now)
    words = _("还欠着：%(stage)s，说好 %(when)s 前。") % _named(clock)
    current.say(words, act="remind", **_facts(clock))
    _tell(current, [_owed_by(current, clock)], words)


def _again(clock: Clock, now: datetime) -> datetime | None:
    """When an order that is owed is asked for next: a day later, then after as long as it is late, a week at most."""
    if clock.stage != "supervise":
        return None
    return now + max(CHASE_FIRST, min(CHASE_MOST, now - clock.due_at))


def _upward(current: Step, clock: Clock) -> str:
    """The reason to escalate, where the policy asks for it and there is somebody above; "" otherwise."""
    if clock.stage not in current.policy.escalate_on or current.matter.state not in LIVE:
        return ""
    if next_above(current) is None:
        return ""
    return _("%(stage)s超时，按规则上报。") % _named(clock)


def _owed_by(current: Step, clock: Clock) -> PostRef | None:
    """Who has to keep this promise: the handler, before that the holder of first duty; a contest the judging office."""
    if clock.stage == "contest":
        return _post(current, judging_office(current))
    return current.handler or _post(current, current.matter.first_id)


def _above(current: Step, owing: PostRef | None) -> PostRef | None:
    """The nearest office above the one that owes it: at its own level or higher, and of another unit."""
    if owing is None or owing == current.handler:
        return next_above(current)
    place = current.tree.by_id.get(owing.place_id)
    level = TIERS.index(place.level) if place and place.level in TIERS else 0
    for tier in TIERS[max(1, level) :]:  # grids have workers and no office
        office = current.roster.office(tier, current.matter.scope_path)
        if office is not None and office.unit != owing.unit:
            return office
    return None


# ── whistles ────────────────────────────────────────────────────────────────────────────────────────────────
def _remind(current: Step, clock: Clock) -> None:
    call = _call(current, clock)
    unit = _post(current, call.post_id) if call else None
    if unit is None:
        return
    words = _("快到点：%(unit)s还没报到，%(when)s 前。") % {"unit": unit.name, "when": _when(clock.due_at)}
    current.say(words, act="remind", unit=unit.code, name=unit.name, **_facts(clock))
    _tell(current, [unit], words)


def _miss(current: Step, clock: Clock) -> int:
    """A called unit did not come in time: said by name, and visible to the whistler, the street and the district."""
    call = _call(current, clock)
    if call is None or call.state != "called" or current.matter.state not in LIVE:
        # It came, or nobody can report any more, since the work is done.
        clocks.cancel(clock, current.now)
        return 0
    clock.state, clock.next_at, clock.late = "breached", None, True
    matter = current.matter
    Call.objects.filter(district_id=matter.district_id, pk=call.pk).update(late=True)
    unit = _post(current, call.post_id)
    name = unit.name if unit else ""
    words = _("没报到：%(unit)s，说好 %(when)s 前到。") % {"unit": name, "when": _when(clock.due_at)}
    current.say(words, act="miss", unit=unit.code if unit else str(call.post_id), name=name, **_facts(clock))
    blown = Whistle.objects.get(district_id=matter.district_id, pk=call.whistle_id)
    offices = [current.roster.office(tier, matter.scope_path) for tier in ("street", "district")]
    _tell(current, [unit, _post(current, blown.by_id), *offices], words, urgent=True)
    return 1


def _call(current: Step, clock: Clock) -> Call | None:
    if clock.call_id is None:
        return None
    return Call.objects.filter(district_id=current.matter.district_id, pk=clock.call_id).first()


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────
def _tell(current: Step, posts: Iterable[PostRef | None], words: str, *, urgent: bool = False) -> None:
    """Each of these posts once. The number says which matter it is; what was said in it stays in it."""
    text = _("%(number)s %(words)s") % {"number": current.matter.number, "words": words}
    for post_id in dict.fromkeys(post.id for post in posts if post is not None):
        current.notify(post_id, text, urgent=urgent or current.matter.urgency == "urgent")


def _post(current: Step, post_id: uuid.UUID | None) -> PostRef | None:
    return current.roster.by_id.get(post_id) if post_id else None


def _named(clock: Clock) -> dict[str, str]:
    return {"stage": clocks.STAGE_NAMES.get(clock.stage, clock.stage), "when": _when(clock.due_at)}


def _when(at: datetime) -> str:
    return daytime(at)  # the day, too: whoever reads it may do so tomorrow


def _facts(clock: Clock) -> dict[str, Any]:
    due_at = timezone.localtime(clock.due_at, timezone.get_default_timezone())
    return {"stage": clock.stage, "round": clock.round, "due_at": due_at.isoformat(timespec="seconds")}
