"""What residents fill in. A form keeps every word typed, whatever is wrong with it."""

from __future__ import annotations

import re
import uuid
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.core.matters.actions.opening import TEXT_LIMIT
from linli.core.matters.models import Kind
from linli.core.people.forms import Complaining
from linli.core.people.signing import NAME_LONGEST
from linli.kit import crypto

SCORES: Final = ((5, _("很好")), (4, _("好")), (3, _("一般")), (2, _("不好")), (1, _("很差")))
_KEY: Final = re.compile(r"[0-9a-f]{32}")
# How the actions name a field, and how the form does.
_ALSO: Final = {"contact.phone": "phone", "attachments": "pictures", "place": "where", "lon": "where", "door": "where"}


def new_key() -> str:
    """A key for one filing: the same form sent twice makes one matter."""
    return uuid.uuid4().hex


def area(**attrs: object) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": 5, **attrs})


class Resident(Complaining):
    """A form whose refused fields may go by another name in the actions."""

    def complain(self, refused: Any) -> None:
        refused.fields = {_ALSO.get(name, name): words for name, words in refused.fields.items()}
        super().complain(refused)


# While somebody types, what neighbours said already is looked up; without script the first sending asks (``helping``).
HELPED: Final = {
    "data-most": TEXT_LIMIT, "hx-post": "/say/help/", "hx-trigger": "input changed delay:900ms, linli:where",
    "hx-target": "#help", "hx-swap": "outerHTML", "hx-sync": "this:replace",
}  # fmt: skip


class SayForm(Resident):
    """说一件事. ``where`` and ``pictures`` are drawn apart; they stand here so that an error finds its place."""

    text = forms.CharField(
        label=_("您遇到什么事了？"),
        help_text=_("什么坏了、在哪一层、什么时候起，想到什么写什么。"),
        error_messages={"required": _("写一句就行：什么事，在哪里。")},
        widget=area(rows=6, **HELPED),
    )
    kind = forms.ChoiceField(label=_("这是哪一类"), required=False, widget=forms.RadioSelect)
    where = forms.CharField(label=_("在哪里"), required=False, widget=forms.HiddenInput)
    pictures = forms.CharField(label=_("照片"), required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("怎么称呼您"), required=False, max_length=NAME_LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("电话"),
        required=False,
        max_length=40,
        help_text=_("加密存着，只有要给您回话的人能看，看一次记一次，您查得到。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    anonymous = forms.BooleanField(
        label=_("不留名"), required=False, help_text=_("名字和电话都不存，只凭回执码查，我们也找不到您。")
    )
    confidential = forms.BooleanField(
        label=_("保密"),
        required=False,
        help_text=_("留了联系方式，但只有回话的那一个人看得到，公开台账上不写内容。"),
    )
    helper = forms.BooleanField(
        label=_("我替邻居填"), required=False, help_text=_("这件事是他的，回执给他。不记在您的账号和手机上。")
    )
    key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kinds: list[Kind], wants_call: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wants_call = wants_call
        choices = [(kind.code, kind.name) for kind in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        self.fields["kind"].initial = choices[0][0] if choices else ""

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        if len(text) > TEXT_LIMIT:
            words = {"limit": f"{TEXT_LIMIT:,}", "now": f"{len(text):,}"}
            words["over"] = f"{len(text) - TEXT_LIMIT:,}"
            raise forms.ValidationError(
                _("最多 %(limit)s 字，现在是 %(now)s 字，还要删 %(over)s 字。您写的都还在。") % words
            )
        return text

    def clean_kind(self) -> str:
        return str(self.cleaned_data["kind"] or self.fields["kind"].initial)

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"].strip()
        if not typed:
            if self.wants_call:
                raise forms.ValidationError(_("要请人打给您，就得留个号码。"))
            return ""
        try:
            return crypto.normal_phone(typed)
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        return key if _KEY.fullmatch(key) else new_key()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("anonymous"):
            # Not kept by mistake: what somebody typed before ticking "no name" is dropped here, before any action.
            typed["name"] = typed["phone"] = ""
            if self.wants_call:
                self.add_error("anonymous", _("不留名就没法给您打电话，两样里选一样。"))
        return typed


class RateForm(Resident):
    """Five words, and a word of one's own: thanks or blame."""

    score = forms.TypedChoiceField(
        label=_("您看办得怎么样？"), choices=SCORES, coerce=int, widget=forms.RadioSelect,
        error_messages={"required": _("五个里点一个。"), "invalid_choice": _("五个里点一个。")},
    )  # fmt: skip
    words = forms.CharField(
        label=_("想对办事的人说句话"), required=False, max_length=2000, widget=area(rows=2),
        help_text=_("谢一声、说个不足，都会记在过程里。"),
    )  # fmt: skip


class ContestForm(Resident):
    """Not fixed: what is still wrong."""

    text = forms.CharField(
        label=_("哪里没办好？"), max_length=2000, widget=area(rows=3),
        error_messages={"required": _("写一句哪里没办好。")},
    )  # fmt: skip
    pictures = forms.CharField(label=_("照片"), required=False, widget=forms.HiddenInput)


class ThankForm(Resident):
    """A word of thanks; an empty one thanks as well."""

    thanks = forms.CharField(
        label=_("谢一声"), required=False, max_length=500, widget=area(rows=2),
        help_text=_("会告诉办事的人，也记在过程里。不算评价。"),
    )  # fmt: skip


class AffectedForm(Resident):
    """A neighbour says what is still wrong."""

    text = forms.CharField(
        label=_("您家还怎么样？"), max_length=2000, widget=area(rows=4),
        help_text=_("写您看到的，不用写名字。"), error_messages={"required": _("写一句还怎么没好。")},
    )  # fmt: skip
    pictures = forms.CharField(label=_("照片"), required=False, widget=forms.HiddenInput)


class ReopenForm(Resident):
    """It came back."""

    reason = forms.CharField(
        label=_("又怎么了？"), max_length=2000, widget=area(rows=3), error_messages={"required": _("写一句又怎么了。")}
    )


class ReceiptForm(Resident):
    """A receipt, as it was written down."""

    receipt = forms.CharField(
        label=_("回执码"),
        max_length=80,
        help_text=_("四个一组，一共五组。大小写、空格、横线都不要紧。"),
        error_messages={"required": _("照着回执填上回执码。")},
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
