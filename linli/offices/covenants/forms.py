"""Forms of the host: a covenant and its text, the days for comments, the vote, an answer, what follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import radios, text_field, when_field
from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.kit.ids import new_id
from linli.offices.covenants import queries
from linli.offices.covenants.actions.passing import ways
from linli.offices.covenants.models import Comment, Covenant
from linli.offices.covenants.models.comments import Outcome
from linli.offices.covenants.models.covenant import Kind

COMMENT_DAYS, VOTE_DAYS, REVIEW_DAYS = 10, 7, 365


class Plain(PlainForm):
    """A form without finders. Where it has ``retry``, a form sent twice does its act once."""

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"retry": new_id().hex, **(initial or {})}, label_suffix="")

    def offer(self, name: str, pairs: Iterable[tuple[Any, Any]] = ()) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(pairs)


def retry_field() -> forms.CharField:
    return forms.CharField(max_length=64, min_length=32, widget=forms.HiddenInput)


def today() -> date:
    return timezone.localdate()


class Nothing(Plain):
    """An act that asks nothing."""


class ReasonForm(Plain):
    reason = line_field(lazy("为什么"), lazy("大家都看得到。"), limit=300)


class TextForm(Plain):
    """The head of the editor; the articles are rows of their own (``editor.py``)."""

    aliases = {"articles": "preamble"}

    title = line_field(lazy("名称"), lazy("不用写书名号。"), limit=40)
    preamble = forms.CharField(
        label=lazy("开头的话"), help_text=lazy("为什么定这份公约，一两句。"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    why = line_field(
        lazy("这一稿改了什么、为什么"), lazy("大家看得到，比较两稿时写在上面。"), limit=300, required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def refuse(self, refused: Any) -> None:
        """What is wrong with an article is said by its number, over the form."""
        if "articles" in refused.fields:
            self.add_error(None, refused.message)
        else:
            super().refuse(refused)


class NewForm(TextForm):
    """A covenant to begin with."""

    kind = forms.ChoiceField(label=lazy("哪一种"), widget=forms.RadioSelect)
    place = forms.ChoiceField(label=lazy("管哪里"))
    purpose = line_field(lazy("要解决什么"), lazy("一句话，列表里跟着名称。"), limit=300, required=False)
    matter = line_field(lazy("从哪个议题来"), lazy("议题的编号，没有就空着，会另立一个。"), limit=24, required=False)
    replaces = forms.ChoiceField(
        label=lazy("替换哪一份"), required=False, help_text=lazy("新的通过那天，旧的自动废止。")
    )
    paste = forms.CharField(
        label=lazy("整段贴进来"), required=False, max_length=40_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=lazy("有写好的，整段贴在这里，按“第几条”自动分开；贴完点“分成条”。"),
    )  # fmt: skip
    retry = retry_field()
    field_order = ["kind", "place", "title", "purpose", "matter", "replaces", "preamble"]

    def __init__(self, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        del self.fields["why"], self.fields["version"]
        self.order_fields([*self.field_order, "paste", "retry"])
        self.offer("kind", ((k.value, f"{k.label}{_hint(k)}") for k in Kind))
        self.offer("place", place_pairs(queries.convened(actor), actor.district_id or 0))
        old = queries.hosted(actor).filter(state="settled").order_by("-made_at")[:100]
        pairs = [(str(c.pk), _("《%(title)s》　%(place)s") % {"title": c.title, "place": c.place.name}) for c in old]
        self.offer("replaces", [("", _("不替换")), *pairs])
        if not pairs and not self.data.get("replaces"):  # one that is none here is refused, not left out
            del self.fields["replaces"]


def _hint(kind: Kind) -> str:
    if kind == Kind.MANAGEMENT:
        return _("（业主大会的，按民法典第二百七十八条由业主表决）")
    return _("（居民会议定的，报街道备案）") if kind == Kind.RESIDENTS else ""


def place_pairs(nodes: Iterable[Node], district_id: int) -> list[tuple[str, str]]:
    known = tree(district_id)
    return [(n.code, known.full_name(n)) for n in nodes]


class OpenForm(Plain):
    closes_on = day_field(lazy("征求意见到哪天"), lazy("这一天也算。至少三天。"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, {"closes_on": today() + timedelta(days=COMMENT_DAYS)})


class ExtendForm(Plain):
    closes_on = day_field(lazy("延到哪天"), lazy("只能往后延。"))


class VoteForm(Plain):
    """The rule, the days, and that a person read the words to think about."""

    aliases = {"rule_id": "rule"}

    rule = forms.ChoiceField(label=lazy("按哪条规则"), widget=forms.RadioSelect)
    closes_at = when_field(lazy("投票到什么时候"), "")
    since = day_field(lazy("通过的话哪天起施行"), lazy("计票比这晚，就从计票那天起。"))
    review_on = day_field(lazy("哪天回头看"), lazy("到日子会提醒您。"))
    confirmed = forms.BooleanField(label=lazy("这几处我看过了，不是罚款、扣分，也没有点名"), required=False)
    why = line_field(lazy("为什么可以留"), lazy("和您的名字一起记下，大家看得到。"), limit=300, required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, covenant: Covenant, cautious: bool, data: Any = None) -> None:
        ends = timezone.localtime() + timedelta(days=VOTE_DAYS)
        found = ways(covenant)
        initial = {
            "closes_at": ends.replace(hour=20, minute=0, second=0, microsecond=0), "version": covenant.version,
            "since": today() + timedelta(days=VOTE_DAYS + 14), "rule": str(found[0].pk) if found else "",
            "review_on": today() + timedelta(days=REVIEW_DAYS),
        }  # fmt: skip
        super().__init__(data, initial)
        self.offer("rule", ((str(r.pk), f"{r.name}（{r.basis}）" if r.basis else r.name) for r in found))
        if not cautious:
            del self.fields["confirmed"], self.fields["why"]


class FileForm(Plain):
    """Filed with the street: whom, when, under which number."""

    filed_with = line_field(lazy("报给谁"), lazy("一般是街道办事处。"))
    filed_on = day_field(lazy("哪天"))
    filed_as = line_field(lazy("回执或文号"), required=False)


class ReviewForm(Plain):
    text = text_field(lazy("施行得怎么样"), lazy("大家看得到。要改，请用“修改”。"), limit=500)
    review_on = day_field(lazy("下一次哪天看"))


class EndForm(ReasonForm):
    day = day_field(lazy("哪天起不再施行"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, {"day": today() + timedelta(days=1)})


class AnswerForm(Plain):
    """What became of one comment, or of several that say the same."""

    outcome = radios(lazy("怎么处理"), {str(o.value): o.label for o in Outcome if o != Outcome.WAITING})
    number = forms.TypedChoiceField(
        label=lazy("写进了第几稿"), required=False, coerce=int, empty_value=None,
        help_text=lazy("采纳和部分采纳要选。先把改好的一稿存下来。"),
    )  # fmt: skip
    text = text_field(lazy("回复"), lazy("采纳的说改在哪，没采纳的说为什么。本人和大家都看得到。"), limit=500)

    def __init__(self, covenant: Covenant, picked: list[Comment], data: Any = None) -> None:
        super().__init__(data)
        read = max((c.number for c in picked), default=0)
        later = range(covenant.newest, read, -1)
        pairs = [(n, _("第 %d 稿") % n) for n in later]
        self.offer("number", [("", _("没有写进去")), *pairs])
