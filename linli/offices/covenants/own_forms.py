"""Forms of residents: a comment, and a receipt."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import text_field
from linli.core.matters.askpage import line_field
from linli.offices.covenants.forms import Plain, retry_field


class SayForm(Plain):
    """One's own words about an article or the whole, or a neighbour's who could not write them down."""

    article = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    text = text_field(lazy("您怎么看？"), lazy("原话记下来，不写姓名、电话和门牌。"), limit=1000)
    helper = line_field(
        lazy("替邻居写的，写上您怎么称呼"), lazy("自己说的就空着。替人写的，回执给他。"), limit=60, required=False
    )
    retry = retry_field()

    def __init__(self, article: str, data: Any = None) -> None:
        super().__init__(data, {"article": article})
