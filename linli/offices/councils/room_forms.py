"""Forms of the room: a ballot among those present, hands, the sheet checked at once, who else is asked, classes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.decisions import queries as decisions
from linli.core.decisions.actions import Show
from linli.core.decisions.models import Question, RollEntry
from linli.core.gatherings.models import AgendaItem, Gathering
from linli.core.matters.asking import radios, text_field
from linli.core.matters.askpage import day_field, line_field
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef, roster
from linli.kit.refusal import Invalid
from linli.offices.councils import ballots
from linli.offices.councils.forms import Plain, retry_field

NEAREST = 40  # posts to tick; whoever else is wanted is written


class ShowForm(Plain):
    """A question to the room."""

    aliases = {"rule_id": "rule", "spec": "rule", "roll": "title"}

    title = line_field(lazy("问什么"), lazy("一句话，八十岁的人也看得懂。"))
    options = text_field(lazy("选项"), lazy("一行一个。只问同意不同意就空着。"), required=False, limit=2000)
    way = radios(lazy("怎么投"), {
        "hands": lazy("举手，谁举了什么当场看得见"),
        "secret": lazy("秘密，各用各的手机或纸票，两位监票人先后开票"),
    })  # fmt: skip
    rule = forms.ChoiceField(label=lazy("多少人同意算通过"), widget=forms.RadioSelect)
    review_on = day_field(lazy("哪天回头看"), lazy("通过以后看办得怎么样。"))

    def __init__(self, item: AgendaItem, data: Any = None) -> None:
        rules = [r for r in decisions.rules(item.district_id) if r.spec.get("gathered")]
        super().__init__(data, {
            "title": item.title, "way": "hands", "rule": str(rules[0].pk) if rules else "",
            "review_on": timezone.localdate() + timedelta(days=30),
        })  # fmt: skip
        self.offer("rule", [(str(r.pk), r.name) for r in rules])

    def show(self) -> Show:
        data = self.cleaned_data
        options = [line.strip() for line in data["options"].splitlines() if line.strip()]
        return Show(data["title"], UUID(data["rule"]), data["review_on"], options=options,
                    secret=data["way"] == "secret")  # fmt: skip


class HandsForm(Plain):
    """One row for each who may vote; who voted by phone or slip stands there as done."""

    rest = forms.ChoiceField(
        label=lazy("没有一个个记的，都算"), help_text=lazy("先把不一样的几位记上，剩下的一起记。"), required=False
    )
    retry = retry_field()

    def __init__(self, question: Question, rows: list[tuple[RollEntry, str, str]], data: Any = None) -> None:
        said = {f"hand{row.seq}": choice for row, choice, channel in rows if channel == "hand"}
        super().__init__(data, said)
        choices = [(o["code"], ballots.option_name(o)) for o in question.options]
        self.offer("rest", [("", lazy("先不记")), *choices])
        self.open = [row for row, _choice, channel in rows if row.state == "voting" and channel in ("", "hand")]
        for row in self.open:
            self.fields[f"hand{row.seq}"] = forms.ChoiceField(
                label=f"{row.seq}　{row.label}", choices=[("", lazy("没记")), *choices], required=False
            )

    def said(self) -> dict[int, str]:
        rest = self.cleaned_data["rest"]
        told = {row.seq: self.cleaned_data[f"hand{row.seq}"] or rest for row in self.open}
        found = {seq: choice for seq, choice in told.items() if choice}
        if not found:
            raise Invalid(_("一位也没有记。"), fields={"rest": _("至少记一位。")})
        return found


class CheckForm(Plain):
    """The second person, sheet in hand: who signed, all at once."""

    agreed = forms.MultipleChoiceField(
        label=lazy("表上签了名的"), help_text=lazy("对着纸看，表上没有的去掉勾。"),
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    gone = forms.BooleanField(label=lazy("去掉勾的，记成没有到会"), required=False)

    def __init__(self, actor: Actor, gathering: Gathering, data: Any = None) -> None:
        rows = gathering.attendances.filter(state="waiting", evidence="sheet")
        self.waiting = list(rows.exclude(entered_by_id=actor.user_id).order_by("at", "pk"))
        self.own = rows.filter(entered_by_id=actor.user_id).count()
        super().__init__(data, {"agreed": [str(row.pk) for row in self.waiting]})
        self.offer("agreed", [(str(row.pk), row.label) for row in self.waiting])

    def sorted_out(self) -> tuple[list[UUID], list[UUID]]:
        """Those agreed, and those refused."""
        if not self.waiting:
            words = _("您录的要另一个人来核对。") if self.own else _("没有等着核对的。")
            raise Invalid(words, fields={"agreed": words})
        ticked = set(self.cleaned_data["agreed"])
        agreed = [row.pk for row in self.waiting if str(row.pk) in ticked]
        others = [row.pk for row in self.waiting if str(row.pk) not in ticked]
        return agreed, others if self.cleaned_data["gone"] else []


class AskAlso(Plain):
    """Who else is asked, beyond those whom the kind asks by itself."""

    aliases = {"also": "others", "posts": "others"}

    who = forms.MultipleChoiceField(label=lazy("再请谁"), widget=forms.CheckboxSelectMultiple, required=False)
    others = line_field(
        lazy("名单里没有的"), lazy("写姓名、单位或岗位代码，几位用顿号隔开。"), limit=400, required=False
    )  # fmt: skip

    def __init__(self, gathering: Gathering, data: Any = None) -> None:
        super().__init__(data)
        self.gathering = gathering
        there = set(gathering.invitations.values_list("post_id", flat=True))
        near = sorted(
            (p for p in roster(gathering.district_id).by_id.values() if p.id not in there
             and (gathering.scope_path.startswith(p.path) or p.path.startswith(gathering.scope_path))),
            key=lambda p: (abs(len(p.path) - len(gathering.scope_path)), p.path, p.code),
        )  # fmt: skip
        self.near = near
        self.offer("who", [(str(p.id), shown(p)) for p in near[:NEAREST]])

    def posts(self) -> list[UUID]:
        found = [UUID(pk) for pk in self.cleaned_data["who"]]
        typed = str(self.cleaned_data["others"]).replace("，", "、").replace(",", "、")
        return found + [self._one(word.strip()).id for word in typed.split("、") if word.strip()]

    def _one(self, word: str) -> PostRef:
        rows = [p for p in self.near if word in (p.code, p.name, p.title, shown(p))]
        rows = rows or [p for p in self.near if word in shown(p)]
        if len(rows) == 1:
            return rows[0]
        words = _("没有找到“%s”，或者已经请过。") % word
        if rows:
            words = _("“%(word)s”有 %(n)d 位，请写全：%(some)s") % {
                "word": word, "n": len(rows), "some": "；".join(f"{p.code} {shown(p)}" for p in rows[:5])}  # fmt: skip
        raise Invalid(words, fields={"others": words})


def shown(post: PostRef) -> str:
    return f"{post.name}　{post.title}" if post.title != post.name else post.name


class CallForm(AskAlso):
    """The notice, with whoever is asked besides."""

    waive = line_field(lazy("来不及提前的，写明为什么"), limit=300, required=False)
    field_order = ("waive", "who", "others")


class ClassForm(Plain):
    """Which of the kind's classes a point belongs to."""

    procedure = forms.ChoiceField(label=lazy("归哪一类"), widget=forms.RadioSelect)

    def __init__(self, item: AgendaItem, data: Any = None) -> None:
        super().__init__(data, {"procedure": item.procedure})
        self.offer("procedure", [(p.code, p.name) for p in item.gathering.kind.says.procedures])
