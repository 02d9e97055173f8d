"""Papers of sittings and resolutions as files, Word or PDF: at the desk, and for everybody once they are published."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Gathering
from linli.core.matters.askpage import Ask, posted
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.entering import staff_page
from linli.kit.papers import Document
from linli.kit.papers.answering import answer
from linli.kit.refusal import NotFound, Refused
from linli.offices.councils import papers, sheets
from linli.offices.councils.forms import Plain
from linli.offices.councils.pages.common import here, hosted
from linli.offices.councils.pages.outcomes import hosted_resolution
from linli.offices.councils.pages.public import districts_of


@dataclass(frozen=True)
class Kind:
    """A paper of a sitting: its name, who makes it, and whether a sitting has one now."""

    name: Any
    make: Callable[[Gathering], Document]
    has: Callable[[Gathering], bool]


KINDS = {
    "notice": Kind(lazy("会议通知"), sheets.notice, lambda g: g.state != "cancelled"),
    "briefing": Kind(lazy("会前简报"), sheets.briefing, lambda g: bool(g.brief)),
    "signing": Kind(lazy("签到表"), sheets.sign_sheet, lambda g: g.state != "cancelled"),
    "minutes": Kind(lazy("会议纪要"), papers.minutes, lambda g: g.state in ("ended", "minuted")),
}


def kept(gathering: Gathering) -> list[tuple[str, Any]]:
    """Which papers a sitting has now, with their names."""
    return [(code, kind.name) for code, kind in KINDS.items() if kind.has(gathering)]


@require_safe
@staff_page
def of_sitting(request: HttpRequest, actor: Actor, number: str, what: str, form: str) -> HttpResponseBase:
    """One paper of a sitting that the actor may run."""
    gathering, kind = hosted(actor, number), KINDS.get(what)
    if kind is None or not kind.has(gathering):
        raise Http404
    name = f"{gathering.title}{kind.name}"
    return answer(request, partial(kind.make, gathering), form, name=name, back=here(gathering))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def slips(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Slips with a code for whoever has not answered: made anew each time, because no code is kept."""
    gathering, form = hosted(actor, number), Plain(posted(request))
    waiting = gathering.invitations.filter(answer="").count()
    about = _("还没有回复的 %d 位，一人一条，剪开和通知一起送。以前印的码作废。") % waiting
    ask = Ask(_("印会议回执条"), _("印出来"), here(gathering), about)
    if request.method == "POST" and form.is_valid():
        try:
            called = core.slips(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk)
        except NotFound:
            raise
        except Refused as refused:
            form.refuse(refused)
        else:
            site = request.build_absolute_uri("/").rstrip("/")
            make = partial(sheets.slips, gathering, called.receipts, site)
            return answer(request, make, "pdf", name=f"{gathering.title}回执条", back=here(gathering))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, ask.template, {"ask": ask, "form": form}, status=status)


@require_safe
@staff_page
def of_resolution(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID, form: str) -> HttpResponseBase:
    """A resolution on a sheet of its own, once it has owner, day and review."""
    row = hosted_resolution(actor, resolution_id)
    if row.state == "draft":
        raise Http404
    back = reverse("councils:resolution", args=[row.pk])
    return answer(
        request, partial(papers.resolution, row), form, name=f"决议-{row.gathering.number}-{row.seq}", back=back
    )


@require_safe
def public_minutes(request: HttpRequest, number: str, form: str) -> HttpResponseBase:
    """The published minutes for everybody, masked as the page is."""
    for district_id in districts_of(number, request):
        try:
            g = sittings.get(ANONYMOUS, number, district_id=district_id)
        except NotFound:
            continue
        if g.state == "minuted":
            back = reverse("councils:public-gathering", args=[g.number])
            make = partial(papers.minutes, g, public=True)
            return answer(request, make, form, name=f"{g.title}会议纪要", back=back, public=True)
    raise Http404
