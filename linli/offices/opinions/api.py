"""``/api/v1/opinions``: what the notebook sends from a door, at once or when the network is back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from linli.core.matters import api as matters
from linli.core.matters import schemas
from linli.core.matters.schemas import Moment
from linli.kit.api import Body
from linli.kit.refusal import Invalid
from linli.offices.opinions import actions, queries
from linli.offices.opinions.actions import Heard

router = Router(tags=["opinions"])
_ERRORS = {401: schemas.ErrorOut, 404: schemas.ErrorOut, 409: schemas.ErrorOut, 422: schemas.ErrorOut}


class DoorIn(Body):
    """One door: what it came to, and the words where somebody spoke."""

    building: str = Field(max_length=32)
    outcome: str = Field(max_length=8)
    dwelling: UUID | None = None
    question: int = Field(0, ge=0, le=9)
    text: str = Field("", max_length=1000)
    name: str = Field("", max_length=40)
    helper: str = Field("", max_length=60)
    quiet: bool = False
    at: Moment | None = None


class DoorOut(Schema):
    """``receipt`` is in this reply and its replay only; empty where nothing was said."""

    outcome: str
    receipt: str


class AskedOut(Schema):
    code: str
    title: str
    questions: list[str]
    place: str
    ends_on: str


class AskedListOut(Schema):
    items: list[AskedOut]
    next: str | None


@router.get("/opinions", response={200: AskedListOut, 401: schemas.ErrorOut}, auth=None)
def list_rounds(request: HttpRequest) -> HttpResponse:
    """Rounds that are open and for which the caller goes; there are never many, so there is no second page."""
    rows = queries.walking(matters.signed_in(request))
    items = [
        {"code": r.code, "title": r.title, "questions": r.questions, "place": r.place.name, "ends_on": r.ends_on}
        for r in rows
    ]  # fmt: skip
    return matters.reply({"items": items, "next": None})


@router.post("/opinions/{code}/doors", response={200: DoorOut, **_ERRORS}, auth=None)
def record(request: HttpRequest, code: str, payload: DoorIn) -> HttpResponse:
    """Write down one door. Needs an ``Idempotency-Key`` of 32 to 120 characters: sent twice it is done once."""
    actor = matters.signed_in(request)
    row, paths = queries.walked(actor, code)
    key = request.headers.get("Idempotency-Key", "")
    if not 32 <= len(key) <= 120:
        message = _("请带上 32 到 120 个字符的 Idempotency-Key。")
        raise Invalid(message, fields={"Idempotency-Key": message})
    kept = actions.record(
        actor=actor, row=row, building=queries.building(row, paths, payload.building), outcome=payload.outcome,
        dwelling_id=payload.dwelling, key=key, at=payload.at,
        heard=Heard(payload.text, payload.question, payload.name, payload.helper, payload.quiet),
    )  # fmt: skip
    return matters.reply({"outcome": kept.outcome, "receipt": kept.receipt})
