"""``/desk/votes/``: the host's list, the draft, the roll before it is frozen, and the page of a running vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.decisions import actions, queries
from linli.core.decisions.actions.opening import SHARED_AREA
from linli.core.decisions.allowed import allowed
from linli.core.decisions.models import Question
from linli.core.decisions.rolls import Found
from linli.core.matters import seeing
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit import paging
from linli.kit.lists import as_csv, param
from linli.offices.voting import finding, live, public, words
from linli.offices.voting.forms import DraftForm

SHOWN = 60


def must_convene(actor: Actor) -> None:
    if not finding.may_convene(actor):
        raise Http404


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Everything that the actor may run, newest first."""
    must_convene(actor)
    rows = finding.narrowed(queries.hosted(actor), request)
    page = paging.page(rows, cursor=param(request, "cursor", 120) or None, limit=30, at="made_at")
    context = {
        "page": page, "tabs": public.tabs(param(request, "tab"), drafts=True), "q": param(request, "q", 40),
        "tab": param(request, "tab"), "methods": words.METHODS,
        "rows": [(q, words.OUTCOMES.get((q.result or {}).get("outcome", ""), ""), words.unit(q.roll_kind, "heads"))
                 for q in page.items],
    }  # fmt: skip
    return render(request, "voting/board.html", context)


# ── the draft ───────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Write a question down on a matter; nobody votes yet."""
    must_convene(actor)
    form = DraftForm(actor, posted(request), matter=param(request, "matter", 24))
    ask = Ask(_("起草一个表决"), _("存下草稿"), reverse("voting:board"), _("存了还能改；开始以后只能用公告更正。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        matter = seeing.get_matter(actor, data["matter"])
        made = actions.draft(actor=actor, district_id=matter.district_id, matter_id=matter.pk, asking=form.asking())
        return reverse("voting:host", args=[made.number]), _("草稿存下了，%s。") % made.number

    def tried(data: dict[str, Any]) -> tuple[str, str]:
        return _with_matter(do, data)

    return perform(request, ask, form, tried)


def _with_matter(do: Any, data: dict[str, Any]) -> tuple[str, str]:
    """A number that names nothing stands beside its field instead of closing the page."""
    from linli.kit.refusal import Invalid, NotFound

    try:
        return tuple(do(data))
    except NotFound as missing:
        raise Invalid(missing.message, fields={"matter": missing.message}) from missing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def edit(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    question = finding.hosted(actor, number)
    back = reverse("voting:host", args=[number])
    form = DraftForm(actor, posted(request), question)
    ask = Ask(_("改草稿　%s") % question.title, _("存下"), back)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.edit(actor=actor, district_id=question.district_id, question_id=question.pk, asking=form.asking())
        return back, _("改好了。")

    return perform(request, ask, form, do)


# ── one question ────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Where it stands, how far it is, and the host's next acts."""
    question = finding.hosted(actor, number)
    proxies = question.proxies.filter(revoked_at=None).select_related("giver", "holder").order_by("at")[:SHOWN]
    context = public.told(question) | live.figures(question) | {
        "may": allowed(question, actor, timezone.now()), "options": question.options,
        "tellers": list(question.tellers.order_by("position")), "proxies": list(proxies),
        "amendments": list(question.amendments.order_by("-seq")),
        "objections": list(question.objections.select_related("entry").order_by("-at")[:SHOWN]),
        "papers": list(question.papers.filter(state__in=["first", "differ"]).select_related("entry")[:SHOWN]),
    }  # fmt: skip
    return render(request, "voting/host.html", context)


@require_safe
@staff_page
def meters(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The live part alone, every ten seconds."""
    question = finding.hosted(actor, number)
    return render(request, "voting/_meters.html", {"q": question, "host": True, **live.figures(question)})


@require_safe
@staff_page
def roll(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """A draft's roll as it would be frozen now, and what is missing; after opening the frozen one."""
    question = finding.hosted(actor, number)
    q, start = param(request, "q", 40), param(request, "cursor", 12)
    after = int(start) if start.isdecimal() else 0
    if question.state == "draft":
        found = actions.preview_roll(question)
        rows = [(n, v.label, v.holder, v.area, "", "") for n, v in enumerate(found.voices, 1)]
        more = _holes(question, found)
    else:
        kept = question.roll.order_by("seq")
        rows = [(e.seq, e.label, e.holder, e.area_m2, e.get_state_display(), e.reason) for e in kept]
        more = {"heads": question.roll_heads, "area": question.roll_area}
    rows = [r for r in rows if r[0] > after and (not q or q in r[1] or q in r[2] or q == str(r[0]))]
    context = {"q": question, "rows": rows[:SHOWN], "next": rows[SHOWN - 1][0] if len(rows) > SHOWN else None,
               "word": q, "unit": words.unit(question.roll_kind, "heads"), **more}  # fmt: skip
    return render(request, "voting/roll.html", context)


def _holes(question: Question, found: Found) -> dict[str, Any]:
    counted = Counter(v.area for v in found.voices) if question.secret and question.weighted else Counter()
    rare = sorted(area for area, n in counted.items() if n < SHARED_AREA)
    return {
        "heads": len(found.voices), "area": found.area, "without_area": found.without_area[:SHOWN],
        "areas_missing": len(found.without_area) if question.weighted else 0,
        "without_holder": found.without_holder[:SHOWN], "holders_missing": len(found.without_holder),
        "rare": rare[:SHOWN], "rare_count": len(rare),
    }  # fmt: skip


@require_safe
@staff_page
def roll_csv(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The frozen roll with its labels, for the host alone."""
    question = finding.hosted(actor, number)
    head = [_("号"), _("哪一户"), _("谁"), _("面积"), _("状态"), _("说明"), _("收到票")]
    return as_csv("roll", head, _lines(question))


def _lines(question: Question) -> Iterator[list[Any]]:
    voted = set(question.envelopes.filter(state="valid").values_list("entry_id", flat=True))
    for e in question.roll.order_by("seq").iterator(chunk_size=2000):
        taken = _("收到") if e.pk in voted else ""
        yield [e.seq, e.label, e.holder, e.area_m2, e.get_state_display(), e.reason, taken]
