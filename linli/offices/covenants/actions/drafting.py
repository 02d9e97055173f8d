"""Writing a covenant: begun, revised (each time a version), opened for comment, taken up again, or given up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from linli.core.matters import records, seeing
from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node
from linli.kit.figures import on
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, NotFound
from linli.offices.covenants import booked
from linli.offices.covenants.actions.common import LEAST_DAYS, at, day_of, locked, log, newest, seal, wrong
from linli.offices.covenants.models import Covenant, Passage, Version
from linli.offices.covenants.models.covenant import Kind
from linli.offices.covenants.numbers import covenant_number
from linli.offices.covenants.telling import tell_all
from linli.offices.covenants.text import Article, Text, as_json, checked, digest, keys_of, new_key, same

TOPIC = "topic"
LONGEST_ROUND = 180


@dataclass(frozen=True)
class Drafting:
    """What a host writes down to begin with. ``matter`` is a topic's number; without one a topic is opened."""

    kind: str
    title: str
    place: Node
    purpose: str = ""
    preamble: str = ""
    articles: tuple[Article, ...] = ()
    matter: str = ""
    replaces: uuid.UUID | None = None


def start(*, actor: Actor, drafting: Drafting, retry: str, now: datetime | None = None) -> Covenant:
    """Begin a covenant with its first version. The same ``retry`` again gives the same covenant."""
    now = at(now)
    held = actor.over(duties.CONVENE, drafting.place.path)
    if held is None or actor.district_id is None or actor.user_id is None:
        raise Forbidden(_("那里的公约不由您来起草。"))
    key = f"{actor.user_id}:{retry}"[:120]
    rows = Covenant.objects.filter(district_id=actor.district_id, retry=key)
    if (there := rows.first()) is not None:
        return there
    if drafting.kind not in Kind.values:
        raise wrong("kind", _("请选一种公约。"))
    text = checked(drafting.preamble, drafting.articles)
    covenant = Covenant(
        id=new_id(), district_id=actor.district_id, kind=drafting.kind, title=title_of(drafting.title),
        purpose=optional(drafting.purpose, "purpose", limit=300), place_id=drafting.place.id, retry=key,
        scope_path=drafting.place.path, host_id=held.id, replaces=_replaced(actor, drafting.replaces), made_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            covenant.matter = _topic(actor, drafting, covenant.title, now)
            covenant.number = covenant_number(actor.district_id, now)
            covenant.save(force_insert=True)
            write(covenant, actor, covenant.title, text, "", now)
            covenant.save(update_fields=["newest"])
            log(covenant, actor, "start", now)
            records.keep(booked.COVENANT, covenant.district_id, [covenant.pk], now=now)
    except IntegrityError:  # the same form sent twice at once
        return rows.get()
    return covenant


def title_of(said: str) -> str:
    """The title without the marks that every page puts around it."""
    return required(said.strip().strip("《》"), "title", limit=40)


def _replaced(actor: Actor, wanted: uuid.UUID | None) -> Covenant | None:
    if wanted is None:
        return None
    row = Covenant.objects.filter(district_id=actor.district_id or 0, pk=wanted, state="settled").first()
    if row is None or actor.over(duties.CONVENE, row.scope_path) is None:
        raise wrong("replaces", _("要替换的那一份不在，或者正在改。"))
    return row


def _topic(actor: Actor, drafting: Drafting, title: str, now: datetime) -> Matter:
    """The topic that it belongs to: the one named, else a new one."""
    if drafting.matter:
        try:
            found = seeing.get_matter(actor, drafting.matter)
        except NotFound as missing:
            raise wrong("matter", _("没有找到 %s。") % drafting.matter) from missing
        if found.confidential:
            raise wrong("matter", _("保密的事不能拿来定公约。"))
        return found
    said = _("制定《%s》") % title
    asked = Asked(kind=TOPIC, text=said, district_id=actor.district_id or 0, place=drafting.place, confidential=False)
    return open_matter(actor=actor, asked=asked, now=now).matter


def write(covenant: Covenant, actor: Actor, title: str, text: Text, why: str, now: datetime) -> Version:
    """The next version; whoever calls holds the covenant's lock, or has just made it."""
    last = newest(covenant) if covenant.newest else None
    previous, number = (last.digest if last else ""), covenant.newest + 1
    version = Version(
        id=new_id(), district_id=covenant.district_id, covenant=covenant, number=number, title=title,
        text=as_json(text), why=why, previous=previous, at=now,
        digest=digest(covenant.number, number, title, text, previous), by=actor.label()[:80],
    )  # fmt: skip
    version.save(force_insert=True)
    covenant.newest, covenant.title = number, title
    return version


def revise(
    *, actor: Actor, covenant: Covenant, title: str, preamble: str, articles: tuple[Article, ...], why: str = "",
    version: int | None = None, now: datetime | None = None,
) -> Version:  # fmt: skip
    """Write the next version. While people comment everybody sees it at once; before, the host alone does."""
    now = at(now)
    text, name = checked(preamble, articles), title_of(title)
    with locked(actor, covenant, "draft", "comment", version=version) as row:
        before = newest(row)
        text = _own_keys(row, text)
        if same(before.said, text) and before.title == name:
            raise Conflict(_("和上一稿一个字也不差，没有存成新的一稿。"), code="same")
        said = optional(why, "why", limit=300)
        if row.state == "comment" and not said:
            raise wrong("why", _("大家正在看，写一句这一稿改了什么、为什么。"))
        made = write(row, actor, name, text, said, now)
        log(row, actor, "revise", now, said)
        if row.state == "comment":
            row.shown = row.newest
            seal(
                row, actor, "consult", made, now, _("《%(title)s》改出第 %(n)d 稿") % {"title": name, "n": made.number}
            )
    return made


def _own_keys(covenant: Covenant, text: Text) -> Text:
    """Keys that no version of this covenant had are given out anew: a form cannot name somebody else's."""
    known = keys_of([v.said for v in Version.objects.filter(district_id=covenant.district_id, covenant=covenant)])
    kept = tuple(a if a.key in known else replace(a, key=new_key()) for a in text.articles)
    return replace(text, articles=kept)


def open_for_comment(
    *, actor: Actor, covenant: Covenant, closes_on: date, now: datetime | None = None
) -> Covenant:  # fmt: skip
    """Show the text to everybody and ask what they think, until the end of a day."""
    now = at(now)
    with locked(actor, covenant, "draft") as row:
        today = day_of(now)
        _must_leave_time(today, closes_on)
        row.state, row.opens_on, row.closes_on, row.shown = "comment", today, closes_on, row.newest
        version, told = newest(row), {"title": row.title, "n": row.newest, "day": on(closes_on)}
        log(row, actor, "open", now, closes=closes_on.isoformat())
        seal(row, actor, "consult", version, now, _("《%(title)s》第 %(n)d 稿征求意见，到 %(day)s") % told)
        tell_all(row, _("《%(title)s》第 %(n)d 稿请大家看，%(day)s 前说都算。") % told, now)
    return row


def extend(*, actor: Actor, covenant: Covenant, closes_on: date, now: datetime | None = None) -> Covenant:
    """Take comments longer. Never shorter: somebody may have counted on the day."""
    now = at(now)
    with locked(actor, covenant, "comment") as row:
        if row.closes_on is None or closes_on <= row.closes_on or closes_on < day_of(now):
            raise wrong("closes_on", _("只能往后延，不能提前。"))
        _must_leave_time(day_of(now) - timedelta(days=LEAST_DAYS), closes_on)
        row.closes_on = closes_on
        log(row, actor, "extend", now, closes=closes_on.isoformat())
        told = {"title": row.title, "day": on(closes_on)}
        tell_all(row, _("《%(title)s》征求意见延到 %(day)s。") % told, now)
    return row


def _must_leave_time(today: date, closes_on: date) -> None:
    days = (closes_on - today).days
    if days < LEAST_DAYS:
        raise wrong("closes_on", _("至少留 %d 天，上班的人也要有时间看。") % LEAST_DAYS)
    if days > LONGEST_ROUND:
        raise wrong("closes_on", _("最长 %d 天。") % LONGEST_ROUND)


def amend(*, actor: Actor, covenant: Covenant, reason: str, now: datetime | None = None) -> Covenant:
    """Take up a settled covenant again. What is in force stays so until a new version was voted through."""
    now = at(now)
    with locked(actor, covenant, "settled") as row:
        words = required(reason, "reason", limit=300)
        row.state, row.opens_on, row.closes_on = "draft", None, None
        log(row, actor, "amend", now, words)
        tell_all(row, _("《%(title)s》开始修改：%(why)s") % {"title": row.title, "why": words[:60]}, now)
    return row


def drop(*, actor: Actor, covenant: Covenant, reason: str, now: datetime | None = None) -> Covenant:
    """Give up what is being written: what was in force stays, else the covenant is over. All words are kept."""
    now = at(now)
    with locked(actor, covenant, "draft", "comment") as row:
        words = required(reason, "reason", limit=300)
        kept = adopted(row)
        row.state, row.ended_on = ("settled", None) if kept else ("ended", day_of(now))
        log(row, actor, "drop" if kept else "end", now, words)
        tell_all(row, _("《%(title)s》这次不改了：%(why)s") % {"title": row.title, "why": words[:60]}, now)
    return row


def adopted(covenant: Covenant) -> bool:
    """Whether a version of it holds, or will."""
    rows: Any = Passage.objects.filter(district_id=covenant.district_id, covenant=covenant, outcome="adopted")
    return bool(rows.filter(until=None).exists())
