"""社区准入 (M16) at the desk: departments apply, streets and the district decide, communities see what may come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions import admissions as acts
from linli.core.matters.asking import Finding, One, text_field
from linli.core.matters.models import Admission
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.doors.desk.gate import param
from linli.doors.desk.recording import gives_tasks
from linli.kit import paging, shell
from linli.kit.refusal import Refused

STATES = {"applied": lazy("待审"), "approved": lazy("准入"), "refused": lazy("不准"), "ended": lazy("已终止")}
ACTS = {
    "approve": (lazy("准这项任务进社区？"), lazy("准入"), lazy("准了，到期自动失效。")),
    "refuse": (lazy("不准这项任务进社区？"), lazy("不准"), lazy("没准，部门看得到理由。")),
    "end": (lazy("提前终止这条准入？"), lazy("终止"), lazy("终止了，新的任务派不下去了。")),
}


def date_field(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    wrong = {"invalid": lazy("日期写成 2026-11-21 这样。")}
    return forms.DateField(label=label, help_text=help_text, widget=widget, error_messages=wrong)


class ApplyForm(Finding):
    """What a department asks for."""

    finders = {"place": PLACES}

    title = forms.CharField(
        label=lazy("什么任务"), max_length=120, help_text=lazy("一句话：做什么、填什么、挂什么牌。")
    )
    basis = text_field(lazy("依据"), lazy("哪一条法律、规定或决定。"), limit=500)
    place = One(label=lazy("要进哪些社区"), help_text=lazy("选一个社区，或整个街道、全区。"))
    since = date_field(lazy("从哪天"))
    until = date_field(lazy("到哪天"), lazy("一年以内，到期自动失效。"))

    def __init__(self, actor: Actor, data: Any = None) -> None:
        self.about = Ground(actor, duties.APPLY, ("district", "street", "community"))
        today = timezone.localdate()
        super().__init__(data, initial={"since": today, "until": today + timedelta(days=90)}, label_suffix="")
        self.prepare()


class ReasonForm(forms.Form):
    """A decision's reason: needed for a no and for an end."""

    reason = text_field(lazy("理由"), lazy("部门和社区都看得到。"), limit=500)

    def __init__(self, data: Any = None, *, needed: bool = True) -> None:
        super().__init__(data, label_suffix="")
        self.fields["reason"].required = needed


@require_GET
@staff_page
def listing(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What reaches my places, or what my department asked for; newest first."""
    state = param(request, "state") if param(request, "state") in STATES else ""
    rows = acts.visible(actor).select_related("department")
    shown = rows.filter(state=state) if state else rows
    try:
        page = paging.page(shown, cursor=param(request, "cursor", 120) or None, at="at")
    except paging.BadCursorError:
        page = paging.page(shown, at="at")
    tally = dict.fromkeys(STATES, 0)
    for value in rows.order_by().values_list("state", flat=True)[:1000]:
        tally[value] += 1
    tabs = [{"label": _("全部"), "url": "?", "current": not state}] + [
        {"label": name, "url": f"?state={code}", "current": state == code, "count": tally[code]}
        for code, name in STATES.items()
    ]
    context = {"page": page, "rows": [_row(a, actor) for a in page.items], "tabs": tabs,
               "may_apply": _may_apply(actor), "state": state}  # fmt: skip
    return render(request, "desk/admissions.html", context)


def _may_apply(actor: Actor) -> bool:
    return any(duties.APPLY in duties.role(p.role).held and p.organisation_id for p in actor.posts)


def _row(admission: Admission, actor: Actor) -> dict[str, Any]:
    node = tree(admission.district_id).by_id.get(admission.place_id)
    today = timezone.localdate()
    over = admission.state == "approved" and admission.until < today
    return {
        "a": admission, "where": node.name if node else "", "code": node.code if node else "",
        "state": _("已到期") if over else STATES[admission.state], "acts": _offered(admission, actor),
        "live": admission.state == "approved" and not over, "left": (admission.until - today).days,
    }  # fmt: skip


def _offered(admission: Admission, actor: Actor) -> list[str]:
    if actor.over(duties.ADMIT, admission.scope_path) is None:
        return []
    return {"applied": ["approve", "refuse"], "approved": ["end"]}.get(admission.state, [])


@require_http_methods(["GET", "POST"])
@staff_page
def apply(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The application of a department's officer."""
    if not _may_apply(actor):
        raise Http404
    form = ApplyForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and "find" not in request.POST and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("title", "basis", "place", "since", "until")}
        try:
            made = acts.apply(actor=actor, **said)
        except Refused as refused:
            for name, words in (refused.fields or {"": refused.message}).items():
                form.add_error(name or None, words)
        else:
            shell.toast(request, _("%s　报上去了，等街道或区里定。") % made.number)
            return HttpResponseRedirect(reverse("desk:admission", args=[made.number]))
    if "find" in request.POST:
        form.is_valid()
        for name in [n for n in form.errors if n != "place" or not form.data.get("place_word")]:
            del form.errors[name]
    return render(request, "desk/admission_new.html", {"form": form}, status=422 if form.errors else 200)


def _found(actor: Actor, number: str) -> Admission:
    found = acts.visible(actor).select_related("department").filter(number=number).first()
    if found is None:
        raise Http404
    return found


@require_GET
@staff_page
def one(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    context = _row(_found(actor, number), actor) | {"may_task": gives_tasks(actor)}
    return render(request, "desk/admission.html", context)


@require_http_methods(["GET", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """Yes, no, or an end before its time."""
    admission = _found(actor, number)
    if name not in _offered(admission, actor):
        raise Http404
    question, verb, done = ACTS[name]
    form = ReasonForm(request.POST if request.method == "POST" else None, needed=name != "approve")
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if name == "end":
                acts.end(actor=actor, number=number, reason=reason)
            else:
                acts.decide(actor=actor, number=number, approved=name == "approve", reason=reason)
        except Refused as refused:
            form.add_error("reason" if "reason" in refused.fields else None, refused.message)
        else:
            shell.toast(request, f"{number}　{done}")
            return HttpResponseRedirect(reverse("desk:admission", args=[number]))
    context = {"form": form, "question": question, "verb": verb, "grave": name != "approve"}
    return render(
        request, "desk/admission_act.html", context | _row(admission, actor), status=422 if form.errors else 200
    )
