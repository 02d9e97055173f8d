"""Forms of residents: a topic, a word about it, an answer to an invitation, signing in, the review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import radios, text_field, yes_no
from linli.core.matters.askpage import line_field
from linli.core.places.tree import Node
from linli.offices.councils.forms import Plain, place_pairs, retry_field


class ProposeForm(Plain):
    """A topic in one's own words; where somebody belongs to several places, which one is asked."""

    text = text_field(lazy("想请大家议什么？"), lazy("一两句就行。不写姓名、电话和门牌。"))
    place = forms.ChoiceField(label=lazy("在哪里议"), widget=forms.RadioSelect)
    helper = forms.BooleanField(label=lazy("我是替邻居写的，回执给他"), required=False)
    retry = retry_field()

    def __init__(self, places: Sequence[Node], district_id: int, data: Any = None) -> None:
        super().__init__(data, {"place": places[0].code if places else ""})
        if len(places) < 2:
            del self.fields["place"]
        else:
            self.offer("place", place_pairs(places, district_id))


class SpeakForm(Plain):
    """One's own words about a topic."""

    text = text_field(lazy("您怎么看？"), lazy("原话记下来，不写姓名、电话和门牌。"), limit=1000)
    helper = line_field(lazy("替邻居写的，写上您怎么称呼"), lazy("自己说的就空着。"), limit=60, required=False)
    retry = retry_field()


class ComingForm(Plain):
    """An answer to an invitation."""

    answer = radios(
        lazy("您来吗？"), {"yes": lazy("来"), "no": lazy("来不了"), "substitute": lazy("派人来")}
    )  # fmt: skip
    substitute = line_field(lazy("谁替您来"), limit=60, required=False)


class AttendForm(Plain):
    code = forms.CharField(
        label=lazy("屋里屏幕上的六位数"), max_length=7,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip


class OwnDissentForm(Plain):
    """What somebody who was there has against a point."""

    item = forms.ChoiceField(label=lazy("哪一项"))
    text = text_field(lazy("您的话"), lazy("和结果放在一起，评审的时候先问您。"), limit=500)
    retry = retry_field()

    def __init__(self, items: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        self.offer("item", items)


class CorrectForm(Plain):
    text = forms.CharField(label=lazy("应该这样写"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 12}))
    reason = line_field(lazy("为什么"), limit=300)


class VoiceForm(Plain):
    correction = forms.UUIDField(widget=forms.HiddenInput)
    agrees = yes_no(lazy("该不该这样改？"), lazy("该这样改"), lazy("不该改"))


class VerdictForm(Plain):
    """Whether it was done, as a neighbour sees it."""

    satisfied = yes_no(lazy("您看办成了吗？"), lazy("办成了"), lazy("没办成"))
    text = text_field(lazy("想说一句的话"), required=False, limit=300)
