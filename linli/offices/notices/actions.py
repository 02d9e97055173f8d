"""What people do with notices: put one up, take it down, and what reading one leaves behind."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node
from linli.kit import outbox
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.notices.models import CHANNELS, Announcement, Tally

TITLE, TEXT = 40, 1000
LONGEST = timedelta(days=180)  # what stands longer belongs on another page
SOURCES = ("door", "home", "inbox", "web")


def publish(
    *, actor: Actor, place: Node, title: str, text: str, until: date, key: str,
    channels: Sequence[str] = CHANNELS,
) -> Announcement:  # fmt: skip
    """Tell everybody at a place. The same key again is the same notice; inboxes are filled after the commit."""
    held = actor.over(duties.ANNOUNCE, place.path)
    if held is None or actor.district_id is None:
        raise Forbidden(_("这里的通知，归这里的楼长、网格员或社区发。"))
    title, text = _words(title, "title", TITLE), _words(text, "text", TEXT)
    _check_day(until)
    unknown = [name for name in channels if name not in CHANNELS]
    if unknown or not channels:
        raise Invalid(_("选一个去处。"), fields={"channels": _("选一个去处。")})
    row = Announcement(
        id=new_id(), district_id=actor.district_id, place_id=place.id, scope_path=place.path, title=title, text=text,
        channels=list(channels), post_id=held.id, by=actor.label(held), key=key, until=until,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if "inbox" in channels:
                tell_on(row)
    except IntegrityError:
        return _again(row)
    return row


def _again(row: Announcement) -> Announcement:
    earlier = Announcement.objects.filter(district_id=row.district_id, key=row.key).first()
    same = earlier is not None and (earlier.title, earlier.text, earlier.post_id) == (row.title, row.text, row.post_id)
    if earlier is None or not same:
        raise Conflict(_("这张表单已经发过另一条了，请重新写一条。"), code="key_reused")
    return earlier


def tell_on(row: Announcement, after: uuid.UUID | None = None) -> None:
    """Leave the next stretch of inboxes with the worker."""
    asked = {"announcement": str(row.pk), "after": str(after) if after else ""}
    outbox.leave(row.district_id, "announcement", [asked], timezone.now())


def _words(typed: str, name: str, limit: int) -> str:
    cleaned = typed.replace("\0", "").replace("\r\n", "\n").strip()
    if not cleaned:
        raise Invalid(_("这一项要写。"), fields={name: _("这一项要写。")})
    if len(cleaned) > limit:
        message = _("最多 %(limit)d 字，现在是 %(now)d 字。") % {"limit": limit, "now": len(cleaned)}
        raise Invalid(message, fields={name: message})
    return cleaned


def _check_day(until: date) -> None:
    today = timezone.localdate()
    if until < today:
        raise Invalid(_("到哪天为止，不能早于今天。"), fields={"until": _("不能早于今天。")})
    if until - today > LONGEST:
        raise Invalid(_("最多挂半年，到时候再发一次。"), fields={"until": _("最多半年。")})


def withdraw(*, actor: Actor, announcement_id: uuid.UUID) -> Announcement:
    """Take it down everywhere at once; it stays in the list of those who put notices up."""
    rows = Announcement.objects.filter(district_id=actor.district_id or 0, pk=announcement_id)
    row = rows.first()
    if row is None or actor.over(duties.ANNOUNCE, row.scope_path) is None:
        raise NotFound(_("没有找到这条通知。"))
    if not rows.filter(withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise Conflict(_("这条已经撤下来了。"), code="withdrawn")
    row.refresh_from_db()
    return row


def count_read(row: Announcement, source: str) -> None:
    """Somebody opened it: one more, and nothing else is kept, neither who nor when."""
    what = f"read:{source if source in SOURCES else 'web'}"
    Tally.objects.create(district_id=row.district_id, announcement_id=row.pk, what=what)
