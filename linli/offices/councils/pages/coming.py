"""A sitting as those see it who are asked to it or may come: answer, sign in, vouch, stay against it, correct."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.decisions import queries as decisions
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Gathering
from linli.core.matters import masks
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import signed_page
from linli.kit.refusal import NotFound
from linli.offices.councils import actions, own_forms, queries, room_forms
from linli.offices.councils.forms import Plain, WhoForm
from linli.offices.councils.pages.common import About, Act, perform_act
from linli.offices.councils.pages.own import PAGE


def told(g: Gathering) -> dict[str, Any]:
    """What anybody reads of a sitting: residents' words masked, those against without a name."""
    items, says = sittings.agenda(g), g.kind.says
    against = queries.dissents(g.district_id, [i.pk for i in items])
    votes = queries.votes(g.district_id, [i.matter_id for i in items if i.matter_id])
    newest = sittings.newest_minutes(g)
    rows = [
        {
            "item": i, "title": masks.title(i.title, 80), "text": masks.mask(i.text),
            "procedure": says.procedure(i.procedure), "votes": votes.get(i.matter_id, []) if i.matter_id else [],
            "against": [masks.mask(d.text) for d in against.get(i.pk, [])],
        }
        for i in items
    ]  # fmt: skip
    return {"g": g, "minutes": newest, "text": masks.mask(newest.text) if newest else "", "items": rows}


@require_safe
@signed_page
def gathering(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The sitting, and the one act that is open to who looks."""
    g = sittings.get(actor, number)
    rows = list(g.attendances.all())
    mine = {actor.user_id, actor.person_id} - {None}
    own = next((a for a in rows if {a.user_id, a.person_id} & mine), None)
    there = own is not None and own.state == "present"
    context = {
        **told(g), "own": own, "there": there,
        "waiting": [a for a in rows if there and a.state == "waiting" and a.evidence == "code" and a != own],
        "invitation": next((i for i in sittings.invited(actor) if i.gathering_id == g.pk), None),
        "correction": g.corrections.filter(state="open").first() if there else None,
        "to_vote": [q for q in decisions.to_vote(actor) if q.more.get("gathering") == g.number],
        "sheet": there and any(
            a.state == "waiting" and a.evidence == "sheet" and a.entered_by_id != actor.user_id for a in rows
        ),
    }  # fmt: skip
    return render(request, "councils/gathering.html", context)


def _answer(about: About, form: Any) -> str:
    core.answer(**about.ids, answer=form.cleaned_data["answer"], substitute=form.cleaned_data["substitute"])
    return _("回了。")


def _attend(about: About, form: Any) -> str:
    core.attend(**about.ids, code=form.cleaned_data["code"])
    return _("签到了，等在场的一位替您作证。")


def _vouch(about: About, form: Any) -> str:
    core.vouch(**about.ids, attendance_id=form.cleaned_data["who"])
    return _("谢谢您作证。")


def _check(about: About, form: Any) -> str:
    agreed, refused = form.sorted_out()
    done = core.agree_sheet(**about.ids, agreed=agreed, refused=refused)
    return _("核对了，%d 位到会。") % done


def _dissent(about: About, form: Any) -> str:
    data = form.cleaned_data
    item = queries.item(about.gathering, uuid.UUID(data["item"]))
    actions.dissent(actor=about.actor, item=item, text=data["text"], retry=data["retry"])
    return _("记下了，和结果放在一起，评审的时候先问您。")


def _correct(about: About, form: Any) -> str:
    core.propose(**about.ids, text=form.cleaned_data["text"], reason=form.cleaned_data["reason"])
    return _("提出更正了，到会的过半数同意就改。")


def _speak(about: About, form: Any) -> str:
    core.speak(**about.ids, correction_id=form.cleaned_data["correction"], agrees=form.cleaned_data["agrees"])
    return _("记下了。")


def _own_dissent(about: About, data: Any) -> Plain:
    items = [(str(i.pk), i.title) for i in sittings.agenda(about.gathering) if i.state != "withdrawn"]
    return own_forms.OwnDissentForm(items, data)


def _own_correction(about: About, data: Any) -> Plain:
    newest = sittings.newest_minutes(about.gathering)
    return own_forms.CorrectForm(data, {"text": newest.text if newest else ""})


def _open_correction(about: About, data: Any) -> Plain:
    found = about.gathering.corrections.filter(state="open").first()
    return own_forms.VoiceForm(data, {"correction": found.pk if found else None})


ACTS: dict[str, Act] = {
    "answer": Act(lazy("您来吗？"), lazy("回一声"), _answer, lambda _a, data: own_forms.ComingForm(data)),
    "attend": Act(lazy("签到"), lazy("签到"), _attend, lambda _a, data: own_forms.AttendForm(data)),
    "vouch": Act(lazy("这位邻居在屋里？"), lazy("在"), _vouch, lambda _a, data: WhoForm(data)),
    "check": Act(lazy("核对签到表"), lazy("核对无误"), _check,
                 lambda a, data: room_forms.CheckForm(a.actor, a.gathering, data),
                 lazy("手里拿着签到表，一次核完。录的人不能核自己录的。")),
    "dissent": Act(lazy("我不同意，留一句"), lazy("留下"), _dissent, _own_dissent),
    "correct": Act(lazy("纪要记错了？"), lazy("提出更正"), _correct, _own_correction),
    "speak": Act(lazy("有人提出更正"), lazy("说定了"), _speak, _open_correction),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """One act of somebody who was asked, or came."""
    g = sittings.get(actor, number)
    back = reverse("councils:gathering", args=[g.number])
    return perform_act(request, ACTS, name, About(actor, g), lambda: back, PAGE)


@require_safe
@signed_page
def notice(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Where a notice leads: a host to the desk, everybody else to the sitting's own page.

    Who was not asked to the sitting and has to carry out what it settled reads that, and nothing else of it.
    """
    try:
        g = sittings.get(actor, number)
    except NotFound:
        charged = sittings.owned(actor, number)
        if not charged:
            raise
        return render(request, "councils/charged.html", {"rows": charged})
    desk = actor.over(duties.CONVENE, g.scope_path) is not None
    return HttpResponseRedirect(reverse("councils:one" if desk else "councils:gathering", args=[g.number]))
