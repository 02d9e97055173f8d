"""The page on which somebody covers more of a picture or keeps it from others; every door shows the same one."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions import picturing
from linli.core.matters.actions.rights import is_reporter
from linli.core.matters.models import Attachment, Matter
from linli.core.matters.pictures.showing import may_see_original
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit import shell
from linli.kit.refusal import NotFound, Refused

SIDES = (("x", lazy("左边起")), ("y", lazy("上边起")), ("w", lazy("宽")), ("h", lazy("高")))


def may_keep(actor: Actor, matter: Matter) -> bool:
    """The handler, and the one who spoke up."""
    return actor.held(duties.HANDLE, matter.handler_id) is not None or is_reporter(matter, actor)


class BoxForm(forms.Form):
    """A box in hundredths of the picture: what a pointer draws, fingers can type."""

    x = forms.FloatField(min_value=0, max_value=99.9)
    y = forms.FloatField(min_value=0, max_value=99.9)
    w = forms.FloatField(min_value=0.5, max_value=100)
    h = forms.FloatField(min_value=0.5, max_value=100)


def page(
    request: HttpRequest, *, actor: Actor, matter: Matter, attachment: uuid.UUID, base: str, back: str, image: str
) -> HttpResponseBase:
    """Show it and its two acts; a post does one of them. NotFound for who may not and for a picture elsewhere."""
    held = Attachment.objects.filter(district_id=matter.district_id, matter_id=matter.pk, pk=attachment).first()
    if held is None or not may_keep(actor, matter):
        raise NotFound(_("没有找到这张照片。"))
    made: dict[str, Any] = {"base": base, "back": back, "image": image, "matter": matter, "held": held,
                            "own": is_reporter(matter, actor), "typed": request.POST,
                            "seen": bool(held.shown_path) or may_see_original(actor, held)}  # fmt: skip
    if request.method == "POST":
        try:
            shell.toast(request, _act(request, actor, matter, held))
        except Refused as refused:
            made |= {"wrong": refused.fields.get("reason") or refused.message, "act": request.POST.get("act", "")}
        else:
            return HttpResponseRedirect(request.get_full_path())
    made["sides"] = [(name, label, request.POST.get(name, "")) for name, label in SIDES]
    response = render(request, "matters/picture.html", made, status=422 if "wrong" in made else 200)
    response["Cache-Control"] = "no-store"
    return response


def _act(request: HttpRequest, actor: Actor, matter: Matter, held: Attachment) -> str:
    ids = {"district_id": matter.district_id, "matter_id": matter.pk, "attachment": held.pk}
    given: dict[str, Any] = {"actor": actor, **ids}
    act = request.POST.get("act", "")
    if act in ("hide", "show"):
        picturing.hide(hidden=act == "hide", reason=request.POST.get("reason", ""), **given)
        return _("照片收起来了，别人看不到。") if act == "hide" else _("照片又给人看了。")
    form = BoxForm(request.POST)
    if not form.is_valid():
        raise Refused(_("框要在照片里面：在照片上拖一个框，或把四个数填全（0 到 100）。"))
    picturing.cover(**{name: value / 100 for name, value in form.cleaned_data.items()}, **given)
    return _("遮上了。重做好之前，别人看不到这张照片。")
