"""Which district an address speaks of, where nobody has to be signed in."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from linli.core.places.tree import district_ids, lettered
from linli.kit.lists import param


def district_asked(request: HttpRequest) -> int:
    """The one asked for, else the visitor's own, else the first. Http404 where there is none of that code."""
    known, asked = district_ids(), param(request, "district")
    if asked:
        known = tuple(code for code in known if str(code) == asked)
    if not known:
        raise Http404
    own = getattr(request.user, "district_id", None)
    return own if own in known else known[0]


def district_named(number: str) -> int:
    """The district whose letters a number begins with. Http404 where there is none."""
    found = lettered(number.strip().upper().partition("-")[0])
    if found is None:
        raise Http404
    return found
