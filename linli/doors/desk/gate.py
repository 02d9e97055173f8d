"""What the desk's pages ask of a request. Who may sit there stands in ``linli.core.people.entering``."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from linli.core.matters import seeing
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor


def district_of(actor: Actor) -> int:
    """The district whose desk this is; there is none for somebody who serves nowhere."""
    if actor.district_id is None:
        raise Http404
    return actor.district_id


def seen(actor: Actor, number: str) -> Matter:
    """One matter that the actor sees; Http404 through ``staff_page`` otherwise."""
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
