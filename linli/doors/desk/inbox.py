"""Notices to the visitor's posts, units and account."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.core.people import notices
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.models import Notice
from linli.doors.desk import badges
from linli.doors.desk.gate import param
from linli.kit import shell
from linli.kit.paging import BadCursorError

_NUMBER = re.compile(r"[A-Z]{1,4}-\d{4}-\d{4,}")


@require_http_methods(["GET", "POST"])
@staff_page
def inbox(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Newest first; a post marks one (``id``) or all of them as read."""
    if request.method == "POST":
        return _read(request, actor)
    cursor = param(request, "cursor", 120)
    try:
        page = notices.inbox(actor, cursor or None)
    except BadCursorError:
        page = notices.inbox(actor)
    unread = badges.counts(request, badges.BESIDE)["notices"]  # the number that stands beside it in the navigation
    context = {"page": page, "unread": unread, "rows": [(n, _leads(n)) for n in page.items]}
    return render(request, "desk/inbox.html", context)


def _leads(notice: Notice) -> str:
    """Where a notice leads: its own address, else the matter whose number it names."""
    if notice.url.startswith("/"):
        return notice.url
    named = _NUMBER.search(notice.text)
    return reverse("desk:matter", args=[named.group()]) if named else ""


def _read(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    typed = str(request.POST.get("id", ""))
    try:
        chosen = [UUID(typed)] if typed else None
    except ValueError:
        chosen = []
    marked = notices.mark_read(actor=actor, notices=chosen)
    if chosen is None:
        shell.toast(request, _("%d 条都读过了。") % marked)
    return HttpResponseRedirect(reverse("desk:inbox"))
