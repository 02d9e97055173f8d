"""Which district a public page speaks of: the one asked for, else the visitor's own, else the only one there is."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from linli.core.places.models import District


def here(request: HttpRequest) -> int:
    """The district's code. Http404 where there is none, or none of that code."""
    asked = request.GET.get("district", "")
    known = list(District.objects.order_by("pk").values_list("pk", flat=True))
    if asked:
        known = [code for code in known if str(code) == asked]
    if not known:
        raise Http404
    own = getattr(request.user, "district_id", None)
    return own if own in known else known[0]
