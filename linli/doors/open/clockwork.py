"""Clocks as pages show them: which one counts now, and how each promise ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.clocks import GOING, PROMISES, STAGE_NAMES, is_provisional, shown
from linli.core.matters.models import Matter
from linli.kit.calendar.wording import Style, words

# What a resident was promised, in the order in which it falls due; the rest is between the units.
PUBLIC = (*PROMISES, "contest")


@dataclass(frozen=True)
class Face:
    """A clock with its times as times: what ``{% clock %}`` draws, and the promise in words."""

    stage: str
    name: str
    round: int
    state: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None = None
    stopped_at: datetime | None = None
    until: datetime | None = None
    label: str | None = None
    provisional: bool = False

    @property
    def going(self) -> bool:
        return self.state in GOING

    @property
    def tone(self) -> str:
        """For the trio of big clocks: over, soon or nothing."""
        return {"breached": "over", "missed": "over", "warned": "soon", "paused": "pause"}.get(self.state, "")

    @property
    def promised(self) -> str:
        """说好多久. A natural length: a promise in working hours says its end instead, beside it."""
        return length(self.due_at - self.started_at)

    @property
    def used(self) -> str:
        """用了多久, of one that is over."""
        return length(self.stopped_at - self.started_at) if self.stopped_at else ""


def length(span: timedelta, style: Style = "resident") -> str:
    """A length in words: 1 小时 50 分."""
    return " ".join(str(piece) for piece in words(span if span > timedelta(0) else -span, style).pieces)


def faces(matter: Matter, now: datetime, stages: Iterable[str] = PUBLIC) -> list[Face]:
    """The matter's clocks of these stages, as they stand now, the older round first."""
    wanted = tuple(stages)
    made = [_face(c, matter) for c in shown(matter.clocks, now) if c["stage"] in wanted]
    return sorted(made, key=lambda f: (f.round, wanted.index(f.stage)))


def _face(clock: dict[str, Any], matter: Matter) -> Face:
    def at(name: str) -> datetime | None:
        text = clock.get(name)
        return datetime.fromisoformat(text) if text else None

    due = at("due_at")
    assert due is not None, "every clock has an end"
    return Face(
        stage=clock["stage"], name=_(STAGE_NAMES.get(clock["stage"], clock["stage"])), round=clock["round"],
        state=clock["state"], started_at=at("started_at") or matter.opened_at, due_at=due, warn_at=at("warn_at"),
        stopped_at=at("stopped_at"), until=matter.paused_until, provisional=is_provisional(clock),
    )  # fmt: skip


def counting(matter: Matter, now: datetime) -> Face | None:
    """The one clock a list shows: the promise that falls due first; a pause; else how the result's promise ended."""
    found = faces(matter, now)
    going = [f for f in found if f.going]
    if going:
        return min(going, key=lambda f: f.due_at)
    paused = [f for f in found if f.state == "paused"]
    if paused and matter.state == "paused":
        return paused[0]
    ended = [f for f in found if f.stage == "result" and f.state in ("met", "missed")]
    return ended[-1] if ended else None
