"""The ledger from the keyboard: verify, erase, and the root of this moment."""

from __future__ import annotations

import argparse
import contextlib
import uuid
from typing import Any

from linli.config.acting import actor_of
from linli.config.commands import Told, say
from linli.core.matters.ledger import sealing
from linli.core.matters.models import Matter, Seal
from linli.core.people.actor import Actor, for_user
from linli.core.people.models import Post, User
from linli.core.places.models import District
from linli.offices.covenants import actions as covenant_actions
from linli.offices.covenants import trail
from linli.offices.covenants.models import Comment
from linli.offices.opinions import actions as opinion_actions
from linli.offices.opinions import queries as opinions
from linli.offices.opinions.models import Opinion


def verify(asked: argparse.Namespace) -> int:
    from linli.core.matters.ledger import verifying

    return int(verifying.main(asked.number))


def erase(asked: argparse.Namespace) -> int:
    """An act like any other: by somebody with the duty, on the timeline, and no way back."""
    from linli.core.matters.ledger import erasing

    if (voice := _voice(asked.number)) is not None:
        return _erase_voice(voice, asked)
    matter = Matter.objects.filter(number=asked.number.strip().upper()).only("id", "district_id", "number").first()
    if matter is None:
        raise Told(f"没有这件事：{asked.number}")
    actor = _named(asked.by) if asked.by else _administrator(matter.district_id)
    erasing.erase(
        actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=asked.reason, text=asked.text
    )
    say(f"{matter.number} 已抹去{'联系方式和原话' if asked.text else '联系方式'}，经手：{actor.label()}。")
    return 0


Voice = tuple[str, uuid.UUID, int]  # the room, the row, its district


def _voice(text: str) -> Voice | None:
    """What somebody said in an opinion round or of a covenant: by its receipt, or by the id on the host's page."""
    rooms: dict[str, Any] = {"opinions": Opinion, "covenants": Comment}
    with contextlib.suppress(ValueError):
        pk = uuid.UUID(text)
        for room, model in rooms.items():
            found = model.objects.filter(pk=pk).values_list("district_id", flat=True).first()
            if found is not None:
                return room, pk, found
    with contextlib.suppress(ValueError):
        voice = opinions.of_receipt(text)
        if voice is not None:
            return "opinions", voice.pk, voice.district_id
        comment = trail.of_receipt(text)
        if comment is not None:
            return "covenants", comment.comment.pk, comment.comment.district_id
    return None


def _erase_voice(voice: Voice, asked: argparse.Namespace) -> int:
    room, pk, district_id = voice
    actor = _named(asked.by) if asked.by else _administrator(district_id)
    ids: dict[str, Any] = {"actor": actor, "district_id": district_id, "reason": asked.reason}
    if room == "opinions":
        opinion_actions.erase(opinion_id=pk, **ids)
    else:
        covenant_actions.erase(comment_id=pk, **ids)
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
