"""查一件: by receipt, or by number for who filed it; and the resident's own acts on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters import actions, seeing
from linli.core.matters.actions.rights import is_reporter, must_not_have_served
from linli.core.matters.ledger import erasing
from linli.core.matters.models import Matter
from linli.core.matters.pictures import keeping
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.doors.resident import filing, remembered, slip
from linli.doors.resident.forms import ContestForm, RateForm, ReceiptForm, ReopenForm, Resident, ThankForm
from linli.doors.resident.thread import thread_of
from linli.doors.resident.visitor import visitor
from linli.kit import codes, errors, files, rates, shell
from linli.kit.refusal import Conflict, NotFound, Refused
from linli.offices.opinions import queries as opinions
from linli.offices.opinions.models import Opinion
from linli.offices.opinions.pages import own as opinion_pages

WRONG_A_MINUTE: Final = 30
FORMS: Final[dict[str, type[Resident]]] = {
    "rate": RateForm,
    "contest": ContestForm,
    "reopen": ReopenForm,
    "thank": ThankForm,
}
DONE: Final = {
    "rate": gettext_lazy("谢谢，您评的记下了。"),
    "contest": gettext_lazy("异议收到了，换一家没经手的来看。"),
    "reopen": gettext_lazy("重新办了，时钟从头走。"),
    "thank": gettext_lazy("替您谢过了。"),
    "coached": gettext_lazy("只告诉了上一级，经办的人看不到。您的评价照您自己的来。"),
    "erase": gettext_lazy("联系方式抹掉了，往后凭回执码查。"),
}


# ── finding it ──────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Type a receipt."""
    form = ReceiptForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "resident/ask.html", {"form": form}, status=422 if form.is_bound else 200)
    typed = form.cleaned_data["receipt"]
    found = opened(request, typed)
    return found if isinstance(found, HttpResponse) else redirect("resident:track", receipt=spelt(typed))


def spelt(typed: str) -> str:
    return codes.read_receipt(typed)[0]


def opened(request: HttpRequest, receipt: str) -> tuple[Actor, Matter] | HttpResponse:
    """What the receipt opens, or the friendly 404 that says what is wrong with it. Only wrong ones are counted."""
    try:
        return seeing.with_receipt(receipt)
    except NotFound as refused:
        if (said := _said(receipt)) is not None:
            return opinion_pages.of_receipt(request, said, receipt)
        try:
            rates.count("receipt", rates.address(request), limit=WRONG_A_MINUTE)
        except rates.TooOften as often:
            return errors.too_many(request, often.retry_after)
        form = ReceiptForm({"receipt": receipt})
        form.is_valid()
        form.add_error("receipt", refused.message)
        return render(request, "resident/ask.html", {"form": form}, status=404)


def _said(receipt: str) -> Opinion | None:
    """Words said in an opinion round have a receipt of the same form."""
    try:
        return opinions.of_receipt(receipt)
    except ValueError:
        return None


def own(request: HttpRequest, number: str) -> tuple[Actor, Matter]:
    """The reporter's own matter by its number: by account, or because it was filed on this phone. 404 otherwise."""
    actor = visitor(request)
    found = next((m for m in remembered.matters(request) if m.number == number.strip().upper()), None)
    if found is not None and (holder := remembered.holder(request, found)):
        return holder, found
    try:
        matter = seeing.get_matter(actor, number)
    except NotFound:
        raise Http404 from None
    if not is_reporter(matter, actor):
        raise Http404
    return actor, matter


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_safe
def track(request: HttpRequest, receipt: str) -> HttpResponse:
    """By receipt: no login needed."""
    found = opened(request, receipt)
    return found if isinstance(found, HttpResponse) else _page(request, *found, receipt=spelt(receipt))


@never_cache
@require_safe
def matter(request: HttpRequest, number: str) -> HttpResponse:
    """By number, for who filed it."""
    return _page(request, *own(request, number))


def _page(
    request: HttpRequest, actor: Actor, matter: Matter, *, receipt: str = "", bad: Resident | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    thread = thread_of(matter, actor, receipt)
    at = here(matter, receipt)
    forms = {act: form() for act, form in FORMS.items()}
    if bad is not None:
        forms[next(act for act, form in FORMS.items() if isinstance(bad, form))] = bad
    context = {
        "thread": thread, "here": at, "forms": forms, "number": matter.number,
        "ticket": slip.ticket(request, receipt) if receipt else None,
    }  # fmt: skip
    response = render(request, "resident/track.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def here(matter: Matter, receipt: str) -> str:
    return reverse("resident:track", args=[receipt]) if receipt else reverse("resident:matter", args=[matter.number])


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def picture_by_receipt(request: HttpRequest, receipt: str, attachment_id: UUID) -> HttpResponseBase:
    """Cover more of an own picture, or keep it from others, with the receipt."""
    found = opened(request, receipt)
    return found if isinstance(found, HttpResponse) else _picture(request, *found, attachment_id, spelt(receipt))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def picture_by_number(request: HttpRequest, number: str, attachment_id: UUID) -> HttpResponseBase:
    """The same for who filed it."""
    return _picture(request, *own(request, number), attachment_id, "")


def _picture(request: HttpRequest, actor: Actor, matter: Matter, attachment_id: UUID, receipt: str) -> HttpResponseBase:
    image = reverse("resident:picture", args=[attachment_id]) + (f"?receipt={receipt}" if receipt else "")
    try:
        response = keeping.page(request, actor=actor, matter=matter, attachment=attachment_id,
                                base="shell/site.html", back=here(matter, receipt), image=image)  # fmt: skip
    except NotFound:
        raise Http404 from None
    response["X-Robots-Tag"] = "noindex"
    return response


# ── acting ──────────────────────────────────────────────────────────────────────────────────────────────────────
@require_POST
def act_by_receipt(request: HttpRequest, receipt: str, act: str) -> HttpResponse:
    """Rate, contest, reopen or have the contact erased, with the receipt."""
    found = opened(request, receipt)
    return found if isinstance(found, HttpResponse) else _act(request, *found, act, spelt(receipt))


@require_POST
def act_by_number(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The same for who filed it."""
    return _act(request, *own(request, number), act, "")


def _act(request: HttpRequest, actor: Actor, matter: Matter, act: str, receipt: str) -> HttpResponse:
    run = _RUN.get(act)
    if run is None:
        raise Http404
    form = FORMS[act](request.POST) if act in FORMS else Resident(request.POST)
    if not form.is_valid():
        return _page(request, actor, matter, receipt=receipt, bad=form, status=422)
    try:
        run(request, actor, matter, form.cleaned_data)
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    except Conflict as refused:
        _say_why(request, refused)
    except Refused as refused:
        if act not in FORMS:
            _say_why(request, refused)
        else:
            form.complain(refused)
            return _page(request, actor, matter, receipt=receipt, bad=form, status=422)
    else:
        shell.toast(request, str(DONE[act]), draft=f"{act}-{matter.number}")
    return redirect(here(matter, receipt))


def _say_why(request: HttpRequest, refused: Refused) -> None:
    messages.error(request, refused.message)


def _rate(request: HttpRequest, actor: Actor, matter: Matter, typed: dict[str, Any]) -> None:
    must_not_have_served(identify.of_request(request), matter)
    actions.rate(actor=actor, district_id=matter.district_id, matter_id=matter.pk, score=typed["score"],
                 text=typed["words"])  # fmt: skip


def _contest(request: HttpRequest, actor: Actor, matter: Matter, typed: dict[str, Any]) -> None:
    ids, shots = request.POST.getlist("attachments"), request.FILES.getlist("attachments_files")
    if shots and actor.user_id is None:
        rates.count("upload", rates.address(request), limit=filing.A_MINUTE)
    uploads = filing.gather(request, actor, ids, shots)
    actions.contest(actor=actor, district_id=matter.district_id, matter_id=matter.pk, text=typed["text"],
                    uploads=uploads)  # fmt: skip
    files.used(uploads)


def _reopen(request: HttpRequest, actor: Actor, matter: Matter, typed: dict[str, Any]) -> None:
    actions.reopen(actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=typed["reason"])


def _thank(request: HttpRequest, actor: Actor, matter: Matter, typed: dict[str, Any]) -> None:
    actions.thank(actor=actor, district_id=matter.district_id, matter_id=matter.pk, text=typed["thanks"])


def _coached(request: HttpRequest, actor: Actor, matter: Matter, typed: dict[str, Any]) -> None:
    actions.coached(actor=actor, district_id=matter.district_id, matter_id=matter.pk)


def _erase(request: HttpRequest, actor: Actor, matter: Matter, typed: dict[str, Any]) -> None:
    erasing.erase(actor=actor, district_id=matter.district_id, matter_id=matter.pk, reason=_("本人要求"))


_RUN: Final[dict[str, Callable[[HttpRequest, Actor, Matter, dict[str, Any]], None]]] = {
    "rate": _rate, "contest": _contest, "reopen": _reopen, "erase": _erase, "thank": _thank,
    "coached": _coached,
}  # fmt: skip
