"""A matter's pictures, for whoever sees the matter: its reporter, the holder of its receipt, those who work on it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from linli.core.matters import seeing
from linli.core.matters.models import Attachment
from linli.core.matters.pictures import showing
from linli.core.people.actor import Actor
from linli.doors.resident import remembered
from linli.doors.resident.visitor import visitor
from linli.kit.refusal import NotFound


@require_safe
def picture(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponseBase:
    """One picture, or 404: a picture that is not there and one that may not be seen look alike."""
    try:
        actor, found = _find(request, attachment_id)
        return showing.served(actor, found)
    except NotFound:
        raise Http404 from None


def _find(request: HttpRequest, attachment_id: uuid.UUID) -> tuple[Actor, Attachment]:
    receipt = request.GET.get("receipt", "")
    try:
        actor = visitor(request)
        found = seeing.picture(actor, attachment_id, receipt)
        return (seeing.with_receipt(receipt)[0] if receipt else actor), found
    except NotFound:
        row = Attachment.objects.filter(pk=attachment_id).select_related("matter").first()
        holder = remembered.holder(request, row.matter) if row else None
        if holder is None:
            raise
        return holder, seeing.picture(holder, attachment_id)
