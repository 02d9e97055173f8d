"""``/api/v1/attachments``: a picture on its way, shown, covered by hand, put away. Shapes in ``schemas.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import File, Router
from ninja.files import UploadedFile

from linli.core.matters import schemas as s
from linli.core.matters import seeing
from linli.core.matters.actions import picturing
from linli.core.matters.api import ANONYMOUS_PER_MINUTE, ERRORS, caller, reply
from linli.core.matters.models import Matter
from linli.core.matters.pictures import showing
from linli.core.matters.present import Presenter
from linli.core.people.identify import of_request
from linli.kit import files, rates
from linli.kit.refusal import Invalid

router = Router(tags=["matters"])


@router.post("/attachments", response={201: s.UploadOut, **ERRORS, 415: s.ErrorOut, 429: s.ErrorOut}, auth=None)
def upload(request: HttpRequest, file: File[UploadedFile | None] = None) -> HttpResponse:
    """One picture, re-encoded, without its metadata; it waits a day for the matter or act that names its id."""
    sent = file or request.FILES.get(next(iter(request.FILES), ""))
    if not isinstance(sent, DjangoFile):
        raise Invalid(_("没有收到照片。"), fields={"file": _("要用 multipart 发一个文件。")})
    actor = caller(request)
    who = str(actor.user_id) if actor.user_id else rates.address(request)
    if actor.user_id is None:
        rates.count("upload", who, limit=ANONYMOUS_PER_MINUTE)
    taken = files.take(sent, owner=files.owner(actor.user_id, who))
    return reply({"id": str(taken.pk), "width": taken.width, "height": taken.height, "mime": taken.mime}, 201)


@router.get("/attachments/{attachment_id}", auth=None)
def picture(request: HttpRequest, attachment_id: UUID, receipt: str = "") -> HttpResponseBase:
    """A matter's picture, for whoever sees the matter: faces and plates covered, to its handler as it was taken."""
    actor = of_request(request)
    found = seeing.picture(actor, attachment_id, receipt)
    if receipt:
        actor, _matter = seeing.with_receipt(receipt)
    return showing.served(actor, found)


@router.post("/attachments/{attachment_id}/cover", response={200: s.MatterOut, **ERRORS}, auth=None)
def cover(request: HttpRequest, attachment_id: UUID, payload: s.CoverIn, receipt: str = "") -> HttpResponse:
    """Cover a box of a picture by hand: the handler, or the one who spoke up."""
    return _done(picturing.cover, request, attachment_id, receipt, payload.dict())


@router.post("/attachments/{attachment_id}/hide", response={200: s.MatterOut, **ERRORS}, auth=None)
def hide(request: HttpRequest, attachment_id: UUID, payload: s.HideIn, receipt: str = "") -> HttpResponse:
    """Keep a picture from everybody else, or show it again."""
    return _done(picturing.hide, request, attachment_id, receipt, payload.dict())


def _done(
    act: Callable[..., Matter], request: HttpRequest, attachment_id: UUID, receipt: str, asked: dict[str, Any]
) -> HttpResponse:
    """An act on a picture by whoever sees it, signed in or by receipt; the matter as it is then."""
    actor = caller(request)
    held = seeing.picture(actor, attachment_id, receipt)
    if receipt:
        actor, _matter = seeing.with_receipt(receipt)
    done = act(actor=actor, district_id=held.district_id, matter_id=held.matter_id, attachment=held.pk, **asked)
    return reply(Presenter(done.district_id, actor).one(done))
