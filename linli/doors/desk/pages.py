"""The queue, one matter, and the acts on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters import acting
from linli.core.matters.catalogue import catalogue
from linli.core.matters.forms import FORMS
from linli.core.matters.pictures import keeping
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.doors.desk import badges, facets, filters, matterview, queue
from linli.doors.desk.gate import back_to, param, seen
from linli.doors.desk.rows import Rows, grouped

BASE = {"base": "desk/page.html"}


@require_GET
@staff_page
def index(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The queue; ``m`` opens one matter beside it."""
    district_id = actor.district_id or 0
    known, offered = tree(district_id), catalogue(district_id)
    asked = queue.read(request, known, offered)
    if "tab" not in request.GET and not asked.narrowed and not badges.counts(request)["watch"]:
        asked = replace(asked, tab="all")  # nothing waits for this desk: show what there is
    found = queue.page(actor, asked, known)
    complete = found.next is None
    menus = facets.offered(asked, actor, known, offered, [m.handler_id for m in found.rows])
    said = filters.canonical(_said(asked))
    context: dict[str, Any] = {
        "asked": asked, "page": found, "now": timezone.now(), "tabs": facets.tabs(asked, badges.counts(request)),
        "groups": grouped(Rows(actor).many(found.rows), complete=complete) if asked.order == "due" else None,
        "rows": Rows(actor).many(found.rows) if asked.order == "new" else None,
        "facets": [f for f in menus if not f.default],
        "menus": [facets.menu(request, f) for f in menus if f.default], "empty": facets.empty(asked),
        "export": f"{reverse('desk:export')}?{urlencode(_said(asked))}", "kept": filters.tabs(actor, said),
        "keep": f"{reverse('desk:filters')}?{urlencode({'keep': said})}",
    }  # fmt: skip
    if asked.open:
        context["side"] = matterview.panel(actor, seen(actor, asked.open)) | _addresses(request.GET.copy(), asked.open)
    context["open"] = asked.open
    return render(request, "desk/queue.html", context)


def _addresses(asked: QueryDict, number: str) -> dict[str, str]:
    """Where closing the panel leads, and where an act done in it comes back to: the same list both times."""
    asked.pop("m", None)
    home, plain = reverse("desk:queue"), asked.urlencode()
    asked["m"] = number
    return {"close": f"{home}?{plain}" if plain else home, "next": f"{home}?{asked.urlencode()}"}


def _said(asked: queue.Asked) -> dict[str, str]:
    names = filters.KEPT
    return {name: getattr(asked, name) for name in names if getattr(asked, name)}


@require_GET
@staff_page
def panel(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """What htmx puts beside the list."""
    listed = urlsplit(request.headers.get("HX-Current-URL", ""))
    asked = QueryDict(listed.query if listed.path == reverse("desk:queue") else "", mutable=True)
    context = {"side": matterview.panel(actor, seen(actor, number)) | _addresses(asked, number), "open": number}
    return render(request, "desk/side.html", context)


@require_GET
@staff_page
def matter(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Everything about one matter that this actor may read."""
    return render(request, "desk/matter.html", matterview.whole(actor, seen(actor, number)))


@require_http_methods(["GET", "POST"])
@staff_page
def picture(request: HttpRequest, actor: Actor, number: str, attachment_id: UUID) -> HttpResponseBase:
    """Cover more of a picture, or keep it from others."""
    found = seen(actor, number)
    return keeping.page(request, actor=actor, matter=found, attachment=attachment_id, base="desk/page.html",
                        back=reverse("desk:matter", args=[found.number]),
                        image=f"/api/v1/attachments/{attachment_id}")  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """One act: the form (a page, or a dialog's inside for htmx), and doing it."""
    if name not in FORMS:
        raise Http404
    found = seen(actor, number)
    here = reverse("desk:matter", args=[found.number])
    posted = request.method == "POST"
    outcome = (acting.perform if posted else acting.ask)(request, found, name, actor=actor)
    back = back_to(request, here)
    if posted and not outcome.done and not outcome.form.asks():
        acting.complain(request, outcome)
        return acting.go(request, back)
    return acting.answer(
        request, outcome, done=back, action=reverse("desk:act", args=[found.number, name]),
        context={**BASE, "find_url": reverse("desk:find", args=[found.number, name])},
    )  # fmt: skip


@require_GET
@staff_page
def find(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponse:
    """The choices for a typed word, for the form of an act."""
    if name not in FORMS:
        raise Http404
    return acting.found(request, seen(actor, number), name, param(request, "for"), actor=actor)


@require_http_methods(["GET", "POST"])
@staff_page
def contact(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The reporter's name and number, after a reason: written down before it is shown, and never kept by a cache."""
    found = seen(actor, number)
    context: dict[str, Any] = {**BASE, "matter": found, "back": reverse("desk:matter", args=[found.number])}
    if request.method == "POST":
        context |= matterview.reveal(actor, found, str(request.POST.get("reason", "")))
    else:
        context["mask"] = matterview.mask(actor, found)
        if not context["mask"]:
            raise Http404
    template = "desk/contact_dialog.html" if request.headers.get("HX-Request") else "desk/contact.html"
    response = render(request, template, context, status=context.get("status", 200))
    response["Cache-Control"] = "no-store"
    return response
