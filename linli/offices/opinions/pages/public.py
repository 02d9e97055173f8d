"""``/open/opinions/``: results that their owner published: counts by group, words masked, small groups left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.matters import masks
from linli.core.places.meant import district_asked
from linli.core.places.tree import tree
from linli.kit.lists import as_csv, param
from linli.kit.refusal import NotFound
from linli.offices.opinions import queries
from linli.offices.opinions.models import Round
from linli.offices.opinions.models.rounds import State
from linli.offices.opinions.pages.board import page_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Published rounds, the newest first."""
    district_id, q = district_asked(request), param(request, "q")
    known = tree(district_id)
    page = page_of(request, queries.published(district_id, q).select_related("place"), "published_at", limit=20)
    context = {"district": known.district.name, "district_id": district_id, "page": page, "q": q}
    return render(request, "opinions/public.html", context)


def _published(code: str) -> Round:
    try:
        row = queries.by_code(code)
    except NotFound as missing:
        raise Http404 from missing
    if row.state != State.PUBLISHED:
        raise Http404
    return row


@require_safe
def result(request: HttpRequest, code: str) -> HttpResponse:
    row = _published(code)
    asked_for = queries.open_matter(row.matter)
    context = {
        "round": row, "result": queries.result(row), "whole": queries.whole(row), "small": queries.SMALL,
        "asked_for": asked_for, "asked_title": masks.title(asked_for.text) if asked_for else "",
        "district": tree(row.district_id).district.name,
    }  # fmt: skip
    return render(request, "opinions/result.html", context)


@require_safe
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The counts as a file."""
    row = _published(code)
    return as_csv(f"opinions-{row.code}-result", [_("说的是什么"), _("条数"), _("立成的事")], _lines(row))


def _lines(row: Round) -> Iterator[list[Any]]:
    found = queries.result(row, quotes=0)
    for line in found.lines:
        yield [line.title, line.count, line.matter.number if line.matter else ""]
    yield [_("其余各组（每组不足 %d 条）") % queries.SMALL, found.others, ""]
    yield [_("没有归组"), found.loose, ""]
    yield [_("一共"), found.total, ""]
