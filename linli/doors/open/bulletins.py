"""Bulletins that an office made public: figures, the overall words and good practice; no orders, no units."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.core.matters import masks
from linli.core.places.meant import district_asked
from linli.core.places.tree import tree
from linli.kit import paging
from linli.kit.papers.answering import answer
from linli.offices.supervision import papers
from linli.offices.supervision.models import Issue
from linli.offices.supervision.queries import published


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The last version of each, newest first."""
    district_id = district_asked(request)
    try:
        page = paging.page(published(district_id), cursor=request.GET.get("cursor") or None, at="at")
    except paging.BadCursorError:
        page = paging.page(published(district_id), at="at")
    return render(request, "open/bulletins.html", {"page": page, "district": tree(district_id).district.name})


def _issue(request: HttpRequest, number: str) -> Issue:
    """What is not public looks like what is not there."""
    found = published(district_asked(request)).filter(bulletin__number=number).first()
    if found is None:
        raise Http404
    return found


@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One of them."""
    issue = _issue(request, number)
    content = issue.content
    made = {
        "issue": issue, "c": content, "figures": content["gathered"]["figures"],
        "since": date.fromisoformat(content["since"]), "until": date.fromisoformat(content["until"]),
        "lead": masks.mask(content["lead"]), "good": masks.mask(content["good"]),
        "district": tree(issue.district_id).district.name, "number": number,
    }  # fmt: skip
    return render(request, "open/bulletin.html", made)


@require_safe
def paper(request: HttpRequest, number: str, form: str) -> HttpResponseBase:
    """The same as a paper: no orders, no units, masked as the page is."""
    issue = _issue(request, number)
    back = reverse("open:bulletin", args=[number])
    name = f"{issue.content['title']}-{issue.content['year']}-{issue.content['serial']}"
    return answer(request, partial(papers.bulletin, issue, public=True), form, name=name, back=back, public=True)
