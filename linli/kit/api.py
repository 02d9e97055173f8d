"""The manners of the HTTP API: one error shape, parsed and hashed bodies, replies that can be repeated.

Errors: ``{"error": {"code", "message", "fields"}}``; lists: ``{"items", "next"}``. They stand in ``/api/v1/docs``.
"""

from __future__ import annotations

import hashlib
import hmac
import traceback
from collections.abc import Callable
from typing import Any

import orjson
import structlog
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer
from pydantic import ConfigDict

from linli.kit import crypto, errors, faults
from linli.kit.ids import new_id
from linli.kit.models import Answered
from linli.kit.rates import TooOften
from linli.kit.refusal import Conflict, Invalid, Refused

log = structlog.get_logger(__name__)


class Renderer(BaseRenderer):
    """JSON by orjson: a page of fifty matters is most of a list's cost."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class Body(Schema):
    """What a create is sent. A field that nobody knows is refused and named: a misspelt ``confidential`` would put
    somebody's name in the open."""

    model_config = ConfigDict(extra="forbid")


def loads(body: bytes) -> Any:
    """JSON without NUL in any of its words; raises ValueError where it is none."""
    found = orjson.loads(body or b"{}")
    return _without_nul(found) if b"\\u0000" in body else found


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value


def error(status: int, code: str, message: str, fields: dict[str, str] | None = None) -> HttpResponse:
    """The one error shape."""
    body = {"error": {"code": code, "message": message, "fields": fields or {}}}
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")


def refused_as(refusal: Refused) -> HttpResponse:
    return error(refusal.status, refusal.code, refusal.message, refusal.fields)


_WORDS = {
    "missing": "这一项要有。", "string_too_long": "太长了。", "string_type": "要是文字。", "int_parsing": "要是整数。",
    "int_type": "要是整数。", "float_parsing": "要是数字。", "bool_parsing": "要是 true 或 false。",
    "datetime_from_date_parsing": "时间要写成 2026-11-18T14:26:00+08:00 这样。",
    "datetime_parsing": "时间要写成 2026-11-18T14:26:00+08:00 这样。", "less_than_equal": "太大了。",
    "greater_than_equal": "太小了。", "literal_error": "不在可选的里面。", "list_type": "要是一个列表。",
    "timezone_aware": "时间要带时区。", "finite_number": "要是数字。",
    "extra_forbidden": "没有这一项，看看是不是写错了。",
}  # fmt: skip


def _fields(exc: ValidationError) -> dict[str, str]:
    out = {}
    for problem in exc.errors:
        where = [str(p) for p in problem.get("loc", ())]
        for begin in (("body", "query", "path"), ("payload", "filters")):  # ninja's words, where a field would begin
            where = where[1:] if where and where[0] in begin else where
        out[".".join(where) or "body"] = _(_WORDS.get(problem.get("type", ""), "")) or str(problem.get("msg", ""))
    return out


def install_manners(api: NinjaAPI) -> None:
    """Every refusal in the one shape."""
    _for_what_is_not_there(api)

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, exc: Refused) -> HttpResponse:
        response = refused_as(exc)
        if isinstance(exc, TooOften):
            response["Retry-After"] = str(exc.retry_after)
        return response

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        reused = _used_before(request)
        return refused(request, reused) if reused else error(422, "invalid", _("有几项没填对。"), _fields(exc))

    @api.exception_handler(AuthenticationError)
    def unauthorized(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
        return error(401, "unauthorized", _("请先登录。"))

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, exc: Exception) -> HttpResponse:
        if part := faults.passing(exc):
            return errors.unavailable(request, exc, part)
        # Where, and of what kind; never the exception's own words: a database quotes the row that it refused.
        where = "".join(traceback.format_tb(exc.__traceback__))
        log.error("api.broken", path=request.path, error=type(exc).__name__, where=where)
        return error(500, "broken", _("这一步出错了，已经记下。您写的没有保存，请再发一次。"))


def _for_what_is_not_there(api: NinjaAPI) -> None:
    @api.exception_handler(Http404)
    def missing(request: HttpRequest, exc: Http404) -> HttpResponse:
        return error(404, "not_found", _("没有找到。"))

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, exc: HttpError) -> HttpResponse:
        if exc.status_code == 400:  # ninja's own word for a body that does not parse
            return refused_as(_unreadable())
        return error(exc.status_code, "invalid", str(exc))


_callers: list[Callable[[HttpRequest], str]] = []


def scope_by(caller: Callable[[HttpRequest], str]) -> None:
    """Who tells whose idempotency keys a request's are: the room that knows accounts."""
    _callers[:] = [caller]


def _used_before(request: HttpRequest) -> Conflict | None:
    """The refusal of a key that was answered already: a body that fits no schema is another one than the first was."""
    key = request.headers.get("Idempotency-Key", "")
    if not key or not _callers:
        return None
    used = Answered.objects.filter(key_hash=_key_hash(_callers[0](request), key[:200]))
    return key_reused() if used.exists() else None


def _key_hash(scope: str, key: str) -> str:
    return crypto.blind_index(f"{scope}\0{key}", purpose="idempotency")


def key_reused() -> Conflict:
    return Conflict(_("这个 Idempotency-Key 已经用在另一份内容上。"), code="key_reused")


def parse(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request's body; Invalid (400) where there is none."""
    try:
        body = loads(request.body)
    except orjson.JSONDecodeError as problem:
        raise _unreadable() from problem
    if not isinstance(body, dict):
        raise _unreadable()
    return body


def _unreadable() -> Refused:
    refusal = Refused(_("发来的不是 JSON 对象。"), code="unreadable")
    refusal.status = 400
    return refusal


class Repeat:
    """One create that its sender may repeat: the Idempotency-Key with the body it came with.

    The reply is sealed under a key made of both, because it may hold a receipt that nobody else may ever read.
    """

    def __init__(self, key: str, body: dict[str, Any], scope: str) -> None:
        if len(key) > 200:
            raise Invalid(_("Idempotency-Key 太长。"), fields={"Idempotency-Key": _("最多 200 个字符。")})
        canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        self.key_hash = _key_hash(scope, key)
        self.body_hash = hashlib.sha256(canonical).hexdigest()
        self._secret = hmac.new(key.encode(), canonical, hashlib.sha256).hexdigest()

    def row(self, district_id: int, reply: bytes) -> Answered:
        """The row to write with the create itself."""
        sealed = crypto.seal_with(self._secret, reply)
        return Answered(id=new_id(), district_id=district_id, key_hash=self.key_hash, body_hash=self.body_hash,
                        reply=sealed)  # fmt: skip

    def answered(self) -> bytes | None:
        """The reply that was given, None if the key is new; Conflict if it came with another body."""
        found = Answered.objects.filter(key_hash=self.key_hash).first()
        if found is None:
            return None
        if found.body_hash != self.body_hash:
            raise key_reused()
        return crypto.unseal_with(self._secret, found.reply)


def once(request: HttpRequest, scope: str, do: Callable[[], tuple[int, bytes]]) -> HttpResponse:
    """A create that may be sent again: 201, and for the same Idempotency-Key the same answer with 200.

    ``do`` gives the district and the answer; what it made and the key stand or fall together.
    """
    key = request.headers.get("Idempotency-Key", "")
    repeat = Repeat(key, parse(request), scope) if key else None
    earlier = repeat.answered() if repeat else None
    if earlier is None:
        try:
            with transaction.atomic():
                district_id, body = do()
                if repeat:
                    repeat.row(district_id, body).save(force_insert=True)
        except (IntegrityError, Refused):
            # The same request twice at once: the other one was quicker, and what refuses this one is its own doing.
            earlier = repeat.answered() if repeat else None
            if earlier is None:
                raise
        else:
            return HttpResponse(body, status=201, content_type="application/json")
    return HttpResponse(earlier, content_type="application/json")
