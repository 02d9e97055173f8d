"""Who may open a page of a door or of an office's room: whoever serves, or whoever is signed in; what is not theirs is
not there.

The rooms in ``linli.offices`` stand below the doors and bring their own pages, so the gate of both stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.kit.refusal import NotFound

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
LOGIN = "/login/"


def actor_of(request: HttpRequest) -> Actor:
    """The visitor."""
    return identify.of_request(request)


def serves(request: HttpRequest) -> bool:
    """Whether the visitor holds a post of a district today."""
    if not request.user.is_authenticated:
        return False
    actor = actor_of(request)
    return actor.is_staff and actor.district_id is not None


def to_login(request: HttpRequest) -> HttpResponseBase:
    """The login, which leads back here. A part of a page that htmx asks for cannot be a login: the page goes there."""
    answer = HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': request.get_full_path()})}")
    if request.headers.get("HX-Request"):
        answer.status_code = 204
        answer.headers["HX-Redirect"] = answer.url
    return answer


def staff_page(page: Page[P]) -> Guarded[P]:
    """Hand the page its actor: nobody signed in goes to the login, who serves nowhere finds nothing."""
    return _guarded(page, serves)


def signed_page(page: Page[P]) -> Guarded[P]:
    """The same for anybody with an account of a district."""
    return _guarded(page, lambda request: actor_of(request).district_id is not None)


def _guarded(page: Page[P], may_enter: Callable[[HttpRequest], bool]) -> Guarded[P]:
    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_login(request)
        if not may_enter(request):
            raise Http404
        try:
            return page(request, actor_of(request), *args, **kwargs)
        except NotFound as missing:
            raise Http404 from missing

    return guarded  # type: ignore[return-value]  # wraps() forgets that the request may come without its name
