"""替居民记一件: staff write down what somebody says at the counter, on the telephone or at the door.

The receipt belongs to that person. It is sealed into the session for one single page, which can be printed, and is then
gone; nobody on the staff can read it again.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters import seeing, showing
from linli.core.matters.actions.opening import TEXT_LIMIT, Asked, prepare
from linli.core.matters.asking import Finding, One, text_field
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.models import Kind, Matter
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import roster
from linli.core.places import locating
from linli.core.places.tree import Node
from linli.doors.desk.gate import param
from linli.kit import api as manners
from linli.kit import crypto, files
from linli.kit.refusal import Invalid, NotFound, Refused
from linli.kit.writer import insert

SLIP = "desk_slip"
_SLIP_CONTEXT = "desk.slip"


@dataclass(frozen=True)
class Recorded:
    """What one recording came to."""

    number: str
    receipt: str


class NewForm(Finding):
    """What is written down. One place: found by name, or a point on the map."""

    finders = {"place": PLACES}

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    text = text_field(lazy("居民怎么说的"), lazy("照原话记。别记身份证号。"), limit=TEXT_LIMIT)
    kind = forms.ChoiceField(label=lazy("是哪种事"), choices=[], widget=forms.RadioSelect)
    place = One(label=lazy("在哪里"), help_text=lazy("按名字找；说不清的，在下面图上点。"))
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    channel = forms.ChoiceField(label=lazy("怎么说来的"), choices=[])
    name = forms.CharField(label=lazy("怎么称呼"), required=False, max_length=40)
    phone = forms.CharField(
        label=lazy("手机号"), required=False, max_length=40, help_text=lazy("只有要回电话的经办人能看，看一次记一次。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    anonymous = forms.BooleanField(
        label=lazy("不留名"), required=False, help_text=lazy("名字和电话都不记，凭回执码查。")
    )
    confidential = forms.BooleanField(
        label=lazy("要保密"), required=False, help_text=lazy("只有经办人看得到联系方式，公开页上没有。")
    )
    attachments = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, actor: Actor, data: Any = None) -> None:
        self.about = Ground(actor, duties.RECORD)
        known = catalogue(actor.district_id or 0)
        first = {"key": uuid4().hex, "channel": "desk"}
        super().__init__(data, initial=first, label_suffix="")
        self.fields["kind"].choices = [(k.code, k.name) for k in self.kinds(known)]  # type: ignore[attr-defined]
        self.fields["channel"].choices = list(known.channels.items())  # type: ignore[attr-defined]
        self.prepare()

    def kinds(self, known: Catalogue) -> list[Kind]:
        """What residents say; alarms and tasks come another way."""
        return [k for k in known.kinds.values() if k.residents and not k.admission]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("anonymous") and (data.get("name") or data.get("phone")):
            self.add_error("anonymous", _("勾了不留名，就把称呼和手机号删掉。"))
        pointed = data.get("lon") is not None and data.get("lat") is not None
        if not data.get("place") and not data.get("place_word"):
            self.errors.pop("place", None)
            if not pointed:
                self.add_error("place", _("说一下在哪里：按名字选一处，或者在图上点一下。"))
        return data

    def kept(self) -> list[str]:
        return [str(v) for v in (self["attachments"].value() or [])]


class TaskForm(NewForm):
    """What a department wants done in a community. It comes from no resident; an admission must cover it."""

    text = text_field(lazy("要社区做什么"), lazy("做什么、填什么、哪天要。"), limit=TEXT_LIMIT)

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(actor, data)
        self.fields["kind"].label = _("是哪种任务")
        self.fields["channel"].label = _("哪里来的")
        for name in ("name", "phone", "anonymous", "confidential"):
            del self.fields[name]

    def kinds(self, known: Catalogue) -> list[Kind]:
        return [k for k in known.kinds.values() if k.admission]


def gives_tasks(actor: Actor) -> bool:
    return actor.has(duties.APPLY) or actor.has(duties.DISPATCH)


def _form(request: HttpRequest, actor: Actor) -> NewForm:
    made = TaskForm if param(request, "task") and gives_tasks(actor) else NewForm
    return made(actor, request.POST if request.method == "POST" else None)


@require_http_methods(["GET", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The form, and opening the matter; then the slip, once."""
    form = _form(request, actor)
    if request.method == "POST" and "find" in request.POST:
        form.is_valid()
        for name in [n for n in form.errors if n != "place" or not form.data.get("place_word")]:
            del form.errors[name]
        return _page(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            made = _open(actor, form, _pictures(request, actor, form))
        except Refused as refused:
            _refuse(form, refused)
        else:
            _keep(request, made, task=isinstance(form, TaskForm))
            return HttpResponseRedirect(reverse("desk:slip"))
    return _page(request, form)


def _page(request: HttpRequest, form: NewForm) -> HttpResponseBase:
    own = form.about.tree.by_path.get(form.about.paths[0])
    # From a street upwards the cells are too many to be read: communities tell enough to find one's way.
    small = own is not None and own.level not in ("district", "street")
    level = form.about.tree.district.cell_level if small else "community"
    url = f"/api/v1/places.geojson?level={level}" + (f"&place={own.code}" if own else "")
    context = {"form": form, "map_url": url, "find_url": reverse("desk:new-places"), "task": isinstance(form, TaskForm)}
    return render(request, "desk/new.html", context, status=422 if form.is_bound and form.errors else 200)


@require_GET
@staff_page
def places(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The places that a typed word means."""
    if param(request, "for") != "place":
        raise Http404
    return render(request, "matters/found.html", {"bound": NewForm(actor, request.GET).looked_up("place")})


def _pictures(request: HttpRequest, actor: Actor, form: NewForm) -> list[str]:
    """Ids sent by the script, and files that travelled with the form where there is none."""
    ids = form.kept()
    for one in request.FILES.getlist("attachments_files")[: files.MOST_PICTURES]:
        ids.append(str(files.take(one, owner=files.owner(actor.user_id)).pk))
    return ids


def _open(actor: Actor, form: NewForm, pictures: list[str]) -> Recorded:
    """Open it once, however often the button was pressed: the form's key is an idempotency key."""
    data = form.cleaned_data
    names = ("text", "kind", "place", "lon", "lat", "channel", "name", "phone", "anonymous", "confidential")
    repeat = manners.Repeat(data["key"], {name: data.get(name) for name in names}, f"desk {actor.user_id}")
    earlier = repeat.answered()
    if earlier is None:
        asked = _asked(actor, data, pictures)
        opened, rows = prepare(actor=actor, asked=asked)
        body = json.dumps({"number": opened.matter.number, "receipt": opened.receipt}).encode()
        try:
            insert([*rows, repeat.row(asked.district_id, body)])
        except IntegrityError:
            earlier = repeat.answered()  # the same form twice at once: the other one was first
            if earlier is None:
                raise
        else:
            files.used(asked.uploads)
            return Recorded(opened.matter.number, opened.receipt)
    return Recorded(**json.loads(earlier))


def _asked(actor: Actor, data: dict[str, Any], pictures: list[str]) -> Asked:
    node = _place(actor, data)
    return Asked(
        kind=data["kind"], text=data["text"], district_id=actor.district_id or 0, place=node, lon=data.get("lon"),
        lat=data.get("lat"), name=data.get("name", "").strip(), phone=data.get("phone", "").strip(),
        anonymous=data.get("anonymous", False), confidential=True if data.get("confidential") else None,
        channel=data["channel"], uploads=files.waiting(pictures, actor.user_id),
    )  # fmt: skip


def _place(actor: Actor, data: dict[str, Any]) -> Node:
    known = Ground(actor, duties.RECORD).tree
    if data.get("place"):
        node = known.by_code.get(data["place"])
        if node is not None:
            return node
    elif data.get("lon") is not None and data.get("lat") is not None:
        found = locating.locate(data["lon"], data["lat"], actor.district_id)
        if found is not None:
            return found[1]
    message = _("没有找到这个地方，换个写法，或者在图上点一下。")
    raise Invalid(message, fields={"place": message})


def _refuse(form: NewForm, refused: Refused) -> None:
    names = {"contact.phone": "phone", "contact.name": "name", "lon": "place"}
    own = {names.get(n, n): words for n, words in refused.fields.items() if names.get(n, n) in form.fields}
    for name, words in own.items():
        form.add_error(name, words)
    if not own:
        said = _("这一份已经记过一回，要再记一件，请从头写。") if refused.code == "key_reused" else refused.message
        form.add_error(None, said)


# ── the slip ────────────────────────────────────────────────────────────────────────────────────────────────────


def _keep(request: HttpRequest, made: Recorded, *, task: bool) -> None:
    """For one page: sealed, because sessions lie in the database and a receipt must not."""
    sealed = crypto.seal(json.dumps([made.number, made.receipt, task]), context=_SLIP_CONTEXT)
    request.session[SLIP] = base64.b64encode(sealed).decode()


@require_GET
@staff_page
def slip(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The receipt, once; a second look says where to go on instead."""
    sealed = request.session.pop(SLIP, "")
    if not sealed:
        return render(request, "desk/slip_gone.html", status=410)
    number, receipt, task = json.loads(crypto.unseal(base64.b64decode(sealed), context=_SLIP_CONTEXT))
    qr = request.build_absolute_uri(f"/t/{receipt}")
    context = {"number": number, "receipt": receipt, "qr": qr, "task": task}
    response = render(request, "desk/slip.html", context | _about(actor, number))
    response["Cache-Control"] = "no-store"
    return response


def _about(actor: Actor, number: str) -> dict[str, Any]:
    """Who has it and by when: what one says to the person at the counter."""
    try:
        matter: Matter | None = seeing.get_matter(actor, number)
    except NotFound:
        return {}
    assert matter is not None
    held_by = matter.handler_id or matter.first_id
    held = roster(matter.district_id).by_id.get(held_by) if held_by else None
    return {"matter": matter, "holder": held, "leading": showing.leading(matter, matter.clocks)}
