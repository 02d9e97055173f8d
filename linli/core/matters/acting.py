"""Doing an act from a page, whichever door it stands in: the form, the action, and what the visitor is told.

A door finds the matter (scoped by who looks), calls ``perform`` and hands the outcome to ``answer``. Every act is a
plain form post that redirects; htmx puts the same form into a dialog and follows the same redirect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import allowed as rights
from linli.core.matters import api
from linli.core.matters.asking import About, ActForm
from linli.core.matters.flow import ENDED, MOVES
from linli.core.matters.forms import FORMS
from linli.core.matters.models import Call, Matter
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.kit import files, rates, shell
from linli.kit.refusal import Conflict, Forbidden, NotFound, Refused

# What one would do next, the most pressing first. A reply comes before progress only while nobody has replied.
ORDER = (
    "accept", "report", "confirm", "judge", "verify", "resume", "reply", "progress", "resolve", "dispatch", "close",
    "unmerge", "reopen", "rate", "contest", "return", "triage", "whistle", "supervise", "urge", "escalate", "hand_down",
    "pause", "merge", "decline",
)  # fmt: skip


@dataclass
class Outcome:
    """What came of it: done, or the form again with what is wrong. ``matter`` is as it stands now."""

    act: str
    matter: Matter
    form: ActForm
    done: bool = False
    message: str = ""
    status: int = 200

    @property
    def possible(self) -> bool:
        """Whether the form is worth showing: not where state or duty is against the act."""
        return self.status not in (403, 404) and self.form.act != ""


@dataclass(frozen=True)
class Button:
    """One act as a page offers it."""

    act: str
    label: str
    icon: str
    asks: bool
    grave: bool


@dataclass(frozen=True)
class Bar:
    """The acts that somebody may do on a matter now: the big one, and the others."""

    primary: Button | None
    others: list[Button] = field(default_factory=list)


def bar(matter: Matter, acts: Iterable[str]) -> Bar:
    """``acts`` is ``allowed``. What is late and in other hands asks first of all for a push."""
    found = sorted((a for a in acts if a in FORMS), key=lambda a: _rank(a, matter))
    buttons = [_button(act, matter) for act in found]
    if not buttons or matter.state in ENDED:
        return Bar(None, buttons)  # what has ended waits for nobody: taking it up again is no next step
    return Bar(buttons[0], buttons[1:])


def _rank(act: str, matter: Matter) -> float:
    at = float(ORDER.index(act))
    if act == "reply" and matter.replied_at is not None:
        return ORDER.index("resolve") + 0.5  # one may always say more, but it is no longer owed
    if act == "progress" and matter.acted_at is not None:
        return ORDER.index("resolve") + 0.4
    if act == "dispatch" and matter.state != "open":
        return ORDER.index("return") + 0.5  # giving it to somebody else is no longer the next step
    if act == "supervise" and matter.next_due is not None and matter.next_due < timezone.now():
        return ORDER.index("resolve") + 0.9  # late, and in other hands where nothing stands before it
    return at


def _button(act: str, matter: Matter) -> Button:
    form = FORMS[act]
    asks = any(not f.widget.is_hidden for f in form.base_fields.values())
    label = _("改派…") if act == "dispatch" and matter.handler_id else str(form.label)
    return Button(act, label, form.icon, asks, form.grave)


# ── the form ────────────────────────────────────────────────────────────────────────────────────────────────────


def form_for(actor: Actor, matter: Matter, act: str, data: Any = None, **kwargs: Any) -> ActForm:
    """The form of an act, empty or bound. KeyError for an act that there is not."""
    return FORMS[act](About(actor, matter), data, **kwargs)


def must_allow(actor: Actor, matter: Matter, act: str) -> None:
    """Raises Conflict where the state, Forbidden where the duty is against ``act``."""
    if matter.state not in MOVES[act].sources:
        words = {"state": matter.get_state_display(), "act": MOVES[act].name}
        raise Conflict(_("这件事现在是“%(state)s”，不能%(act)s。") % words, code="wrong_state")
    calls: dict[Any, list[Call]] = rights.open_calls(matter.district_id, [matter.pk] if matter.calls_open else [])
    if act not in rights.allowed(matter, actor, About(actor, matter).roster, calls.get(matter.pk)):
        raise Forbidden(_("您的岗位没有这一项。"))


def ask(request: HttpRequest, matter: Matter, act: str, *, actor: Actor | None = None) -> Outcome:
    """The empty form, or why it is not offered."""
    who = actor or identify.of_request(request)
    outcome = Outcome(act, matter, form_for(who, matter, act))
    try:
        must_allow(who, matter, act)
    except Refused as refused:
        outcome.message, outcome.status = refused.message, refused.status
    return outcome


# ── doing it ────────────────────────────────────────────────────────────────────────────────────────────────────


def perform(request: HttpRequest, matter: Matter, act: str, *, actor: Actor | None = None) -> Outcome:
    """Judge the form and do the act as the visitor (or as ``actor``, who holds a receipt).

    1. ``find`` in the post only looks somebody up: the form comes back with what the typed word found.
    2. State and duty are judged before the content, as the API does.
    3. Photos that travelled with the form (no script) are taken in, and kept if the form comes back.
    4. A refusal stands beside its field; the words typed are kept. A stale version shows the matter as it is now.
    """
    who = actor or identify.of_request(request)
    if "find" in request.POST:
        return _unjudged(Outcome(act, matter, form_for(who, matter, act, request.POST)))
    try:
        must_allow(who, matter, act)
    except Refused as refused:
        return _refused(request, who, matter, act, refused)
    data, wrong = _with_files(request, who, act)
    form = form_for(who, matter, act, data)
    if wrong is not None:
        form.is_valid()
        form.add_error(None, wrong.message)
    if not form.is_valid():
        return Outcome(act, matter, form, status=422)
    try:
        done = api.ACTS[act][1](who, matter, form.said())
    except Refused as refused:
        return _refused(request, who, matter, act, refused, data)
    return Outcome(act, done, form, done=True, message=str(form.done))


def _unjudged(outcome: Outcome) -> Outcome:
    """Shown again for looking up: nothing is wrong with what is not filled yet."""
    form = outcome.form
    form.is_valid()
    typed = {name for name in form.finders if form.data.get(f"{name}_word", "").strip()}
    for name in [n for n in form.errors if n not in typed]:
        del form.errors[name]
    return outcome


def _refused(
    request: HttpRequest, actor: Actor, matter: Matter, act: str, refused: Refused, data: Any = None
) -> Outcome:
    """The form again, about the matter as it is now, so that a second try meets the present version."""
    now = Matter.objects.get(district_id=matter.district_id, pk=matter.pk)
    sent = (data or request.POST).copy()
    sent["version"] = str(now.version)
    form = form_for(actor, now, act, sent)
    form.is_valid()
    form.refuse(refused)
    return Outcome(act, now, form, message=refused.message, status=refused.status)


def _with_files(request: HttpRequest, actor: Actor, act: str) -> tuple[Any, Refused | None]:
    """The post with the ids of photos that came as files; what is wrong with one of them, if anything."""
    sent = request.FILES.getlist("attachments_files")
    if not sent or not FORMS[act].pictures:
        return request.POST, None
    owner = files.owner(actor.user_id, rates.address(request))
    data = request.POST.copy()
    for one in sent[: files.MOST_PICTURES]:
        try:
            data.appendlist("attachments", str(files.take(one, owner=owner).pk))
        except Refused as refused:
            return data, refused
    return data, None


# ── answering ───────────────────────────────────────────────────────────────────────────────────────────────────


def answer(
    request: HttpRequest,
    outcome: Outcome,
    *,
    done: str,
    action: str,
    page: str = "matters/act_page.html",
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    """The response: on success a redirect to ``done`` with a toast, else the form, as a page or as a dialog's inside.

    ``action`` is the address the form posts to; ``context["base"]`` names the shell that ``page`` extends.
    """
    if outcome.done:
        shell.toast(request, f"{outcome.matter.number}　{outcome.message}")
        return go(request, done)
    made = {
        "form": outcome.form, "matter": outcome.matter, "outcome": outcome, "action": action, "back": done,
        "find_url": "", **(context or {}),
    }  # fmt: skip
    template = "matters/act_dialog.html" if request.headers.get("HX-Request") else page
    return render(request, template, made, status=outcome.status)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect; htmx is told to load the page anew, so that list, clocks and counts are all of one moment."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def complain(request: HttpRequest, outcome: Outcome) -> None:
    """For one-button acts, which have no form to come back to: the words stand in the page."""
    messages.error(request, f"{outcome.matter.number}　{outcome.message}")


def found(request: HttpRequest, matter: Matter, act: str, name: str, *, actor: Actor | None = None) -> HttpResponse:
    """The choices of one finder for a typed word: what htmx swaps in while somebody types."""
    who = actor or identify.of_request(request)
    if name not in FORMS[act].finders or not may(who, matter, act):
        raise NotFound(_("没有找到。"))
    form = form_for(who, matter, act, request.GET)
    return render(request, "matters/found.html", {"bound": form.looked_up(name)})


def may(actor: Actor, matter: Matter, act: str) -> bool:
    """Whether state and duty let the actor try the act."""
    try:
        must_allow(actor, matter, act)
    except Refused:
        return False
    return True
