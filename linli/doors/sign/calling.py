"""A call over the provider's bridge: both are rung, neither sees the other's number. Not there where no bridge is."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import structlog
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from linli.core.people.models import Post
from linli.doors.resident.forms import Resident
from linli.doors.resident.placing import Spot
from linli.doors.sign import finding
from linli.kit import bridge, crypto, errors, rates
from linli.kit.refusal import NotFound

OFTEN, SECONDS = 3, 600  # calls of one address; and of one person who is rung
RUNG = 6
log = structlog.get_logger(__name__)


class CallForm(Resident):
    """The number that is rung first."""

    phone = forms.CharField(
        label=lazy("您的电话"), max_length=40, help_text=lazy("先打给您，再接通对方。号码不存，对方也看不到。"),
        error_messages={"required": lazy("要接通，就得有个号码。")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip

    def clean_phone(self) -> str:
        try:
            return crypto.normal_phone(self.cleaned_data["phone"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem


@never_cache
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, door: str, post: str) -> HttpResponse:
    """Ask for the caller's number, then have both rung."""
    found = finding.read(door)
    if found.spot is None or not bridge.current().ready:
        raise Http404
    try:
        who = finding.person(found.spot, post)
    except NotFound:
        raise Http404 from None
    form = CallForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "spot": found.spot, "code": found.code, "who": who, "rung": False}
    if request.method != "POST" or not form.is_valid():
        return render(request, "sign/call.html", context, status=422 if form.is_bound else 200)
    try:
        rates.count("bridge", rates.address(request), limit=OFTEN, seconds=SECONDS)
        rates.count("bridge-to", f"{found.spot.district_id}:{post}", limit=RUNG, seconds=SECONDS)
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    if not _connect(found.spot, who, form.cleaned_data["phone"]):
        form.add_error(None, _("没接通。可以请他给您回电话，有人接、有钟在走。"))
        return render(request, "sign/call.html", context, status=503)
    return render(request, "sign/call.html", {**context, "rung": True})


def _connect(spot: Spot, who: dict[str, Any], caller: str) -> bool:
    row = Post.objects.filter(district_id=spot.district_id, code=who["post"]).select_related("person").first()
    sealed = row.person.phone if row and row.person else None
    if sealed is None:
        return False
    callee = crypto.unseal(bytes(sealed), context="person.phone")
    try:
        bridge.current().connect(district_id=spot.district_id, caller=caller, callee=callee, key=uuid4().hex)
    except bridge.BridgeError as error:
        log.warning("bridge.failed", post=who["post"], error=type(error).__name__)
        return False
    return True
