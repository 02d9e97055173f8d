"""``/vote/``: what is being decided where I live, voting one screen a step, receipts, and "that was not ours"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.decisions import actions, queries
from linli.core.decisions.actions.casting import entries_of, open_for_voting, voice_of
from linli.core.decisions.counting import check_choice
from linli.core.decisions.models import Envelope, Proxy, Question, RollEntry
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.matters.byreceipt import ReceiptForm, by_receipt
from linli.core.people.actor import Actor
from linli.core.people.entering import actor_of
from linli.core.places.meant import district_asked
from linli.kit.lists import param
from linli.kit.refusal import Invalid, NotFound, Refused
from linli.offices.voting import choosing, finding, live, slip, words
from linli.offices.voting.forms import ObjectForm, SlipForm

PAGE = "voting/page.html"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What I may vote in, what else is being decided here, what was decided."""
    actor = actor_of(request)
    district = district_asked(request)
    mine = queries.to_vote(actor)
    if actor.home_id and actor.district_id == district:
        around = queries.around(district, actor.home_id)
    else:
        around = list(queries.public(district)[:20])
    rest = [q for q in around if q.pk not in {m.pk for m in mine}]
    now = timezone.now()
    mine = [q for q in mine if q.closes_at > now]
    settled = queries.settled(actor, mine)
    context = {
        "mine": [q for q in mine if q.pk not in settled], "voted": [q for q in mine if q.pk in settled],
        "going": [q for q in rest if q.state in ("open", "closed", "stripped")],
        "done": [(q, words.outcome(q)) for q in rest
                 if q.state in ("decided", "withdrawn")],
    }  # fmt: skip
    return render(request, "voting/home.html", context)


@require_safe
@never_cache
def one(request: HttpRequest, number: str) -> HttpResponse:
    """The question in plain words, its rule with live meters, and the one act that is open to who looks."""
    question = finding.public(number)
    actor = actor_of(request)
    now = timezone.now()
    voices = _voices(actor, question)
    context = {
        "q": question, "rule": words.conditions(question.rule, question.roll_kind), "voices": voices,
        "outcome": words.outcome(question),
        "later": words.later(question.rule, question.roll_kind), "yes_no": question.codes == ["yes", "no", "abstain"],
        "voting": question.state == "open" and now < question.closes_at, "options": choosing.rows(question),
        "objecting": bool(question.objections_until and now < question.objections_until)
        and question.state in ("open", "closed"),
        "may": any(v.entry.state == "voting" for v in voices), "roll": words.ROLLS.get(question.roll_kind, ""),
        "method": words.METHODS[question.method], "weighted": question.weighted,
        "amendments": list(question.amendments.order_by("-seq")),
        "types": question.state == "open" and now < question.closes_at and finding.records(actor, question),
        **live.figures(question),
    }  # fmt: skip
    return render(request, "voting/one.html", context)


@dataclass(frozen=True)
class Voice:
    """An entry that the visitor may vote for, and how it stands."""

    entry: RollEntry
    proxy: bool
    voted: bool


def _voices(actor: Actor, question: Question) -> list[Voice]:
    mine = entries_of(actor, question)
    if not mine:
        return []
    given = Proxy.objects.filter(
        district_id=question.district_id, question_id=question.pk, holder__in=mine, revoked_at=None
    ).select_related("giver")
    pairs = [(e, False) for e in mine] + [(p.giver, True) for p in given]
    taken = set(
        question.envelopes.filter(state="valid", entry__in=[e.pk for e, _p in pairs]).values_list("entry_id", flat=True)
    )
    found = [Voice(entry, proxy, entry.pk in taken) for entry, proxy in pairs]
    # What still waits comes first, one's own before others'; who stands back stands last.
    return sorted(found, key=lambda v: (v.entry.state != "voting", v.voted, v.proxy, v.entry.seq))


# ── voting ──────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def cast(request: HttpRequest, number: str) -> HttpResponseBase:
    """By account: which household, what, sure? Each step a screen of its own, and no step needs a script."""
    question = finding.public(number)
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"/login/code/?next={request.path}")
    return _voting(request, question, "")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_slip(request: HttpRequest, number: str) -> HttpResponseBase:
    """By the code on the printed slip, without an account."""
    question = finding.public(number)
    code = request.POST.get("slip", "").strip()
    form = SlipForm(posted(request), initial={"slip": param(request, "code", 40)})
    if request.method != "POST":
        return render(request, "voting/slip.html", {"q": question, "form": form})
    if not form.is_valid():
        return render(request, "voting/slip.html", {"q": question, "form": form}, status=422)
    return _voting(request, question, code, form)


def _voting(request: HttpRequest, question: Question, code: str, form: SlipForm | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    try:
        open_for_voting(question.district_id, question.pk, timezone.now())
        entry = _entry(request, actor, question, code)
        if entry is None:
            return render(request, "voting/which.html", {"q": question, "voices": _voices(actor, question)})
        _may(entry)
        return _steps(request, question, entry, code)
    except Invalid as wrong:
        if form is None:
            raise
        form.refuse(wrong)
        return render(request, "voting/slip.html", {"q": question, "form": form}, status=422)
    except Refused as refused:
        if form is not None and refused.status == 404:
            form.refuse(Invalid(refused.message, fields={"slip": refused.message}))
            return render(request, "voting/slip.html", {"q": question, "form": form}, status=422)
        # An ordinary answer with its reason: nobody is sent to a page that says only "error".
        return render(request, "voting/refused.html", {"q": question, "why": refused}, status=refused.status)


def _entry(request: HttpRequest, actor: Actor, question: Question, code: str) -> RollEntry | None:
    """The household that is voted for; None where there are several and none is chosen yet."""
    if code:
        return voice_of(actor, question, None, code)[0]
    asked = request.POST.get("entry") or request.GET.get("entry") or ""
    seq = int(asked) if asked.isdecimal() and len(asked) < 9 else None
    voices = _voices(actor, question)
    if seq is None and len(voices) > 1:
        return None
    return voice_of(actor, question, seq, "")[0]


def _may(entry: RollEntry) -> None:
    if entry.state != "voting":
        words_ = _("这一户在这个表决里回避：%s") if entry.state == "recused" else _("这一户不在名册上了：%s")
        raise Refused(words_ % entry.reason, code=entry.state)


def _steps(request: HttpRequest, question: Question, entry: RollEntry, code: str) -> HttpResponseBase:
    step = request.POST.get("step", "")
    choice = choosing.read(question, request.POST)
    context: dict[str, Any] = {"q": question, "entry": entry, "slip": code, "problem": "", "choice": choice}
    if step in ("confirm", "send"):
        context["problem"] = check_choice(question.method, choice, question.codes)
    if step not in ("confirm", "send") or context["problem"]:
        return _choose(request, context)
    if step == "send":
        return _send(request, question, entry, choice, code)
    context |= {"said": words.said(question, choice), "pairs": choosing.pairs(question, choice), "key": uuid4().hex,
                "again": entry.envelopes.filter(state="valid").exists()}  # fmt: skip
    return render(request, "voting/confirm.html", context)


def _choose(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    question = context["q"]
    context["rows"] = choosing.rows(question, context["choice"] if request.POST.get("step") else None)
    context |= choosing.kinds(question)
    context["again"] = context["entry"].envelopes.filter(state="valid").exists()
    return render(request, "voting/choose.html", context, status=422 if context["problem"] else 200)


def _send(request: HttpRequest, question: Question, entry: RollEntry, choice: Any, code: str) -> HttpResponseBase:
    taken = actions.cast(
        actor=actor_of(request), district_id=question.district_id, question_id=question.pk, choice=choice,
        key=request.POST.get("key", ""), entry=None if code else entry.seq, slip=code,
        helper=request.POST.get("helper", "").strip()[:60],
    )  # fmt: skip
    response = HttpResponseRedirect(reverse("voting:taken", args=[question.number]))
    slip.give(response, question.number, taken.receipt, taken.envelope.board)
    return response


@require_safe
@never_cache
def taken(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt, once."""
    question = finding.public(number)
    receipt, board = slip.take(request, question.number)
    left = [v for v in _voices(actor_of(request), question) if v.entry.state == "voting" and not v.voted]
    context = {"q": question, "receipt": receipt, "board": board, "left": left if question.state == "open" else [],
               "link": request.build_absolute_uri(reverse("voting:receipt"))}  # fmt: skip
    response = render(request, "voting/taken.html", context)
    if receipt and request.method == "GET":
        slip.burn(response)
    return response


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def receipt(request: HttpRequest) -> HttpResponse:
    """Whether a ballot counts: that it was taken, and never what it said."""

    def find(text: str) -> Envelope | None:
        try:
            return queries.with_receipt(text)
        except NotFound:
            return None

    def show(form: ReceiptForm, found: Envelope | None, status: int) -> HttpResponse:
        return render(request, "voting/receipt.html", {"form": form, "found": found}, status=status)

    return by_receipt(request, find, show)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def object_to(request: HttpRequest, number: str) -> HttpResponseBase:
    """这张票不是我家投的: by account or by the slip's code."""
    question = finding.public(number)
    actor = actor_of(request)
    voices = [v for v in _voices(actor, question) if not v.proxy]
    form = ObjectForm(voices, posted(request))
    about = _("主持的人会去查。查实了，那张票作废；还没截止的话，您家可以重投。")
    ask = Ask(_("这张票不是我家投的"), _("提出来"), reverse("voting:one", args=[number]), about, base=PAGE)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        seq = int(data["entry"]) if data.get("entry") else voices[0].entry.seq if voices else None
        actions.object_to(actor=actor, district_id=question.district_id, question_id=question.pk, text=data["text"],
                          entry=seq, slip=data.get("slip", ""))  # fmt: skip
        return reverse("voting:one", args=[number]), _("记下了，会有人去查，查完告诉您。")

    return perform(request, ask, form, do)
