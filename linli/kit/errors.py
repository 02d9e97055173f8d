"""What a visitor reads when something goes wrong, as a page or, under ``/api/``, as the API's error object."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from linli.kit import faults
from linli.kit.calendar.wording import wait_words

CODES = {
    400: "invalid", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_big", 429: "too_many",
    500: "broken", 503: "unavailable",
}  # fmt: skip
AGAIN = 30  # seconds after which a database that was started anew answers
# The last resort: no template, no catalogue, no database.
PLAIN = "<!doctype html><html lang=zh-Hans><meta charset=utf-8><title>邻理</title><h1>这一页出错了</h1>"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):  # a form's words alone; photographs have limits of their own
        return _answer(request, 413, _("发来的太大了。"))
    return _answer(request, 400, _("这个请求读不懂，退回去再试一次。"))


def refused(request: HttpRequest, words: str) -> HttpResponse:
    """An act that cannot be done now, in the action's own words."""
    return _answer(request, 400, words)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, _say(exception) or _("这一步不归您办。"))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Missing and forbidden look alike, so the reason of a 404 is never repeated."""
    return _answer(request, 404, _("没找到这一页。"))


def not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """The address of a button, opened by itself: after a break, after signing in, or typed. Never an empty page."""
    response = _answer(request, 405, _("这一步还没有做。"))
    response["Allow"] = allow
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Must work when everything else does not: a plain page if the template itself cannot be rendered."""
    error = sys.exception()
    try:
        if error is not None and (part := faults.passing(error)):
            return unavailable(request, error, part)
        return _answer(request, 500, _("这一页出错了，已经记下。"))
    except Exception:
        return HttpResponse(PLAIN, status=500)


def unavailable(request: HttpRequest, error: BaseException, part: str) -> HttpResponse:
    """The database or the disk is gone for now: not the visitor's doing, and the same will do in a while."""
    faults.tell_passing(request, error, part)
    response = _answer(request, 503, unavailable_words(part, reads=_reads(request)))
    response["Retry-After"] = str(AGAIN)
    return response


def unavailable_words(part: str, *, reads: bool = False) -> str:
    """Whoever only looked something up has nothing that could have been saved."""
    if part == "disk":
        return _("这会儿存不下东西。请过几分钟再来。") if reads else _("这会儿存不下东西，没有保存。请过几分钟再发。")
    if reads:
        return _("系统这会儿在恢复。请过几分钟再来。")
    return _("系统这会儿在恢复，没有保存。请过几分钟再试。")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Mostly a page left open overnight: say what to do, not what a token is."""
    return _answer(request, 403, _("这一页放得太久了，回去刷新一下再发。"), {"stale": True})


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """More than the limit allows; ``seconds`` until it is open again."""
    words = _("点得太快了，歇一会儿再来。") if _reads(request) else _("说得太快了，歇一会儿再发。")
    response = _answer(request, 429, words, {"wait": wait_words(seconds)})
    response["Retry-After"] = str(seconds)
    return response


def _say(exception: Exception | None) -> str:
    """The words an action gave when it refused, if it gave any."""
    first = exception.args[0] if exception and exception.args else ""
    return str(first) if isinstance(first, (str, Promise)) else ""


def _answer(request: HttpRequest, status: int, message: str, extra: Mapping[str, object] | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"error": {"code": CODES[status], "message": message, "fields": {}}}
        return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    context = {"status": status, "message": message, "debug": settings.DEBUG, **_kept(request), **(extra or {})}
    # A 500 renders without the request: a context processor may be the very thing that broke.
    html = render_to_string(f"{status}.html", context, None if status >= 500 else request)
    return HttpResponse(html, status=status)


def _reads(request: HttpRequest) -> bool:
    return request.method in {"GET", "HEAD"} and not request.path.startswith("/api/")


def _kept(request: HttpRequest) -> dict[str, object]:
    """What a page without the shell still knows from the request alone: how large, which language, where from."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    came = request.headers.get("Referer", "")
    here = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")  # get_host() may be what was refused
    fine = url_has_allowed_host_and_scheme(came, {here})
    return {
        "kept_type": "large" if request.COOKIES.get("linli_type") == "large" else "normal",
        "kept_lang": "zh-Hans" if language.startswith("zh") else language,
        "reads": _reads(request), "came_from": came if fine else "",
    }  # fmt: skip
