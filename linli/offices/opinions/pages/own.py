"""``/opinions/``: what is asked where I live, answering by oneself, and following one's words by receipt."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.byreceipt import TRIES, ReceiptForm, by_receipt, erased_by_speaker
from linli.core.people import identify
from linli.core.places.tree import Node, tree
from linli.kit import codes, errors, rates
from linli.kit.lists import param
from linli.kit.refusal import NotFound, Refused
from linli.offices.opinions import actions, queries
from linli.offices.opinions.actions import Heard
from linli.offices.opinions.forms import CorrectForm, SayForm
from linli.offices.opinions.models import Opinion, Round
from linli.offices.opinions.models.rounds import State


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is asked where I live; the code of a sheet typed by hand; my own words."""
    typed = param(request, "code", 40)
    if typed:
        try:
            return HttpResponseRedirect(reverse("opinions:say", args=[queries.by_code(typed).code]))
        except NotFound as refused:
            return _home(request, typed, refused.message)
    return _home(request, "", "")


def _home(request: HttpRequest, typed: str, wrong: str) -> HttpResponse:
    actor = identify.of_request(request)
    home_node = tree(actor.district_id).by_id.get(actor.home_id) if actor.district_id and actor.home_id else None
    context = {
        "rounds": queries.around(actor.district_id or 0, home_node), "mine": queries.mine(actor), "typed": typed,
        "wrong": wrong, "signed": actor.user_id is not None,
    }  # fmt: skip
    return render(request, "opinions/home.html", context, status=404 if wrong else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, code: str) -> HttpResponseBase:
    """Answer by oneself, with an account or without. The receipt stands on the answer's page and nowhere else."""
    try:
        row = queries.by_code(code)
    except NotFound as refused:
        return _home(request, code[:40], refused.message)
    if row.state != State.OPEN:
        return render(request, "opinions/over.html", {"round": row})
    houses = _houses(row)
    form = SayForm(row, houses, request.POST if request.method == "POST" else None, _near(row, houses, request))
    if request.method == "POST" and form.is_valid():
        try:
            return _said(request, row, form)
        except rates.TooOften as often:
            return errors.too_many(request, often.retry_after)
        except Refused as refused:
            form.refuse(refused)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "opinions/say.html", {"round": row, "form": form}, status=status)


def _said(request: HttpRequest, row: Round, form: SayForm) -> HttpResponse:
    data, actor = form.cleaned_data, identify.of_request(request)
    node = tree(row.district_id).by_code.get(data.get("building") or "")
    heard = Heard(data["text"], data.get("question", 0), data["name"], data["helper"], data["quiet"])
    kept = actions.say(actor=actor, row=row, heard=heard, key=data["retry"], building=node,
                       address=rates.address(request))  # fmt: skip
    link = request.build_absolute_uri(f"/t/{kept.receipt}")
    context = {"receipt": kept.receipt, "round": row, "link": link, "helped": bool(data["helper"])}
    response = render(request, "opinions/taken.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _houses(row: Round) -> list[Node]:
    known = tree(row.district_id)
    inside = row.stretches.order_by("path").values_list("building_id", flat=True)
    return [known.by_id[i] for i in inside if i in known.by_id]


def _near(row: Round, houses: list[Node], request: HttpRequest) -> str:
    """The building of the door whose sign led here."""
    try:
        door, district_id = codes.read_code(param(request, "door", 40), "door")
    except ValueError:
        return ""
    node = tree(row.district_id).by_door.get(door) if district_id == row.district_id else None
    return next((n.code for n in houses if node is not None and node.path.startswith(n.path)), "")


# ── by receipt ──────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def said(request: HttpRequest) -> HttpResponse:
    """What became of the words that a receipt stands for."""

    def show(form: ReceiptForm, found: Opinion | None, status: int) -> HttpResponse:
        if found is not None:
            return of_receipt(request, found, form.cleaned_data["receipt"])
        return render(request, "opinions/said.html", {"form": form}, status=status)

    return by_receipt(request, queries.of_receipt, show)


def of_receipt(request: HttpRequest, found: Opinion, receipt: str, form: CorrectForm | None = None) -> HttpResponse:
    """The page behind a slip's code, also where the code came through ``/t/``."""
    form = form or CorrectForm(None, {"receipt": receipt})
    status = 422 if form.is_bound and form.errors else 200
    response = render(request, "opinions/trail.html", {"said": found, "form": form}, status=status)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """The speaker says that it was written down wrongly."""
    form = CorrectForm(request.POST)
    receipt = request.POST.get("receipt", "")[:80]
    try:
        rates.count("receipt", rates.address(request), limit=TRIES)
        found = queries.of_receipt(receipt)
    except rates.TooOften as often:
        return errors.too_many(request, often.retry_after)
    except ValueError:
        found = None
    if found is None:
        return render(request, "opinions/said.html", {"form": ReceiptForm({"receipt": receipt})}, status=404)
    if form.is_valid():
        try:
            found = actions.correct(receipt=receipt, text=form.cleaned_data["text"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return of_receipt(request, queries.of_receipt(receipt) or found, receipt)
    return of_receipt(request, found, receipt, form)


@never_cache
@require_POST
def erase(request: HttpRequest) -> HttpResponseBase:
    """The speaker does not want the words to be read any longer."""
    actor = identify.of_request(request)

    def mine(opinion_id: uuid.UUID) -> Opinion | None:
        return next((o for o in queries.mine(actor, 500) if o.pk == opinion_id), None)

    def do(row: Opinion, receipt: str) -> object:
        return actions.erase(actor=actor, opinion_id=row.pk, district_id=row.district_id, receipt=receipt)

    def done(row: Opinion, receipt: str) -> HttpResponseBase:
        if receipt:
            return of_receipt(request, queries.of_receipt(receipt) or row, receipt)
        return HttpResponseRedirect(reverse("opinions:home") + "#mine")

    return erased_by_speaker(request, queries.of_receipt, mine, do, done)
