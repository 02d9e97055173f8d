"""A receipt typed into a page: what was said by it, or a plain word why nothing is found. Trying many is slow."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.askpage import PlainForm
from linli.kit import errors, rates
from linli.kit.refusal import Conflict

T = TypeVar("T")
TRIES = 30  # receipts a minute from one address


class ReceiptForm(PlainForm):
    """The code that stands on a receipt, as it was written down."""

    receipt = forms.CharField(
        label=lazy("回执上的码"), max_length=80, help_text=lazy("说的那一刻给您的，二十位，横线可以不写。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.about = None


def by_receipt(
    request: HttpRequest, find: Callable[[str], T | None], show: Callable[[ReceiptForm, T | None, int], HttpResponse]
) -> HttpResponse:
    """``find`` looks a receipt up (ValueError: it is none), ``show`` makes the page of form, what was found, status."""
    if request.method != "POST":
        return show(ReceiptForm(), None, 200)
    try:
        rates.count("receipt", rates.address(request), limit=TRIES)
    except rates.TooOften as often:
        return errors.too_many(request, often.retry_after)
    form = ReceiptForm(request.POST)
    found = _found(form, find) if form.is_valid() else None
    return show(form, found, 422 if found is None else 200)


def _found(form: ReceiptForm, find: Callable[[str], T | None]) -> T | None:
    try:
        found = find(form.cleaned_data["receipt"])
    except ValueError as wrong:
        form.add_error("receipt", str(wrong))
        return None
    if found is None:
        form.add_error("receipt", _("没有这张回执，请再看一遍。"))
    return found


def erased_by_speaker(
    request: HttpRequest, find: Callable[[str], T | None], mine: Callable[[uuid.UUID], T | None],
    erase: Callable[[T, str], object], done: Callable[[T, str], HttpResponseBase],
) -> HttpResponseBase:  # fmt: skip
    """The speaker has words erased: by the receipt, or by an account's own row (``said``). Nobody else's is there."""
    receipt, found = request.POST.get("receipt", "")[:80], None
    try:
        rates.count("receipt", rates.address(request), limit=TRIES)
        found = find(receipt) if receipt else mine(uuid.UUID(request.POST.get("said", "")))
    except rates.TooOften as often:
        return errors.too_many(request, often.retry_after)
    except ValueError:
        found = None
    if found is None:
        raise Http404
    try:
        erase(found, receipt)
        messages.success(request, _("原话抹掉了。说过的这一句还算数，只是谁也读不到了。"))
    except Conflict as refused:
        messages.error(request, refused.message)
    return done(found, receipt)
