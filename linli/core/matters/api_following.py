"""``POST /matters/{number}/follow``: "mine too", with a receipt of one's own."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from linli.core.matters import actions, api
from linli.core.matters import schemas as s
from linli.core.matters.actions import following
from linli.core.matters.actions.opening import Asked, Opened
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.kit import api as manners
from linli.kit import files, rates
from linli.kit.refusal import Invalid

router = Router(tags=["matters"])


@router.post(
    "/matters/{number}/follow",
    response={201: s.FollowedOut, 200: s.FollowedOut, **api.ERRORS, 429: s.ErrorOut},
    auth=None,
)
def follow(request: HttpRequest, number: str, payload: s.FollowIn) -> HttpResponse:
    """Follow a public matter that is still in hand; no login needed. One's own words, receipt, reply and rating."""
    actor = api.caller(request)
    if actor.user_id is None:
        rates.count("open", rates.address(request), limit=api.ANONYMOUS_PER_MINUTE)
    key = request.headers.get("Idempotency-Key", "")
    body = {"follow": number.strip().upper(), **manners.parse(request)}
    repeat = manners.Repeat(key, body, f"follow:{actor.user_id or 'anyone'}") if key else None
    if repeat and (earlier := repeat.answered()) is not None:
        return HttpResponse(earlier, content_type="application/json")
    try:
        return _follow(actor, following.followed(number), payload, repeat)
    except IntegrityError as problem:
        # The same request twice at once: the other one was quicker, and its answer is this one's too.
        earlier = repeat.answered() if repeat else None
        if earlier is None:
            raise Invalid(_("有照片已经用在别的事上了。"), fields={"attachments": _("已经用过。")}) from problem
        return HttpResponse(earlier, content_type="application/json")


def _follow(actor: Actor, job: Matter, payload: s.FollowIn, repeat: manners.Repeat | None) -> HttpResponse:
    asked = to_ask(payload, actor, job)
    told: list[bytes] = []

    def answer(opened: Opened, locked: Matter) -> list[models.Model]:
        shown = {**api.opened_body(opened, actor), "job": locked.number, "households": locked.households}
        told.append(orjson.dumps(shown))
        return [repeat.row(asked.district_id, told[0])] if repeat else []

    actions.follow(actor=actor, asked=asked, job=job, also=answer)
    return HttpResponse(told[0], status=201, content_type="application/json")


def to_ask(payload: s.FollowIn, actor: Actor, job: Matter) -> Asked:
    """Where nothing else is said, the follower's place is the job's, as strangers may know it."""
    lon: float | None = None
    lat: float | None = None
    place = following.public_place(job)
    if payload.door or payload.place or payload.lon is not None:
        said: dict[str, Any] = payload.dict(include={"lon", "lat", "crs", "place", "door"})
        district_id, place, lon, lat = api.where(s.MatterIn(kind=job.kind, text="", **said))
        if district_id != job.district_id:
            message = _("那一件不在这个区。")
            raise Invalid(message, fields={"place": message})
    contact = payload.contact or s.ContactIn()
    return Asked(
        kind=job.kind, text=payload.text, district_id=job.district_id, place=place, lon=lon, lat=lat,
        name=contact.name.strip(), phone=contact.phone.strip(), anonymous=payload.anonymous,
        confidential=payload.confidential, channel=payload.channel or actor.channel,
        uploads=files.waiting(payload.attachments, actor.user_id),
    )  # fmt: skip
