"""``/council/``: what is talked about where I live; a topic, a word about it, my words and their way, the review."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.gatherings import queries as sittings
from linli.core.matters import masks
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.matters.byreceipt import ReceiptForm, by_receipt, erased_by_speaker
from linli.core.matters.models import Matter
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.core.people.entering import signed_page
from linli.core.places.tree import tree
from linli.kit.lists import param
from linli.kit.pressed import ONE_NOUGHT, pressed
from linli.kit.refusal import NotFound, Refused
from linli.offices.councils import actions, loop, queries, words
from linli.offices.councils.models import Support
from linli.offices.councils.own_forms import ProposeForm, SpeakForm, VerdictForm
from linli.offices.councils.pages.common import page_of

PAGE = "councils/page.html"
_KEPT = 20  # keys of proposals that a browser's session remembers


@require_safe
@signed_page
def home(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What is talked about where I live, what I am asked to, and when people come together."""
    district_id = actor.district_id or 0
    places = queries.own_places(actor) or [tree(district_id).root]
    q = param(request, "q")
    rows = queries.around(district_id, places, q=q).exclude(state__in=("closed", "declined"))
    page = page_of(request, rows.order_by("-opened_at", "-id"), "opened_at")
    counts = Support.counts(district_id, [m.pk for m in page.items])
    coming = {g.pk: g for node in places[:3] for g in sittings.around(district_id, node.id)}
    past = sittings.visible(actor, sittings.Filters(state="minuted"))[:5]
    context = {
        "page": page, "q": q, "topics": [(m, masks.excerpt(m.text), counts.get(m.pk, 0)) for m in page.items],
        "invited": sittings.invited(actor), "coming": sorted(coming.values(), key=lambda g: g.starts_at),
        "past": list(past), "reviews": queries.to_review(actor),
    }  # fmt: skip
    return render(request, "councils/home.html", context)


# ── a topic ─────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def propose(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Say in one's own words what should be talked about. The answer shows the receipt, once."""
    district_id = actor.district_id or 0
    places = queries.halls(actor) or [tree(district_id).root]
    form = ProposeForm(places, district_id, posted(request))
    ask = Ask(_("提一个议题"), _("提出来"), reverse("councils:home"), _("够多人觉得该议，就排进下一次会。"), base=PAGE)
    if request.method == "POST" and form.is_valid():
        data, before = form.cleaned_data, request.session.get("proposed", {})
        if data["retry"] in before:
            return HttpResponseRedirect(reverse("councils:mine", args=[before[data["retry"]]]))
        try:
            node = tree(district_id).by_code[data.get("place") or places[0].code]
            made = actions.propose(actor=actor, place=node, text=data["text"], helper=data["helper"])
        except Refused as refused:
            form.refuse(refused)
        else:
            kept = [*before.items(), (data["retry"], made.matter.number)]
            request.session["proposed"] = dict(kept[-_KEPT:])
            return _ticket(request, made.receipt, made.matter, "/t/", helped=data["helper"])
    status = 422 if form.is_bound and form.errors else 200
    return render(request, ask.template, {"ask": ask, "form": form}, status=status)


def _ticket(request: HttpRequest, receipt: str, topic: Matter, check: str, *, helped: bool) -> HttpResponse:
    """The receipt stands on this page and nowhere else."""
    link = request.build_absolute_uri(f"/t/{receipt}" if check == "/t/" else check)
    context = {"receipt": receipt, "topic": topic, "check": check, "helped": helped, "link": link}
    response = render(request, "councils/taken.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@signed_page
def topic(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The five steps of a topic, and what I can do about it now."""
    found = queries.topic(actor.district_id or 0, number)
    told = loop.of(found, public=True)
    mine = Support.given(actor, found.district_id, [found.pk])
    context = {
        "loop": told, "title": masks.title(found.text, 80), "mine": found.pk in mine,
        "open_votes": [v for v in told.votes if v.state == "open"],
        "reviews": [r for r in told.resolutions if queries.readable(r) and queries.under_review(r)],
    }  # fmt: skip
    return render(request, "councils/mine.html", context)


@require_POST
@signed_page
def support(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Find it worth a sitting, or take that back."""
    found = queries.topic(actor.district_id or 0, number)
    on = pressed(request, "on", ONE_NOUGHT)
    try:
        actions.support(actor=actor, topic=found, on=on)
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.message)
    return HttpResponseRedirect(reverse("councils:mine", args=[found.number]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def speak(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """A word about a topic, kept as it was said, with a receipt."""
    found = queries.topic(actor.district_id or 0, number)
    form = SpeakForm(posted(request))
    back = reverse("councils:mine", args=[found.number])
    ask = Ask(_("说一句"), _("说完了"), back, masks.excerpt(found.text), base=PAGE)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            said = actions.speak(
                actor=actor, topic=found, text=data["text"], retry=data["retry"], helper=data["helper"]
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            check = reverse("councils:said")
            return _ticket(request, said.receipt, found, check, helped=bool(data["helper"]))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, ask.template, {"ask": ask, "form": form}, status=status)


WHOLE = 3  # topics shown with every step, some nine questions each; older ones lead to their own page


# ── my words ────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@signed_page
def trail(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Each thing I said, the topic it became, and how far that is."""
    found = words.of_actor(actor)
    topics = {said.topic.pk: said.topic for said in found if said.topic is not None}
    loops = {pk: loop.of(one, public=True) for pk, one in list(topics.items())[:WHOLE]}
    rows = [(said, loops.get(said.topic.pk) if said.topic else None) for said in found]
    return render(request, "councils/words.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def said(request: HttpRequest) -> HttpResponse:
    """With a receipt and without an account: what became of what I said."""

    def show(form: ReceiptForm, found: words.Said | None, status: int) -> HttpResponse:
        return _told(request, form, found, status)

    return by_receipt(request, words.of_receipt, show)


def _told(request: HttpRequest, form: ReceiptForm, found: words.Said | None, status: int = 200) -> HttpResponse:
    context = {"form": form, "said": found, "receipt": form.cleaned_data["receipt"] if found else ""}
    told = loop.of(found.topic, public=True) if found and found.topic else None
    return render(request, "councils/said.html", context | {"loop": told}, status=status)


@require_POST
@never_cache
def erase(request: HttpRequest) -> HttpResponseBase:
    """The speaker does not want the words to be read any longer."""
    actor = identify.of_request(request)

    def do(row: words.Said, receipt: str) -> object:
        if row.opinion is None:
            raise NotFound(_("没有找到这条意见。"))
        o = row.opinion
        return actions.erase(actor=actor, opinion_id=o.pk, district_id=o.district_id, receipt=receipt)

    def done(_row: words.Said, receipt: str) -> HttpResponseBase:
        if not receipt:
            return HttpResponseRedirect(reverse("councils:words"))
        form = ReceiptForm({"receipt": receipt})
        form.is_valid()
        return _told(request, form, words.of_receipt(receipt))

    return erased_by_speaker(request, words.of_receipt, partial(words.own, actor), do, done)


# ── the review ──────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def review(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """What was to be done, how far it is, and, once it is time, whether a neighbour finds it done."""
    row = queries.resolution(actor.district_id or 0, resolution_id)
    mine = queries.own_verdict(actor, row)
    initial = {"satisfied": "yes" if mine.satisfied else "no", "text": mine.text} if mine else {}
    form = VerdictForm(posted(request), initial)
    back = reverse("councils:review-own", args=[row.pk])
    ask = Ask(_("居民评审"), _("改一改") if mine else _("交上去"), back, row.text, base=PAGE,
              template="councils/review.html")  # fmt: skip
    yes, no = queries.verdicts(row)
    context = {
        "r": row, "due": queries.under_review(row), "mine": mine, "yes": yes, "no": no,
        "parts": [(masks.title(p.matter.title), p.matter) for p in row.matters.select_related("matter")],
        "against": queries.own_dissents(actor, row),
        "said": [(masks.mask(v.text), v.satisfied) for v in queries.verdict_words(row)],
    }  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.judge(actor=actor, resolution=row, satisfied=data["satisfied"], text=data["text"])
        return back, _("记下了，只记数和话，不记名。")

    return perform(request, ask, form, do, context)


@require_POST
@signed_page
def objected(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID, dissent_id: uuid.UUID) -> HttpResponseBase:
    """Whoever was against it says for themselves how they find it now."""
    row = queries.resolution(actor.district_id or 0, resolution_id)
    if dissent_id not in [d.pk for d in queries.own_dissents(actor, row)]:
        raise NotFound(_("没有找到这条意见。"))
    content, answer = pressed(request, "content", ONE_NOUGHT), request.POST.get("answer", "")[:300]
    actions.ask_objector(actor=actor, dissent_id=dissent_id, content=content, answer=answer)
    return HttpResponseRedirect(reverse("councils:review-own", args=[row.pk]))
