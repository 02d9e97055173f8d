"""One step of a matter: the only code that changes one.

An action opens a step on a locked matter, says what happened, starts and stops clocks, leaves notices, and saves.
Saving writes the timeline entries (chained), the guarded update of the matter, the clocks, the outbox and the change of
the figures in one transaction.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import clocks, figures, standing
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.flow import BACK, DISPATCHED, MOVES, SAME
from linli.core.matters.models import Attachment, Clock, Entry, Involvement, Matter, Policy
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef, Roster, roster
from linli.core.places.tree import Tree, tree
from linli.kit import chain, outbox
from linli.kit.ids import new_id
from linli.kit.models import Outbox, Upload
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.kit.writer import insert

_NEVER_SAVED = {"id", "district_id", "number", "receipt_hash", "suggestion", "sealed_seq"}

_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters by name, blank to the eye

# What is done to a picture changes nothing that a handler at work has read: his act must not be called stale.
# Nor does how it is counted.
QUIET = frozenset({"mask", "cover", "hide", "show", "discard", "exclude", "include", "object", "answer"})

_MOVING = ("state", "due_at", "warn_at", "next_at", "stopped_at", "left_seconds", "provisional", "late")


def _face(clock: Clock) -> tuple[Any, ...]:
    """What of a clock ever changes."""
    return tuple(getattr(clock, name) for name in _MOVING)


@dataclass
class Step:
    """One act under way on one matter."""

    matter: Matter
    actor: Actor
    act: str
    now: datetime
    label: str
    entries: list[Entry] = field(default_factory=list)
    added: list[models.Model] = field(default_factory=list)
    outbox: list[Outbox] = field(default_factory=list)
    new_clocks: list[Clock] = field(default_factory=list)
    before: figures.Contribution | None = None
    scope_before: str = ""
    stood: standing.Facts = field(default_factory=lambda: standing.NOTHING)
    _faces: dict[uuid.UUID, tuple[Any, ...]] = field(default_factory=dict)

    @classmethod
    def opening(cls, matter: Matter, actor: Actor, now: datetime, label: str) -> Step:
        """The first step of a matter that is not written yet: nothing about it can be asked of the database."""
        first = cls(matter=matter, actor=actor, act="open", now=now, label=label)
        first.clock_rows = []
        return first

    # ── what an action may ask ──────────────────────────────────────────────────────────────────────────────
    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue(self.matter.district_id)

    @cached_property
    def tree(self) -> Tree:
        return tree(self.matter.district_id)

    @cached_property
    def roster(self) -> Roster:
        return roster(self.matter.district_id)

    @cached_property
    def policy(self) -> Policy:
        """The version that the matter started with, whatever has been decided since."""
        kept = self.catalogue.policies.get(self.matter.policy_id)
        return kept or Policy.objects.get(pk=self.matter.policy_id)

    @cached_property
    def clock_rows(self) -> list[Clock]:
        rows = Clock.objects.filter(district_id=self.matter.district_id, matter_id=self.matter.pk)
        found = list(rows.order_by("id"))
        self._faces = {clock.pk: _face(clock) for clock in found}
        return found

    @property
    def all_clocks(self) -> list[Clock]:
        return [*self.clock_rows, *self.new_clocks]

    @property
    def handler(self) -> PostRef | None:
        return self.roster.by_id.get(self.matter.handler_id) if self.matter.handler_id else None

    # ── what an action may say ──────────────────────────────────────────────────────────────────────────────
    def move(self, state: str) -> None:
        """Go to ``state``, which the table must allow for this act."""
        row = MOVES[self.act]
        target = self.matter.before if state == BACK else state
        if state not in row.targets:
            raise AssertionError(f"{self.act} does not lead to {state}")
        if state != SAME:
            self.matter.state = target

    def say(self, text: str = "", *, act: str = "", label: str = "", **data: Any) -> Entry:
        """Append a timeline entry. ``data`` must be plain JSON and hold nothing that may have to be erased.

        It is linked into the chain when the step ends (``link_up``), since it commits to what the step left behind.
        """
        matter = self.matter
        matter.seq += 1
        salt = chain.new_salt()
        digest = chain.digest(salt, text)
        act, actor = act or self.act, label or self.label
        data = {**data, "state": matter.state}
        if matter.handler_id and (handler := self.roster.by_id.get(matter.handler_id)):
            data.setdefault("handler", handler.code)
        entry = Entry(
            id=new_id(), district_id=matter.district_id, matter_id=matter.pk, seq=matter.seq, at=self.now, act=act,
            actor=actor, text=text, data=data, salt=salt, digest=digest, chain="",
        )  # fmt: skip
        self.entries.append(entry)
        return entry

    def link_up(self) -> None:
        """Chain what was said. The last entry commits to the clocks as they now stand, and to what else has moved.

        So a promise, a verdict, a scope or a name that is changed by hand is found by ``verify``, as a changed word is.
        """
        matter = self.matter
        if not self.entries and (self._promises_moved() or self._stands_else()):
            self.say(act="clocks", label="系统")
        if not self.entries:
            return
        self._commit(self.entries[-1])
        for entry in self.entries:
            matter.head = entry.chain = chain.link(
                matter.head or chain.genesis(matter.district_id, matter.pk),
                district_id=matter.district_id, matter_id=matter.pk, seq=entry.seq, at=entry.at, act=entry.act,
                actor=entry.actor, data=entry.data, digest=entry.digest,
            )  # fmt: skip

    def _commit(self, last: Entry) -> None:
        matter = self.matter
        last.data["clocks"] = clocks.commitment(self.all_clocks)
        if matter.scope_path != self.scope_before:
            last.data["scope"] = matter.scope_path
        if moved := self._stands_else():
            last.data[standing.KEY] = standing.digests(matter.receipt_hash, moved)
        known = {entry.seq: entry for entry in self.entries}
        for seq, facts in standing.beside(self.added).items():
            known.get(seq or last.seq, last).data.update(facts)

    def _stands_else(self) -> standing.Facts:
        return standing.moved(self.stood, standing.facts(self.matter.__dict__))

    def _promises_moved(self) -> bool:
        return any(
            clock.stage not in clocks.UNCOMMITTED and _face(clock) != self._faces.get(clock.pk)
            for clock in self.all_clocks
        )

    def start(self, stage: str, *, call_id: uuid.UUID | None = None, due_at: datetime | None = None) -> Clock | None:
        clock = clocks.start(self.matter, stage, self.policy, self.catalogue, self.now, call_id=call_id, due_at=due_at)
        if clock is not None:
            self.new_clocks.append(clock)
        return clock

    def going(self, *stages: str) -> Iterator[Clock]:
        """Clocks of these stages (all, if none is named) that have no verdict yet."""
        for clock in self.all_clocks:
            if clock.state in (*clocks.GOING, "paused") and (not stages or clock.stage in stages):
                yield clock

    def stop(self, *stages: str) -> None:
        for clock in self.going(*stages):
            clocks.stop(clock, self.now)

    def cancel(self, *stages: str) -> None:
        for clock in self.going(*stages):
            clocks.cancel(clock, self.now)

    def notify(self, post_id: uuid.UUID | None, text: str, *, urgent: bool = False) -> None:
        """A notice to whoever serves in a post. It names the matter, by which a page finds it."""
        if post_id is not None:
            number = self.matter.number
            text = text if number in text else f"{number} {text}"
            self.leave("notice", post=str(post_id), text=text, urgent=urgent)

    def tell_reporter(self, text: str) -> None:
        """A notice to the one who spoke up: account and phone, where there are any. Never to an anonymous one's."""
        self.leave("tell", text=text)

    def tell_members(self, text: str) -> None:
        """The same to everybody whose own words were merged into this job. Never the words said to another of them."""
        if self.matter.households > 1:
            members = Matter.objects.filter(district_id=self.matter.district_id, job_id=self.matter.pk)
            for pk, number in members.values_list("pk", "number"):
                self.leave("tell", text=text, matter=str(pk), number=number)

    def leave(self, topic: str, **payload: Any) -> None:
        payload = {"matter": str(self.matter.pk), "number": self.matter.number} | payload
        self.outbox.append(outbox.row(self.matter.district_id, topic, payload, self.now))

    def involve(self, post: PostRef, how: str) -> None:
        """From now on this unit sees the matter, even after it has been handed on."""
        known = Involvement.objects.filter(
            district_id=self.matter.district_id, matter_id=self.matter.pk, post_id=post.id
        )
        pending = any(isinstance(row, Involvement) and row.post_id == post.id for row in self.added)
        if not pending and (self.act == "open" or not known.exists()):
            self.added.append(
                Involvement(id=new_id(), district_id=self.matter.district_id, post_id=post.id,
                            matter_id=self.matter.pk, how=how, at=self.now)
            )  # fmt: skip

    def give(self, post: PostRef, *, urgent: bool = False) -> None:
        """Hand the matter to ``post``: handler, state, the accept window, who sees it from now on, and a notice."""
        self.matter.handler_id = post.id
        self.matter.state = DISPATCHED
        self.cancel("accept")
        self.start("accept")
        self.involve(post, "handler")
        urgent = urgent or self.matter.urgency == "urgent"
        self.notify(post.id, f"派给您一件：{self.matter.title}", urgent=urgent)

    def attach(self, uploads: list[Upload]) -> list[str]:
        """Take pictures in with the entry that comes next; returns their hashes for its data."""
        if uploads and self.act != "open" and Attachment.objects.filter(pk__in=[u.pk for u in uploads]).exists():
            raise Invalid(_("有照片已经用在别的事上了。"), fields={"attachments": _("已经用过。")})
        for upload in uploads:
            self.added.append(
                Attachment(id=upload.pk, district_id=self.matter.district_id, matter_id=self.matter.pk,
                           seq=self.matter.seq + 1, sha256=upload.sha256, mime=upload.mime, size=upload.size,
                           width=upload.width, height=upload.height, path=upload.path, at=self.now)
            )  # fmt: skip
            self.leave("mask", attachment=str(upload.pk))
        return [upload.sha256 for upload in uploads]

    # ── saving ──────────────────────────────────────────────────────────────────────────────────────────────
    def save(self) -> None:
        """Write everything. Raises Conflict if somebody else changed the matter in between."""
        matter = self.matter
        self.link_up()
        rows = sorted(self.all_clocks, key=lambda c: c.id)
        matter.clocks = clocks.brief(rows)
        matter.next_due = clocks.next_due(rows)
        held, matter.version = matter.version, matter.version + (self.act not in QUIET)
        values = {
            f.attname: getattr(matter, f.attname)
            for f in Matter._meta.local_concrete_fields
            if f.attname not in _NEVER_SAVED
        }
        guarded = Matter.objects.filter(district_id=matter.district_id, pk=matter.pk, version=held)
        if not guarded.update(**values):
            raise Conflict(_("这件事刚被别人改过，请看一眼新的再办。"), code="stale")
        deltas = figures.change(self.before, figures.contribution(matter, self.tree))
        insert([*self.entries, *sorted(self.added, key=lambda r: type(r).__name__), *self.new_clocks,
                *self.outbox, *deltas])  # fmt: skip
        self._save_clocks()

    def _save_clocks(self) -> None:
        """Write the clocks that this step changed, each by (district, id): most acts change one or none."""
        for clock in self.__dict__.get("clock_rows", ()):
            now = _face(clock)
            if now != self._faces.get(clock.pk):
                rows = Clock.objects.filter(district_id=clock.district_id, pk=clock.pk)
                rows.update(**dict(zip(_MOVING, now, strict=True)))


@contextmanager
def step(
    district_id: int,
    matter_id: uuid.UUID,
    *,
    actor: Actor,
    act: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Iterator[Step]:
    """Lock the matter, check version and state, let the action work, save.

    1. One row lock, taken first and alone, so two acts on one matter queue up and acts on others never wait.
    2. The state is checked under the lock; the guarded update at the end is the second belt (habit 3).
    """
    if actor.kind != "system" and actor.district_id != district_id:
        raise NotFound(_("没有找到这件事。"))  # paths are alike in all districts: a post elsewhere must not reach here
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(district_id=district_id, pk=matter_id)
        if version is not None and version != matter.version:
            raise Conflict(_("这件事刚被别人改过，请看一眼新的再办。"), code="stale")
        row = MOVES.get(act)
        if row is not None and matter.state not in row.sources:
            raise Conflict(
                _("这件事现在是“%(state)s”，不能%(act)s。") % {"state": matter.get_state_display(), "act": row.name},
                code="wrong_state",
            )
        current = Step(matter=matter, actor=actor, act=act, now=now or timezone.now(), label=actor.label())
        current.before, current.scope_before = figures.contribution(matter, current.tree), matter.scope_path
        current.stood = standing.facts(matter.__dict__)
        yield current
        current.save()


def shots(hashes: list[str]) -> dict[str, Any]:
    """An entry's ``pictures``, where there are any."""
    return {"pictures": hashes} if hashes else {}


def required(text: str | None, field_name: str, *, limit: int = 2000) -> str:
    """The trimmed words; Invalid where there are none or too many."""
    cleaned = optional(text, field_name, limit=limit)
    if not _says_something(cleaned):
        raise Invalid(_("这一项要写。"), fields={field_name: _("这一项要写。")})
    return cleaned


def _says_something(text: str) -> bool:
    """Whether anything of it can be seen: zero-width characters and fillers are no words."""
    return any(unicodedata.category(char)[0] not in "CZ" and char not in _FILLERS for char in text)


def optional(text: str | None, field_name: str, *, limit: int = 2000) -> str:
    """The trimmed words, none at all if need be; Invalid where there are too many."""
    # NUL cannot stand in PostgreSQL's text, so nowhere else either: the books must move between databases.
    cleaned = (text or "").replace("\0", "").strip()
    if len(cleaned) > limit:
        message = _("最多 %(limit)d 字，现在是 %(now)d 字。") % {"limit": limit, "now": len(cleaned)}
        raise Invalid(message, fields={field_name: message})
    return cleaned
