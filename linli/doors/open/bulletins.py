"""Bulletins that an office made public: figures, the overall words and good practice; no orders, no units."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.core.matters import masks
from linli.core.places.tree import tree
from linli.doors.open.district import here
from linli.kit import paging
from linli.offices.supervision.queries import published


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The last version of each, newest first."""
    district_id = here(request)
    try:
        page = paging.page(published(district_id), cursor=request.GET.get("cursor") or None, at="at")
    except paging.BadCursorError:
        page = paging.page(published(district_id), at="at")
    return render(request, "open/bulletins.html", {"page": page, "district": tree(district_id).district.name})


@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One of them; what is not public looks like what is not there."""
    district_id = here(request)
    issue = published(district_id).filter(bulletin__number=number).first()
    if issue is None:
        raise Http404
    content = issue.content
    made = {
        "issue": issue, "c": content, "figures": content["gathered"]["figures"],
        "since": date.fromisoformat(content["since"]), "until": date.fromisoformat(content["until"]),
        "lead": masks.mask(content["lead"]), "good": masks.mask(content["good"]),
        "district": tree(district_id).district.name,
    }  # fmt: skip
    return render(request, "open/bulletin.html", made)
