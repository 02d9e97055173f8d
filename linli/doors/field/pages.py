"""``/field/``: what is in my hands, one matter, its acts, my people, my map."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters import acting, seeing
from linli.core.matters.catalogue import catalogue
from linli.core.matters.forms import FORMS
from linli.core.matters.models import Matter
from linli.core.matters.pictures import keeping
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.doors.field import areas, matterview, peopling, phrases, queries, spotting
from linli.doors.field.nav import records
from linli.kit import shell
from linli.offices.rounds import queries as rounds


@require_safe
@staff_page
def inbox(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Mine by urgency, whistles to my units, and what I may check; other tabs and a word lead to plain lists."""
    if spotting.only_rides(actor):
        return HttpResponseRedirect(reverse("field:spot"))
    tab, q, cursor = request.GET.get("tab", ""), request.GET.get("q", "").strip()[:30], request.GET.get("cursor", "")
    made: dict[str, Any] = {"me": actor, "q": q, "tab": tab if tab in queries.TABS else "mine", "tabs": _tabs(request)}
    made["may_record"] = records(request)
    if q or made["tab"] != "mine":
        made["found"] = queries.listed(actor, made["tab"], q, cursor)
        return render(request, "field/listed.html", made)
    made |= {"inbox": queries.inbox(actor, cursor), "round": rounds.going(actor), "quick": _quick(actor)}
    return render(request, "field/inbox.html", made)


def _tabs(request: HttpRequest) -> list[dict[str, object]]:
    """Mine, what is late of it, my grid, what waits for my check, what calls me."""
    names = {
        "mine": _("手上的"),
        "over": _("超时的"),
        "grid": _("我的片里"),
        "check": _("要核查的"),
        "called": _("叫我的"),
    }
    now = request.GET.get("tab", "mine")
    return [
        {"label": name, "url": f"?tab={code}", "count": None, "current": code == now} for code, name in names.items()
    ]


def _quick(actor: Actor) -> dict[str, list[str]]:
    """The phrases that the notebook can send without a network: words only."""
    known, offered = tree(actor.district_id or 0), catalogue(actor.district_id or 0)
    none = Matter()
    return {
        act: [str(p.words) for p in phrases.of(act, none, offered, known.district)] for act in ("reply", "progress")
    }


@require_safe
@staff_page
def following(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The next one in my hands; the inbox where there is none."""
    found = queries.after(actor, request.GET.get("after", "")[:24])
    if found is None:
        return HttpResponseRedirect(reverse("field:inbox"))
    return HttpResponseRedirect(reverse("field:matter", args=[found.number]))


@require_safe
@staff_page
def matter(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """One matter that I see; any other looks like none."""
    found = seeing.get_matter(actor, number)
    made = matterview.whole(actor, found) | {"map": "map" in request.GET, "quick": _quick(actor)}
    return render(request, "field/matter.html", made | {"following": queries.after(actor, found.number)})


@require_http_methods(["GET", "POST"])
@staff_page
def picture(request: HttpRequest, actor: Actor, number: str, attachment_id: UUID) -> HttpResponseBase:
    """Cover more of a picture, or keep it from others."""
    found = seeing.get_matter(actor, number)
    return keeping.page(request, actor=actor, matter=found, attachment=attachment_id, base="field/base.html",
                        back=reverse("field:matter", args=[found.number]),
                        image=f"/api/v1/attachments/{attachment_id}")  # fmt: skip


@require_safe
@staff_page
def shapes(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The map of one matter."""
    body = matterview.shapes(actor, seeing.get_matter(actor, number))
    return HttpResponse(body, content_type="application/geo+json")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, act: str) -> HttpResponseBase:
    """One act: a small page with its form, and doing it."""
    if act not in FORMS:
        raise Http404
    found = seeing.get_matter(actor, number)
    offered = phrases.of(act, found, catalogue(found.district_id), tree(found.district_id).district)
    if request.method == "POST":
        request.POST = phrases.put(request.POST, offered)
    doing = acting.perform if request.method == "POST" else acting.ask
    outcome = doing(request, found, act, actor=actor)
    home = _onwards(request, outcome)
    if request.method == "POST" and not outcome.done and not outcome.form.asks():
        # A one-button act has no form to come back to: its refusal stands on the page it was pressed on.
        acting.complain(request, outcome)
        return acting.go(request, home)
    if outcome.done and act in UNDO:
        shell.toast(request, f"{found.number}　{outcome.message}", undo=reverse("field:act", args=[number, UNDO[act]]))
        return acting.go(request, home)
    made = {"phrases": offered if outcome.possible else []}
    where = reverse("field:act", args=[found.number, act])
    return acting.answer(request, outcome, done=home, action=where, page="field/act.html", context=made)


# What one act takes back of another, by the table of the flow; the timeline keeps both.
UNDO = {"pause": "resume"}
# Done with it for now: the next one is pulled up.
LEAVING = frozenset({"return", "escalate", "resolve", "verify", "pause", "close", "hand_down", "dispatch"})


def _onwards(request: HttpRequest, outcome: acting.Outcome) -> str:
    """Where one goes after an act: the list it was pressed in, the next one, or the matter itself."""
    number = outcome.matter.number
    if "home" in request.POST:
        return reverse("field:inbox")
    if outcome.done and outcome.act in LEAVING:
        return f"{reverse('field:next')}?after={number}"
    return reverse("field:matter", args=[number])


@require_POST
@staff_page
def reveal(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Name and number of whom I have to call back, with a reason that the reporter can read."""
    found = seeing.get_matter(actor, number)
    shown = matterview.reveal(actor, found, request.POST.get("reason", ""))
    status = int(shown.pop("status", 200))
    # The look is an entry of its own, so the page is read anew after it.
    fresh = seeing.get_matter(actor, number)
    made = matterview.whole(actor, fresh) | {"quick": _quick(actor)} | shown
    response = render(request, "field/matter.html", made, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@staff_page
def people(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Who serves below me, building by building."""
    q = request.GET.get("q", "").strip()[:20]
    found = peopling.mine(actor, request.GET.get("place", ""), q)
    return render(request, "field/people.html", {"mine": found, "q": q, "may_record": actor.has(duties.RECORD)})


@require_safe
@staff_page
def area(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """My piece on the map with what is open in it."""
    made = {"spots": areas.spots(actor), "place": areas.home(actor), "may_record": actor.has(duties.RECORD)}
    return render(request, "field/area.html", made)


@require_safe
@staff_page
def area_shapes(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same as shapes and points."""
    return HttpResponse(areas.shapes(actor), content_type="application/geo+json")
