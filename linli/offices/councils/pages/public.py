"""``/open/council/``: when people come together, what they talk about, and what came of it; for everybody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core.gatherings import queries as sittings
from linli.core.matters import masks
from linli.core.people.actor import ANONYMOUS
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit.lists import param
from linli.kit.refusal import NotFound
from linli.offices.councils import loop, queries
from linli.offices.councils.models import Support
from linli.offices.councils.pages.coming import told
from linli.offices.councils.pages.common import page_of


def _district(request: HttpRequest) -> int:
    """The one that is asked for, else one's own, else the only or first one."""
    own = getattr(request.user, "district_id", None)
    known = list(District.objects.order_by("pk").values_list("pk", flat=True))
    asked = param(request, "district")
    wanted = [pk for pk in known if str(pk) == asked] or ([own] if own in known else known)
    if not wanted or wanted[0] is None:
        raise Http404
    return int(wanted[0])


def districts_of(number: str, request: HttpRequest) -> list[int]:
    """Districts to look in: a number begins with its district's letters."""
    letters = number.strip().upper().partition("-")[0]
    found = list(District.objects.filter(letters=letters).order_by("pk").values_list("pk", flat=True))
    return found or [_district(request)]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is coming, what was settled, every topic."""
    district_id = _district(request)
    known, q = tree(district_id), param(request, "q")
    seen = sittings.visible(ANONYMOUS, sittings.Filters(state="called,sitting"), district_id=district_id)
    past = sittings.visible(ANONYMOUS, sittings.Filters(state="ended,minuted"), district_id=district_id)
    page = page_of(request, queries.topics(district_id, q=q).order_by("-opened_at", "-id"), "opened_at")
    counts = Support.counts(district_id, [m.pk for m in page.items])
    context = {
        "district": known.district.name, "district_id": district_id, "coming": list(seen.order_by("starts_at")[:20]),
        "past": list(past[:20]), "page": page, "q": q, "standing": sittings.standing(district_id, known.root.path),
        "topics": [(m, masks.title(m.text), counts.get(m.pk, 0), known.by_id[m.place_id].name) for m in page.items],
    }  # fmt: skip
    return render(request, "councils/public.html", context)


@require_safe
def topic(request: HttpRequest, number: str) -> HttpResponse:
    """The five steps of a topic, masked."""
    for district_id in districts_of(number, request):
        try:
            found = queries.topic(district_id, number)
        except NotFound:
            continue
        context: dict[str, Any] = {"loop": loop.of(found, public=True), "district": tree(district_id).district.name}
        return render(request, "councils/public_topic.html", context)
    raise Http404


@require_safe
def gathering(request: HttpRequest, number: str) -> HttpResponse:
    """A sitting, its agenda, its votes and its minutes."""
    for district_id in districts_of(number, request):
        try:
            g = sittings.get(ANONYMOUS, number, district_id=district_id)
        except NotFound:
            continue
        context = {**told(g), "district": tree(district_id).district.name}
        return render(request, "councils/public_gathering.html", context)
    raise Http404
