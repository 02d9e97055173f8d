"""吹哨: what calls my units, the board of whistles that run, who did not come, and both sides' judgement 双考核."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters import actions, seeing
from linli.core.matters.actions.calling import NEEDS, WORKS, judging_side
from linli.core.matters.asking import radios, text_field
from linli.core.matters.models import Call
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.doors.desk.gate import back_to, district_of, param
from linli.kit import shell
from linli.kit.fields import subtree
from linli.kit.refusal import Refused

MOST = 100
BACK = timedelta(days=90)
TABS = {
    "mine": lazy("等您报到"), "answered": lazy("报过的"), "board": lazy("在响的哨"), "missed": lazy("没按时到的"),
    "judge": lazy("等您评的"),
}  # fmt: skip
_EMPTY = {
    "mine": (lazy("没有叫您的哨"), lazy("别处吹哨叫到您的单位，会在这里等您报到。")),
    "answered": (lazy("还没报过到"), lazy("您的单位报过到的哨会在这里。")),
    "board": (lazy("没有在响的哨"), lazy("您这片吹出去、还没办完的哨会在这里。")),
    "missed": (lazy("都按时到了"), lazy("近 90 天里没按时到、说不来的单位会在这里。")),
    "judge": (lazy("没有等您评的"), lazy("吹哨的评报到的到不到位，被叫的评这一哨该不该叫。")),
}
_OPEN = ("called", "arrived")


@dataclass(frozen=True)
class Shown:
    """One call as whoever reads the board sees it."""

    call: Call
    unit: str
    code: str
    where: str
    at: str
    mine: bool
    clock: dict[str, Any] | None
    verdicts: list[str] = field(default_factory=list)
    judges: list[tuple[str, str]] = field(default_factory=list)  # side, word of the button


@require_GET
@staff_page
def waiting(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Five views of calls; who sees no place has only the first two and the last."""
    sees = bool(actor.paths(duties.SEE))
    tabs = {tab: name for tab, name in TABS.items() if sees or tab not in ("board", "missed")}
    asked = param(request, "tab")
    sets = {tab: _rows(actor, tab) for tab in tabs}
    tab = asked if asked in tabs else "mine" if sets["mine"].exists() or not sees else "board"
    calls = list(sets[tab].select_related("whistle", "matter")[:MOST])
    title, text = _EMPTY[tab]
    context = {
        "calls": [shown(call, actor) for call in calls], "tab": tab, "empty": {"title": title, "text": text},
        "tabs": [{"label": name, "url": f"?tab={code}", "current": code == tab,
                  "count": len(calls) if code == tab and len(calls) < MOST else None} for code, name in tabs.items()],
    }  # fmt: skip
    return render(request, "desk/calls.html", context)


def _rows(actor: Actor, tab: str) -> QuerySet[Call]:
    rows = Call.objects.filter(district_id=district_of(actor))
    mine = list(actor.post_ids)
    if tab in ("mine", "answered"):
        own = rows.filter(post_id__in=mine)
        return own.filter(state__in=_OPEN).order_by("state", "due_at") if tab == "mine" else own.exclude(
            state__in=_OPEN).order_by("-id")  # fmt: skip
    if tab == "judge":
        ended = rows.filter(Q(state__in=["done", "refused"]) | Q(late=True), due_at__gt=timezone.now() - BACK)
        work = Q(whistle__by_id__in=mine, work="") & ~Q(post_id__in=mine)
        return ended.filter(work | Q(post_id__in=mine, need="", state__in=["done", "refused"])).order_by("-id")
    inside = _inside(actor)
    if tab == "board":
        return rows.filter(inside, state__in=_OPEN).order_by("state", "due_at")
    return rows.filter(inside, Q(late=True) | Q(state="refused"), due_at__gt=timezone.now() - BACK).order_by("-due_at")


def _inside(actor: Actor) -> Q:
    """Calls on matters of the places that the actor sees: no-shows are visible upward."""
    ranges = [subtree(path) for path in actor.paths(duties.SEE)]
    return reduce(
        or_, (Q(matter__scope_path__gte=low, matter__scope_path__lt=high) for low, high in ranges), Q(pk__in=[])
    )


def shown(call: Call, actor: Actor) -> Shown:
    known, posts = tree(call.district_id), roster(call.district_id)
    node, unit = known.by_id.get(call.matter.place_id), posts.by_id.get(call.post_id)
    clock = {"state": "running", "due_at": call.due_at} if call.state == "called" else None
    return Shown(
        call, unit.name if unit else _("已撤的岗位"), unit.code if unit else "",
        known.full_name(node) if node else "", reverse("desk:matter", args=[call.matter.number]),
        actor.held(duties.REPORT, call.post_id) is not None, clock, verdicts(call), judges(call, actor),
    )  # fmt: skip


def verdicts(call: Call) -> list[str]:
    """Both sides' words, where they were said."""
    said = []
    if call.work:
        said.append(_("吹哨的评：%s") % _(WORKS[call.work]) + (f"　{call.work_text}" if call.work_text else ""))
    if call.need:
        said.append(_("被叫的评：%s") % _(NEEDS[call.need]) + (f"　{call.need_text}" if call.need_text else ""))
    return said


def judges(call: Call, actor: Actor) -> list[tuple[str, str]]:
    """The sides that this visitor may still judge."""
    ended = call.state in ("done", "refused")
    words = {"work": _("评它到位没有…"), "need": _("评该不该叫…")}
    open_sides = [side for side in words if not getattr(call, side) and (ended or (side == "work" and call.late))]
    path = call.matter.scope_path
    return [(side, words[side]) for side in open_sides if judging_side(actor, call, path, side) is not None]


class JudgeForm(forms.Form):
    """One verdict of one side."""

    verdict = radios(lazy("您看"), {})
    text = text_field(
        lazy("说一句"), lazy("不到位、不该叫的要写为什么；两边和上一级都看得到。"), required=False, limit=500
    )

    def __init__(self, side: str, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        choices = WORKS if side == "work" else NEEDS
        self.fields["verdict"].choices = [(code, _(word)) for code, word in choices.items()]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@staff_page
def judge(request: HttpRequest, actor: Actor, call_id: uuid.UUID, side: str) -> HttpResponseBase:
    """双考核: a unit's work or a whistle's need. Units are judged here, never persons."""
    rows = Call.objects.filter(district_id=district_of(actor), pk=call_id).select_related("matter", "whistle")
    call = rows.first()
    if call is None or not seeing.may_see(actor, call.matter) or side not in dict(judges(call, actor)):
        raise Http404
    row, back = shown(call, actor), back_to(request, f"{reverse('desk:calls')}?tab=judge")
    form = JudgeForm(side, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.appraise(
                actor=actor, district_id=call.district_id, matter_id=call.matter_id, unit=row.code, **form.cleaned_data
            )
        except Refused as refused:
            field_of = next((name for name in refused.fields if name in form.fields), None)
            form.add_error(field_of, refused.message)
        else:
            shell.toast(request, _("评好了，对方看得到。"))
            return HttpResponseRedirect(back)
    context = {"c": row, "form": form, "side": side, "back": back}
    return render(request, "desk/call_judge.html", context, status=422 if form.errors else 200)
