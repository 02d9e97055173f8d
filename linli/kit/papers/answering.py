"""A paper as the answer to a request: a file with a name that says what it is, or a plain word why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import override

from linli.kit import errors, rates
from linli.kit.papers import drawing
from linli.kit.papers.model import Document

log = structlog.get_logger(__name__)

A_MINUTE = 40  # papers that one address has drawn; a street office behind one address has several desks
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\s]+')


def answer(
    request: HttpRequest, make: Callable[[], Document], form: str, *, name: str, back: str, public: bool = False
) -> HttpResponseBase:
    """The paper that ``make`` builds, as ``form`` (docx or pdf), named ``name``; whoever holds it already keeps it.

    Papers are built in Chinese. Where the press fails, the page ``back`` says so; nothing was changed by asking.
    """
    if form not in drawing.FORMS:
        raise Http404
    with override("zh-hans"):
        paper = make()
    tag = f'"{drawing.digest(paper, form)[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    if request.method == "HEAD":  # nothing is drawn for who only asks whether there is anything
        return _file(b"", form, name, tag, public=public)
    try:
        rates.count("paper", rates.address(request), limit=A_MINUTE)
    except rates.TooOften as often:
        return errors.too_many(request, often.retry_after)
    try:
        drawn = drawing.draw(paper, form)
    except drawing.PressError as failed:
        log.warning("papers.failed", form=form, error=str(failed)[:200])
        messages.error(request, _("文件没有排出来，请过一会儿再下载一次。"))
        return HttpResponseRedirect(back)
    return _file(drawn, form, name, tag, public=public)


def _file(drawn: bytes, form: str, name: str, tag: str, *, public: bool) -> HttpResponse:
    response = HttpResponse(drawn, content_type=drawing.FORMS[form])
    plain = _UNFIT.sub("-", name).strip("-. ")[:80] or "paper"
    latin = re.sub(r"[^A-Za-z0-9._-]+", "", plain) or "paper"
    # Old browsers read the first name, all others the second (RFC 6266).
    response["Content-Disposition"] = (
        f"attachment; filename=\"{latin}.{form}\"; filename*=UTF-8''{quote(f'{plain}.{form}')}"
    )
    response["ETag"] = tag
    response["Cache-Control"] = "public, no-cache" if public else "private, no-cache"
    return response
