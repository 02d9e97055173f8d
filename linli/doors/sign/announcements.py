"""One notice, as it hangs on the door."""

from __future__ import annotations

import uuid

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.core.places.tree import tree
from linli.doors.resident.placing import Spot
from linli.kit.refusal import NotFound
from linli.offices.notices import queries
from linli.offices.notices.actions import count_read
from linli.offices.notices.models import Announcement

# Which notices this browser has opened: so that a reload is not counted twice. It names notices and nobody.
COOKIE, SALT, KEPT, DAYS = "linli_read", "linli.sign.read", 30, 90


@never_cache
@require_safe
def announcement(request: HttpRequest, announcement_id: uuid.UUID) -> HttpResponse:
    """``/n/{id}``: counted once a browser; HEAD (link previews) counts nothing."""
    try:
        row = queries.one(announcement_id)
    except NotFound:
        raise Http404 from None
    node = tree(row.district_id).by_id.get(row.place_id)
    spot = Spot(row.district_id, node) if node else None
    context = {"row": row, "spot": spot, "over": not row.stands(timezone.localdate()),
               "where": spot.tree.full_name(spot.node) if spot else row.place.name}  # fmt: skip
    response = render(request, "sign/announcement.html", context)
    if request.method == "GET":
        _count(request, response, row)
    return response


def _count(request: HttpRequest, response: HttpResponse, row: Announcement) -> None:
    try:
        read = [str(each) for each in signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)][:KEPT]
    except signing.BadSignature:
        read = []
    short = row.pk.hex[-12:]
    if short in read:
        return
    count_read(row, request.GET.get("from", ""))
    kept = signing.dumps([short, *read][:KEPT], salt=SALT, compress=True)
    response.set_cookie(COOKIE, kept, max_age=DAYS * 86400, path="/n/", httponly=True, samesite="Lax",
                        secure=request.is_secure())  # fmt: skip
