"""Words for one of those who serve a door, or the wish to be called back: a matter like any other, with its clock.

It goes to that very post where somebody can answer there, else by rule to the grid worker, with the name of who was
meant. Name and phone are sealed as everywhere; only who has to call back may open them, and every look is logged.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from linli.core.people.models import Post
from linli.core.people.signing import NAME_LONGEST
from linli.doors.resident import filing, saying
from linli.doors.resident.forms import Resident, area, new_key
from linli.doors.resident.placing import Spot
from linli.doors.resident.visitor import visitor
from linli.doors.sign import finding
from linli.kit import crypto, errors, rates
from linli.kit.refusal import NotFound, Refused

LONGEST = 1000
OFTEN, SECONDS = 20, 600  # messages of one address, which a whole house may share


class WriteForm(Resident):
    """What one says to one person. A call back needs a number and no words."""

    text = forms.CharField(
        label=lazy("想说什么"), max_length=LONGEST, required=False, widget=area(rows=5),
        error_messages={"max_length": lazy("最多 %(limit_value)d 字，现在是 %(show_value)d 字。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=lazy("电话"), required=False, max_length=40,
        help_text=lazy("加密存着，只有要给您回话的人能看，看一次记一次，您查得到。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    name = forms.CharField(
        label=lazy("怎么称呼您"), required=False, max_length=NAME_LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    confidential = forms.BooleanField(
        label=lazy("别公开"), required=False, help_text=lazy("公开台账上不写内容，名字和电话只有回话的人看得到。")
    )
    key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, call: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call
        if call:
            self.fields["text"].label = _("为什么事")
            self.fields["phone"].required = True
            self.fields["phone"].error_messages["required"] = _("要请人打给您，就得留个号码。")
            del self.fields["confidential"]
        else:
            self.fields["text"].required = True
            self.fields["text"].error_messages["required"] = _("写一句就行：什么事，在哪里。")

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"].strip()
        if not typed and not self.call:
            return ""
        try:
            return crypto.normal_phone(typed)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean_key(self) -> str:
        key = str(self.cleaned_data["key"])
        return key if len(key) == 32 and key.isalnum() else new_key()


@never_cache
@sensitive_post_parameters("phone", "name", "text")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, door: str, post: str) -> HttpResponse:
    """The form, and sending it. An old sign leads to its heir's own page first."""
    found = finding.read(door)
    if found.spot is None:
        return redirect("sign:door", found.code) if found.heirs else _nobody()
    try:
        who = finding.person(found.spot, post)
    except NotFound:
        return _nobody()
    call = (request.POST if request.method == "POST" else request.GET).get("call") == "1"
    if request.method != "POST":
        return _page(request, WriteForm(call=call, initial={"key": new_key()}), found, who)
    form = WriteForm(request.POST, call=call)
    return _send(request, form, found, who)


def _nobody() -> HttpResponse:
    raise Http404


def _send(request: HttpRequest, form: WriteForm, found: finding.Sign, who: dict[str, Any]) -> HttpResponse:
    spot = found.spot
    assert spot is not None, "the page was found"
    if not form.is_valid():
        return _page(request, form, found, who, status=422)
    try:
        rates.count("door-say", rates.address(request), limit=OFTEN, seconds=SECONDS)
        receipt = filing.file(request, visitor(request), _said(form, spot, who))
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    except Refused as refused:
        if filing.is_reused(refused):
            again = {**form.cleaned_data, "key": new_key()}
            return _page(request, WriteForm(call=form.call, initial=again), found, who, status=409, again=True)
        form.complain(refused)
        return _page(request, form, found, who, status=422)
    return saying.filed(request, spot.district_id, receipt)


def _said(form: WriteForm, spot: Spot, who: dict[str, Any]) -> filing.Said:
    typed = form.cleaned_data
    return filing.Said(
        key=typed["key"], kind=_kind(spot), text=_words(form, who), spot=spot, name=typed["name"], phone=typed["phone"],
        confidential=True if form.call else (typed.get("confidential") or None),
        channel=saying.channel(spot.district_id, "qr"), meant=_post(spot, who) if who["answers"] else None,
    )  # fmt: skip


def _words(form: WriteForm, who: dict[str, Any]) -> str:
    """The first sentence becomes the title: it says for whom this is."""
    meant = who["name"] if who["title"] == who["name"] else f"{who['title']}{who['name']}"
    said: str = form.cleaned_data["text"].replace("\r\n", "\n").strip()
    if form.call:
        return _("请%(who)s给我回电话。") % {"who": meant} + said
    return _("写给%(who)s：%(said)s") % {"who": meant, "said": said}


def _kind(spot: Spot) -> str:
    """The plainest kind that residents may say; it is dispatched by rule wherever nobody answers in person."""
    return str(saying.open_kinds(spot.district_id)[0].code)


def _post(spot: Spot, who: dict[str, Any]) -> Any:
    rows = Post.objects.filter(district_id=spot.district_id, code=who["post"])
    return rows.values_list("pk", flat=True).get()


def _page(
    request: HttpRequest, form: WriteForm, found: finding.Sign, who: dict[str, Any], *, status: int = 200,
    again: bool = False,
) -> HttpResponse:  # fmt: skip
    context = {"form": form, "spot": found.spot, "code": found.code, "who": who, "call": form.call, "again": again}
    return render(request, "sign/write.html", context, status=status)
