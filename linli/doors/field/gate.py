"""Who may open the notebook: whoever serves in a post. Others are sent to the login, or find nothing."""

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


def staff_only(
    page: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Hand the page its actor. What he may not see raises NotFound below and looks like what does not exist."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{LOGIN}?{urlencode({'next': request.get_full_path()})}")
        if not serves(request):
            raise Http404
        try:
            return page(request, actor_of(request), *args, **kwargs)
        except NotFound as missing:
            raise Http404 from missing

    return guarded
