"""``/api/v1/matters``: open, list, look, act. Shapes in ``schemas.py``; everything else is asked of the actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.errors import ValidationError
from ninja.utils import check_csrf
from pydantic import ValidationError as Problem

from linli.core.matters import actions, seeing
from linli.core.matters import schemas as s
from linli.core.matters.actions.opening import Asked, Opened, prepare
from linli.core.matters.actions.rights import must_not_have_served
from linli.core.matters.models import Matter
from linli.core.matters.present import Presenter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.identify import Unauthorized, of_request
from linli.core.places import locating
from linli.core.places.geo import gcj
from linli.core.places.tree import Node
from linli.kit import api as manners
from linli.kit import codes, files, rates
from linli.kit.refusal import Forbidden, Invalid, NotFound, Refused
from linli.kit.writer import insert

router = Router(tags=["matters"])
ANONYMOUS_PER_MINUTE = 60
ERRORS = {400: s.ErrorOut, 401: s.ErrorOut, 403: s.ErrorOut, 404: s.ErrorOut, 409: s.ErrorOut, 422: s.ErrorOut}


def caller(request: HttpRequest) -> Actor:
    """Who calls; a browser session that writes must carry its CSRF token."""
    actor = of_request(request)
    by_session = actor.user_id is not None and not request.headers.get("Authorization")
    if by_session and request.method not in ("GET", "HEAD", "OPTIONS") and check_csrf(request) is not None:
        raise Forbidden(_("这一页放得太久了，回去刷新一下再发。"), code="csrf")
    return actor


def signed_in(request: HttpRequest) -> Actor:
    """Like ``caller``, but somebody."""
    actor = caller(request)
    if actor.user_id is None:
        raise Unauthorized(_("请先登录。"))
    return actor


def reply(body: Any, status: int = 200) -> HttpResponse:
    """A reply that is already plain data: validating our own output again would double a list's cost."""
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


# ── opening ────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/matters", response={201: s.OpenedOut, 200: s.OpenedOut, **ERRORS, 429: s.ErrorOut}, auth=None)
def open_matter(request: HttpRequest, payload: s.MatterIn, crs: s.Crs | None = None) -> HttpResponse:
    """Open a matter; no login needed. With an ``Idempotency-Key`` the same request may be sent again (200).

    ``crs`` may stand in the address too, as it does where a place is looked for.
    """
    actor = caller(request)
    payload.crs = crs or payload.crs
    if actor.user_id is None:
        rates.count("open", rates.address(request), limit=ANONYMOUS_PER_MINUTE)
    key = request.headers.get("Idempotency-Key", "")
    repeat = manners.Repeat(key, manners.parse(request), _whose_keys(request)) if key else None
    try:
        return _open(actor, payload, repeat)
    except (IntegrityError, Invalid) as problem:
        # Either this key was answered before (a lost reply, or the same request twice at once), or it is a real fault.
        earlier = repeat.answered() if repeat else None
        if earlier is None:
            if isinstance(problem, Invalid):
                raise
            raise Invalid(_("有照片已经用在别的事上了。"), fields={"attachments": _("已经用过。")}) from problem
        return HttpResponse(earlier, content_type="application/json")


def _whose_keys(request: HttpRequest) -> str:
    return str(of_request(request).user_id or "anyone")


manners.scope_by(_whose_keys)


def _open(actor: Actor, payload: s.MatterIn, repeat: manners.Repeat | None) -> HttpResponse:
    asked = to_ask(payload, actor)
    opened, rows = prepare(actor=actor, asked=asked)
    body = orjson.dumps(opened_body(opened, actor))
    insert([*rows, repeat.row(asked.district_id, body)] if repeat else rows)
    files.used(asked.uploads)
    return HttpResponse(body, status=201, content_type="application/json")


def opened_body(opened: Opened, actor: Actor) -> dict[str, Any]:
    """The reply to an opening."""
    shown = Presenter(opened.matter.district_id, actor).opened(opened.matter)
    return {"number": shown.pop("number"), "receipt": opened.receipt, **shown}


def to_ask(payload: s.MatterIn, actor: Actor) -> Asked:
    """Find the place and the pictures. Raises Invalid naming the field."""
    district_id, node, lon, lat = where(payload)
    contact = payload.contact or s.ContactIn()
    return Asked(
        kind=payload.kind, text=payload.text, district_id=district_id, place=node, lon=lon, lat=lat,
        name=contact.name.strip(), phone=contact.phone.strip(), anonymous=payload.anonymous,
        confidential=payload.confidential, channel=payload.channel or actor.channel, category=payload.category or "",
        happened_at=payload.happened_at, uploads=files.waiting(payload.attachments, actor.user_id),
    )  # fmt: skip


def where(payload: s.MatterIn) -> tuple[int, Node, float | None, float | None]:
    """District, place and WGS 84 point of what was sent."""
    lon, lat = payload.lon, payload.lat
    if lon is not None and lat is not None and payload.crs == "gcj02":
        lon, lat = gcj.gcj02_to_wgs84(lon, lat)
    if payload.door:
        return *_named(payload.door, door=True), lon, lat
    if payload.place:
        return *_named(payload.place), lon, lat
    if lon is None or lat is None:
        message = _("说一下在哪里：地图上点一下、扫门牌码，或者选一处。")
        raise Invalid(message, fields={"place": message})
    found = locating.locate(lon, lat)
    if found is None:
        message = _("这个位置不在本区。")
        raise Invalid(message, code="outside", fields={"lon": message})
    return *found, lon, lat


def _named(word: str, *, door: bool = False) -> tuple[int, Node]:
    field = "door" if door else "place"
    if door:
        try:
            word = codes.read_code(word, "door")[0]
        except ValueError as problem:
            raise Invalid(str(problem), fields={field: str(problem)}) from problem
    found = locating.find(word, door=door)
    if found is None:
        message = _("没有找到这个地方。")
        raise Invalid(message, fields={field: message})
    return found


# ── looking ────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/matters", response={200: s.ListOut, **ERRORS})
def list_matters(request: HttpRequest, filters: Query[s.ListQuery]) -> HttpResponse:
    """What the caller sees, newest first."""
    actor = signed_in(request)
    if actor.district_id is None:
        return reply({"items": [], "next": None})
    asked = filters.dict()
    cursor, limit = asked.pop("cursor"), asked.pop("limit")
    page = seeing.list_matters(actor, seeing.Filters(**asked), cursor=cursor, limit=limit)
    return reply({"items": Presenter(actor.district_id, actor).many(page.rows), "next": page.next})


@router.get("/matters/{number}", response={200: s.DetailOut, **ERRORS}, auth=None)
def get_matter(request: HttpRequest, number: str, receipt: str = "") -> HttpResponse:
    """One matter, for whoever sees it or holds its receipt."""
    actor, matter = _found(request, number, receipt)
    return reply(Presenter(matter.district_id, actor).one(matter))


def _found(request: HttpRequest, number: str, receipt: str) -> tuple[Actor, Matter]:
    if receipt:
        actor, matter = seeing.with_receipt(receipt)
        if matter.number != number.strip().upper():
            raise NotFound(_("没有找到这件事。"))
        return actor, matter
    actor = signed_in(request)
    return actor, seeing.get_matter(actor, number)


# ── acting ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(action: Callable[..., Matter]) -> Callable[..., Matter]:
    """An action whose keyword arguments are the schema's fields."""

    def run(actor: Actor, matter: Matter, data: dict[str, Any]) -> Matter:
        return action(actor=actor, district_id=matter.district_id, matter_id=matter.pk, **_without_none(data))

    return run


def _pictured(action: Callable[..., Matter]) -> Callable[..., Matter]:
    """An action that also takes pictures."""

    def run(actor: Actor, matter: Matter, data: dict[str, Any]) -> Matter:
        uploads = files.waiting(data.pop("attachments"), actor.user_id, data.pop("sender", None))
        done = _plain(action)(actor, matter, {**data, "uploads": uploads})
        files.used(uploads)
        return done

    return run


def _merge(actor: Actor, matter: Matter, data: dict[str, Any]) -> Matter:
    try:
        job: UUID = seeing.get_matter(actor, data.pop("into")).pk
    except NotFound as problem:
        raise Invalid(_("没有找到要并到的那一件。"), fields={"into": _("没有找到。")}) from problem
    return _plain(actions.merge)(actor, matter, {**data, "into_id": job})


def _without_none(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value is not None}


ACTS: dict[str, tuple[type[s.ActIn], Callable[[Actor, Matter, dict[str, Any]], Matter]]] = {
    "triage": (s.TriageIn, _plain(actions.triage)),
    "dispatch": (s.ToIn, _plain(actions.dispatch)),
    "accept": (s.ActIn, _plain(actions.accept)),
    "return": (s.ReturnIn, _plain(actions.return_)),
    "reply": (s.TextIn, _plain(actions.reply)),
    "progress": (s.ProgressIn, _pictured(actions.progress)),
    "escalate": (s.ReasonIn, _plain(actions.escalate)),
    "hand_down": (s.HandDownIn, _plain(actions.hand_down)),
    "whistle": (s.WhistleIn, _plain(actions.whistle)),
    "report": (s.ReportIn, _plain(actions.report)),
    "pause": (s.PauseIn, _plain(actions.pause)),
    "resume": (s.ActIn, _plain(actions.resume)),
    "resolve": (s.ResolveIn, _pictured(actions.resolve)),
    "verify": (s.VerifyIn, _plain(actions.verify)),
    "rate": (s.RateIn, _plain(actions.rate)),
    "contest": (s.ContestIn, _pictured(actions.contest)),
    "judge": (s.JudgeIn, _plain(actions.judge)),
    "close": (s.CloseIn, _plain(actions.close)),
    "supervise": (s.SuperviseIn, _plain(actions.supervise)),
    "urge": (s.UrgeIn, _plain(actions.urge)),
    "merge": (s.MergeIn, _merge),
    "unmerge": (s.ReasonIn, _plain(actions.unmerge)),
    "decline": (s.DeclineIn, _plain(actions.decline)),
    "confirm": (s.ConfirmIn, _plain(actions.confirm)),
    "reopen": (s.ReasonIn, _plain(actions.reopen)),
}
BY_RECEIPT = ("rate", "contest", "reopen")


def act(request: HttpRequest, number: str, name: str, receipt: str) -> HttpResponse:
    """Do one act and answer with the whole detail. State and duty are judged before the body's content.

    With an ``Idempotency-Key`` the same act may be sent again: it is done once and answered alike, even where the
    matter has since gone on to somebody else, or stands in a state that would refuse it.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return reply(_act(request, number, name, receipt)[1])
    body = {"act": name, "number": number.strip().upper(), "body": manners.parse(request)}
    # Who asks is read as for any act, so that the browser's token is asked for before anything is answered.
    repeat = manners.Repeat(key, body, f"act:{caller(request).user_id or ''}:{receipt}")
    earlier = repeat.answered()
    if earlier is None:
        try:
            return HttpResponse(_act_once(request, number, name, receipt, repeat), content_type="application/json")
        except (IntegrityError, Refused) as problem:
            # The same act twice at once: the other one was quicker, and what refuses this one is its own doing.
            earlier = repeat.answered()
            if earlier is None:
                raise _own(problem) from problem
    return HttpResponse(earlier, content_type="application/json")


def _act_once(request: HttpRequest, number: str, name: str, receipt: str, repeat: manners.Repeat) -> bytes:
    """The act and the answer to its key, in one transaction: neither is ever there without the other."""
    with transaction.atomic():
        district_id, detail = _act(request, number, name, receipt)
        body = orjson.dumps(detail)
        insert([repeat.row(district_id, body)])
    return body


def _own(problem: IntegrityError | Refused) -> Exception:
    if isinstance(problem, Refused):
        return problem
    return Invalid(_("有照片已经用在别的事上了。"), fields={"attachments": _("已经用过。")})


def _act(request: HttpRequest, number: str, name: str, receipt: str) -> tuple[int, dict[str, Any]]:
    schema, run = ACTS[name]
    actor, matter = _found(request, number, receipt if name in BY_RECEIPT else "")
    if name not in BY_RECEIPT and actor.user_id is None:
        raise Unauthorized(_("请先登录。"))
    if name == "rate" and receipt:
        must_not_have_served(of_request(request), matter)
    presenter = Presenter(matter.district_id, actor)
    presenter.must_allow(matter, name)
    data = _read(schema, manners.parse(request))
    if "attachments" in data:  # sent with an account, named with a receipt
        data["sender"] = of_request(request).user_id
    done = run(actor, matter, data)
    return matter.district_id, presenter.one(done)


def _read(schema: type[s.ActIn], body: dict[str, Any]) -> dict[str, Any]:
    try:
        return schema(**body).dict()
    except Problem as problem:
        raise ValidationError([dict(e) for e in problem.errors(include_url=False)]) from problem


def _add_act(name: str) -> None:
    """One operation an act, so that each stands in OpenAPI with its own body and in the permission matrix."""
    schema = ACTS[name][0]

    def operation(request: HttpRequest, number: str, receipt: str = "") -> HttpResponse:
        return act(request, number, name, receipt)

    operation.__name__ = f"act_{name}"
    operation.__doc__ = f"{name}: states and duties in docs/flow.md."
    body = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema.model_json_schema()}}},
        "parameters": [{"name": "Idempotency-Key", "in": "header", "required": False,
                        "schema": {"type": "string", "maxLength": 200}}],
    }  # fmt: skip
    router.post(f"/matters/{{number}}/{name}", response={200: s.DetailOut, **ERRORS}, auth=None, openapi_extra=body)(
        operation
    )


for _name in ACTS:
    _add_act(_name)


@router.post("/matters/{number}/appraise", response={200: s.DetailOut, **ERRORS}, auth=None)
def appraise(request: HttpRequest, number: str, payload: s.AppraiseIn) -> HttpResponse:
    """双考核 of a called unit: good, partly, poor by the whistler; needed, needless by the unit. Each side once."""
    actor = signed_in(request)
    matter = seeing.get_matter(actor, number)
    return reply(Presenter(matter.district_id, actor).one(_plain(actions.appraise)(actor, matter, payload.dict())))


# ── the reporter's contact ─────────────────────────────────────────────────────────────────────────────────────


@router.post("/matters/{number}/contact", response={200: s.ContactOut, **ERRORS}, auth=None)
def contact(request: HttpRequest, number: str, payload: s.ReasonIn) -> HttpResponse:
    """Name and phone, for the one who has to call back; the look is logged and the reporter can read the log."""
    actor = signed_in(request)
    matter = seeing.get_matter(actor, number)
    return reply(
        actions.reveal(actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=payload.reason)
    )


@router.post("/matters/{number}/erase", response={200: s.DetailOut, **ERRORS}, auth=None)
def erase(request: HttpRequest, number: str, payload: s.EraseIn, receipt: str = "") -> HttpResponse:
    """Erase the contact (and with ``text`` the words): the reporter's right, or an administrator's with a basis."""
    actor, matter = _found(request, number, receipt) if receipt else _for_erasing(request, number)
    done = actions.erase(
        actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=payload.reason, text=payload.text,
        version=payload.version,
    )  # fmt: skip
    return reply(Presenter(matter.district_id, actor).one(done))


def _for_erasing(request: HttpRequest, number: str) -> tuple[Actor, Matter]:
    """An administrator sees no matters, but may be ordered to erase one by its number."""
    actor = signed_in(request)
    if actor.has(duties.CONFIGURE):
        found = Matter.objects.filter(district_id=actor.district_id or 0, number=number.strip().upper()).first()
        if found is not None:
            return actor, found
    return actor, seeing.get_matter(actor, number)
