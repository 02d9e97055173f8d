"""A matter's pictures, for whoever sees the matter: its reporter, the holder of its receipt, those who work on it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from linli.core.matters import seeing
from linli.core.matters.models import Attachment
from linli.doors.resident import remembered
from linli.doors.resident.visitor import visitor
from linli.kit import files
from linli.kit.refusal import NotFound


@require_safe
def picture(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponseBase:
    """One picture, or 404: a picture that is not there and one that may not be seen look alike."""
    try:
        found = _find(request, attachment_id)
        return files.serve(found.path, found.mime)
    except NotFound:
        raise Http404 from None


def _find(request: HttpRequest, attachment_id: uuid.UUID) -> Attachment:
    try:
        return seeing.picture(visitor(request), attachment_id, request.GET.get("receipt", ""))
    except NotFound:
        row = Attachment.objects.filter(pk=attachment_id).select_related("matter").first()
        holder = remembered.holder(request, row.matter) if row else None
        if holder is None:
            raise
        return seeing.picture(holder, attachment_id)
