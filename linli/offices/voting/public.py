"""``/open/votes/``: every question ever opened, its rule and result, and everything to count it again."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers, set_response_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.decisions import publishing, queries
from linli.core.decisions.models import Question
from linli.core.places.meant import district_asked, district_named
from linli.core.places.tree import tree
from linli.kit import paging
from linli.kit.lists import param
from linli.kit.papers.answering import answer
from linli.offices.voting import finding, live, papers, words

SHOWN = 200  # ballots on the page; all of them are in recount.json


@require_safe
def votes(request: HttpRequest) -> HttpResponse:
    """Newest first, with search and tabs."""
    district = district_asked(request)
    rows = finding.narrowed(queries.public(district), request)
    page = paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=20, at="made_at")
    context = {"page": page, "tabs": tabs(param(request, "tab"), drafts=False), "q": param(request, "q", 40),
               "tab": param(request, "tab"), "district": tree(district).district.name,
               "rows": [(q, words.outcome(q))
                        for q in page.items]}  # fmt: skip
    return render(request, "voting/public_list.html", context)


def tabs(chosen: str, *, drafts: bool) -> list[dict[str, Any]]:
    named = [("", _("全部")), *([("draft", _("起草"))] if drafts else []), ("open", _("投票中")),
             ("closed", _("公示期")), ("decided", _("已计票")), ("withdrawn", _("已撤回"))]  # fmt: skip
    return [{"label": name, "url": f"?tab={code}" if code else "?", "current": code == chosen} for code, name in named]


def told(question: Question) -> dict[str, Any]:
    """What a page or a sheet says of a question."""
    return {
        "q": question, "district": tree(question.district_id).district.name,
        "rule": words.conditions(question.rule, question.roll_kind),
        "later": words.later(question.rule, question.roll_kind), "method": words.METHODS[question.method],
        "roll": words.ROLLS.get(question.roll_kind, ""), "reached": words.reached(question),
        "lines": words.lines(question), "outcome": words.outcome(question),
        "weighted": question.weighted, "names": [(o["code"], words.name(o)) for o in question.options],
        "unit": words.unit(question.roll_kind, "heads"), "silence": words.silence(question),
    }  # fmt: skip


@require_safe
def one(request: HttpRequest, number: str) -> HttpResponse:
    """Rule, meters or result, ballots, amendments, and the button that counts again in the reader's own browser."""
    question = finding.public(number)
    ballots = list(question.counted.order_by("position")[: SHOWN + 1])
    context = told(question) | live.figures(question) | {
        "amendments": list(question.amendments.order_by("seq")), "more": len(ballots) > SHOWN,
        "total": question.counted.count() if len(ballots) > SHOWN else len(ballots),
        "ballots": [(b, words.said(question, b.choice)) for b in ballots[:SHOWN]],
        "texts": _texts(), "labels": words.conditions(question.rule, question.roll_kind),
    }  # fmt: skip
    return render(request, "voting/public.html", context)


def _texts() -> dict[str, str]:
    """What the recounting script says."""
    return {
        "same": _("重算一遍，结果一样：%s"), "other": _("重算的结果不一样：%s。请把这一页告诉区里的审计。"),
        "roll": _("名册的指纹对得上"), "rolled": _("名册的指纹对不上"),
        "unhashed": _("这个浏览器算不了指纹，换一个再试"),
        "met": _("够"), "unmet": _("不够"), "broken": _("没拿到数据，稍后再点一次。"),
        "counted": _("数了 %(n)s 张票，名册 %(m)s 行"), **{k: str(v) for k, v in words.OUTCOMES.items()},
    }  # fmt: skip


@require_safe
def meters(request: HttpRequest, number: str) -> HttpResponse:
    """The live part of the page alone, from memory for two seconds; nothing is sent where nothing moved."""
    answer = HttpResponse(live.fragment(district_named(number), number.strip().upper()))
    patch_cache_control(answer, public=True, max_age=2)
    patch_vary_headers(answer, ["Accept-Language", "Cookie"])
    set_response_etag(answer)
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


@require_safe
def recount(request: HttpRequest, number: str) -> HttpResponse:
    """Everything that a stranger needs to count again. Anybody's program may read it."""
    question = finding.public(number)
    body = publishing.recount(question) if question.roll_hash else {"number": question.number, "ballots": None,
                                                                    "result": question.result}  # fmt: skip
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


@require_safe
def codes(request: HttpRequest, number: str) -> HttpResponse:
    """The codes of all valid ballots: whoever has a receipt finds theirs."""
    question = finding.public(number)
    found = publishing.taken_codes(question)
    q = param(request, "q", 20).upper()
    context = {"q": question, "codes": [c for c in found if q in c] if q else found, "total": len(found), "word": q,
               "district": tree(question.district_id).district.name}  # fmt: skip
    return render(request, "voting/codes.html", context)


@require_safe
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """One page for the notice board."""
    question = finding.public(number)
    return render(request, "voting/sheet.html", told(question) | live.figures(question))


@require_safe
def announced(request: HttpRequest, number: str, form: str) -> HttpResponseBase:
    """The result as an announcement to print and stamp, Word or PDF; before the count there is none."""
    question = finding.public(number)
    if question.state != "decided":
        raise Http404
    site = request.build_absolute_uri("/").rstrip("/")
    back = reverse("voting:public", args=[question.number])
    make = partial(papers.announcement, question, site)
    return answer(request, make, form, name=f"{question.title}表决结果公告", back=back, public=True)
