"""What a keeper fills in, and what somebody says who found something broken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.places.tree import Node
from linli.kit import crypto
from linli.offices.facilities import hours
from linli.offices.facilities.actions import Facts
from linli.offices.facilities.kinds import KINDS, SERVICES
from linli.offices.facilities.models import Condition, Facility

TEXT = 500
_HOURS = lazy("写成 08:00-12:00 14:00-18:00；不开就空着，通宵写 00:00-24:00。")


class KeepForm(forms.Form):
    """One facility, as its keeper corrects it."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=lazy("名称"), max_length=60)
    address = forms.CharField(label=lazy("在哪里"), max_length=80, required=False, help_text=lazy("门口看得见的地址。"))
    services = forms.MultipleChoiceField(label=lazy("有什么"), choices=[], required=False,
                                         widget=forms.CheckboxSelectMultiple)  # fmt: skip
    weekday = forms.CharField(label=lazy("周一到周五"), max_length=80, required=False, help_text=_HOURS)
    weekend = forms.CharField(label=lazy("周末"), max_length=80, required=False)
    condition = forms.ChoiceField(label=lazy("现在"), choices=Condition.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=lazy("为什么暂停"), max_length=120, required=False)
    paused_until = forms.DateField(
        label=lazy("哪天恢复"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)

    def __init__(self, kind: str, data: Any = None, *, row: Facility | None = None, **kwargs: Any) -> None:
        super().__init__(data, initial=_initial(row) if row else {"condition": "running"}, label_suffix="", **kwargs)
        offered = [(code, SERVICES[code]) for code in KINDS[kind].services]
        shown = self.fields["services"]
        assert isinstance(shown, forms.MultipleChoiceField)
        shown.choices = offered

    def clean_weekday(self) -> list[str]:
        return self._spans("weekday")

    def clean_weekend(self) -> list[str]:
        return self._spans("weekend")

    def _spans(self, name: str) -> list[str]:
        try:
            return hours.read(str(self.cleaned_data[name]))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("condition") == Condition.PAUSED and not data.get("reason"):
            self.add_error("reason", _("暂停开放要说为什么。"))
        return data

    def facts(self) -> Facts:
        data = self.cleaned_data
        return Facts(
            name=data["name"], address=data["address"], services=data["services"],
            hours={"weekday": data["weekday"], "weekend": data["weekend"]}, condition=data["condition"],
            reason=data["reason"], paused_until=data["paused_until"], lon=data["lon"], lat=data["lat"],
        )  # fmt: skip


class AddForm(KeepForm):
    """A new one: the same, and where it belongs."""

    place = forms.ChoiceField(label=lazy("属于哪里"), choices=[])
    field_order = ("version", "place", "name")

    def __init__(self, kind: str, places: Iterable[Node], data: Any = None, **kwargs: Any) -> None:
        super().__init__(kind, data, **kwargs)
        shown = self.fields["place"]
        assert isinstance(shown, forms.ChoiceField)
        shown.choices = [("", _("请选一处")), *((node.code, node.name) for node in places)]


def _initial(row: Facility) -> dict[str, Any]:
    return {
        "version": row.version, "name": row.name, "address": row.address, "services": row.services,
        "weekday": " ".join(row.hours.get("weekday") or ()), "weekend": " ".join(row.hours.get("weekend") or ()),
        "condition": row.condition, "reason": row.reason, "paused_until": row.paused_until,
        "lon": row.lon, "lat": row.lat,
    }  # fmt: skip


class FaultForm(forms.Form):
    """What is broken. Name and phone only for who wants to hear about it."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(
        label=lazy("什么坏了？"), max_length=TEXT, widget=forms.Textarea(attrs={"rows": 3, "maxlength": TEXT}),
        help_text=lazy("一句话就行，地点已经填好了。"),
    )  # fmt: skip
    name = forms.CharField(label=lazy("怎么称呼您"), max_length=40, required=False)
    phone = forms.CharField(
        label=lazy("电话"), max_length=24, required=False, help_text=lazy("想听回音再留，只有回电话的人能看到。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).strip()
        try:
            return crypto.normal_phone(typed) if typed else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
