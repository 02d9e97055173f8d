"""A rider's report 随手报 (P9): a photo or one of six kinds, where I am, send. Nothing has to be typed.

A rider is an outpost of public opinion (民情前哨), not a worker on a clock: nobody counts his reports, no place of his
is kept but the one that he sends with a report, and what comes of each is told to him.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Entry, Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places import locating
from linli.core.places.tree import tree
from linli.doors.field.recording import receipt_page
from linli.doors.resident import filing
from linli.doors.resident.placing import Spot
from linli.kit import paging
from linli.kit.refusal import Refused

RIDER = "rider"


@dataclass(frozen=True)
class Sight:
    """One of the six: what the big button says, and the sentence that is written down."""

    code: str
    word: str | Promise
    icon: str
    text: str | Promise
    kind: str = "appeal"
    category: str = ""  # by its Chinese name in the catalogue


SIGHTS: Sequence[Sight] = (
    Sight("light", lazy("路灯不亮"), "bulb", lazy("路灯不亮，晚上看不清路。")),
    Sight("road", lazy("路面坏了"), "alert-triangle", lazy("路面坏了，车过不稳当。")),
    Sight("cover", lazy("井盖松动"), "circle-dashed", lazy("井盖松动或没有盖，小心掉下去。"), "hazard"),
    Sight("rubbish", lazy("垃圾堆着"), "trash", lazy("垃圾堆着没人清。")),
    Sight("blocked", lazy("消防通道堵了"), "flame", lazy("消防通道被堵住了。"), "hazard"),
    Sight("wire", lazy("电线垂下来"), "bolt", lazy("电线垂下来了，够得着。"), "hazard"),
)
BY_CODE = {sight.code: sight for sight in SIGHTS}


class SpotForm(forms.Form):
    """A kind or a photo, and where. Words are for who has time."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    sight = forms.ChoiceField(
        label=lazy("看见什么了？"), choices=[(s.code, s.word) for s in SIGHTS], required=False, widget=forms.RadioSelect
    )
    text = forms.CharField(label=lazy("补一句"), max_length=200, required=False)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    place = forms.ChoiceField(label=lazy("在哪一片"), choices=[], required=False)

    def __init__(self, places: list[Any], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        shown = self.fields["place"]
        assert isinstance(shown, forms.ChoiceField)
        shown.choices = [("", _("用手机的定位")), *places]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("lon") is None and not data.get("place"):
            self.add_error("place", _("手机没给定位，就选一片。"))
        return data


def only_rides(actor: Actor) -> bool:
    """Whether the notebook is too much: somebody who serves as nothing but a rider."""
    return bool(actor.posts) and all(post.role == RIDER for post in actor.posts)


def mine(actor: Actor) -> QuerySet[Matter]:
    """What I reported from the street: it was recorded under my own post."""
    posts = [post.id for post in actor.posts]
    return Matter.objects.filter(district_id=actor.district_id or 0, recorded_by_id__in=posts)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def spot(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One screen; the answer is the receipt."""
    if not actor.has(duties.RECORD) or actor.district_id is None:
        raise Http404
    places = _places(actor)
    if request.method != "POST":
        return _asked(request, SpotForm(places, initial={"key": uuid4().hex}))
    form = SpotForm(places, request.POST)
    pictured = bool(request.POST.getlist("attachments") or request.FILES.getlist("attachments_files"))
    if form.is_valid() and not (form.cleaned_data["sight"] or pictured or form.cleaned_data["text"].strip()):
        form.add_error("sight", _("点一样，或者拍一张。"))
    if form.is_valid():
        try:
            receipt = filing.file(request, actor, _said(request, actor, form.cleaned_data))
        except Refused as refused:
            form.add_error(None, " ".join([refused.message, *refused.fields.values()][:2]))
        else:
            return receipt_page(
                request, receipt, again="field:spot", back="field:spotted", draft="field-spot", own=True
            )
    return _asked(request, form, status=422)


def _places(actor: Actor) -> list[Any]:
    """The quarters below my post, or the grid or house that it is for: chosen where the phone gives no position."""
    known, paths = tree(actor.district_id or 0), actor.paths(duties.RECORD)
    inside = [n for n in known.by_id.values() if any(n.path.startswith(p) for p in paths)]
    offered = [n for n in inside if n.level in ("community", "quarter")] or [n for n in inside if n.path in paths]
    return [(n.code, n.name) for n in sorted(offered, key=lambda n: n.path)][:200]


def _asked(request: HttpRequest, form: SpotForm, status: int = 200) -> HttpResponseBase:
    made = {"form": form, "sights": SIGHTS, "chosen": form["sight"].value(), "lon": form["lon"].value() or "",
            "lat": form["lat"].value() or "", "kept": request.POST.getlist("attachments")}  # fmt: skip
    return render(request, "field/spot.html", made, status=status)


def _said(request: HttpRequest, actor: Actor, data: dict[str, Any]) -> filing.Said:
    district_id = actor.district_id or 0
    known, offered = tree(district_id), catalogue(district_id)
    sight = BY_CODE.get(data["sight"])
    words = " ".join(filter(None, (str(sight.text) if sight else "", data["text"].strip()))) or _("请看照片。")
    node = known.by_code.get(data["place"]) if data["place"] else None
    lon, lat = data["lon"], data["lat"]
    if node is None:
        located = locating.locate(lon, lat, district_id)
        if located is None:
            raise Refused(_("定位不在本区，选一片再发。"))
        node = located[1]
    kind = sight.kind if sight and sight.kind in offered.kinds else "appeal"
    return filing.Said(
        key=data["key"], kind=kind, text=words, spot=Spot(district_id, node), lon=lon, lat=lat,
        channel="rider" if "rider" in offered.channels else "patrol",
        ids=request.POST.getlist("attachments"), shots=request.FILES.getlist("attachments_files"),
    )  # fmt: skip


@require_safe
@staff_page
def spotted(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What I reported and what came of it, with a word of thanks."""
    if not actor.has(duties.RECORD):
        raise Http404
    page = paging.page(mine(actor), cursor=request.GET.get("cursor") or None, limit=20)
    came = _came_of(actor.district_id or 0, page.items)
    rows = [{"m": matter, "came": came.get(matter.pk, ""), "done": matter.resolved_at} for matter in page.items]
    return render(request, "field/spotted.html", {"rows": rows, "page": page})


def _came_of(district_id: int, matters: Sequence[Matter]) -> dict[Any, str]:
    """The words with which each was resolved: they were written for whoever spoke up. One query for the page."""
    done = [m.pk for m in matters if m.resolved_at is not None]
    rows = Entry.objects.filter(district_id=district_id, matter_id__in=done, act="resolve").order_by("matter_id", "seq")
    return {row.matter_id: row.text for row in rows}
