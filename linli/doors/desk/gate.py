"""Who may sit at the desk, and how what one may not see looks like what there is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from linli.core.matters import seeing
from linli.core.matters.models import Matter
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.kit.refusal import NotFound

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]
LOGIN = "/login/"


def actor_of(request: HttpRequest) -> Actor:
    """The visitor."""
    return identify.of_request(request)


def is_staff(request: HttpRequest) -> bool:
    """For navigation: whoever serves in a post of a district."""
    if not request.user.is_authenticated:
        return False
    actor = actor_of(request)
    return actor.is_staff and actor.district_id is not None


def district_of(actor: Actor) -> int:
    """The district whose desk this is; there is none for somebody who serves nowhere."""
    if actor.district_id is None:
        raise Http404
    return actor.district_id


def staff_required(page: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The page gets the actor. Nobody signed in is sent to the login; a resident finds no desk here."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        if not is_staff(request):
            raise Http404
        try:
            return page(request, actor_of(request), *args, **kwargs)
        except NotFound as missing:
            raise Http404 from missing

    return guarded  # type: ignore[return-value]  # wraps() forgets that the request may come without its name


def _to_login(request: HttpRequest) -> HttpResponseBase:
    url = f"{LOGIN}?{urlencode({'next': request.get_full_path()})}"
    response: HttpResponseBase = HttpResponseRedirect(url)
    if request.headers.get("HX-Request"):
        response = HttpResponseRedirect(url)
        response.status_code = 204
        response.headers["HX-Redirect"] = url
    return response


def seen(actor: Actor, number: str) -> Matter:
    """One matter that the actor sees; Http404 through ``staff_required`` otherwise."""
    return seeing.get_matter(actor, number)


def back_to(request: HttpRequest, default: str) -> str:
    """Where to go on: ``next`` if it lies at the desk of this very host, else ``default``."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if safe and wish.startswith("/desk/") else default


def param(request: HttpRequest, name: str, limit: int = 80) -> str:
    """One value of the query string, trimmed."""
    value: Any = request.GET.get(name, "")
    return str(value).strip()[:limit]
