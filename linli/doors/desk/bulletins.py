"""集中通报: drawn up by the machine, written by a person, issued with a number, corrected only by another version."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters import seeing
from linli.core.matters.asking import Finding, One, text_field
from linli.core.matters.models import Matter
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.doors.desk.admissions import date_field
from linli.doors.desk.gate import param
from linli.kit import paging, shell
from linli.kit.papers.answering import answer
from linli.kit.refusal import Refused
from linli.offices.supervision import actions, papers, queries
from linli.offices.supervision.models import Bulletin, Issue

_LIMIT = 4000
ACTS = {
    "recount": (lazy("重算一遍数？"), lazy("重算"), lazy("按现在的记录重算了，您写的话没有动。")),
    "issue": (lazy("发这一份通报？"), lazy("发"), lazy("发出去了，各家都收到。")),
    "correct": (lazy("更正这一份通报？"), lazy("更正"), lazy("原来的一版照样留着，改好了另出一版。")),
    "drop": (lazy("这份草稿不要了？"), lazy("不要了"), lazy("收起来了。")),
}
_WHY = {
    "recount": lazy("只动数字和清单，不动您写的话。"),
    "issue": lazy("编号、冻住、发给各家；以后改不了，要改只能更正、另出一版。"),
    "correct": lazy("发过的一版不动，从它起草下一版。"),
    "drop": lazy("没发过的作废；更正的草稿退回到发过的那一版。"),
}


class NewForm(Finding):
    finders = {"place": PLACES}

    place = One(label=lazy("通报哪里"))
    since = date_field(lazy("从哪天"))
    until = date_field(lazy("到哪天"), lazy("含这一天。"))
    title = forms.CharField(label=lazy("标题"), max_length=80, required=False, help_text=lazy("不写就用地名。"))

    def __init__(self, actor: Actor, data: Any = None) -> None:
        self.about = Ground(actor, duties.SUPERVISE, ("district", "street", "community"))
        since, until = actions.last_period(timezone.localdate())
        own = self.about.tree.by_path.get(self.about.paths[0])
        first = {"since": since, "until": until, "place": own.code if own else ""}
        super().__init__(data, initial=first, label_suffix="")
        self.prepare()


class EditForm(forms.Form):
    title = forms.CharField(label=lazy("标题"), max_length=80)
    lead = text_field(
        lazy("总的情况"),
        lazy("数字下面有，这里写判断：哪几件压着、为什么。草稿可以空着，发之前要写。"),
        limit=_LIMIT,
        required=False,
    )
    good = text_field(
        lazy("好做法"), lazy("居民满意、没超过期限的，您来定说不说。一行一条。"), limit=_LIMIT, required=False
    )
    asks = text_field(lazy("下一步"), lazy("谁、什么时候、办成什么样。"), limit=_LIMIT, required=False)
    public = forms.BooleanField(
        label=lazy("公开"), required=False, help_text=lazy("公开页只登数字、总的情况和好做法，不登督办清单和单位。")
    )

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        for name in ("lead", "good", "asks"):
            self.fields[name].widget.attrs["rows"] = 5


class ReasonForm(forms.Form):
    reason = text_field(lazy("为什么更正"), lazy("写在新的一版上。"), limit=500)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


@require_GET
@staff_page
def listing(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Drafts of one's own places, and what was issued; newest first."""
    rows = queries.bulletins(actor).exclude(state="dropped")
    try:
        page = paging.page(rows, cursor=param(request, "cursor", 120) or None, at="at")
    except paging.BadCursorError:
        page = paging.page(rows, at="at")
    return render(request, "desk/bulletins.html", {"page": page, "may_draft": actor.has(duties.SUPERVISE)})


@require_http_methods(["GET", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    if not actor.has(duties.SUPERVISE):
        raise Http404
    form = NewForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and "find" in request.POST:
        form.is_valid()
        form.errors.clear()
    elif request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("place", "since", "until", "title")}
        try:
            made = actions.draft(actor=actor, **said)
        except Refused as refused:
            _refuse(form, refused)
        else:
            return HttpResponseRedirect(reverse("desk:bulletin", args=[made.number]))
    return render(request, "desk/bulletin_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff_page
def one(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The draft for those who write it; for everybody else what was issued last."""
    bulletin = queries.bulletin(actor, number)
    writes = actor.over(duties.SUPERVISE, bulletin.scope_path) is not None
    if not writes or bulletin.state != "draft":
        if request.method == "POST":
            raise Http404
        return _issued(request, actor, bulletin, bulletin.version, writes=writes)
    names = ("title", "lead", "good", "asks", "public")
    form = EditForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(bulletin, name) for name in names}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(actor=actor, number=number, **{name: form.cleaned_data[name] for name in names})
        except Refused as refused:
            _refuse(form, refused)
        else:
            shell.toast(request, _("存好了。"), draft=f"bulletin-{bulletin.number}")
            return HttpResponseRedirect(reverse("desk:bulletin", args=[bulletin.number]))
    context = {"b": bulletin, "form": form, **_told(actor, bulletin.gathered)}
    return render(request, "desk/bulletin_draft.html", context, status=422 if form.errors else 200)


@require_GET
@staff_page
def version(request: HttpRequest, actor: Actor, number: str, n: int) -> HttpResponseBase:
    """A version as it went out."""
    return _issued(request, actor, queries.bulletin(actor, number), n, writes=False)


def _issued(request: HttpRequest, actor: Actor, bulletin: Bulletin, n: int, *, writes: bool) -> HttpResponseBase:
    if bulletin.version == 0:
        return render(request, "desk/bulletin_void.html", {"b": bulletin})
    issue = queries.issue(actor, bulletin.number, n)
    versions = list(Issue.objects.filter(bulletin=bulletin).order_by("-version").defer("content"))
    content = issue.content
    context = {
        "b": bulletin, "issue": issue, "c": content, "versions": versions, "writes": writes,
        "latest": n == bulletin.version, "since": date.fromisoformat(content["since"]),
        "until": date.fromisoformat(content["until"]), "whole": actions.digest(content) == issue.digest,
        **_told(actor, content["gathered"]),
    }  # fmt: skip
    return render(request, "desk/bulletin.html", context)


@require_GET
@staff_page
def paper(request: HttpRequest, actor: Actor, number: str, n: int, form: str) -> HttpResponseBase:
    """A version as a paper to print and send round."""
    issue = queries.issue(actor, queries.bulletin(actor, number).number, n)
    back = reverse("desk:bulletin-version", args=[number, n])
    name = f"{issue.content['title']}-{issue.content['year']}-{issue.content['serial']}"
    return answer(request, partial(papers.bulletin, issue), form, name=name, back=back)


@require_http_methods(["GET", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """Count again, issue, correct, give up."""
    bulletin = queries.bulletin(actor, number)
    if name not in ACTS or actor.over(duties.SUPERVISE, bulletin.scope_path) is None:
        raise Http404
    needs_reason = name == "issue" and bulletin.version > 0
    form = ReasonForm(request.POST if request.method == "POST" else None) if needs_reason else None
    error = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        more = {"reason": form.cleaned_data["reason"]} if form else {}
        try:
            getattr(actions, name)(actor=actor, number=number, **more)
        except Refused as refused:
            error = _("先写“总的情况”，再发。") if "lead" in refused.fields else refused.message
        else:
            shell.toast(request, str(ACTS[name][2]))
            gone = name == "drop" and not bulletin.version
            return HttpResponseRedirect(reverse("desk:bulletins") if gone else reverse("desk:bulletin", args=[number]))
    question, verb, _done = ACTS[name]
    context = {"b": bulletin, "form": form, "question": question, "verb": verb, "why": _WHY[name], "error": error,
               "grave": name == "drop"}  # fmt: skip
    bad = bool(error or (form and form.errors))
    return render(request, "desk/bulletin_act.html", context, status=422 if bad else 200)


def _refuse(form: forms.Form, refused: Refused) -> None:
    for name, words in (refused.fields or {"": refused.message}).items():
        form.add_error(name if name in form.fields else None, words)


def _told(actor: Actor, gathered: dict[str, Any]) -> dict[str, Any]:
    """Figures with their ways to the cases, lists with links only to what this reader sees."""
    figures = gathered["figures"]
    numbers = [o["number"] for o in [*gathered["orders"], *gathered["misses"], *gathered["good"]]]
    open_to = _seen(actor, numbers) if numbers else set()
    return {
        "g": gathered, "figures": figures, "url": _cases(figures["cases"]),
        "places": [{**p, "url": _cases(p["cases"])} for p in figures["places"]], "seen": open_to,
        "orders": [{**o, "open": o["number"] in open_to} for o in gathered["orders"]],
        "misses": [{**c, "open": c["number"] in open_to} for c in gathered["misses"]],
    }  # fmt: skip


def _cases(filters: dict[str, str]) -> str:
    if "without" in filters:
        return ""
    return f"{reverse('desk:queue')}?{urlencode({'tab': 'all', 'state': 'any', 'order': 'new', **filters})}"


def _seen(actor: Actor, numbers: list[str]) -> set[str]:
    out: set[str] = set()
    for branch in seeing.branches(actor):
        rows = Matter.objects.filter(branch, district_id=actor.district_id or 0, number__in=numbers)
        out |= set(rows.values_list("number", flat=True))
    return out
