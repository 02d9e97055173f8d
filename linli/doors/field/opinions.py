"""逐户征求意见 on the phone: my rounds, my buildings, door by door. Works without script, and without a network."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import Node, Tree, tree
from linli.kit import shell
from linli.kit.ids import new_id
from linli.kit.lists import param
from linli.kit.refusal import NotFound, Refused
from linli.offices.opinions import actions, queries
from linli.offices.opinions.actions import Heard
from linli.offices.opinions.models import Round
from linli.offices.opinions.models.rounds import Outcome, State


class DoorForm(forms.Form):
    """The words are all that is asked; the other three answers are a button each."""

    text = forms.CharField(
        label=lazy("他怎么说"), max_length=1000, help_text=lazy("照他的话写，不改成公文。"),
        error_messages={"required": lazy("先写一句他说了什么。")},
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 1000}),
    )  # fmt: skip
    question = forms.TypedChoiceField(label=lazy("回哪一问"), coerce=int, widget=forms.RadioSelect, required=False)
    name = forms.CharField(label=lazy("怎么称呼"), max_length=40, required=False, help_text=lazy("不愿留就不写。"))
    helper = forms.CharField(label=lazy("别人替他说的，写谁替的"), max_length=60, required=False)
    quiet = forms.BooleanField(label=lazy("他不愿意公布原话"), required=False)
    dwelling = forms.UUIDField(required=False, widget=forms.HiddenInput)
    retry = forms.CharField(max_length=64, min_length=32, widget=forms.HiddenInput)

    def __init__(self, row: Round, data: Any = None, door: UUID | None = None) -> None:
        self.spoke = data is None or data.get("outcome", "spoke") == "spoke"
        super().__init__(data, initial={"question": 0, "dwelling": door, "retry": new_id().hex}, label_suffix="")
        self.fields["text"].required = self.spoke  # the other answers are a press without a word
        if len(row.questions) > 1:
            field = self.fields["question"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(enumerate(row.questions))
        else:
            del self.fields["question"]


def _within(known: Tree, row: Round) -> str:
    """The level under the round's own place, whose name stands over the list already."""
    levels, place = list(known.district.levels), known.by_id.get(row.place_id)
    return levels[min(levels.index(place.level) + 1, len(levels) - 1)] if place else "community"


@require_safe
@staff_page
def rounds(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What I go for: each round with my buildings and how far each is."""
    shown = []
    for row in queries.walking(actor)[:10]:
        known = tree(row.district_id)
        mine = queries.my_stretches(row, queries.reach(actor, row))
        made = queries.tallies(row, mine)
        within = _within(known, row)
        shown.append((row, [(known.by_id[s.building_id], known.full_name(known.by_id[s.building_id], below=within),
                             made[s.building_id]) for s in mine if s.building_id in known.by_id]))  # fmt: skip
    return render(request, "field/opinions.html", {"rounds": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def building(request: HttpRequest, actor: Actor, code: str, place: str) -> HttpResponseBase:
    """One building: its doors, and the one that is being asked."""
    row, paths = queries.walked(actor, code)
    node = queries.building(row, paths, place)
    door = _door(param(request, "door", 40))
    form = DoorForm(row, request.POST if request.method == "POST" else None, door)
    if request.method == "POST" and form.is_valid():
        try:
            return _recorded(request, actor, row, node, form)
        except NotFound as missing:
            if not missing.fields:
                raise
            form.add_error(None, missing.message)
        except Refused as refused:
            form.add_error("text" if "text" in refused.fields else None, refused.message)
    return _shown(request, row, paths, node, form)


def _recorded(request: HttpRequest, actor: Actor, row: Round, node: Node, form: DoorForm) -> HttpResponseBase:
    data = form.cleaned_data
    heard = Heard(data["text"], data.get("question") or 0, data["name"], data["helper"], data["quiet"])
    kept = actions.record(
        actor=actor, row=row, building=node, outcome=request.POST.get("outcome", ""), key=data["retry"], heard=heard,
        dwelling_id=data["dwelling"],
    )  # fmt: skip
    here = reverse("field:opinion-building", args=[row.code, node.code])
    if not kept.receipt:
        shell.toast(request, _("记下了：%s。") % dict(Outcome.choices)[Outcome(kept.outcome)])
        return HttpResponseRedirect(here)
    link = request.build_absolute_uri(f"/t/{kept.receipt}")
    context = {"receipt": kept.receipt, "link": link, "back": here, "round": row}
    response = render(request, "field/opinion_slip.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _shown(request: HttpRequest, row: Round, paths: tuple[str, ...], node: Node, form: DoorForm) -> HttpResponse:
    stairs = queries.stairs(row, node, paths)
    chosen = _door(str(form["dwelling"].value() or ""))
    label = next((f"{s.node.name} {d.number}" for s in stairs for d in s.doors if d.id == chosen), "")
    asked = bool(label) or not stairs or form.is_bound
    made = queries.tallies(row, [s for s in queries.my_stretches(row, paths) if s.building_id == node.id])
    known = tree(row.district_id)
    context = {
        "round": row, "node": node, "where": known.full_name(node, below="quarter"), "stairs": stairs, "form": form,
        "chosen": chosen, "label": label, "asked": asked, "t": made[node.id], "open": row.state == State.OPEN,
        "question": row.questions[0] if len(row.questions) == 1 else "",
    }  # fmt: skip
    return render(request, "field/opinion_building.html", context, status=422 if form.errors else 200)


def _door(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
