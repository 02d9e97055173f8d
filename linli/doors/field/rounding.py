"""流动说事点: one sitting, many who speak. Works without script; with it, also without a network (``round.js``)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import orjson
from django import forms
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.actions.opening import Asked, Opened
from linli.core.matters.catalogue import catalogue
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.doors.field.forms import RecordForm, channel_choices, place_choices
from linli.doors.field.recording import receipt_page, refuse
from linli.doors.resident import filing
from linli.kit import shell
from linli.kit.api import Repeat
from linli.kit.models import Answered
from linli.kit.refusal import Refused
from linli.kit.templatetags.linli import qr_svg
from linli.offices.rounds import actions, queries
from linli.offices.rounds.models import Round

# How a sitting is held, in this order; a district that has none of these offers what it has.
SITTING = ("mobile_point", "box", "talk_room", "hall", "service_team", "patrol", "visit")
RECEIPT = 40


class StartForm(forms.Form):
    """Where one sits down, and as what."""

    channel = forms.ChoiceField(label=lazy("怎么收"), choices=[], widget=forms.RadioSelect)
    place = forms.ChoiceField(label=lazy("在哪一片"), choices=[])
    spot = forms.CharField(
        label=lazy("摆在哪里"), max_length=40, required=False, help_text=lazy("大家认得的叫法，比如 3 号楼前的亭子。")
    )

    def __init__(self, actor: Actor, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        known, offered = tree(actor.district_id or 0), catalogue(actor.district_id or 0)
        ways = channel_choices(offered.channels, known)
        order = {code: n for n, code in enumerate(SITTING)}
        first = sorted(ways, key=lambda way: order.get(way[0], 99))
        for name, choices in (("channel", first[:6]), ("place", place_choices(actor, known))):
            shown = self.fields[name]
            assert isinstance(shown, forms.ChoiceField)
            shown.choices = choices


def _recorder(actor: Actor) -> None:
    if not actor.has(duties.RECORD) or actor.district_id is None:
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def sittings(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Sit down, go on with what is going, look at what was."""
    _recorder(actor)
    form = StartForm(actor, request.POST if request.method == "POST" else None, initial=_first(actor))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        place = tree(actor.district_id or 0).by_code[data["place"]]
        try:
            made = actions.start(actor=actor, place=place, channel=data["channel"], spot=data["spot"])
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return HttpResponseRedirect(reverse("field:round", args=[made.pk]))
    return _home(request, actor, form, 422 if request.method == "POST" else 200)


def _first(actor: Actor) -> dict[str, str]:
    """Most sit down in their own piece, as a 流动说事点 where there is one."""
    known = tree(actor.district_id or 0)
    paths = actor.paths(duties.RECORD)
    node = known.by_path.get(paths[0]) if paths else None
    ways = channel_choices(catalogue(known.district.id).channels, known)
    first = next((code for code in SITTING if code in dict(ways)), ways[0][0] if ways else "")
    return {"channel": first, "place": node.code if node else ""}


def _home(request: HttpRequest, actor: Actor, form: StartForm, status: int = 200) -> HttpResponse:
    page = queries.page(actor, cursor=request.GET.get("cursor", ""), mine=True)
    known, offered = tree(actor.district_id or 0), catalogue(actor.district_id or 0)
    record = RecordForm(actor, known, offered, initial={"key": ""})
    made = {"form": form, "page": page, "record": record, "channels": offered.channels, "me": actor,
            "going": next((r for r in page.items if r.ended_at is None), None)}  # fmt: skip
    return render(request, "field/rounds.html", made, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def sitting(request: HttpRequest, actor: Actor, round_id: UUID) -> HttpResponseBase:
    """One sitting: the next who speaks, and who has spoken."""
    round_ = queries.one(actor, round_id)
    known, offered = tree(round_.district_id), catalogue(round_.district_id)
    own = round_.post_id in {post.id for post in actor.posts}
    if request.method != "POST":
        form = RecordForm(actor, known, offered, initial={"key": uuid4().hex, "place": round_.place.code})
        return _shown(request, actor, round_, form, own=own)
    if not own:
        raise Http404
    data = request.POST.copy()
    data.setdefault("channel", round_.channel)
    if not (data.get("place") or data.get("door") or data.get("lon")):
        data["place"] = round_.place.code
    form = RecordForm(actor, known, offered, data)
    if form.is_valid() and form.found is not None:
        try:
            receipt = _record(request, actor, round_, form)
        except Refused as refused:
            refuse(form, refused)
        else:
            here = reverse("field:round", args=[round_.pk])
            return receipt_page(request, receipt, again=here, back=here, draft="field-round")
    return _shown(request, actor, round_, form, own=own, status=422)


def _record(request: HttpRequest, actor: Actor, round_: Round, form: RecordForm) -> str:
    """Once, however often it was pressed."""
    data, where = form.cleaned_data, form.found
    assert where is not None, "asked only where a place was found"
    body = {name: data[name] for name in ("kind", "text", "name", "phone", "channel", "confidential")}
    repeat = Repeat(data["key"], body | {"place": where.node.code}, f"round:{round_.pk}:{actor.user_id}")
    earlier = repeat.answered()
    if earlier is None:
        shots = request.FILES.getlist("attachments_files")
        uploads = filing.gather(request, actor, request.POST.getlist("attachments"), shots)
        asked = Asked(
            kind=data["kind"], text=data["text"], district_id=round_.district_id, place=where.node, lon=where.lon,
            lat=where.lat, name=data["name"].strip(), phone=data["phone"], channel=data["channel"], uploads=uploads,
            confidential=True if data["confidential"] else None,
        )  # fmt: skip

        def answer(opened: Opened) -> Answered:
            return repeat.row(round_.district_id, orjson.dumps({"receipt": opened.receipt}))

        try:
            return actions.record(actor=actor, round_id=round_.pk, asked=asked, answer=answer).receipt
        except IntegrityError:  # the same press twice at once
            earlier = repeat.answered()
            if earlier is None:
                raise
    return str(orjson.loads(earlier)["receipt"])


def _shown(
    request: HttpRequest, actor: Actor, round_: Round, form: RecordForm, *, own: bool, status: int = 200
) -> HttpResponse:
    lines = queries.lines(actor, round_)
    made = {"round": round_, "lines": lines, "form": form, "own": own and round_.ended_at is None,
            "channel": catalogue(round_.district_id).channels.get(round_.channel, round_.channel)}  # fmt: skip
    return render(request, "field/round.html", made, status=status)


@require_POST
@staff_page
def packing(request: HttpRequest, actor: Actor, round_id: UUID) -> HttpResponseBase:
    """Pack up; the summary stays."""
    actions.end(actor=actor, round_id=round_id)
    shell.toast(request, str(lazy("收摊了，辛苦。")))
    return HttpResponseRedirect(reverse("field:round", args=[round_id]))


@require_POST
@staff_page
def drawn(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A receipt as a QR code. It comes from the phone that received it, is drawn and forgotten."""
    receipt = request.POST.get("receipt", "").strip()[:RECEIPT]
    if not receipt:
        raise Http404
    response = HttpResponse(qr_svg(request.build_absolute_uri(f"/t/{receipt}")), content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@staff_page
def waiting(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What this phone has not sent yet. The list is made on the phone; the server knows nothing of it."""
    return render(request, "field/waiting.html", {"me": actor})
