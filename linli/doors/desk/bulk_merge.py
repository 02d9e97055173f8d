"""并成一件: several of one cause become one job. Which one stays is chosen; each keeps its own reply and rating."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linli.core.matters import acting, actions, showing
from linli.core.matters.asking import LINE, text_field
from linli.core.matters.models import Matter
from linli.core.matters.present import Presenter
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.doors.desk.bulk import Line, picked
from linli.doors.desk.gate import back_to
from linli.kit import shell
from linli.kit.refusal import Refused


class MergeForm(forms.Form):
    """Which of them the others go into, and why they are one."""

    into = forms.ChoiceField(label=lazy("并到哪一件"), widget=forms.RadioSelect)
    reason = text_field(lazy("为什么是同一件事"), limit=LINE)

    def __init__(self, lines: list[Line], data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        choices = [(line.matter.number, f"{line.matter.number}　{line.matter.title}") for line in lines]
        self.fields["into"].choices = choices  # type: ignore[attr-defined]
        if not data and choices:
            self.initial["into"] = min(lines, key=lambda line: line.matter.pk).matter.number  # the oldest


@require_http_methods(["GET", "POST"])
@staff_page
def merge(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    chosen = picked(request, actor)
    back = back_to(request, reverse("desk:queue"))
    lines = [Line(matter, _why_not(actor, matter)) for matter, _version in chosen]
    go = [line for line in lines if not line.why_not]
    if len(chosen) < 2:
        messages.warning(request, _("要并，至少选两件。"))
        return HttpResponseRedirect(back)
    form = MergeForm(go, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _do(request, actor, [line.matter for line in go], form, back)
    context = {
        "form": form,
        "sides": _sides(actor, [line.matter for line in go]),
        "go": go,
        "stay": [line for line in lines if line.why_not],
        "back": back,
    }
    return render(request, "desk/bulk_merge.html", context, status=422 if form.errors else 200)


def _sides(actor: Actor, matters: list[Matter]) -> list[dict[str, Any]]:
    """Side by side: what was said, where, when, by which way, who has it, and the pictures."""
    if not matters:
        return []
    presenter = Presenter(matters[0].district_id, actor)
    known = presenter.tree
    return [
        {"m": m, "d": told, "words": showing.words(m),
         "where": known.full_name(known.by_id[m.place_id]) if m.place_id in known.by_id else ""}
        for m, told in zip(matters, presenter.many(matters), strict=True)
    ]  # fmt: skip


def _why_not(actor: Actor, matter: Matter) -> str:
    try:
        acting.must_allow(actor, matter, "merge")
    except Refused as refused:
        return refused.message
    return ""


def _do(request: HttpRequest, actor: Actor, go: list[Matter], form: MergeForm, back: str) -> HttpResponseBase:
    into = next(matter for matter in go if matter.number == form.cleaned_data["into"])
    done = 0
    for matter in go:
        if matter.pk == into.pk:
            continue
        try:
            actions.merge(
                actor=actor, district_id=matter.district_id, matter_id=matter.pk, into_id=into.pk,
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except Refused as refused:
            messages.warning(request, _("没并成：%s") % f"{matter.number}　{matter.title}：{refused.message}")
        else:
            done += 1
    if done:
        shell.toast(request, _("%(n)d 件并到 %(into)s，一起办。") % {"n": done, "into": into.number})
    return HttpResponseRedirect(back)
