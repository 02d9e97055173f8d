"""Several matters to one post: first who, then what will go and what will not, then it is done, one by one.

1. The boxes of the list lead here with numbers only; what the visitor may not see is passed over as if not there.
2. The preview judges every matter as the act would (state, duty, admission) and remembers its version.
3. Doing it runs the same act once a matter. One that fails keeps no other from going and is named with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters import acting, actions, routing, seeing
from linli.core.matters.asking import ANYBODY, About, ActForm, One
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import PostRef, roster
from linli.doors.desk.gate import back_to, district_of, param
from linli.kit import shell
from linli.kit.refusal import NotFound, Refused

MOST = 50


class WhomForm(ActForm):
    """Whom all of them go to. What is suggested is suggested for the first one."""

    act, icon = "dispatch", "send"
    question, verb, about_act = lazy("派给谁？"), lazy("看看怎么派"), lazy("先看一遍哪些能派，再派。")
    finders = {"to": ANYBODY}

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    to = One(label=lazy("派给"), help_text=lazy("离头一件事近的排在前面。"))


@dataclass(frozen=True)
class Line:
    """One matter of the preview: it goes, or why not."""

    matter: Matter
    why_not: str = ""


@require_http_methods(["GET", "POST"])
@staff_page
def dispatch(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The three steps; only the last one is a post that changes anything."""
    chosen = picked(request, actor)
    back = back_to(request, reverse("desk:queue"))
    if not chosen:
        messages.warning(request, _("一件也没选，或者选的已经不在您这里。"))
        return HttpResponseRedirect(back)
    first = chosen[0][0]
    sent = request.POST if request.method == "POST" else request.GET
    asked = "to" in sent or "to_word" in sent
    form = WhomForm(About(actor, first), sent if asked else None)
    context: dict[str, Any] = {"form": form, "picked": [m for m, _version in chosen], "back": back}
    context["find_url"] = f"{reverse('desk:bulk-find')}?pick={first.number}&for=to"
    if not asked or not form.is_valid():
        return render(request, "desk/bulk.html", context)
    post = roster(first.district_id).find(form.cleaned_data["to"])
    if post is None:
        form.add_error("to", _("没有找到这个岗位。"))
        return render(request, "desk/bulk.html", context)
    if request.method == "POST" and "do" in request.POST:
        return _do(request, actor, chosen, post, back)
    lines = [Line(m, _why_not(actor, m, post)) for m, _version in chosen]
    go = [line for line in lines if not line.why_not]
    return render(request, "desk/bulk_preview.html", context | {
        "post": post, "go": go, "stay": [line for line in lines if line.why_not], "to": form.cleaned_data["to"],
    })  # fmt: skip


@require_GET
@staff_page
def find(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Whom a typed word means, for the first of the picked ones."""
    try:
        first = seeing.get_matter(actor, param(request, "pick"))
    except NotFound as missing:
        raise Http404 from missing
    form = WhomForm(About(actor, first), request.GET)
    return render(request, "matters/found.html", {"bound": form.looked_up("to")})


def picked(request: HttpRequest, actor: Actor) -> list[tuple[Matter, int]]:
    """The picked matters that the actor sees, in the order of the list, each with the version that was previewed."""
    sent = request.POST if request.method == "POST" else request.GET
    wanted: dict[str, int | None] = {}
    for value in sent.getlist("pick")[:MOST]:
        number, _colon, version = value.partition(":")
        wanted[number.strip().upper()] = _version(version)
    rows = {m.number: m for m in Matter.objects.filter(district_id=district_of(actor), number__in=list(wanted))}
    found = [(rows[n], version) for n, version in wanted.items() if n in rows and seeing.may_see(actor, rows[n])]
    return [(m, m.version if version is None else version) for m, version in found]


def _version(typed: str) -> int | None:
    """None where none was said; rubbish is no version that there ever was, so that the act says it is stale."""
    if not typed:
        return None
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _why_not(actor: Actor, matter: Matter, post: PostRef) -> str:
    """The reason that the act itself would give; "" where it goes."""
    if matter.handler_id == post.id:
        return _("已经在%s手上。") % post.name
    try:
        acting.must_allow(actor, matter, "dispatch")
        routing.admitted(matter, catalogue(matter.district_id), post, timezone.now())
    except Refused as refused:
        return refused.message
    return ""


def _do(
    request: HttpRequest, actor: Actor, picked: list[tuple[Matter, int]], post: PostRef, back: str
) -> HttpResponseBase:
    gone, stayed = 0, []
    for matter, version in picked:
        why = _why_not(actor, matter, post) or _dispatched(actor, matter, version, post)
        gone += not why
        stayed += [_("%(number)s　%(title)s：%(why)s") % {"number": matter.number, "title": matter.title, "why": why}
                   ] if why else []  # fmt: skip
    if gone:
        shell.toast(request, _("派了 %(n)d 件给%(name)s。") % {"n": gone, "name": post.name})
    for line in stayed:
        messages.warning(request, _("没派成：%s") % line)
    return HttpResponseRedirect(back)


def _dispatched(actor: Actor, matter: Matter, version: int, post: PostRef) -> str:
    try:
        actions.dispatch(
            actor=actor, district_id=matter.district_id, matter_id=matter.pk, to=post.code, version=version
        )
    except Refused as refused:
        return refused.message
    return ""
