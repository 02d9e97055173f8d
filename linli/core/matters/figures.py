"""What a matter adds to the figures, and what an act changes of that (see ``models/figures.py``).

Formula 2 (``FORMULA``; formula 1 knew no imported history):

- *received*: opened in the period, by the local day of opening; merged ones count where they were said.
- *answered / acted / resolved in time*: the first promise of that stage has the verdict met.
- *resolved*: verified by a second person at least once; *seconds* from opening to that verification. A matter imported
  as closed counts as its source says; where the source tells no time of closing, without seconds.
- *rated*: carries a resident's score; *satisfied*: score of 3 or more.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from linli.core.matters.models import Delta, Matter
from linli.core.places.tree import Tree
from linli.kit.ids import new_id

FORMULA = "三率 2"
SATISFIED_FROM = 3


class Contribution(NamedTuple):
    """What one matter counts for, and where."""

    district_id: int
    place_id: UUID
    day: date
    hour: int
    kind: str
    channel: str
    state: str
    answered_in_time: int
    acted_in_time: int
    resolved_in_time: int
    resolved: int
    satisfied: int
    rated: int
    seconds: int | None


def contribution(matter: Matter, tree: Tree) -> Contribution:
    """The matter's part in every figure, from its own row alone."""
    opened = timezone.localtime(matter.opened_at)
    met = {c["stage"] for c in matter.clocks if c["round"] == 1 and c["state"] == "met"}
    done = matter.verified_at
    return Contribution(
        district_id=matter.district_id,
        place_id=matter.community_id or matter.street_id or tree.root.id,
        day=opened.date(),
        hour=opened.hour,
        kind=matter.kind,
        channel=matter.channel,
        state=matter.state,
        answered_in_time=int("reply" in met),
        acted_in_time=int("act" in met),
        resolved_in_time=int("result" in met),
        resolved=int(done is not None or matter.imported == "closed"),
        satisfied=int(matter.score is not None and matter.score >= SATISFIED_FROM),
        rated=int(matter.score is not None),
        seconds=_seconds(matter.opened_at, done),
    )


def _seconds(opened: datetime, done: datetime | None) -> int | None:
    return None if done is None else max(0, int((done - opened).total_seconds()))


def change(old: Contribution | None, new: Contribution) -> list[Delta]:
    """The rows that an act appends: nothing where nothing changed."""
    if old == new:
        return []
    return ([_delta(old, -1)] if old else []) + [_delta(new, +1)]


def _delta(part: Contribution, sign: int) -> Delta:
    counted = {name: value for name, value in part._asdict().items() if name != "seconds"}
    counts = ("answered_in_time", "acted_in_time", "resolved_in_time", "resolved", "satisfied", "rated")
    for name in counts:
        counted[name] *= sign
    return Delta(id=new_id(), received=sign, sign=sign, seconds=part.seconds, **counted)
