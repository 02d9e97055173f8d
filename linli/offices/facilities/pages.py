"""``/stations/``: where one can sit down, drink something warm and charge the bicycle; and who keeps them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.actions.opening import Opened
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit import files, rates, shell
from linli.kit.api import Repeat
from linli.kit.models import Answered
from linli.kit.refusal import Forbidden, Refused
from linli.offices.facilities import actions, hours, queries
from linli.offices.facilities.forms import AddForm, FaultForm, KeepForm
from linli.offices.facilities.kinds import KINDS, REST, SERVICES
from linli.offices.facilities.models import Facility

A_MINUTE = 60


def _here(request: HttpRequest) -> tuple[Actor, int]:
    """Who looks, and at which district's stations: one's own, else the first one here."""
    actor = identify.of_request(request)
    first = District.objects.order_by("pk").values_list("pk", flat=True).first
    district_id = actor.district_id or first()
    if district_id is None:
        raise Http404
    return actor, district_id


def _point(request: HttpRequest) -> tuple[float, float] | None:
    """``near=lon,lat`` from "nearest first"; anything else is no point."""
    parts = request.GET.get("near", "").split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _wanted(request: HttpRequest) -> queries.Wanted:
    asked = request.GET
    service = asked.get("service", "")
    return queries.Wanted(
        kind=REST, service=service if service in SERVICES else "", open_now="open" in asked,
        q=asked.get("q", "").strip()[:30], place=asked.get("place", "")[:32], near=_point(request),
    )  # fmt: skip


@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    """The list, nearest first where the phone says where it is; the map above it on demand."""
    actor, district_id = _here(request)
    wanted = _wanted(request)
    found = queries.listed(district_id, wanted, cursor=request.GET.get("cursor", "")[:32])
    known = tree(district_id)
    streets = [(n.code, n.name) for n in known.children.get(known.root.id, []) if not n.generic]
    made = {
        "found": found, "wanted": wanted, "services": [(code, SERVICES[code]) for code in KINDS[REST].services],
        "streets": streets, "map": "map" in request.GET, "may_add": bool(queries.kept_places(actor)),
        "shapes": f"{reverse('facilities:points')}?{request.GET.urlencode()}",
    }  # fmt: skip
    return render(request, "facilities/list.html", made)


@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """The same list as points."""
    _actor, district_id = _here(request)
    found = queries.listed(district_id, _wanted(request), limit=queries.MOST)
    url = reverse("facilities:station", args=["CODE"]).replace("CODE", "{code}")
    return JsonResponse(queries.geojson(found.items, url), content_type="application/geo+json")


@require_safe
def station(request: HttpRequest, code: str) -> HttpResponse:
    """One of them: open now, what there is, where it is."""
    actor, district_id = _here(request)
    row = queries.one(district_id, code)
    return render(request, "facilities/station.html", _shown(actor, row))


def _shown(actor: Actor, row: Facility) -> dict[str, Any]:
    known = tree(row.district_id)
    return {"s": queries.shown(row, known, timezone.now()), "hours": hours.lines(row.hours),
            "keeps": queries.keeps(actor, row)}  # fmt: skip


@require_safe
def point(request: HttpRequest, code: str) -> HttpResponse:
    """One of them on the map."""
    _actor, district_id = _here(request)
    row = queries.one(district_id, code)
    shown = queries.shown(row, tree(district_id), timezone.now())
    made = queries.geojson([shown], "")
    made["features"] = [*queries.outline(row), *made["features"]]
    return HttpResponse(orjson.dumps(made), content_type="application/geo+json")


# ── keeping it ──────────────────────────────────────────────────────────────────────────────────────────────────


def _keeper(request: HttpRequest) -> Actor:
    """Who keeps some; for everybody else these pages are not there."""
    actor = identify.of_request(request)
    if not queries.kept_places(actor):
        raise Http404
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Correct one: hours, services, closed for a while."""
    actor = _keeper(request)
    row = queries.one(actor.district_id or 0, code)
    if not queries.keeps(actor, row):
        raise Http404
    if request.method != "POST":
        return _form(request, KeepForm(row.kind, row=row), row)
    form = KeepForm(row.kind, request.POST, row=row)
    if form.is_valid():
        try:
            actions.change(actor=actor, code=code, facts=form.facts(), version=form.cleaned_data["version"])
        except Refused as refused:
            _refuse(form, refused)
        else:
            shell.toast(request, _("%s改好了。") % form.cleaned_data["name"], draft=f"station-{code}")
            return HttpResponseRedirect(reverse("facilities:station", args=[code]))
    return _form(request, form, row, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add one at a place that one keeps."""
    actor = _keeper(request)
    places = queries.kept_places(actor)
    if request.method != "POST":
        return _form(request, AddForm(REST, places), None)
    form = AddForm(REST, places, request.POST)
    if form.is_valid():
        place = next(node for node in places if node.code == form.cleaned_data["place"])
        try:
            made = actions.add(actor=actor, kind=REST, place=place, facts=form.facts())
        except Refused as refused:
            _refuse(form, refused)
        else:
            shell.toast(request, _("%s添上了。") % made.name, draft="station-new")
            return HttpResponseRedirect(reverse("facilities:station", args=[made.code]))
    return _form(request, form, None, status=422)


@require_POST
def end(request: HttpRequest, code: str) -> HttpResponse:
    """Take one out of the list."""
    actor = _keeper(request)
    try:
        row = actions.end(actor=actor, code=code)
    except Forbidden as refused:
        raise Http404 from refused
    shell.toast(request, _("%s撤了。") % row.name)
    return HttpResponseRedirect(reverse("facilities:stations"))


def _form(request: HttpRequest, form: KeepForm, row: Facility | None, status: int = 200) -> HttpResponse:
    place = row.place.code if row else tree(identify.of_request(request).district_id or 0).root.code
    made = {"form": form, "row": row, "lon": form["lon"].value() or "", "lat": form["lat"].value() or "",
            "shapes": f"/api/v1/places.geojson?place={place}"}  # fmt: skip
    return render(request, "facilities/keep.html", made, status=status)


def _refuse(form: KeepForm | FaultForm, refused: Refused) -> None:
    own = {name.removeprefix("contact."): words for name, words in refused.fields.items()}
    for name, words in own.items():
        form.add_error(name if name in form.fields else None, words)
    if not own:
        form.add_error(None, refused.message)


# ── something broken ────────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
def fault(request: HttpRequest, code: str) -> HttpResponse:
    """Say what is broken: place and point are filled in; the answer shows the receipt, this once."""
    actor, district_id = _here(request)
    row = queries.one(district_id, code)
    if request.method != "POST":
        form = FaultForm(initial={"key": uuid4().hex}, label_suffix="")
        return render(request, "facilities/fault.html", {"form": form, "row": row})
    form = FaultForm(request.POST, label_suffix="")
    if form.is_valid():
        try:
            receipt = _file(request, actor, row, form.cleaned_data)
        except Refused as refused:
            _refuse(form, refused)
        else:
            made = {"row": row, "receipt": receipt, "address": request.build_absolute_uri(f"/t/{receipt}")}
            response = render(request, "facilities/done.html", made)
            response["Cache-Control"] = "no-store"
            return response
    kept = request.POST.getlist("attachments")
    return render(request, "facilities/fault.html", {"form": form, "row": row, "kept": kept}, status=422)


def _file(request: HttpRequest, actor: Actor, row: Facility, data: dict[str, Any]) -> str:
    """Open the matter once, however often the button was pressed."""
    if actor.user_id is None:
        rates.count("open", rates.address(request), limit=A_MINUTE)
    sent = request.FILES.getlist("attachments_files")[: files.MOST_PICTURES]
    ids = request.POST.getlist("attachments")[: files.MOST_PICTURES]
    body = {"facility": row.code, "text": data["text"], "name": data["name"], "phone": data["phone"], "ids": ids}
    repeat = Repeat(data["key"], body, f"fault:{actor.user_id or 'anyone'}")
    earlier = repeat.answered()
    if earlier is None:
        owner = files.owner(actor.user_id, rates.address(request))
        uploads = [*files.waiting(ids, actor.user_id), *(files.take(one, owner=owner) for one in sent)]

        def answer(opened: Opened) -> Answered:
            return repeat.row(row.district_id, orjson.dumps({"receipt": opened.receipt}))

        try:
            return actions.report_fault(
                actor=actor, facility=row, text=data["text"], name=data["name"], phone=data["phone"], uploads=uploads,
                answer=answer,
            ).receipt  # fmt: skip
        except IntegrityError:  # the same form twice at once
            earlier = repeat.answered()
            if earlier is None:
                raise
    return str(orjson.loads(earlier)["receipt"])
