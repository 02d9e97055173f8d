"""The ledger from the keyboard: verify, erase, and the root of this moment."""

from __future__ import annotations

import argparse
import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from linli.config.acting import actor_of
from linli.config.commands import Told, say
from linli.core.matters.ledger import sealing
from linli.core.matters.models import Matter, Seal
from linli.core.matters.said import Said
from linli.core.people.actor import Actor, for_user
from linli.core.people.models import Post, User
from linli.core.places.models import District
from linli.offices.councils import actions as council_actions
from linli.offices.councils import words
from linli.offices.councils.models import Opinion
from linli.offices.covenants import actions as covenant_actions
from linli.offices.covenants import trail
from linli.offices.covenants.models import Comment
from linli.offices.opinions import actions as opinion_actions
from linli.offices.opinions import queries as opinions
from linli.offices.opinions.models import Opinion as Voice


def verify(asked: argparse.Namespace) -> int:
    from linli.core.matters.ledger import verifying

    return int(verifying.main(asked.number, files=not asked.no_files))


def erase(asked: argparse.Namespace) -> int:
    """An act like any other: by somebody with the duty, on the timeline, and no way back."""
    from linli.core.matters.ledger import erasing

    if (voice := _voice(asked.number)) is not None:
        return _erase_voice(*voice, asked)
    matter = Matter.objects.filter(number=asked.number.strip().upper()).only("id", "district_id", "number").first()
    if matter is None:
        raise Told(f"没有这件事：{asked.number}")
    actor = _named(asked.by) if asked.by else _administrator(matter.district_id)
    erasing.erase(
        actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=asked.reason, text=asked.text
    )
    say(f"{matter.number} 已抹去{'联系方式和原话' if asked.text else '联系方式'}，经手：{actor.label()}。")
    return 0


@dataclass(frozen=True)
class Room:
    """A room where words are said: its rows, how a receipt finds one, what erases one."""

    rows: type[Said]
    by_receipt: Callable[[str], Said | None]
    erase: Callable[..., object]
    key: str  # how ``erase`` calls the row


def _opinion_of(receipt: str) -> Said | None:
    found = words.of_receipt(receipt)
    return found.opinion if found else None


def _comment_of(receipt: str) -> Said | None:
    found = trail.of_receipt(receipt)
    return found.comment if found else None


ROOMS: Final = (
    Room(Voice, opinions.of_receipt, opinion_actions.erase, "opinion_id"),
    Room(Comment, _comment_of, covenant_actions.erase, "comment_id"),
    Room(Opinion, _opinion_of, council_actions.erase, "opinion_id"),
)


def _voice(text: str) -> tuple[Room, Any] | None:
    """What somebody said outside a matter: by the id on the host's page, or by its receipt."""
    with contextlib.suppress(ValueError):
        pk = uuid.UUID(text)
        for room in ROOMS:
            found = room.rows._default_manager.filter(pk=pk).first()
            if found is not None:
                return room, found
    with contextlib.suppress(ValueError):
        for room in ROOMS:
            found = room.by_receipt(text)
            if found is not None:
                return room, found
    return None


def _erase_voice(room: Room, row: Any, asked: argparse.Namespace) -> int:
    actor = _named(asked.by) if asked.by else _administrator(row.district_id)
    ids: dict[str, Any] = {room.key: row.pk, "district_id": row.district_id}
    room.erase(actor=actor, reason=asked.reason, **ids)
    say(f"这句原话已抹去，条数照算，经手：{actor.label()}。")
    return 0


def _named(username: str) -> Actor:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Told(f"没有这个账号：{username}")
    return for_user(user.pk)


def _administrator(district_id: int) -> Actor:
    held = Post.objects.filter(district_id=district_id, role="admin", until=None).exclude(person=None)
    post = held.select_related("person", "organisation").order_by("code").first()
    if post is None:
        raise Told("这个区没有系统管理员的岗位，请用 --by 写明由谁经手。")
    return actor_of(post)


def root(asked: argparse.Namespace) -> int:
    """Seal what has moved, and say the root on which everything up to now stands."""
    districts = list(District.objects.order_by("pk"))
    if not districts:
        raise Told("库里还没有区。")
    for district in districts:
        sealing.seal(district.pk)
        last = Seal.objects.filter(district_id=district.pk).order_by("-seq").first()
        if last is None:
            say(f"{district.pk} {district.name}  还没有可封的事")
        else:
            say(f"{district.pk} {district.name}  第 {last.seq} 号封印  {last.root}")
    return 0
