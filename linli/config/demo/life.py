"""Living the month: what is next in time happens next, and before it whatever the clocks bring about by themselves."""

from __future__ import annotations

import heapq
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from linli.config.demo.acts import ACTS, Scene
from linli.config.demo.openings import Planned, Planner
from linli.config.demo.people import Cast
from linli.config.demo.stories import Story
from linli.config.demo.timing import by_day, moment, promised
from linli.core.matters import actions, telling
from linli.core.matters.actions import admissions
from linli.core.matters.catalogue import catalogue
from linli.core.matters.flow import DISPATCHED
from linli.core.matters.ledger import sealing
from linli.core.matters.models import Clock, Matter
from linli.core.matters.sweep import sweep
from linli.core.people import notices
from linli.insight import working
from linli.kit import outbox
from linli.kit.ids import as_of
from linli.kit.models import Outbox
from linli.kit.refusal import Refused

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
HANDLING = (notices, telling, working)  # imported for the topics that they register
# Acts that only whoever has the matter can do, after taking it on.
_WORK = ("reply", "progress", "pause", "resolve")


@dataclass(order=True)
class Event:
    """Something that will happen; ``serial`` keeps the order of what happens at once."""

    at: datetime
    serial: int
    matter: int = field(compare=False)
    act: str = field(compare=False)


class Month:
    """One filling. ``refused`` keeps what could not happen, which the tests want empty."""

    def __init__(self, district_id: int, now: datetime, stories: list[Story]) -> None:
        self.district_id, self.now = district_id, now
        self.cast, self.known = Cast(district_id), catalogue(district_id)
        self.planned: list[Planned] = Planner(self.cast, self.known, now).plan(stories)
        self.scenes: dict[int, Scene] = {}
        self.keys: dict[str, uuid.UUID] = {}
        self.refused: list[str] = []
        self.opened = 0
        self._queue: list[Event] = []
        self._serial = 0

    def live(self) -> None:
        """From the first opening to the present, ending with what is due at the present."""
        for index, planned in enumerate(self.planned):
            self._add(planned.at, index, "open")
        sealed = min(planned.at for planned in self.planned) if self.planned else self.now
        while self._queue:
            event = heapq.heappop(self._queue)
            while sealed + DAY < event.at:
                sealed += DAY
                self._pass(sealed)
                self._end_day(sealed)
            self._pass(event.at)
            self._happen(event)
        self._pass(self.now)
        self._end_day(self.now)

    def _end_day(self, at: datetime) -> None:
        """What the worker does all the time; notices carry the time of their act whenever they go out."""
        # Pictures are looked at in processes of their own: the worker does that when people can already come in.
        waiting = Outbox.objects.filter(district_id=self.district_id, topic="mask", done_at=None)
        waiting.update(next_at=self.now + 600 * SECOND)
        while outbox.drain(limit=1000, now=at):
            pass
        sealing.seal(self.district_id, at)

    def _add(self, at: datetime, index: int, act: str) -> None:
        self._serial += 1
        heapq.heappush(self._queue, Event(at, self._serial, index, act))

    def _pass(self, to: datetime) -> None:
        """Let time pass: every clock is looked at when it is due."""
        while (due := self._next_due()) is not None and due < to:
            done = sweep(now=due + SECOND)
            if done.failed or not done.done:
                raise RuntimeError(f"the sweep stands still at {due}: {done}")

    def _next_due(self) -> datetime | None:
        due = Clock.objects.filter(district_id=self.district_id, next_at__isnull=False).order_by("next_at")
        return due.values_list("next_at", flat=True).first()

    def _happen(self, event: Event) -> None:
        planned = self.planned[event.matter]
        if event.act == "open":
            self._open(event)
            return
        scene = self.scenes[event.matter]
        scene.now = event.at
        scene.matter = Matter.objects.get(district_id=self.district_id, pk=scene.matter.pk)
        try:
            if event.act in _WORK and scene.matter.state == DISPATCHED:
                ACTS["accept"](scene)  # a missed promise has moved it up meanwhile; whoever has it now takes it on
                scene.matter = Matter.objects.get(district_id=self.district_id, pk=scene.matter.pk)
            ACTS[event.act](scene)
        except Refused as refused:
            # A demo that lacks one act is better than no demo; what a profile does not allow is seen in the tests.
            self.refused.append(f"{planned.story.life}/{event.act}: {refused.message} {planned.story.words}")

    def _open(self, event: Event) -> None:
        planned = self.planned[event.matter]
        if planned.story.kind == "task":
            self._admit(planned)
        with as_of(event.at):
            made = actions.open_matter(actor=planned.actor, asked=planned.asked, now=event.at)
        self.opened += 1
        self.keys[planned.story.key or str(event.matter)] = made.matter.pk
        self.scenes[event.matter] = Scene(
            cast=self.cast, known=self.known, story=planned.story, serial=event.matter, policy=planned.policy,
            matter=made.matter, reporter=planned.actor, job=self.keys.get(planned.story.joins), now=event.at,
        )  # fmt: skip
        end = moment(planned.life.end, event.at, planned.policy, self.known)
        before, pace = event.at, 1.0 if planned.life.going else 0.6 + 0.4 * (event.matter * 0.381966 % 1)
        for act, point in planned.life.acts:
            wanted = moment(point, event.at, planned.policy, self.known, pace)
            latest = min(promised(point, event.at, planned.policy, self.known), end)
            before = at = by_day(wanted, before, latest, event.matter * 7)
            if at <= self.now:
                self._add(at, event.matter, act)

    def _admit(self, planned: Planned) -> None:
        """A department asks for leave before it brings its task to a community, and the district gives it."""
        community, since = self.cast.tree.at_level(planned.asked.place, "community"), timezone.localdate(planned.at)
        admission = admissions.apply(
            actor=planned.actor, title=planned.story.words[:40], basis="《基层群众性自治组织工作事项准入办法》",
            place=(community or planned.asked.place).code, since=since, until=since + 60 * DAY,
        )  # fmt: skip
        centre = self.cast.login("district")
        admissions.decide(actor=centre, number=admission.number, approved=True, reason="人员、场地已由部门安排好。")
