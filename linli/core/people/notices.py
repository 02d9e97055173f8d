"""Notices: what the platform tells people, in their inbox here and, where a district has them, by other channels.

An act leaves a ``notice`` row in the outbox; the worker makes it a ``Notice`` at once, at any hour, because an inbox
wakes nobody. Each further channel (SMS, WeCom) gets an outbox row of its own, so that a gateway that is down holds up
neither the inbox nor another channel. One that intrudes waits for the end of the quiet hours unless it is urgent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.core.places.tree import tree
from linli.kit import outbox, paging
from linli.kit.calendar import quiet_until
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.kit.outbox import handles
from linli.kit.paging import Page

LONGEST, LONGEST_URL = 500, 200
MANY = 100  # an unread count stops here and is shown as 99+
QUIET = ("21:00", "07:00")
CODE_LIVES = timedelta(minutes=5)  # as long as OneTimeCode; a later one would only confuse


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for: whoever serves in a post, an account, or a phone known only by its blind index."""

    district_id: int
    post_id: uuid.UUID | None = None
    user_id: uuid.UUID | None = None
    phone_index: str = ""

    def pack(self) -> dict[str, str]:
        """As plain JSON for the outbox."""
        named = {"post": self.post_id, "user": self.user_id, "phone_index": self.phone_index}
        return {name: str(value) for name, value in named.items() if value}

    @classmethod
    def unpack(cls, district_id: int, packed: dict[str, Any]) -> Recipient:
        """What ``pack`` made."""
        post, user = packed.get("post"), packed.get("user")
        return cls(
            district_id=district_id,
            post_id=uuid.UUID(post) if post else None,
            user_id=uuid.UUID(user) if user else None,
            phone_index=str(packed.get("phone_index", "")),
        )


class Channel(Protocol):
    """A way to reach somebody. ``intrusive`` ones ring or vibrate, so they keep the quiet hours."""

    code: str
    intrusive: bool

    def deliver(self, to: Recipient, text: str, *, urgent: bool, url: str, key: str, at: datetime) -> None:
        """Deliver once: a second call with the same ``key`` must reach nobody twice. Raises on failure."""


class InApp:
    """The inbox on this platform: a row, read in the workspace."""

    code = "app"
    intrusive = False

    def deliver(self, to: Recipient, text: str, *, urgent: bool, url: str, key: str, at: datetime) -> None:
        row = Notice(
            id=new_id(), district_id=to.district_id, post_id=to.post_id, user_id=to.user_id,
            phone_index=to.phone_index, text=_cut(text), url=url[:LONGEST_URL], urgent=urgent, dedupe=key, at=at,
        )  # fmt: skip
        # One statement that the unique key turns into nothing on a redelivery.
        Notice.objects.bulk_create([row], ignore_conflicts=True)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


IN_APP = InApp()
_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a channel beside the inbox; one of the same code is replaced."""
    if channel.code == IN_APP.code:
        raise ValueError("the inbox is always there")
    _channels[channel.code] = channel


def unregister(code: str) -> None:
    """Take a channel away; what still waits for it is dropped when its turn comes."""
    _channels.pop(code, None)


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────
def leave(
    district_id: int, text: str, at: datetime, *, posts: Iterable[uuid.UUID] = (), users: Iterable[uuid.UUID] = (),
    url: str = "", urgent: bool = False, due: datetime | None = None,
) -> int:  # fmt: skip
    """A notice to each of these posts and accounts, left with the worker in the caller's transaction; how many."""
    words = {"text": text, "url": url, "urgent": urgent}
    to_posts = [{"post": str(post), **words} for post in posts]
    to_users = [{"user": str(user), **words} for user in users]
    return outbox.leave(district_id, "notice", to_posts, at, due=due) + outbox.leave(
        district_id, "account", to_users, at, due=due
    )


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────
def tell(row: Outbox, to: Recipient, text: str, now: datetime, *, urgent: bool = False, url: str = "") -> None:
    """Put ``text`` into the inbox now and leave it with every other channel; ``row`` is the outbox row it came with.

    Both happen in the transaction of ``row``, so they happen once.
    """
    IN_APP.deliver(to, text, urgent=urgent, url=url, key=str(row.pk), at=row.at)
    _leave_with_channels(row, to, text, now, urgent=urgent, url=url)


def _leave_with_channels(row: Outbox, to: Recipient, text: str, now: datetime, *, urgent: bool, url: str) -> None:
    waiting = [
        outbox.row(
            to.district_id, "deliver",
            {"channel": channel.code, "to": to.pack(), "text": _cut(text), "urgent": urgent, "url": url}, row.at,
            due=_quiet(to.district_id, now, urgent=urgent) if channel.intrusive else now,
        )
        for channel in _channels.values()
    ]  # fmt: skip
    if waiting:
        Outbox.objects.bulk_create(waiting)


def _quiet(district_id: int, now: datetime, *, urgent: bool) -> datetime:
    begins, ends = tree(district_id).district.settings.get("quiet") or QUIET
    return quiet_until(now, (begins, ends), urgent=urgent)


@handles("notice", lazy("给工作人员的通知"))
def _notice(row: Outbox, now: datetime) -> None:
    """``{post | user, text, urgent, url?}``: to whoever serves in a post (a body's is shared), or to an account."""
    asked = row.payload
    to = Recipient.unpack(row.district_id, {name: asked[name] for name in ("post", "user") if asked.get(name)})
    tell(row, to, asked["text"], now, urgent=bool(asked.get("urgent")), url=str(asked.get("url", "")))


@handles("account", lazy("给账号的通知"))
def _account(row: Outbox, now: datetime) -> None:
    """``{user, text, urgent?, url?}``: to one account."""
    asked = row.payload
    to = Recipient(row.district_id, user_id=uuid.UUID(asked["user"]))
    tell(row, to, asked["text"], now, urgent=bool(asked.get("urgent")), url=str(asked.get("url", "")))


@handles("code", lazy("登录验证码"))
def _code(row: Outbox, now: datetime) -> None:
    """``{phone_index, text}``: a sign-in code, urgent, worth nothing after five minutes.

    It stands in the inbox of a demo only: elsewhere the code belongs on the phone and in no table.
    """
    if now - row.at > CODE_LIVES:
        return
    to = Recipient(row.district_id, phone_index=row.payload["phone_index"])
    if settings.DEMO:
        IN_APP.deliver(to, row.payload["text"], urgent=True, url="", key=str(row.pk), at=row.at)
    _leave_with_channels(row, to, row.payload["text"], now, urgent=True, url="")


@handles("deliver", lazy("发短信和消息"), outside=True)
def _deliver(row: Outbox, now: datetime) -> None:
    """One message by one channel; a channel that is gone takes its messages with it."""
    asked = row.payload
    channel = _channels.get(asked["channel"])
    if channel is None:
        return
    to = Recipient.unpack(row.district_id, asked["to"])
    channel.deliver(to, asked["text"], urgent=asked["urgent"], url=asked["url"], key=str(row.pk), at=row.at)


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────
def inbox(actor: Actor, cursor: str | None = None, *, limit: int = 50) -> Page[Notice]:
    """Newest first: notices to the actor's posts, to posts of its organisation it speaks for, and to its account.

    One short index range for each of them, merged here: an organisation's inbox of many years costs what is shown.
    """
    before = paging.decode(cursor)[1] if cursor else None
    found: list[Notice] = []
    for mine in _mine(actor):
        rows = mine.filter(pk__lt=before) if before else mine
        found.extend(rows.order_by("-pk")[: limit + 1])
    return _page(sorted(found, key=lambda n: n.pk, reverse=True), limit)


def phone_inbox(district_id: int, phone_index: str, cursor: str | None = None, *, limit: int = 50) -> Page[Notice]:
    """What was sent to a phone, shown on the page only in a demo, where there is no phone; empty otherwise."""
    if not (settings.DEMO and phone_index):
        return Page(items=[], next=None)
    rows = Notice.objects.filter(district_id=district_id, phone_index=phone_index)
    if cursor:
        rows = rows.filter(pk__lt=paging.decode(cursor)[1])
    return _page(list(rows.order_by("-pk")[: limit + 1]), limit)


def unread_count(actor: Actor) -> int:
    """How many are unread, up to ``MANY``."""
    keys = (key for mine in _mine(actor) for key in mine.filter(read_at=None).values_list("pk", flat=True)[:MANY])
    return sum(1 for _ in islice(keys, MANY))


def _page(rows: list[Notice], limit: int) -> Page[Notice]:
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(items=shown, next=paging.encode(shown[-1].at, shown[-1].pk) if more else None)


def _mine(actor: Actor) -> Iterator[QuerySet[Notice]]:
    """One range for each place a notice to this actor may lie in; nothing for somebody without an account."""
    if actor.district_id is not None:
        for post_id in sorted(actor.post_ids):
            yield Notice.objects.filter(district_id=actor.district_id, post_id=post_id)
    if actor.user_id is not None:
        yield Notice.objects.filter(user_id=actor.user_id)


# ── acting ──────────────────────────────────────────────────────────────────────────────────────────────────
def mark_read(*, actor: Actor, notices: Iterable[uuid.UUID] | None = None, now: datetime | None = None) -> int:
    """Mark these (all, where none are named) as read; returns how many were unread.

    Another's notice is passed over as if it did not exist. An organisation's inbox is shared: read by one is read.
    """
    at = now or timezone.now()
    keys = None if notices is None else list(notices)
    marked = 0
    for mine in _mine(actor):
        rows = mine.filter(read_at=None)
        marked += (rows if keys is None else rows.filter(pk__in=keys)).update(read_at=at)
    return marked
