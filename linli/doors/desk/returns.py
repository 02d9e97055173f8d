"""退单: what came back and waits for a coordinator, what comes back again and again, and the rule it asks for."""

from __future__ import annotations

import uuid
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

from linli.core.matters.actions.handling import RETURN_REASONS
from linli.core.matters.asking import text_field
from linli.core.matters.catalogue import catalogue
from linli.core.people import duties
from linli.core.people.actions.gate import may_configure
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.doors.desk.gate import district_of, param
from linli.doors.desk.rows import Rows
from linli.kit import shell
from linli.kit.refusal import Refused
from linli.offices.returns import actions, queries
from linli.offices.returns.models import Proposal

MOST = 100
TABS = {
    "waiting": lazy("等协调的"),
    "proposals": lazy("该改的规则"),
    "piles": lazy("退单归集"),
    "decided": lazy("定过的"),
}
ACTS = {
    "propose": (lazy("提请改派单规则？"), lazy("提上去"), lazy("提上去了，等系统管理员定。")),
    "accept": (lazy("照这样改规则？"), lazy("改"), lazy("规则写好了，新来的照新规则派。")),
    "refuse": (lazy("不改这条规则？"), lazy("不改"), lazy("定了不改，理由都看得到。")),
}


@require_GET
@staff_page
def index(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Four views: what waits, what to change, what piles up, what was decided."""
    if not queries.may_look(actor):
        raise Http404
    coordinates = actor.has(duties.DISPATCH)
    tabs = {tab: name for tab, name in TABS.items() if coordinates or tab != "waiting"}
    tab = param(request, "tab") if param(request, "tab") in tabs else next(iter(tabs))
    counts = {"proposals": queries.proposals(actor)[:MOST].count()}
    if coordinates:
        counts["waiting"] = queries.waiting(actor)[:MOST].count()
    context: dict[str, Any] = {
        "tab": tab, "now": timezone.now(),
        "tabs": [{"label": name, "url": f"?tab={code}", "current": code == tab, "count": counts.get(code)}
                 for code, name in tabs.items()],
    }  # fmt: skip
    context |= {"waiting": _waiting, "piles": _piles, "proposals": _proposals, "decided": _decided}[tab](actor)
    return render(request, "desk/returns.html", context)


def _waiting(actor: Actor) -> dict[str, Any]:
    matters = list(queries.waiting(actor)[:MOST])
    rows, back = Rows(actor).many(matters), queries.last_returns(district_of(actor), [m.pk for m in matters])
    posts = roster(district_of(actor))
    out = []
    for matter, row in zip(matters, rows, strict=True):
        last = back[matter.pk]
        by = posts.by_id.get(last.by_id) if last.by_id else None
        to = posts.by_id.get(last.suggest_id) if last.suggest_id else None
        out.append({"r": row, "why": _why(last.reason), "by": by, "to": to, "at": last.at})
    return {"rows": out}


def _why(code: str) -> str:
    return _(RETURN_REASONS[code]) if code in RETURN_REASONS else ""


def _about(district_id: int, kind: str, category: str) -> str:
    known = catalogue(district_id)
    named = known.kinds.get(kind)
    return known.category_name(category) or (named.name if named else kind)


def _piles(actor: Actor) -> dict[str, Any]:
    district_id = district_of(actor)
    known, posts = tree(district_id), roster(district_id)
    rows = []
    for pile in queries.piles(actor):
        node, by, to = known.by_path.get(pile.scope_path), pile.by, pile.suggest
        rows.append({
            "p": pile, "about": _about(district_id, pile.kind, pile.category), "why": _why(pile.reason),
            "where": node.name if node else "", "code": node.code if node else "",
            "by": posts.by_id.get(by) if by else None, "to": posts.by_id.get(to) if to else None,
        })  # fmt: skip
    return {"rows": rows}


def _proposals(actor: Actor) -> dict[str, Any]:
    return {"rows": [_told(p, actor) for p in queries.proposals(actor).select_related("place")[:MOST]]}


def _decided(actor: Actor) -> dict[str, Any]:
    rows = queries.proposals(actor, decided=True).select_related("place", "rule", "decided_by__person")
    return {"rows": [_told(p, actor) for p in rows[:MOST]]}


def _told(found: Proposal, actor: Actor) -> dict[str, Any]:
    posts = roster(found.district_id)
    return {
        "p": found, "about": _about(found.district_id, found.kind, found.category), "where": found.place.name,
        "by": posts.by_id.get(found.by_id) if found.by_id else None, "to": posts.by_id.get(found.to_id),
        "acts": _offered(found, actor),
    }  # fmt: skip


def _offered(found: Proposal, actor: Actor) -> list[str]:
    """What this visitor may do with it now."""
    decides = may_configure(actor) is not None
    desk = actor.over(duties.DISPATCH, found.scope_path) is not None
    if found.state == "noticed":
        return ["accept", "refuse"] if decides else ["propose", "refuse"] if desk else []
    return ["accept", "refuse"] if found.state == "proposed" and decides else []


class WordsForm(forms.Form):
    """A word with the proposal, or the reason of a no."""

    words = text_field(lazy("说一句"), limit=500)

    def __init__(self, data: Any = None, *, needed: bool) -> None:
        super().__init__(data, label_suffix="")
        self.fields["words"].required = needed
        self.fields["words"].label = _("理由") if needed else _("说一句")
        self.fields["words"].help_text = _("提的人和管理员都看得到。")


@require_GET
@staff_page
def one(request: HttpRequest, actor: Actor, proposal_id: uuid.UUID) -> HttpResponseBase:
    """From → to, and the cases behind it."""
    found = queries.proposal(actor, proposal_id)
    cases = [row for row in queries.behind(found).rows if actor.over(duties.SEE, row.matter.scope_path)]
    hidden = len(queries.behind(found).rows) - len(cases) if not cases else 0
    told = [{"row": row, "why": _why(row.reason)} for row in cases]
    return render(request, "desk/proposal.html", _told(found, actor) | {"cases": told, "hidden": hidden})


@require_http_methods(["GET", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, proposal_id: uuid.UUID, name: str) -> HttpResponseBase:
    """Propose, accept, refuse."""
    found = queries.proposal(actor, proposal_id)
    if name not in _offered(found, actor):
        raise Http404
    asks = name != "accept"
    form = WordsForm(request.POST if request.method == "POST" else None, needed=name == "refuse") if asks else None
    error = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        words = form.cleaned_data["words"] if form else ""
        more = {"propose": {"words": words}, "refuse": {"reason": words}, "accept": {}}[name]
        try:
            getattr(actions, name)(actor=actor, proposal_id=found.pk, **more)
        except Refused as refused:
            error = refused.message
        else:
            shell.toast(request, str(ACTS[name][2]))
            return HttpResponseRedirect(reverse("desk:proposal", args=[found.pk]))
    question, verb, _done = ACTS[name]
    context = _told(found, actor) | {"form": form, "question": question, "verb": verb, "error": error, "act": name}
    return render(request, "desk/proposal_act.html", context, status=422 if error or (form and form.errors) else 200)
