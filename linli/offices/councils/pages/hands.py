"""Hands in the room: one page on which the host writes down what each hand was up for."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.core.decisions import actions as decisions
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit import shell
from linli.kit.refusal import Conflict
from linli.offices.councils import ballots, queries
from linli.offices.councils.pages.common import hosted
from linli.offices.councils.room_forms import HandsForm


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def hands(request: HttpRequest, actor: Actor, number: str, item_id: uuid.UUID) -> HttpResponseBase:
    """The roll with its options; what is not marked is not recorded, or is what ``rest`` says."""
    g = hosted(actor, number)
    item = queries.item(g, item_id)
    back = reverse("councils:run", args=[g.number])
    try:
        question = ballots.running(item)
    except Conflict as counted:  # by somebody else in the meantime: the screen of the room shows how
        shell.toast(request, counted.message)
        return HttpResponseRedirect(back)
    rows = ballots.entries(question)
    form = HandsForm(question, rows, posted(request))
    about = _("谁举了手，看见了才记。自己用手机投了的不用记。记错了再记一次，只算后面的。")
    ask = Ask(_("举手　%s") % question.title, _("记下来"), back, about)

    def do(_data: dict[str, Any]) -> tuple[str, str]:
        told = decisions.record_hands(
            actor=actor, district_id=g.district_id, question_id=question.pk, hands=form.said(),
            key=form.cleaned_data["retry"],
        )  # fmt: skip
        return back, _("记下了 %d 位。") % told

    return perform(request, ask, form, do)
