"""From a filled-in form to a matter: once, however often the button was pressed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked, Opened, prepare
from linli.core.matters.models import Matter
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.doors.resident.placing import Spot
from linli.kit import files, rates
from linli.kit.api import Repeat
from linli.kit.models import Upload
from linli.kit.refusal import Conflict, Invalid
from linli.kit.writer import insert

A_MINUTE = 60  # as in the API: one address, nobody signed in


@dataclass(frozen=True)
class Said:
    """Everything a page has gathered: words, place, who, and pictures by id (sent already) or as files (no script)."""

    key: str
    kind: str
    text: str
    spot: Spot
    lon: float | None = None
    lat: float | None = None
    name: str = ""
    phone: str = ""
    anonymous: bool = False
    confidential: bool | None = None
    channel: str = "web"
    ids: Sequence[str] = ()
    shots: Sequence[UploadedFile[Any]] = field(default=())
    meant: uuid.UUID | None = None  # the post that the words are meant for
    helper: bool = False

    def body(self) -> dict[str, Any]:
        """What makes two filings the same: the pictures by what is in them, since a file gets a new id each time."""
        return {
            "kind": self.kind, "text": self.text, "place": self.spot.node.code, "lon": self.lon, "lat": self.lat,
            "name": self.name, "phone": self.phone, "anonymous": self.anonymous, "confidential": self.confidential,
            "ids": list(self.ids), "shots": [_sum(shot) for shot in self.shots], "to": str(self.meant or ""),
            "helper": self.helper,
        }  # fmt: skip


def _sum(shot: UploadedFile[Any]) -> str:
    made = hashlib.sha256()
    for chunk in shot.chunks():
        made.update(chunk)
    shot.seek(0)
    return made.hexdigest()


def file(request: HttpRequest, actor: Actor, said: Said, job: Matter | None = None) -> str:
    """Open the matter and return its receipt; the same form again returns the same receipt.

    With ``job`` the matter is at once one of that job's households. Raises TooOften, Invalid with its fields, or
    Conflict: ``key_reused`` where the key came with other words before, what ``follow`` refuses where it does.
    """
    if actor.user_id is None:
        rates.count("open", rates.address(request), limit=A_MINUTE)
    body = {**said.body(), "follow": job.number} if job else said.body()
    repeat = Repeat(said.key, body, f"page:{actor.user_id or 'anyone'}")
    earlier = repeat.answered()
    if earlier is not None:
        return _receipt(earlier)
    try:
        return _open(request, actor, said, repeat, job)
    except IntegrityError:
        # The same form twice at once: the other one was quicker, and its answer is ours too.
        earlier = repeat.answered()
        if earlier is None:
            raise Invalid(_("有照片已经用在别的事上了。"), fields={"attachments": _("已经用过。")}) from None
        return _receipt(earlier)


def _open(request: HttpRequest, actor: Actor, said: Said, repeat: Repeat, job: Matter | None) -> str:
    uploads = gather(request, actor, said.ids, said.shots)
    asked = Asked(
        kind=said.kind, text=said.text, district_id=said.spot.district_id, place=said.spot.node, lon=said.lon,
        lat=said.lat, name=said.name, phone=said.phone, anonymous=said.anonymous, confidential=said.confidential,
        channel=said.channel, uploads=uploads, meant=said.meant, helper=said.helper,
    )  # fmt: skip

    def answered(opened: Opened) -> Model:
        return repeat.row(asked.district_id, orjson.dumps({"receipt": opened.receipt}))

    if job is not None:
        return actions.follow(actor=actor, asked=asked, job=job, also=lambda opened, _job: [answered(opened)]).receipt
    opened, rows = prepare(actor=actor, asked=asked)
    insert([*rows, answered(opened)])
    files.used(uploads)
    return opened.receipt


def _receipt(reply: bytes) -> str:
    return str(orjson.loads(reply)["receipt"])


def gather(request: HttpRequest, actor: Actor, ids: Sequence[str], shots: Sequence[UploadedFile[Any]]) -> list[Upload]:
    """The pictures of a form. Raises Invalid about ``attachments``: too many, gone, or no picture of ours."""
    if len(ids) + len(shots) > files.MOST_PICTURES:
        raise Invalid(_("一次最多 %d 张照片。") % files.MOST_PICTURES, fields={"attachments": _("太多了。")})
    owner = files.owner(actor.user_id, rates.address(request))
    taken = []
    for shot in shots:
        try:
            taken.append(files.take(shot, owner=owner))
        except files.UnsupportedMedia as refused:
            raise Invalid(refused.message, fields={"attachments": refused.message}) from refused
    return [*files.waiting(list(ids), actor.user_id, identify.of_request(request).user_id), *taken]


def is_reused(refused: Exception) -> bool:
    """Whether this is another matter said on a form that was sent before."""
    return isinstance(refused, Conflict) and refused.code == "key_reused"
