"""The HTTP API under ``/api/v1``: rooms bring their routers, the kit brings the manners."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.parser import Parser

from linli.config.apicalls import Known, known, refusal
from linli.core.decisions.api import router as questions
from linli.core.matters.api import router as matters
from linli.core.matters.api_admissions import router as admissions
from linli.core.matters.api_following import router as following
from linli.core.matters.api_pictures import router as pictures
from linli.core.matters.api_stats import router as stats
from linli.core.people.api import router as people
from linli.core.places.api import router as places
from linli.insight.api import router as insight
from linli.kit.api import Renderer, error, install_manners, loads
from linli.offices.checkins.api import router as checkins
from linli.offices.dwellings.api import router as dwellings
from linli.offices.facilities.api import router as facilities
from linli.offices.opinions.api import router as opinions
from linli.offices.pairing.api import router as pairings
from linli.offices.rounds.api import router as rounds


class Reader(Parser):
    """Bodies by orjson, as ``kit.api.parse`` reads them: half a surrogate pair or NaN is refused, NUL left out."""

    def parse_body(self, request: HttpRequest) -> Any:
        return loads(request.body)


api = NinjaAPI(
    title="邻理 Linli", version="1", urls_namespace="api-v1", renderer=Renderer(), parser=Reader(),
    docs_url=None,
    description="What outside programs rely on. Times are RFC 3339 with offset, coordinates WGS 84.",
)  # fmt: skip
install_manners(api)
for router in (
    people, places, matters, pictures, following, admissions, stats, pairings, checkins, dwellings, rounds, opinions,
    facilities, insight, questions,
):  # fmt: skip
    api.add_router("", router)


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, exc: RequestDataTooBig) -> HttpResponse:
    """Raised where the body is first read, which is inside the operation."""
    return error(413, "too_big", _("发来的太大了。"))


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
def unreadable(request: HttpRequest, exc: Exception) -> HttpResponse:
    """A form without its boundary, or with more fields or files than anybody sends."""
    return error(400, "unreadable", _("发来的读不懂。"))


def shaped(view: Callable[..., HttpResponse], names: Known) -> Callable[..., HttpResponse]:
    """Refuses what no operation reads, and gives a 405 the one error shape; ninja answers it in plain text."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked_head = request.method == "HEAD"  # ninja knows no HEAD; what can be read can be asked for its head
        if asked_head:
            request.method = "GET"
        response = refusal(request, names) or view(request, *args, **kwargs)
        if asked_head and not response.streaming:
            response["Content-Length"], response.content = str(len(response.content)), b""
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = error(405, "method_not_allowed", _("这个地址不这样用。"))
        told["Allow"] = response["Allow"]
        return told

    return answer


def addresses() -> tuple[list[URLPattern | URLResolver], str, str]:
    """The API's addresses, each answering in one shape."""
    patterns, app, namespace = api.urls
    names = {path: known(view) for _prefix, router in api._routers for path, view in router.path_operations.items()}
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            path = "/" + str(pattern.pattern).replace("<", "{").replace(">", "}")
            pattern.callback = shaped(pattern.callback, names.get(path, {}))
    return patterns, app, namespace
