"""Writing one down in the street, and the receipt held up to a camera."""

from __future__ import annotations

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from linli.core.matters import seeing
from linli.core.matters.catalogue import catalogue
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.doors.field import queries
from linli.doors.field.forms import RecordForm, Where
from linli.doors.resident import filing
from linli.doors.resident.placing import Spot
from linli.kit.refusal import Refused
from linli.kit.templatetags.linli import qr_svg


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
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
            return receipt_page(request, filing.file(request, actor, _said(request, actor, form, form.found)))
        except Refused as refused:
            refuse(form, refused)
    return _asked(request, actor, form, status=422)


def _said(request: HttpRequest, actor: Actor, form: RecordForm, where: Where) -> filing.Said:
    data = form.cleaned_data
    return filing.Said(
        key=data["key"], kind=data["kind"], text=data["text"], spot=Spot(actor.district_id or 0, where.node),
        lon=where.lon, lat=where.lat, name=data["name"].strip(), phone=data["phone"],
        confidential=True if data["confidential"] else None, channel=data["channel"],
        ids=request.POST.getlist("attachments"), shots=request.FILES.getlist("attachments_files"),
    )  # fmt: skip


def refuse(form: RecordForm, refused: Refused) -> None:
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


def receipt_page(
    request: HttpRequest, receipt: str, *, again: str = "", back: str = "", draft: str = "field-new", own: bool = False
) -> HttpResponse:
    """The receipt in large, with what happens next. Never kept by a cache: it is shown this once.

    ``own``: whoever holds the phone has reported for themselves, and there is nobody who should take a picture.
    """
    _holder, opened = seeing.with_receipt(receipt)
    handler = queries.handler_of(opened)
    made = {
        "receipt": receipt, "qr": qr_svg(request.build_absolute_uri(f"/t/{receipt}")), "matter": opened,
        "handler": handler, "clock": queries.first_clock(opened), "again": again, "home": back, "draft": draft,
        "own": own,
    }  # fmt: skip
    response = render(request, "field/receipt.html", made)
    response["Cache-Control"] = "no-store"
    return response
