"""``/field/``: what is in my hands, one matter, writing one down, my people."""

from __future__ import annotations

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters import acting, seeing
from linli.core.matters.catalogue import catalogue
from linli.core.matters.forms import FORMS
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.doors.field import matterview, peopling, queries
from linli.doors.field.forms import RecordForm, Where
from linli.doors.field.gate import staff_only
from linli.doors.resident import filing
from linli.doors.resident.placing import Spot
from linli.kit.refusal import Refused
from linli.kit.templatetags.linli import qr_svg


@require_safe
@staff_only
def inbox(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Mine by urgency, whistles to my units, and what I may check."""
    return render(request, "field/inbox.html", {"inbox": queries.inbox(actor), "me": actor})


@require_safe
@staff_only
def matter(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """One matter that I see; any other looks like none."""
    found = seeing.get_matter(actor, number)
    return render(request, "field/matter.html", matterview.whole(actor, found) | {"map": "map" in request.GET})


@require_safe
@staff_only
def shapes(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The map of one matter."""
    body = matterview.shapes(actor, seeing.get_matter(actor, number))
    return HttpResponse(body, content_type="application/geo+json")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def act(request: HttpRequest, actor: Actor, number: str, act: str) -> HttpResponseBase:
    """One act: a small page with its form, and doing it."""
    if act not in FORMS:
        raise Http404
    found = seeing.get_matter(actor, number)
    home = reverse("field:inbox") if "home" in request.POST else reverse("field:matter", args=[found.number])
    doing = acting.perform if request.method == "POST" else acting.ask
    outcome = doing(request, found, act, actor=actor)
    if request.method == "POST" and not outcome.done and not outcome.form.asks():
        # A one-button act has no form to come back to: its refusal stands on the page it was pressed on.
        acting.complain(request, outcome)
        return acting.go(request, home)
    where = reverse("field:act", args=[found.number, act])
    return acting.answer(request, outcome, done=home, action=where, page="field/act.html")


@require_POST
@staff_only
def reveal(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Name and number of whom I have to call back, with a reason that the reporter can read."""
    found = seeing.get_matter(actor, number)
    shown = matterview.reveal(actor, found, request.POST.get("reason", ""))
    status = int(shown.pop("status", 200))
    # The look is an entry of its own, so the page is read anew after it.
    fresh = seeing.get_matter(actor, number)
    response = render(request, "field/matter.html", matterview.whole(actor, fresh) | shown, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@staff_only
def people(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Who serves below me, building by building."""
    q = request.GET.get("q", "").strip()[:20]
    found = peopling.mine(actor, request.GET.get("place", ""), q)
    return render(request, "field/people.html", {"mine": found, "q": q})


# ── writing one down ────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Write down what somebody says in the street; the answer shows the receipt, once, to be photographed.

    The form carries a key of its own: pressed twice, it opens one matter and shows one receipt.
    """
    if not actor.has(duties.RECORD) or actor.district_id is None:
        raise Http404
    known, offered = tree(actor.district_id), catalogue(actor.district_id)
    if request.method != "POST":
        form = RecordForm(actor, known, offered, initial={"key": uuid4().hex, "place": request.GET.get("place", "")})
        return _asked(request, actor, form)
    form = RecordForm(actor, known, offered, request.POST)
    if form.is_valid() and form.found is not None:
        try:
            return _receipt(request, filing.file(request, actor, _said(request, actor, form, form.found)))
        except Refused as refused:
            _refuse(form, refused)
    return _asked(request, actor, form, status=422)


def _said(request: HttpRequest, actor: Actor, form: RecordForm, where: Where) -> filing.Said:
    data = form.cleaned_data
    return filing.Said(
        key=data["key"], kind=data["kind"], text=data["text"], spot=Spot(actor.district_id or 0, where.node),
        lon=where.lon, lat=where.lat, name=data["name"].strip(), phone=data["phone"],
        confidential=True if data["confidential"] else None, channel=data["channel"],
        ids=request.POST.getlist("attachments"), shots=request.FILES.getlist("attachments_files"),
    )  # fmt: skip


def _refuse(form: RecordForm, refused: Refused) -> None:
    named = {"contact.phone": "phone", "lon": "place", "happened_at": "text"}
    own = {named.get(name, name): words for name, words in refused.fields.items()}
    for name, words in own.items():
        form.add_error(name if name in form.fields else None, words)
    if not own:
        form.add_error(None, refused.message)


def _asked(request: HttpRequest, actor: Actor, form: RecordForm, status: int = 200) -> HttpResponse:
    paths = actor.paths(duties.RECORD)
    home = form.known.by_path.get(paths[0]) if paths else None
    shapes_of = f"/api/v1/places.geojson?place={home.code}" if home else ""
    made = {"form": form, "shapes": shapes_of, "kept": request.POST.getlist("attachments"),
            "lon": form["lon"].value() or "", "lat": form["lat"].value() or ""}  # fmt: skip
    return render(request, "field/new.html", made, status=status)


def _receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """The receipt in large, with what happens next. Never kept by a cache: it is shown this once."""
    _holder, opened = seeing.with_receipt(receipt)
    handler = queries.handler_of(opened)
    made = {
        "receipt": receipt, "qr": qr_svg(request.build_absolute_uri(f"/t/{receipt}")), "matter": opened,
        "handler": handler, "clock": queries.first_clock(opened),
    }  # fmt: skip
    response = render(request, "field/receipt.html", made)
    response["Cache-Control"] = "no-store"
    return response
