"""这件事怎么算进数里: for who spoke up, with the objection (申诉) that is theirs to make."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.core.matters import masks, reckoning
from linli.core.matters.actions.reckoning import object_
from linli.core.matters.models import Matter
from linli.core.matters.reckonforms import ObjectForm, counts_for
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.people.posts import roster
from linli.doors.resident import tracking
from linli.kit import shell
from linli.kit.refusal import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """With the receipt: no login needed."""
    found = tracking.opened(request, receipt)
    return found if isinstance(found, HttpResponse) else _page(request, *found, tracking.spelt(receipt))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_number(request: HttpRequest, number: str) -> HttpResponse:
    """For who filed it."""
    return _page(request, *tracking.own(request, number), "")


def _page(request: HttpRequest, actor: Actor, matter: Matter, receipt: str) -> HttpResponse:
    here = (
        reverse("resident:track-counted", args=[receipt])
        if receipt
        else reverse("resident:matter-counted", args=[matter.number])
    )
    found = reckoning.of_matter(matter)
    form = ObjectForm(request.POST if request.method == "POST" else None, excluded=found.in_force)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            object_(actor=actor, district_id=matter.district_id, matter_id=matter.pk, text=data["text"],
                    figure=data.get("figure", ""))  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            shell.toast(request, _("提上去了，有了答复这里看得到。"), draft=f"object-{matter.number}")
            return redirect(here)
    context = {
        "matter": matter, "found": found, "counts": counts_for(matter, found.in_force), "form": form, "here": here,
        "waits": any(o.post_id is None and o.state == "open" for o in found.objections),
        "said": [_told(o) for o in found.objections], "left": _left(found),
        "back": tracking.here(matter, receipt),
    }  # fmt: skip
    response = render(request, "resident/counted.html", context, status=422 if form.errors else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


def _told(one: Any) -> dict[str, Any]:
    """Our own words back as they were said; a unit's as everybody reads them, masked."""
    mine = one.post_id is None
    return {
        "o": one, "who": _("您") if mine else _served(one.post), "text": one.text if mine else masks.mask(one.text),
        "answer": masks.mask(one.answer), "by": _served(one.answered_by),
    }  # fmt: skip


def _left(found: reckoning.Reckoned) -> dict[str, Any] | None:
    one = found.in_force
    return {"e": one, "basis": masks.mask(one.basis), "by": _served(one.by)} if one else None


def _served(post: Post | None) -> str:
    if post is None:
        return ""
    known = roster(post.district_id).by_id.get(post.pk)
    return f"{known.name} {known.title}".strip() if known else post.title
