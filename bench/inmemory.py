"""The real actions on matters that are not in the database yet.

A measured database must hold what people's acts would have left behind, or it measures something else: chained
timelines, clocks with their verdicts, who is involved. A hundred thousand matters acted on one by one would take an
hour of round trips, so the actions run here as they are, and only ``step``, which locks and saves, is replaced by one
that keeps the rows for the bulk writer.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from unittest.mock import patch

from django.db import models

from linli.core.matters import clocks, standing
from linli.core.matters.actions import closing, handling, moving
from linli.core.matters.flow import MOVES
from linli.core.matters.models import Clock, Entry, Matter
from linli.core.matters.step import Step
from linli.core.people.actor import Actor


@dataclass
class Kept:
    """One matter with the rows that belong to it."""

    matter: Matter
    entries: list[Entry] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    others: list[models.Model] = field(default_factory=list)  # contact, involvement
    # What each entry commits to of the matter's row, unhashed: a copy has another receipt, and so other digests.
    stood: dict[int, standing.Facts] = field(default_factory=dict)

    def add(self, rows: list[models.Model]) -> None:
        """Sort the rows of an act to where they belong; notices of long ago are purged and are left out."""
        for row in rows:
            if isinstance(row, Entry):
                self.entries.append(row)
            elif isinstance(row, Clock):
                self.clocks.append(row)
            elif type(row).__name__ in ("Contact", "Involvement"):
                self.others.append(row)


class Memory:
    """Matters under way, by id; ``running`` makes the actions work on them."""

    def __init__(self) -> None:
        self._kept: dict[uuid.UUID, Kept] = {}

    def take(self, matter: Matter, rows: list[models.Model]) -> Kept:
        """A matter just prepared."""
        kept = self._kept[matter.pk] = Kept(matter)
        kept.add(rows)
        kept.stood[matter.seq] = standing.moved(standing.NOTHING, standing.facts(matter.__dict__))
        return kept

    def drop(self, kept: Kept) -> None:
        del self._kept[kept.matter.pk]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside, ``accept``, ``resolve`` and the others find their matters here instead of in the database."""
        with (
            patch.object(handling, "step", self._step),
            patch.object(moving, "step", self._step),
            patch.object(closing, "step", self._step),
        ):
            yield

    @contextmanager
    def _step(
        self, district_id: int, matter_id: uuid.UUID, *, actor: Actor, act: str, version: int | None = None,
        now: datetime | None = None,
    ) -> Iterator[Step]:  # fmt: skip
        kept = self._kept[matter_id]
        matter = kept.matter
        assert now is not None, "the past has its own time"
        assert matter.state in MOVES[act].sources, f"{act} in {matter.state}"
        current = Step(matter=matter, actor=actor, act=act, now=now, label=actor.label())
        current.clock_rows, current.scope_before = kept.clocks, matter.scope_path
        current.stood = standing.facts(matter.__dict__)
        yield current
        current.link_up()
        if moved := standing.moved(current.stood, standing.facts(matter.__dict__)):
            kept.stood[matter.seq] = moved
        kept.add([*current.entries, *current.added, *current.new_clocks])
        matter.clocks = clocks.brief(kept.clocks)
        matter.next_due = clocks.next_due(kept.clocks)
        matter.version += 1
