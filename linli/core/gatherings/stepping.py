"""What the worker does next about a gathering, and when: one step a gathering, found by one index.

``plan`` is asked whenever state or time changes; a step that was done plans the one after it in the same transaction,
so a worker that is killed in between does it again as if it had never begun.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from linli.core.gatherings.models import Gathering

GRACE: Final = timedelta(hours=1)  # a host who forgot to press "begin" may still do it
CLOSES: Final = timedelta(hours=12)  # after its end, a sitting that nobody ended
OWED: Final = timedelta(days=2)  # after its end, the minutes
DAY: Final = timedelta(days=1)
SOON: Final = timedelta(hours=2)

CALL, NAG, REMIND, LAPSE, CLOSE, MINUTES = "call", "nag", "remind", "lapse", "close", "minutes"
_After = tuple[str, datetime]


def plan(gathering: Gathering, now: datetime) -> None:
    """Set the next step. Not saved."""
    ahead = [(step, at) for step, at in _steps(gathering) if at > now or step in (CALL, LAPSE, CLOSE, MINUTES)]
    gathering.step, gathering.step_at = ahead[0] if ahead else ("", None)


def done(gathering: Gathering) -> None:
    """The step was taken: the next one of this state, or none. Not saved."""
    last = list(_steps(gathering))[-1:]  # what comes after a word in between is the end of the state
    taken = gathering.step
    gathering.step, gathering.step_at = last[0] if last and last[0][0] != taken else ("", None)


def _steps(gathering: Gathering) -> Iterator[_After]:
    """The steps of the present state in the order of time."""
    if gathering.state == "draft":
        notice = gathering.starts_at - timedelta(days=gathering.kind.says.notice_days) - DAY
        yield (CALL if gathering.series_id and gathering.kind.says.auto else NAG), notice
        yield LAPSE, gathering.ends_at + GRACE
    elif gathering.state == "called":
        yield REMIND, gathering.starts_at - DAY
        yield REMIND, gathering.starts_at - SOON
        yield LAPSE, gathering.ends_at + GRACE
    elif gathering.state == "sitting":
        yield CLOSE, gathering.ends_at + CLOSES
    elif gathering.state == "ended":
        yield MINUTES, (gathering.ended_at or gathering.ends_at) + OWED
