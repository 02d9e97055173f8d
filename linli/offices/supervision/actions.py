"""What people do here: give an order of its own, draw up a bulletin, issue it, correct it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import actions as matters
from linli.core.matters import records
from linli.core.matters.actions.opening import Asked
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required
from linli.core.people import duties, notices
from linli.core.people.actor import Actor, Held
from linli.core.people.posts import PostRef, roster
from linli.core.places.tree import Node, tree
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.models import Answered
from linli.kit.refusal import Conflict, Forbidden, Invalid
from linli.offices.supervision import booked, gathering, queries
from linli.offices.supervision.models import Bulletin, Concern, Issue
from linli.offices.supervision.orders import KEY_TASK

LONGEST_DAYS = 366


# ── key tasks ───────────────────────────────────────────────────────────────────────────────────────────────────
def give_task(
    *, actor: Actor, text: str, place: str, to: str, due_at: datetime, key: str = "", now: datetime | None = None
) -> Matter:
    """重点任务: a matter of its own kind, opened, handed to its owner and ordered with its date, all or nothing.

    ``key`` is the form's: the same one again answers with the matter that it made.
    """
    node, _held = _ground(actor, place)
    owner = _owner(node, actor, to)
    words = required(text, "text")
    if due_at <= (now or timezone.now()):
        raise Invalid(_("督办的期限要在以后。"), fields={"due_at": _("要在以后。")})
    if KEY_TASK not in catalogue(actor.district_id or 0).kinds:
        raise Conflict(_("本区还没有“重点任务”这一类，请管理员先加上。"), code="no_kind")
    with transaction.atomic():
        earlier = _answered(actor, key)
        if earlier is not None:
            return earlier
        asked = Asked(kind=KEY_TASK, text=words, district_id=actor.district_id or 0, place=node, to=owner)
        made = matters.open_matter(actor=actor, asked=asked, now=now).matter
        done = matters.supervise(
            actor=actor, district_id=made.district_id, matter_id=made.pk, text=_first(words), due_at=due_at, now=now
        )
        _keep(actor, key, made)
    return done


def _first(words: str) -> str:
    return words if len(words) <= 500 else words[:499] + "…"


def _owner(node: Node, actor: Actor, to: str) -> PostRef:
    post = roster(actor.district_id or 0).find(to or "")
    if post is None or not duties.role(post.role).handles:
        raise Invalid(_("没有找到能接这件事的岗位或单位。"), fields={"to": _("没有找到：%s") % to})
    return post


def _hash(actor: Actor, key: str) -> str:
    return hashlib.sha256(f"key-task\0{actor.user_id}\0{key}".encode()).hexdigest()


def _answered(actor: Actor, key: str) -> Matter | None:
    if not key:
        return None
    row = Answered.objects.filter(key_hash=_hash(actor, key)).first()
    district_id = actor.district_id or 0
    return Matter.objects.filter(district_id=district_id, number=row.body_hash).first() if row else None


def _keep(actor: Actor, key: str, made: Matter) -> None:
    if key:
        Answered.objects.create(
            id=new_id(), district_id=made.district_id, key_hash=_hash(actor, key), body_hash=made.number, reply=b""
        )


def _ground(actor: Actor, place: str) -> tuple[Node, Held]:
    """The place, and the post that supervises there."""
    node = tree(actor.district_id or 0).by_code.get(place)
    if node is None:
        raise Invalid(_("没有这个地方。"), fields={"place": _("没有找到：%s") % place})
    held = actor.over(duties.SUPERVISE, node.path)
    if held is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    return node, held


# ── bulletins ───────────────────────────────────────────────────────────────────────────────────────────────────
def draft(*, actor: Actor, place: str, since: date, until: date, title: str = "") -> Bulletin:
    """A new working copy: the machine counts, a person writes."""
    node, held = _ground(actor, place)
    if until < since or (until - since).days > LONGEST_DAYS:
        raise Invalid(_("期限要在一年以内，止日不早于起日。"), fields={"until": _("期限不对。")})
    if since > timezone.localdate():
        raise Invalid(_("还没到的日子通报不了。"), fields={"since": _("不能在以后。")})
    gathered, key = gathering.gather(actor.district_id or 0, node, since, until), new_id()
    name = optional(title, "title", limit=80) or _("%(place)s督办通报") % {"place": node.name}
    return Bulletin.objects.create(
        id=key, district_id=actor.district_id or 0, number=f"TB-{timezone.localdate():%y%m}-{key.hex[-6:].upper()}",
        place_id=node.id, scope_path=node.path, since=since, until=until, year=until.year, title=name,
        gathered=gathered, good=_good(gathered), made_by_id=held.id,
    )  # fmt: skip


def _good(gathered: dict[str, Any]) -> str:
    lines = [f"{one['title']}（{one['number']}，{one['unit']}）" for one in gathered["good"]]
    return "\n".join(lines)


def edit(
    *, actor: Actor, number: str, title: str, lead: str, good: str, asks: str, public: bool, now: datetime | None = None
) -> Bulletin:
    """The words of a draft. Figures are counted and never typed."""
    with _editing(actor, number) as (bulletin, _held):
        bulletin.title = required(title, "title", limit=80)
        bulletin.lead, bulletin.good = optional(lead, "lead", limit=4000), optional(good, "good", limit=4000)
        bulletin.asks, bulletin.public = optional(asks, "asks", limit=4000), public
        _save(bulletin, now, "title", "lead", "good", "asks", "public")
        return bulletin


def recount(*, actor: Actor, number: str, now: datetime | None = None) -> Bulletin:
    """Count the figures of a draft again."""
    with _editing(actor, number) as (bulletin, _held):
        node = tree(bulletin.district_id).by_id.get(bulletin.place_id)
        if node is None:
            raise Conflict(_("这个地方已经撤掉了。"), code="gone")
        bulletin.gathered = gathering.gather(bulletin.district_id, node, bulletin.since, bulletin.until, now)
        _save(bulletin, now, "gathered")
        return bulletin


def issue(*, actor: Actor, number: str, reason: str = "", now: datetime | None = None) -> Issue:
    """Send it out: numbered, frozen, and told to every office of the place and every unit that it speaks of."""
    at = now or timezone.now()
    with _editing(actor, number) as (bulletin, held):
        why = (required if bulletin.version else optional)(reason, "reason", limit=500)
        required(bulletin.lead, "lead", limit=4000)
        bulletin.serial = bulletin.serial or _next_serial(bulletin)
        bulletin.version, bulletin.state, bulletin.issued_at = bulletin.version + 1, "issued", at
        content = _content(bulletin)
        issued = Issue.objects.create(
            id=new_id(), district_id=bulletin.district_id, bulletin_id=bulletin.pk, version=bulletin.version, at=at,
            by_id=held.id, actor=actor.label(held), reason=why, public=bulletin.public, content=content,
            digest=digest(content),
        )  # fmt: skip
        records.keep(booked.ISSUE, issued.district_id, [issued.pk], now=at)
        _save(bulletin, at, "serial", "version", "state", "issued_at")
        _tell(bulletin, at)
        return issued


def correct(*, actor: Actor, number: str) -> Bulletin:
    """Open an issued bulletin again. What was issued stays as it is; the correction becomes a version of its own."""
    with transaction.atomic():
        bulletin, _held = _locked(actor, number)
        if bulletin.state != "issued":
            raise Conflict(_("发过的才要更正。"), code="wrong_state")
        bulletin.state = "draft"
        _save(bulletin, None, "state")
        return bulletin


def drop(*, actor: Actor, number: str) -> Bulletin:
    """Give up a draft: one that was never issued is void, a correction goes back to what was issued."""
    with _editing(actor, number) as (bulletin, _held):
        if bulletin.version:
            last = bulletin.issues.get(version=bulletin.version)
            for name in ("title", "lead", "good", "asks", "gathered"):
                setattr(bulletin, name, last.content[name])
            bulletin.public = last.public
        bulletin.state = "issued" if bulletin.version else "dropped"
        _save(bulletin, None, "state", "title", "lead", "good", "asks", "gathered", "public")
        return bulletin


def digest(content: dict[str, Any]) -> str:
    """What is printed under an issue, so that a copy can be told from it."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@contextmanager
def _editing(actor: Actor, number: str) -> Iterator[tuple[Bulletin, Held]]:
    """A draft under its lock, with the post that supervises its place."""
    with transaction.atomic():
        bulletin, held = _locked(actor, number)
        if bulletin.state != "draft":
            raise Conflict(_("发出去的不能改，要改请更正，另出一版。"), code="frozen")
        yield bulletin, held


def _locked(actor: Actor, number: str) -> tuple[Bulletin, Held]:
    bulletin = the_one(queries.bulletins(actor).filter(number=number), _("没有找到这一份通报。"), lock=True)
    held = actor.over(duties.SUPERVISE, bulletin.scope_path)
    if held is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    return bulletin, held


def _save(bulletin: Bulletin, now: datetime | None, *names: str) -> None:
    bulletin.changed_at = now or timezone.now()
    bulletin.save(update_fields=[*names, "changed_at"])


def _next_serial(bulletin: Bulletin) -> int:
    rows = Bulletin.objects.filter(district_id=bulletin.district_id, place_id=bulletin.place_id, year=bulletin.year)
    return int(rows.aggregate(last=Max("serial"))["last"] or 0) + 1


def _content(bulletin: Bulletin) -> dict[str, Any]:
    node = tree(bulletin.district_id).by_id.get(bulletin.place_id)
    return {
        "number": bulletin.number, "year": bulletin.year, "serial": bulletin.serial, "version": bulletin.version,
        "place": node.name if node else "", "since": bulletin.since.isoformat(), "until": bulletin.until.isoformat(),
        "title": bulletin.title, "lead": bulletin.lead, "good": bulletin.good, "asks": bulletin.asks,
        "gathered": bulletin.gathered,
    }  # fmt: skip


def _tell(bulletin: Bulletin, at: datetime) -> None:
    """Everybody whom it concerns, once: offices in the place, owners of orders, units that did not come."""
    posts = roster(bulletin.district_id)
    spoken = [o["unit"] for o in bulletin.gathered["orders"]] + [c["post"] for c in bulletin.gathered["misses"]]
    named = {uuid.UUID(one) for one in spoken if one}
    offices = {
        post.id for post in posts.by_id.values()
        if duties.role(post.role).tier in ("community", "street", "district") and post.person_id is None
        and post.path.startswith(bulletin.scope_path)
    }  # fmt: skip
    known = set(Concern.objects.filter(bulletin=bulletin).values_list("post_id", flat=True))
    Concern.objects.bulk_create(
        Concern(id=new_id(), district_id=bulletin.district_id, bulletin_id=bulletin.pk, post_id=post)
        for post in sorted((named & posts.by_id.keys()) - known)
    )
    words = _("%(title)s发了，%(year)d 年第 %(n)d 期") % {
        "title": bulletin.title, "year": bulletin.year, "n": bulletin.serial or 0
    }  # fmt: skip
    words += _("（第 %d 版）") % bulletin.version if bulletin.version > 1 else ""
    concerned = sorted((named & posts.by_id.keys()) | offices)
    notices.leave(bulletin.district_id, words, at, posts=concerned, url=f"/desk/bulletins/{bulletin.number}/")


def end_of(day: date) -> datetime:
    """An order's date means the whole of it: until six in the evening, when offices close."""
    return timezone.make_aware(datetime.combine(day, time(18)))


def last_period(today: date) -> tuple[date, date]:
    """The week that ended last Sunday: what a bulletin is usually about."""
    end = today - timedelta(days=today.weekday() + 1)
    return end - timedelta(days=6), end
