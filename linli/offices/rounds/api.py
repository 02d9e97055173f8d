"""``/api/v1/rounds``: what the notebook sends, at once or when the network is back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from linli.core.matters import api as matters
from linli.core.matters import schemas
from linli.core.matters.actions.opening import Opened
from linli.core.matters.schemas import Moment
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import api as manners
from linli.kit.models import Answered
from linli.kit.refusal import Invalid, Refused
from linli.offices.rounds import actions, queries
from linli.offices.rounds.models import Round

router = Router(tags=["rounds"])
_ERRORS = {401: schemas.ErrorOut, 403: schemas.ErrorOut, 404: schemas.ErrorOut, 409: schemas.ErrorOut,
           422: schemas.ErrorOut}  # fmt: skip


class StartIn(manners.Body):
    """Where and by which channel; ``started_at`` where it began without a network."""

    channel: str = Field(max_length=24)
    place: str | None = Field(None, max_length=32)
    door: str | None = Field(None, max_length=32)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    spot: str = Field("", max_length=40)
    started_at: Moment | None = None


class SaidIn(schemas.MatterIn):
    """A matter as ``POST /matters`` takes it; place and channel are the round's where none is named."""

    said_at: Moment | None = None


class EndIn(manners.Body):
    ended_at: Moment | None = None


class RoundOut(Schema):
    id: UUID
    channel: str
    spot: str
    place: schemas.StepOut
    by: str
    started_at: str
    ended_at: str | None
    count: int


class LineOut(Schema):
    number: str
    title: str
    state: str
    said_at: str


class RoundDetailOut(RoundOut):
    matters: list[LineOut]


class RoundListOut(Schema):
    items: list[RoundOut]
    next: str | None


def shown(round_: Round, count: int) -> dict[str, Any]:
    """One round in a list."""
    node = tree(round_.district_id).by_id[round_.place_id]
    return {
        "id": str(round_.pk), "channel": round_.channel, "spot": round_.spot,
        "place": {"code": node.code, "name": node.name, "level": node.level}, "by": round_.by,
        "started_at": round_.started_at, "ended_at": round_.ended_at, "count": count,
    }  # fmt: skip


def _detail(actor: Actor, round_: Round) -> dict[str, Any]:
    lines = queries.lines(actor, round_)
    said = [
        {"number": x.matter.number, "title": x.matter.title, "state": x.matter.state, "said_at": x.said.said_at}
        for x in lines
    ]  # fmt: skip
    return {**shown(round_, len(lines)), "matters": said}


def _once(request: HttpRequest, scope: str, actor: Actor, do: Callable[[manners.Repeat | None], bytes]) -> HttpResponse:
    """Do it, or answer as before where the key was seen: the same manners as everywhere."""
    key = request.headers.get("Idempotency-Key", "")
    repeat = manners.Repeat(key, manners.parse(request), f"{scope}:{actor.user_id}") if key else None
    earlier = repeat.answered() if repeat else None
    if earlier is None:
        try:
            return HttpResponse(do(repeat), status=201, content_type="application/json")
        except (IntegrityError, Refused) as problem:
            earlier = repeat.answered() if repeat else None
            if earlier is None and isinstance(problem, Refused):
                raise
            if earlier is None:
                used = {"attachments": _("已经用过。")}
                raise Invalid(_("有照片已经用在别的事上了。"), fields=used) from problem
    return HttpResponse(earlier, content_type="application/json")


@router.get("/rounds", response={200: RoundListOut, **_ERRORS}, auth=None)
def list_rounds(request: HttpRequest, mine: bool = False, cursor: str = "", limit: int = 50) -> HttpResponse:
    """Newest first: one's own, and those at places that the caller sees."""
    found = queries.page(matters.signed_in(request), cursor=cursor, limit=limit, mine=mine)
    return matters.reply({"items": [shown(r, getattr(r, "count", 0)) for r in found.items], "next": found.next})


@router.post("/rounds", response={201: RoundOut, 200: RoundOut, **_ERRORS}, auth=None)
def start(request: HttpRequest, payload: StartIn) -> HttpResponse:
    """Begin a round. Takes an ``Idempotency-Key``."""
    actor = matters.signed_in(request)

    def do(repeat: manners.Repeat | None) -> bytes:
        asked = schemas.MatterIn(kind="", text="", place=payload.place, door=payload.door, lon=payload.lon,
                                 lat=payload.lat, channel=None, category=None)  # fmt: skip
        district_id, place, _lon, _lat = matters.where(asked)
        if district_id != actor.district_id:  # paths are alike in all districts
            raise Invalid(_("这个位置不在本区。"), fields={"place": _("这个位置不在本区。")})
        with transaction.atomic():
            made = actions.start(actor=actor, place=place, channel=payload.channel, spot=payload.spot,
                                 started_at=payload.started_at)  # fmt: skip
            body = orjson.dumps(shown(made, 0))
            if repeat:
                repeat.row(made.district_id, body).save(force_insert=True)
        return body

    return _once(request, "round", actor, do)


@router.get("/rounds/{round_id}", response={200: RoundDetailOut, **_ERRORS}, auth=None)
def get_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """One round with what was said, in order."""
    actor = matters.signed_in(request)
    return matters.reply(_detail(actor, queries.one(actor, round_id)))


@router.post("/rounds/{round_id}/matters", auth=None,
             response={201: schemas.OpenedOut, 200: schemas.OpenedOut, **_ERRORS})  # fmt: skip
def record(request: HttpRequest, round_id: UUID, payload: SaidIn) -> HttpResponse:
    """Write down what somebody says. Takes an ``Idempotency-Key``; the receipt is in this reply and its replay."""
    actor = matters.signed_in(request)

    def do(repeat: manners.Repeat | None) -> bytes:
        round_ = queries.one(actor, round_id)
        told = payload.model_copy(update=_by_default(round_, payload))
        body = b""

        def answer(opened: Opened) -> Answered:
            nonlocal body
            body = orjson.dumps(matters.opened_body(opened, actor))
            assert repeat is not None, "asked only where there is a key"
            return repeat.row(round_.district_id, body)

        opened = actions.record(
            actor=actor, round_id=round_id, asked=matters.to_ask(told, actor), said_at=payload.said_at,
            answer=answer if repeat else None,
        )  # fmt: skip
        return body or orjson.dumps(matters.opened_body(opened, actor))

    return _once(request, f"round:{round_id}", actor, do)


def _by_default(round_: Round, payload: SaidIn) -> dict[str, Any]:
    """Channel and place of the round, where the matter names none of its own."""
    out: dict[str, Any] = {"channel": payload.channel or round_.channel}
    if not (payload.place or payload.door or payload.lon is not None):
        out["place"] = tree(round_.district_id).by_id[round_.place_id].code
    return out


@router.post("/rounds/{round_id}/end", response={200: RoundDetailOut, **_ERRORS}, auth=None)
def end(request: HttpRequest, round_id: UUID, payload: EndIn) -> HttpResponse:
    """Pack up; once more answers alike."""
    actor = matters.signed_in(request)
    done = actions.end(actor=actor, round_id=round_id, ended_at=payload.ended_at)
    return matters.reply(_detail(actor, done))
