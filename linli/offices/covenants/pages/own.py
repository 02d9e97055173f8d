"""``/covenant/``: what my neighbours and I agree on; read it, say something, say the same, follow, find it again."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.askpage import Ask, posted
from linli.core.matters.byreceipt import ReceiptForm, by_receipt, erased_by_speaker
from linli.core.people.actor import Actor
from linli.core.people.entering import actor_of, signed_page
from linli.core.places.meant import district_asked
from linli.kit import rates
from linli.kit.lists import param
from linli.kit.pressed import ONE_NOUGHT, pressed
from linli.kit.refusal import NotFound, Refused
from linli.offices.covenants import actions, queries, standing, trail
from linli.offices.covenants.models import Covenant
from linli.offices.covenants.own_forms import SayForm
from linli.offices.covenants.pages.common import asked, page_of, rows_of, shown, told, two, wanted

PAGE = "covenants/page.html"


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Those of where I live; without an account all of the district."""
    actor, district_id = actor_of(request), district_asked(request)
    places = queries.own_places(actor) if actor.district_id == district_id else []
    everywhere = not places or bool(param(request, "all"))
    rows = queries.public(district_id) if everywhere else queries.around(district_id, places)
    narrow = wanted(request)
    page = page_of(request, queries.narrowed(district_id, rows, narrow), "made_at")
    today = timezone.localdate()
    told_rows = rows_of(district_id, page.items)
    context = {
        "page": page, "rows": told_rows, "wanted": narrow, "everywhere": everywhere, "near": bool(places),
        "asking": [row for row in told_rows if row["c"].takes_words(today)],
        "rest": [row for row in told_rows if not row["c"].takes_words(today)],
    }  # fmt: skip
    return render(request, "covenants/home.html", context)


@require_safe
@never_cache
def one(request: HttpRequest, number: str) -> HttpResponse:
    """The text in large type, article by article, and what was said about it."""
    covenant, actor = shown(number), actor_of(request)
    passages, today = queries.passages(covenant), timezone.localdate()
    held = next((p for p in passages if p.holds(today)), None)
    read = _which(request, covenant, held.number if held else 0)
    version = queries.version(covenant, read, upto=covenant.shown)
    page = page_of(request, queries.comments(covenant, asked(request)), "at", limit=10)
    counts = queries.per_article(covenant)
    context = {
        "c": covenant, "version": version, "held": held, "standing": standing.of(covenant, held, today),
        "articles": [(n, a, counts.get(a.key, 0)) for n, a in version.said.numbered], "page": page,
        "rows": told(actor, covenant, list(page.items), version.said), "taking": covenant.takes_words(today),
        "newest": read == covenant.shown, "asked": asked(request), "signed": actor.district_id == covenant.district_id,
        "tally": queries.tally(covenant), "follows": queries.follows(actor, covenant),
        "vote": next((p.question for p in passages if not p.outcome), None),
    }  # fmt: skip
    return render(request, "covenants/own.html", context)


def _which(request: HttpRequest, covenant: Covenant, held: int) -> int:
    """The version to read: the one asked for; what people are asked about; else what is in force."""
    said = param(request, "v", 5)
    if said.isdecimal() and 1 <= int(said) <= covenant.shown:
        return int(said)
    return covenant.shown if covenant.state in ("comment", "voting") or not held else held


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def say(request: HttpRequest, number: str) -> HttpResponse:
    """A word about an article or the whole, kept as it was said. The answer shows the receipt, once."""
    covenant, actor = shown(number), actor_of(request)
    version = queries.version(covenant, covenant.shown, upto=covenant.shown)
    article = str(request.POST.get("article", "") or param(request, "article", 12))[:12]
    place = version.said.place_of(article)
    if article and not place:
        raise Http404
    form = SayForm(article, posted(request))
    back = reverse("covenants:own", args=[covenant.number])
    ask = Ask(_("说一句"), _("说完了"), back, base=PAGE, template="covenants/say.html",
              draft=f"covenant-say-{covenant.number}-{article}")  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.say(
                actor=actor, covenant=covenant, text=data["text"], retry=data["retry"], article=data["article"],
                helper=data["helper"], source=rates.address(request),
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            return _ticket(request, made.receipt, covenant, ask.draft, helped=bool(data["helper"]))
    context = {
        "ask": ask, "form": form, "c": covenant, "n": place, "taking": covenant.takes_words(timezone.localdate()),
        "article": version.said.articles[place - 1] if place else None,
        "signed": actor.district_id == covenant.district_id,
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, ask.template, context, status=status)


def _ticket(request: HttpRequest, receipt: str, covenant: Covenant, draft: str, *, helped: bool) -> HttpResponse:
    """The receipt stands on this page and nowhere else."""
    link = request.build_absolute_uri(reverse("covenants:said"))
    response = render(request, "covenants/taken.html", {"receipt": receipt, "c": covenant, "helped": helped,
                                                         "link": link, "draft": draft})  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@signed_page
def support(request: HttpRequest, actor: Actor, number: str, comment_id: uuid.UUID) -> HttpResponseBase:
    """Say the same as a neighbour, or take that back."""
    covenant = shown(number)
    comment = queries.comment(covenant, comment_id)
    on = pressed(request, "on", ONE_NOUGHT)
    _try(request, lambda: actions.support(actor=actor, comment=comment, on=on))
    return HttpResponseRedirect(f"{reverse('covenants:own', args=[covenant.number])}#s-{comment.pk}")


@require_POST
@signed_page
def follow(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Be told what happens to it, or no longer."""
    covenant = shown(number)
    on = pressed(request, "on", ONE_NOUGHT)
    _try(request, lambda: actions.follow(actor=actor, covenant=covenant, on=on))
    return HttpResponseRedirect(reverse("covenants:own", args=[covenant.number]))


def _try(request: HttpRequest, act: Any) -> None:
    try:
        act()
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.message)


@require_safe
def compare(request: HttpRequest, number: str) -> HttpResponse:
    """Two versions in large type."""
    covenant = shown(number)
    return render(request, "covenants/compare_own.html", two(request, covenant, upto=covenant.shown))


# ── my words ────────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@signed_page
def words(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Each thing I said, and what became of it."""
    return render(request, "covenants/words.html", {"rows": trail.of_actor(actor)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def said(request: HttpRequest) -> HttpResponse:
    """With a receipt and without an account: what became of what I said."""

    def show(form: ReceiptForm, found: trail.Said | None, status: int) -> HttpResponse:
        context = {"form": form, "said": found, "receipt": form.cleaned_data["receipt"] if found else ""}
        return render(request, "covenants/said.html", context, status=status)

    return by_receipt(request, trail.of_receipt, show)


@require_POST
@never_cache
def erase(request: HttpRequest) -> HttpResponseBase:
    """The speaker does not want the words to be read any longer."""
    actor = actor_of(request)

    def mine(comment_id: uuid.UUID) -> trail.Said | None:
        return next((s for s in trail.of_actor(actor, 500) if s.comment.pk == comment_id), None)

    def do(row: trail.Said, receipt: str) -> object:
        c = row.comment
        return actions.erase(actor=actor, comment_id=c.pk, district_id=c.district_id, receipt=receipt)

    def done(_row: trail.Said, receipt: str) -> HttpResponseBase:
        if not receipt:
            return HttpResponseRedirect(reverse("covenants:words"))
        found = {"form": ReceiptForm({"receipt": receipt}), "said": trail.of_receipt(receipt), "receipt": receipt}
        return render(request, "covenants/said.html", found)

    return erased_by_speaker(request, trail.of_receipt, mine, do, done)
