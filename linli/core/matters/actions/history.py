"""Imported history: matters that an older system's books tell of, with their own times, promises and verdicts.

They become real matters, chained and counted like all others, and marked as what they are: nothing is dispatched,
nobody is told, no clock of one that was closed is ever swept, and no verdict is worked out by today's policy.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from linli.core.matters import clocks, figures
from linli.core.matters.actions.opening import title_of
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.flow import CLOSED, OPEN
from linli.core.matters.models import Book, Category, Clock, Delta, Entry, Matter, Origin
from linli.core.matters.numbers import many_numbers
from linli.core.matters.step import Step
from linli.core.people.actor import SYSTEM
from linli.core.people.posts import PostRef, roster
from linli.core.places.models import District
from linli.core.places.tree import Node, Tree, tree
from linli.kit import chain, codes, crypto, memory
from linli.kit.ids import id_at, new_id
from linli.kit.models import Change

LABEL = "历史导入"


@dataclass(frozen=True)
class Past:
    """One row of the books, read and judged. ``closed`` without ``closed_at``: the books do not tell when."""

    external: str
    line: int
    cells: list[str]
    text: str
    kind: str
    channel: str
    place: Node
    opened_at: datetime
    category: str = ""
    closed: bool = False
    closed_at: datetime | None = None
    due_at: datetime | None = None
    on_time: bool | None = None
    unit: PostRef | None = None
    unit_name: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass
class _Made:
    """Rows of one batch, by table."""

    matters: list[Matter] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    deltas: list[Delta] = field(default_factory=list)


def record_history(*, book: Book, past: Sequence[Past], now: datetime | None = None) -> int:
    """Write rows of a book as matters, all of them or none; how many there were.

    The caller has left out what was imported before; meeting one all the same hurts ``origin_once`` and nothing is
    written.
    """
    at, made = now or timezone.now(), _Made()
    with transaction.atomic():
        numbers = _numbers(book.district_id, past)
        for row, number in zip(past, numbers, strict=True):
            _make(book, row, number, at, made)
        tables: tuple[Sequence[models.Model], ...] = (
            made.matters, made.entries, made.clocks, made.origins, made.deltas,
        )  # fmt: skip
        for rows in tables:
            if rows:
                type(rows[0])._base_manager.bulk_create(rows, batch_size=500)
    return len(past)


def origin_digest(origin: Origin) -> str:
    """What the timeline holds of the imported row."""
    words = {"cells": origin.cells, "columns": origin.book.columns, "external": origin.external, "line": origin.line}
    return chain.digest(origin.salt, "", words)


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(district_id: int, past: Iterable[Past]) -> list[str]:
    """A number of the month in which each was opened: the public ledger finds a month by its numbers."""
    letters = tree(district_id).district.letters
    months = [timezone.localtime(row.opened_at).strftime("%y%m") for row in past]
    counted: dict[str, int] = defaultdict(int)
    for month in months:
        counted[month] += 1
    leased = {m: iter(many_numbers(district_id, letters, m, n)) for m, n in sorted(counted.items())}
    return [next(leased[month]) for month in months]


def _make(book: Book, row: Past, number: str, now: datetime, made: _Made) -> None:
    known, places = catalogue(book.district_id), tree(book.district_id)
    matter = _matter(book.district_id, row, number, known, places)
    current = Step.opening(matter, SYSTEM, row.opened_at, LABEL)
    clock = _clock(matter, row, now)
    if clock is not None:
        current.new_clocks.append(clock)
    origin = Origin(
        id=new_id(), district_id=book.district_id, book=book, matter_id=matter.pk, external=row.external, line=row.line,
        cells=row.cells, salt=chain.new_salt(), seq=0, at=now,
    )  # fmt: skip
    _say(current, row, origin, now)
    current.link_up()
    origin.seq = matter.seq
    matter.clocks, matter.next_due = clocks.brief(current.new_clocks), clocks.next_due(current.new_clocks)
    made.matters.append(matter)
    made.entries += current.entries
    made.clocks += current.new_clocks
    made.origins.append(origin)
    made.deltas += figures.change(None, figures.contribution(matter, places))


def _matter(district_id: int, row: Past, number: str, known: Catalogue, places: Tree) -> Matter:
    levels = {n.level: n.id for n in places.chain(row.place)}
    category = known.categories.get(row.category)
    kind = known.kinds[row.kind]
    urgency = (category.urgency if category else "") or kind.urgency
    held = roster(district_id)
    office = held.office("community", row.place.path) or held.office("street", row.place.path)
    office = office or held.office("district", row.place.path)
    return Matter(
        id=id_at(row.opened_at), district_id=district_id, number=number,
        # A receipt is drawn and thrown away: nobody holds one for what was said to another system.
        receipt_hash=crypto.hash_secret(codes.new_receipt(district_id), "receipt"),
        kind=row.kind, category=row.category, urgency=urgency, state=OPEN, title=title_of(row.text), text=row.text,
        channel=row.channel, lon=row.lon, lat=row.lat, place_id=row.place.id, opened_path=row.place.path,
        scope_path=row.place.path, street_id=levels.get("street"), community_id=levels.get("community"),
        cell_id=levels.get(places.district.cell_level), opened_at=row.opened_at,
        policy_id=known.policy_for(row.kind, urgency, row.place.path).pk, imported="closed" if row.closed else "open",
        first_id=office.id if office else None, seq=0, head="",
    )  # fmt: skip


def _say(current: Step, row: Past, origin: Origin, now: datetime) -> None:
    """Opened, closed as the books say, and when and from what this was written."""
    matter = current.matter
    current.say(
        matter.text, number=matter.number, kind=matter.kind, channel=matter.channel, place=row.place.code,
        urgency=matter.urgency, anonymous=False, confidential=False, receipt=chain.fingerprint(matter.receipt_hash),
        **({"category": row.category} if row.category else {}),
    )  # fmt: skip
    if row.closed:
        _close(current, row)
    current.now = now
    words = f"从{origin.book.name}导入，原编号 {row.external}，第 {row.line} 行。"
    facts: dict[str, Any] = {"source": origin.book.source, "external": row.external, "imported": matter.imported}
    current.say(words, act="import", row=origin_digest(origin), **facts)


def _close(current: Step, row: Past) -> None:
    matter, timed = current.matter, row.closed_at is not None
    matter.state = CLOSED
    matter.resolved_at = matter.verified_at = matter.closed_at = row.closed_at
    if row.unit is not None:
        matter.handler_id = row.unit.id
    current.now = row.closed_at or row.opened_at
    kept = {True: "按时办结", False: "超时办结", None: "办结"}[row.on_time]
    words = f"来源登记：{kept}" + (f"，{row.unit_name}办。" if row.unit_name else "。")
    facts: dict[str, Any] = {"on_time": row.on_time, **({} if timed else {"untimed": True})}
    current.say(words, act="archive", **facts, **({"unit": row.unit_name} if row.unit_name else {}))


def _clock(matter: Matter, row: Past, now: datetime) -> Clock | None:
    """The promise of the books with the verdict of the books; a running one only for what is open and not yet due."""
    verdict = _verdict(row)
    if row.closed or row.due_at is None:
        if verdict is None:
            return None
        state, next_at = ("met" if verdict else "missed"), None
    else:
        late = row.due_at < now
        # Late already when it came in: said so, and nobody is called for it.
        state, next_at = ("breached", None) if late else ("running", row.due_at)
    ended = state in ("met", "missed")
    return Clock(
        id=new_id(), district_id=matter.district_id, matter_id=matter.pk, stage="result", round=1, state=state,
        started_at=row.opened_at, due_at=row.due_at or row.closed_at or row.opened_at, next_at=next_at,
        stopped_at=row.closed_at if ended else None, calendar="natural" if row.due_at else clocks.UNTIMED,
        late=state in ("missed", "breached"),
    )  # fmt: skip


def _verdict(row: Past) -> bool | None:
    """The books' own word; without one, their two times; of an open one only that it is late already."""
    if not row.closed:
        return False if row.on_time is False else None
    if row.on_time is None and row.due_at and row.closed_at:
        return row.closed_at <= row.due_at
    return row.on_time


def known_externals(book: Book, externals: Iterable[str]) -> dict[str, tuple[uuid.UUID, list[str]]]:
    """Which of these were imported before, with the cells as they stood then."""
    rows = Origin.objects.filter(district_id=book.district_id, book_id=book.pk, external__in=list(externals))
    return {external: (pk, cells) for external, pk, cells in rows.values_list("external", "matter_id", "cells")}


def make_known(*, district_id: int, channels: Mapping[str, str], categories: Mapping[str, tuple[str, str]]) -> None:
    """Add channels (code → name) and categories (code → name, code above) that the books use, with a note of it."""
    if not channels and not categories:
        return
    with transaction.atomic():
        district = District.objects.select_for_update(no_key=True).get(pk=district_id)
        held = dict(district.settings.get("channels", {}))
        district.settings = {**district.settings, "channels": {**channels, **held}}
        district.version += 1
        district.save(update_fields=["settings", "version"])
        above = {c.code: c for c in Category.objects.filter(district_id=district_id)}
        for code, (name, under) in sorted(categories.items(), key=lambda item: len(item[0])):
            above[code] = Category.objects.create(
                district_id=district_id, code=code, name=name, parent=above.get(under), active=False
            )
        named = "、".join([*channels.values(), *(name for name, _under in categories.values())])
        Change.objects.create(
            district_id=district_id, actor=LABEL, subject="history", sentence=f"{LABEL} 增加来源或分类：{named}"[:500]
        )
    memory.forget(district_id)
