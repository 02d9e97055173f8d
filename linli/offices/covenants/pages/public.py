"""``/open/covenants/``: what is in force, how it came about, every version, every difference; for everybody."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from linli.core.people.actor import ANONYMOUS
from linli.core.places.meant import district_asked
from linli.core.places.tree import tree
from linli.kit.papers.answering import answer
from linli.offices.covenants import cautions, papers, queries, standing, words
from linli.offices.covenants.models import Covenant, Version
from linli.offices.covenants.models.comments import Outcome
from linli.offices.covenants.models.covenant import Kind
from linli.offices.covenants.pages.board import tabs
from linli.offices.covenants.pages.common import (
    article_pairs,
    asked,
    page_of,
    rows_of,
    shown,
    told,
    two,
    wanted,
)
from linli.offices.covenants.text import digest


def _named(covenant: Covenant) -> str:
    return tree(covenant.district_id).district.name


@require_safe
def covenants(request: HttpRequest) -> HttpResponse:
    """Newest first, with search, kind and where it stands."""
    district_id, narrow = district_asked(request), wanted(request)
    page = page_of(request, queries.narrowed(district_id, queries.public(district_id), narrow), "made_at")
    context = {
        "page": page, "rows": rows_of(district_id, page.items), "tabs": tabs(narrow.tab, drafts=False),
        "wanted": narrow, "kinds": Kind.choices, "district_id": district_id,
        "district": tree(district_id).district.name,
    }  # fmt: skip
    return render(request, "covenants/public.html", context)


@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """What holds, what people are asked about, its history, and what was said, masked."""
    covenant, today = shown(number), timezone.localdate()
    passages, versions = queries.passages(covenant), queries.versions(covenant, upto=covenant.shown)
    held = next((p for p in passages if p.holds(today)), None)
    reading = next((v for v in versions if held and v.number == held.number), versions[-1])
    page = page_of(request, queries.comments(covenant, asked(request)), "at")
    tally = queries.tally(covenant)
    context = {
        **_told(covenant, reading), "held": held, "standing": standing.of(covenant, held, today), "passages": passages,
        "versions": [(v, held_since(v, passages)) for v in versions[::-1]], "page": page, "asked": asked(request),
        "rows": told(ANONYMOUS, covenant, list(page.items), versions[-1].said), "tally": tally,
        "articles": article_pairs(versions[-1].said), "taking": covenant.takes_words(today),
        "outcomes": [(o.value, o.label, tally.get(o.value, 0)) for o in Outcome],
        "events": [(e, words.ACTS.get(e.act, e.act)) for e in queries.public_events(covenant)],
        "open_vote": next((p for p in passages if not p.outcome), None),
    }  # fmt: skip
    return render(request, "covenants/public_one.html", context)


def held_since(version: Version, passages: list[Any]) -> Any:
    """The passage by which a version came into force, if it did."""
    return next((p for p in passages if p.number == version.number and p.outcome == "adopted"), None)


def _told(covenant: Covenant, version: Version) -> dict[str, Any]:
    """One version with the proof that it is the one that was written."""
    again = digest(covenant.number, version.number, version.title, version.said, version.previous)
    return {"c": covenant, "version": version, "whole": again == version.digest, "district": _named(covenant)}


@require_safe
def version(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """One version with its digest."""
    covenant = shown(number)
    row = queries.version(covenant, version, upto=covenant.shown)
    passage = held_since(row, queries.passages(covenant))
    found = cautions.of_json(passage.cautions) if passage else []
    context = {**_told(covenant, row), "passage": passage, "cautions": found}
    return render(request, "covenants/public_version.html", context)


@require_safe
def paper(request: HttpRequest, number: str, version: int) -> HttpResponse:
    """One version on A4, for the wall of the entrance."""
    covenant = shown(number)
    row = queries.version(covenant, version, upto=covenant.shown)
    context = {**_told(covenant, row), "passage": held_since(row, queries.passages(covenant)),
               "today": timezone.localdate()}  # fmt: skip
    return render(request, "covenants/paper.html", context)


@require_safe
def file(request: HttpRequest, number: str, version: int, form: str) -> HttpResponseBase:
    """The same as a file."""
    covenant = shown(number)
    row = queries.version(covenant, version, upto=covenant.shown)
    make = partial(papers.paper, covenant, row, held_since(row, queries.passages(covenant)))
    back = reverse("covenants:public-version", args=[number, version])
    return answer(request, make, form, name=row.title, back=back, public=True)


@require_safe
def compare(request: HttpRequest, number: str) -> HttpResponse:
    """Two versions, with what changed first said in one sentence."""
    covenant = shown(number)
    context = {**two(request, covenant, upto=covenant.shown), "district": _named(covenant)}
    return render(request, "covenants/compare_public.html", context)
