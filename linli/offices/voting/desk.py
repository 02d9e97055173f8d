"""``/desk/votes/``: the host's list, the draft, the roll before it is frozen, and the page of a running vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Q
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
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit import paging
from linli.kit.lists import as_csv, param
from linli.kit.refusal import Invalid, NotFound
from linli.offices.voting import finding, live, public, words
from linli.offices.voting.forms import DraftForm, places

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
        "rows": [(q, words.outcome(q), words.unit(q.roll_kind, "heads"))
                 for q in page.items],
    }  # fmt: skip
    return render(request, "voting/board.html", context)


# ── the draft ───────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Write a question down on a matter; nobody votes yet."""
    must_convene(actor)
    number, method = param(request, "matter", 24).upper(), param(request, "method")
    if request.method != "POST" and method not in words.KINDS:
        return render(request, "voting/kinds.html", {"kinds": words.KINDS, "matter": number})
    form = DraftForm(actor, posted(request), first=_from_matter(actor, number) | {"method": method})
    name = words.KINDS[form.way][0]
    ask = Ask(_("起草一个表决　%s") % name, _("存下草稿"), reverse("voting:board"),
              _("存了还能改；开始以后只能用公告更正。"), template="voting/draft.html")  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        matter = seeing.get_matter(actor, data["matter"])
        made = actions.draft(actor=actor, district_id=matter.district_id, matter_id=matter.pk, asking=form.asking())
        return reverse("voting:host", args=[made.number]), _("草稿存下了，%s。") % made.number

    def tried(data: dict[str, Any]) -> tuple[str, str]:
        return _with_matter(do, data)

    return perform(request, ask, form, tried)


def _from_matter(actor: Actor, number: str) -> dict[str, Any]:
    """What the matter says already: its number, its title, its place where the actor may ask there."""
    if not number:
        return {}
    try:
        matter = seeing.get_matter(actor, number)
    except NotFound:
        return {"matter": number}
    known = tree(matter.district_id)
    node = known.by_id.get(matter.place_id)
    codes = {n.code for n in places(actor)}
    above = [n.code for n in reversed(known.chain(node)) if n.code in codes] if node else []
    return {"matter": matter.number, "title": matter.title, "place": above[0] if above else ""}


def _with_matter(do: Any, data: dict[str, Any]) -> tuple[str, str]:
    """A number that names nothing stands beside its field instead of closing the page."""
    try:
        return tuple(do(data))
    except NotFound as missing:
        raise Invalid(missing.message, fields={"matter": missing.message}) from missing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def edit(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    question = finding.hosted(actor, number)
    if question.gathered:  # asked in a room, in one breath with its roll
        raise Http404
    back = reverse("voting:host", args=[number])
    form = DraftForm(actor, posted(request), question)
    ask = Ask(_("改草稿　%s") % question.title, _("存下"), back, template="voting/draft.html")

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
        "papers": list(question.papers.exclude(state="taken").select_related("entry").order_by("-pk")[:SHOWN]),
        "scans": list(question.papers.exclude(scan=None).select_related("entry").order_by("-pk")[:SHOWN]),
        "ballots_in": question.envelopes.filter(state="valid").count() if question.roll_hash else 0,
        "matter": _matter(actor, question), "later": words.later(question.rule, question.roll_kind),
    }  # fmt: skip
    return render(request, "voting/host.html", context)


def _matter(actor: Actor, question: Question) -> Matter | None:
    """What it is about, where the actor may look at that."""
    found = seeing.by_ids(question.district_id, [question.matter_id]).get(question.matter_id)
    return found if found is not None and seeing.may_see(actor, found) else None


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
        told = ((n, v.label, v.holder, v.area, "", "") for n, v in enumerate(found.voices, 1) if n > after)
        rows = list(islice((r for r in told if not q or q in r[1] or q in r[2] or q == str(r[0])), SHOWN + 1))
        more = _holes(question, found)
    else:
        kept = question.roll.filter(seq__gt=after).order_by("seq")
        if q:
            kept = kept.filter(Q(label__icontains=q) | Q(holder__icontains=q) | Q(seq=int(q) if q.isdecimal() else 0))
        rows = [(e.seq, e.label, e.holder, e.area_m2, e.get_state_display(), e.reason) for e in kept[: SHOWN + 1]]
        more = {"heads": question.roll_heads, "area": question.roll_area}
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
