"""One act on several matters: first what will go and what will not, then each by itself, and each that stays is named.

Only acts that say the same of every matter: taking on, urging, ordering, closing after a call-back. What needs a look
at each (resolving, verifying, judging) is done one by one on purpose. Dispatching has its own page (``bulk.py``).
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linli.core.matters import acting, api
from linli.core.matters.asking import About, ActForm
from linli.core.matters.forms import FORMS
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.doors.desk.bulk import Line, picked
from linli.doors.desk.gate import back_to
from linli.kit import shell
from linli.kit.refusal import Refused

# act → question over the preview, the button's word, what the toast says
ACTS: Final = {
    "accept": (lazy("接下这 %d 件？"), lazy("接单"), lazy("接了 %d 件，记得先给居民回句话。")),
    "urge": (lazy("催一催这 %d 件？"), lazy("催"), lazy("催了 %d 件。")),
    "supervise": (lazy("督办这 %d 件？"), lazy("督办"), lazy("督办下去 %d 件。")),
    "close": (lazy("回访过了，销这 %d 件？"), lazy("销号"), lazy("销号 %d 件。")),
}


@require_http_methods(["GET", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, name: str) -> HttpResponseBase:
    """Preview by GET, done by POST; the boxes of the list lead here with numbers only."""
    if name not in ACTS:
        raise Http404
    chosen = picked(request, actor)
    back = back_to(request, reverse("desk:queue"))
    if not chosen:
        messages.warning(request, _("一件也没选，或者选的已经不在您这里。"))
        return HttpResponseRedirect(back)
    form = FORMS[name](About(actor, chosen[0][0]), request.POST if request.method == "POST" else None)
    form.fields.pop("version")
    if request.method == "POST" and form.is_valid():
        return _do(request, actor, name, chosen, form, back)
    lines = [Line(matter, _why_not(actor, matter, name)) for matter, _version in chosen]
    go = [line for line in lines if not line.why_not]
    question, verb, _done = ACTS[name]
    context: dict[str, Any] = {
        "form": form, "go": go, "stay": [line for line in lines if line.why_not], "back": back, "name": name,
        "question": question % len(go), "verb": verb, "fields": [form[n] for n in form.fields],
    }  # fmt: skip
    return render(request, "desk/bulk_act.html", context, status=422 if form.errors else 200)


def _why_not(actor: Actor, matter: Matter, name: str) -> str:
    try:
        acting.must_allow(actor, matter, name)
    except Refused as refused:
        return refused.message
    return ""


def _do(
    request: HttpRequest, actor: Actor, name: str, chosen: list[tuple[Matter, int]], form: ActForm, back: str
) -> HttpResponseBase:
    done, stayed = 0, []
    for matter, version in chosen:
        why = _why_not(actor, matter, name) or _done(actor, matter, name, form, version)
        if why:
            stayed.append(f"{matter.number}　{matter.title}：{why}")
        done += not why
    if done:
        shell.toast(request, str(ACTS[name][2]) % done)
    for line in stayed:
        messages.warning(request, _("没办成：%s") % line)
    return HttpResponseRedirect(back)


def _done(actor: Actor, matter: Matter, name: str, form: ActForm, version: int) -> str:
    try:
        api.ACTS[name][1](actor, matter, {**form.said(), "version": version})
    except Refused as refused:
        return refused.message
    return ""
