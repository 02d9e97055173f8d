"""说一件事: the form, and the page that answers it once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.matters import seeing
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Kind, Matter
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.doors.resident import filing, helping, placing, remembered, slip, where
from linli.doors.resident.forms import SayForm, new_key
from linli.doors.resident.placing import Spot
from linli.doors.resident.thread import answer_of
from linli.doors.resident.visitor import visitor
from linli.doors.resident.where import Where
from linli.kit import errors, files, rates
from linli.kit.refusal import NotFound, Refused

_KEPT = ("text", "kind", "name", "phone", "anonymous", "confidential", "helper", "key")

_QUIET = ("name", "anonymous", "confidential", "helper")  # folded away until somebody wants one of them


@never_cache
@sensitive_post_parameters("phone", "name")
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest) -> HttpResponse:
    """The form. A post with ``go`` only changes how the place is said; any other post files."""
    actor = visitor(request)
    known, complaint = _known(request, actor)
    district_id = known.district_id if known else _district(actor)
    if request.method != "POST":
        place = where.first(district_id, known, complaint)
        form = SayForm(kinds=open_kinds(place.district_id), wants_call=_call(request), initial=_initial(request, place))
        return _page(request, form, place, [])
    place = where.read(request.POST, district_id, known)
    kinds = open_kinds(place.district_id)
    if request.POST.get("go"):
        form = SayForm(kinds=kinds, wants_call=_call(request), initial=_typed(request.POST))
        if request.headers.get("HX-Request"):
            return render(request, "resident/_where.html", {"place": place, "form": form})
        return _page(request, form, place, _keep_shots(request, actor))
    return _file(request, actor, SayForm(_sent(request), kinds=kinds, wants_call=_call(request)), place)


def _sent(request: HttpRequest) -> QueryDict:
    """What was sent; who only follows a neighbour's matter need not write anything."""
    if not request.POST.get("follow") or request.POST.get("text", "").strip():
        return request.POST
    data = request.POST.copy()
    data["text"] = _("我也遇到了，跟着这一件。")
    return data


def _file(request: HttpRequest, actor: Actor, form: SayForm, place: Where) -> HttpResponse:
    try:
        job = helping.job_of(request.POST)
        said = _said(request, form, place, job)
        if said is not None:
            before = helping.Help() if job or form.wants_call else helping.help_with(said.text, place)
            if before.is_news(request.POST):
                return _page(request, form, place, _keep_shots(request, actor), before=before)
            receipt = filing.file(request, actor, said, job)
            return filed(request, said.spot.district_id, receipt, keep=not said.helper)
        shots = _keep_shots(request, actor)
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    except Refused as refused:
        if filing.is_reused(refused):
            return _another(request, place)
        form.complain(refused)
        shots = _keep_shots(request, actor, told=True)
    return _page(request, form, place, shots, status=422)


def _said(request: HttpRequest, form: SayForm, place: Where, job: Matter | None = None) -> filing.Said | None:
    """What was said, or None with every complaint in the form: all of them at once, not one a try."""
    fine = form.is_valid()
    try:
        spot, lon, lat = helping.place_of(job, place) if job else place.settle()
    except Refused as refused:
        form.complain(refused)
        return None
    if not fine:
        return None
    typed = form.cleaned_data
    scanned = request.POST.get("channel") == "qr" and place.way == "known"
    return filing.Said(
        key=typed["key"], kind=typed["kind"], text=typed["text"], spot=spot, lon=lon, lat=lat, name=typed["name"],
        phone=typed["phone"], anonymous=typed["anonymous"], confidential=typed["confidential"] or None,
        channel=channel(spot.district_id, "qr" if scanned else "web"), ids=_ids(request.POST),
        shots=request.FILES.getlist("attachments_files"), helper=typed["helper"],
    )  # fmt: skip


def _another(request: HttpRequest, place: Where) -> HttpResponse:
    """The form was sent before with other words (the browser's way back): ask once, under a new key."""
    form = SayForm(kinds=open_kinds(place.district_id), initial={**_typed(request.POST), "key": new_key()})
    return _page(request, form, place, _ids(request.POST), status=409, again=True)


def filed(
    request: HttpRequest, district_id: int, receipt: str, *, one: bool = False, keep: bool = True
) -> HttpResponse:
    """Away from the form, so that a reload sends nothing; the receipt goes along sealed, and is shown once.

    What was filled in for somebody else is not kept on this phone.
    """
    response = redirect(reverse("resident:said") + ("?one=1" if one else ""))
    slip.give(response, receipt)
    if keep:
        remembered.add(request, response, district_id, receipt)
    return response


def open_kinds(district_id: int) -> list[Kind]:
    """What a resident may say, the plainest first."""
    kinds = catalogue(district_id).kinds.values()
    return sorted((k for k in kinds if k.residents and not k.admission), key=lambda k: (k.code != "appeal", k.order))


def channel(district_id: int, wanted: str) -> str:
    """The channel, if this district counts it apart; otherwise the action's own."""
    return wanted if wanted in catalogue(district_id).channels else ""


def _district(actor: Actor) -> int:
    found = actor.district_id or placing.first_district()
    if found is None:
        raise Http404
    return found


def _known(request: HttpRequest, actor: Actor) -> tuple[Spot | None, str]:
    """The place that the address or the account names, and what is wrong with a scanned code."""
    if door := request.GET.get("door", ""):
        try:
            return placing.by_door(door), ""
        except ValueError as problem:
            return placing.home_of(request, actor), str(problem)
    return placing.by_code(request.GET.get("place", "")[:32]) or placing.home_of(request, actor), ""


def _call(request: HttpRequest) -> bool:
    return (request.POST if request.method == "POST" else request.GET).get("call") == "1"


def _initial(request: HttpRequest, place: Where) -> dict[str, Any]:
    text = ""
    post = roster(place.district_id).find(request.GET.get("to", "")[:40]) if request.GET.get("to") else None
    if post is not None and post.person_id is not None:
        text = _("请%(title)s%(name)s给我回电话。") % {"title": post.title, "name": post.name}
    elif _call(request):
        text = _("请给我打电话，我在电话里说。")
    return {"key": new_key(), "text": text, "kind": request.GET.get("kind", "")}


def _typed(data: QueryDict) -> dict[str, Any]:
    return {name: data[name] for name in _KEPT if name in data}


def _ids(data: QueryDict) -> list[str]:
    return list(dict.fromkeys(data.getlist("attachments")))[: files.MOST_PICTURES + 1]


def _keep_shots(request: HttpRequest, actor: Actor, *, told: bool = False) -> list[str]:
    """Pictures sent with a form that comes back: kept, because a browser cannot fill a file input in again.

    One that cannot be taken does not cost the others; what is wrong with it is said, unless the form says it already.
    """
    ids, shots = _ids(request.POST), request.FILES.getlist("attachments_files")
    who = str(actor.user_id) if actor.user_id else rates.address(request)
    for shot in shots[: max(0, files.MOST_PICTURES - len(ids))]:
        rates.count("upload", who, limit=filing.A_MINUTE)
        shot.seek(0)
        try:
            ids.append(str(files.take(shot, owner=files.owner(actor.user_id, who)).pk))
        except files.UnsupportedMedia as refused:
            if not told:
                messages.error(request, f"{shot.name}　{refused.message}")
    return ids


def _page(
    request: HttpRequest,
    form: SayForm,
    place: Where,
    shots: list[str],
    *,
    status: int = 200,
    again: bool = False,
    before: helping.Help | None = None,
) -> HttpResponse:
    asked = {name: request.GET[name] for name in ("door", "place", "call") if name in request.GET}
    kinds = open_kinds(place.district_id)
    context = {
        "help": before or helping.Help(),
        "form": form, "place": place, "shots": shots, "again": again, "kinds": kinds, "call": form.wants_call,
        "open_quiet": any(form[name].errors or form[name].value() for name in _QUIET),
        "scanned": (scanned := "door" in request.GET or request.POST.get("channel") == "qr"),
        "named": scanned or "place" in request.GET,  # where the address says it, a draft's place does not
        "here": reverse("resident:say") + (f"?{urlencode(asked)}" if asked else ""),
    }  # fmt: skip
    return render(request, "resident/say.html", context, status=status)


@never_cache
@require_safe
def said(request: HttpRequest) -> HttpResponse:
    """Who got it, by when, and the receipt: on this one page, once."""
    one = request.GET.get("one") == "1"
    receipt = slip.take(request)
    try:
        actor, matter = seeing.with_receipt(receipt)
    except NotFound:
        return render(request, "resident/said_before.html", {"mine": bool(remembered.matters(request))})
    context = {
        "ticket": slip.ticket(request, receipt), "answer": answer_of(matter, actor), "number": matter.number,
        "mine": not matter.anonymous and matter.opened_by_id is not None,
        "kept": any(one_.pk == matter.pk for one_ in remembered.matters(request)),
    }  # fmt: skip
    response = render(request, "resident/said_one.html" if one else "resident/said.html", context)
    slip.burn(response)
    return response
