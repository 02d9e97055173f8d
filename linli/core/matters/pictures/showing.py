"""Which of the two pictures somebody gets: the original, the covered one, or a sheet that says it is being covered."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import escape
from django.utils.translation import gettext as _

from linli.core.matters.actions.rights import is_reporter
from linli.core.matters.models import Attachment
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit import files
from linli.kit.refusal import NotFound


def may_see_original(actor: Actor, held: Attachment) -> bool:
    """The handler, while the original is kept; whoever took it, until it is covered."""
    if not held.path:
        return False
    if actor.held(duties.HANDLE, held.matter.handler_id) is not None:
        return True
    return is_reporter(held.matter, actor) and held.seq == 1 and not held.shown_path


def served(actor: Actor, held: Attachment) -> HttpResponseBase:
    """The picture as this one may see it. NotFound where it is kept from him."""
    if may_see_original(actor, held):
        return files.serve(held.path, held.mime)
    if held.hidden and not is_reporter(held.matter, actor):
        raise NotFound(_("没有找到这张照片。"))
    return shown(held)


def shown(held: Attachment) -> HttpResponseBase:
    """What everybody may see."""
    return files.serve(held.shown_path, "image/jpeg") if held.shown_path else waiting()


def waiting() -> HttpResponse:
    """照片处理中: never kept by any cache, for the next look may find the picture."""
    words = escape(_("照片处理中"))
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" viewBox="0 0 640 480" role="img">'
        '<rect width="640" height="480" fill="#EDE8DD"/><text x="320" y="250" text-anchor="middle" font-size="32" '
        f'font-family="sans-serif" fill="#4F4A43">{words}</text></svg>'
    )
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
