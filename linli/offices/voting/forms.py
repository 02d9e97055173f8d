"""Forms of voting: the host's draft, amendments, papers, keys, and what residents write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.decisions import queries
from linli.core.decisions.actions.drafting import Asking, rule_fits
from linli.core.decisions.models import Question
from linli.core.matters.asking import radios, text_field, when_field
from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.kit.refusal import Invalid
from linli.offices.voting import choosing, words

_COST = re.compile(r"^(?P<name>.+?)\s+[¥￥]?(?P<yuan>\d{1,9}(?:\.\d{1,2})?)\s*元?$")
LEVELS = ("community", "quarter", "grid", "building")
MOST_PLACES = 300
RARE = ("parking", "roles")


def number_field(label: Any, help_text: Any = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, required=required, min_value=1, max_value=9_999_999)


class Plain(PlainForm):
    """A form without finders."""

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)


# ── residents ───────────────────────────────────────────────────────────────────────────────────────────────
def _code(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    plain = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    return forms.CharField(label=label, help_text=help_text, max_length=80, required=required,
                           widget=forms.TextInput(attrs=plain))  # fmt: skip


class SlipForm(Plain):
    slip = _code(lazy("投票单上的码"), lazy("二十位，横线可以不写。"))


class ObjectForm(Plain):
    entry = forms.ChoiceField(label=lazy("哪一户"), widget=forms.RadioSelect)
    slip = _code(lazy("投票单上的码"), lazy("没有登录，凭这张单子上的码。"))
    text = text_field(lazy("怎么回事"), lazy("比如：那天家里没人，谁也没投过。"), limit=500)

    def __init__(self, voices: list[Any], data: Any = None) -> None:
        super().__init__(data)
        if voices:
            del self.fields["slip"]
        if len(voices) < 2:
            del self.fields["entry"]
        else:
            shown = self.fields["entry"]
            assert isinstance(shown, forms.ChoiceField)
            shown.choices = [(str(v.entry.seq), v.entry.label) for v in voices]


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────
def _secret(label: Any, help_text: Any = "") -> forms.CharField:
    hidden = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, help_text=help_text, max_length=200, widget=hidden, strip=False)


class KeyForm(Plain):
    passphrase = _secret(lazy("口令"), lazy("至少 8 个字，一句您忘不了、别人猜不到的话。"))
    again = _secret(lazy("再写一遍"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("passphrase") and data.get("passphrase") != data.get("again"):
            self.add_error("again", _("两遍不一样。"))
        return data


class OpenerForm(Plain):
    passphrase = _secret(lazy("您的口令"))


# ── the host ────────────────────────────────────────────────────────────────────────────────────────────────
class DraftForm(Plain):
    """A question as it is written down; what it says is judged by the action."""

    aliases = {"budget": "budget", "rule": "rule", "spec": "rule"}

    matter = line_field(lazy("在哪件事上表决"), lazy("事号，比如从一件诉求、一个议题来的。"), limit=24)
    title = line_field(lazy("问什么"), lazy("一句话，八十岁的人也看得懂。"))
    text = text_field(lazy("说清楚"), lazy("为什么要定、各有什么好坏、钱从哪来。"), required=False, limit=10_000)
    place = forms.ChoiceField(label=lazy("问哪里的人"))
    roll_kind = radios(lazy("谁来投"), {kind: name for kind, name in words.ROLLS.items() if kind != "present"})
    parking = forms.BooleanField(label=lazy("车位也算面积（只用于业主）"), required=False)
    roles = forms.MultipleChoiceField(
        label=lazy("哪些岗位（只用于岗位上的人）"), required=False, widget=forms.CheckboxSelectMultiple
    )
    method = forms.ChoiceField(choices=list(words.METHODS.items()), widget=forms.HiddenInput)
    options = text_field(lazy("选项"), lazy("一行一个。"), required=False, limit=4000)
    budget = forms.DecimalField(
        label=lazy("一共有多少钱（元）"), required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )
    seats = forms.IntegerField(label=lazy("选出几项"), required=False, min_value=1, max_value=40)
    rule = forms.ChoiceField(label=lazy("按哪版规则"), widget=forms.RadioSelect)
    secret = forms.BooleanField(label=lazy("秘密投票：票封两层，两位计票人先后打开"), required=False)
    binding = forms.BooleanField(label=lazy("结果算数，照办（不勾就是征求意见）"), required=False)
    closes_at = when_field(lazy("什么时候截止"), lazy("开始以后只能延，不能提前。"))
    review_on = day_field(lazy("哪天回头看"), lazy("通过以后看办得怎么样。"))

    def __init__(
        self, actor: Actor, data: Any = None, question: Question | None = None, first: dict[str, Any] | None = None
    ) -> None:
        self.actor, self.question = actor, question
        super().__init__(data, initial=_initial(question) if question else {**_FRESH, **(first or {})})
        if question is not None:
            del self.fields["matter"]
        told = self.data.get("method") if self.is_bound else self.initial.get("method")
        self.way = told if told in words.METHODS else "choice"
        self._fit()
        self._offer(
            "place", [(n.code, tree(actor.district_id or 0).full_name(n, below="street")) for n in places(actor)]
        )
        kind = (self.data.get("roll_kind") or "") if self.is_bound else (question.roll_kind if question else "")
        self._offer("rule", [
            (str(r.pk), _("%(name)s，第 %(v)d 版：%(words)s") % {
                "name": r.name, "v": r.version, "words": _("；").join(words.conditions(r, kind or "households"))})
            for r in queries.rules(actor.district_id or 0)
            if rule_fits(r.spec, self.way) and not r.spec.get("gathered")  # those present are asked in their room
        ])  # fmt: skip
        self._offer("roles", [(code, duties.role(code).name) for code in queries.roles_serving(actor)])

    def _fit(self) -> None:
        """Only what this way of voting asks for."""
        wanted = {"budget": ("options", "budget"), "consent": (), "ranking": ("options",), "choice": ("options",)}
        for name in {"options", "budget", "seats"} - set(wanted.get(self.way, ("options", "seats"))):
            del self.fields[name]
        if self.way == "consent":
            return
        shown = self.fields["options"]
        if self.way == "choice":
            shown.help_text = lazy("一行一个。只问同意不同意就空着。")
        else:
            shown.required = True
        if self.way == "budget":
            shown.help_text = lazy("一行一个，末尾空一格写要花多少元：装扶手 12000")
            self.fields["budget"].required = True

    def rows(self) -> Iterator[dict[str, Any]]:
        """What is seldom asked for lies folded at the end (draft.html)."""
        return (row for row in super().rows() if row["name"] not in RARE)

    @property
    def rare_open(self) -> bool:
        return any(self[name].value() or self[name].errors for name in RARE)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def asking(self) -> Asking:
        data = self.cleaned_data
        node = tree(self.actor.district_id or 0).by_code[data["place"]]
        budget = data.get("budget")
        more = {"seats": data.get("seats") or 1, "budget_fen": int(budget * 100) if budget else None,
                "roles": data["roles"]}  # fmt: skip
        return Asking(
            title=data["title"], place=node, closes_at=data["closes_at"], rule_id=data["rule"], text=data["text"],
            method=data["method"], options=_options(data.get("options", ""), data["method"]), more=more,
            roll_kind=data["roll_kind"], parking=data["parking"], secret=data["secret"], binding=data["binding"],
            review_on=data["review_on"],
        )  # fmt: skip


_FRESH = {"roll_kind": "households", "method": "choice"}


def places(actor: Actor) -> list[Node]:
    """Where the actor may ask, from the whole to a single house."""
    known, paths = tree(actor.district_id or 0), actor.paths(duties.CONVENE)
    found = [n for n in known.by_path.values() if n.level in LEVELS and n.path.startswith(paths)] if paths else []
    found.sort(key=lambda n: (LEVELS.index(n.level), n.path))
    return found[:MOST_PLACES]


def _options(text: str, method: str) -> list[dict[str, Any]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if method != "budget":
        return [{"name": line} for line in lines]
    read = [_COST.match(line) for line in lines]
    wrong = next((line for line, found in zip(lines, read, strict=True) if found is None), None)
    if wrong is not None:
        message = _("“%s”末尾要空一格写钱数，比如：装扶手 12000") % wrong[:40]
        raise Invalid(message, fields={"options": message})
    return [{"name": m["name"].strip(), "cost_fen": int(Decimal(m["yuan"]) * 100)} for m in read if m]


def _initial(question: Question) -> dict[str, Any]:
    fixed = question.method == "consent" or question.codes == ["yes", "no", "abstain"]
    lines = [o["name"] + (f" {Decimal(o['cost_fen']) / 100:f}" if o.get("cost_fen") else "") for o in question.options]
    budget = question.more.get("budget_fen")
    return {
        "title": question.title, "text": question.text, "place": question.place.code, "roll_kind": question.roll_kind,
        "parking": question.parking, "method": question.method, "options": "" if fixed else "\n".join(lines),
        "budget": Decimal(budget) / 100 if budget else None, "seats": question.more.get("seats"),
        "roles": question.more.get("roles", []), "rule": str(question.rule_id),
        "secret": question.secret, "binding": question.binding,
        "closes_at": question.closes_at, "review_on": question.review_on,
    }  # fmt: skip


class OpenForm(Plain):
    recused = text_field(
        lazy("谁回避"), lazy("一行一户，先写名册里的号，再写为什么：12 是施工的那家。没有就空着。"), required=False
    )

    def stands_back(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for line in self.cleaned_data["recused"].splitlines():
            head, _space, why = line.strip().partition(" ")
            if not line.strip():
                continue
            if not head.isdecimal() or not why.strip():
                message = _("“%s”要先写号，空一格，再写为什么。") % line.strip()[:40]
                raise Invalid(message, fields={"recused": message})
            found[int(head)] = why.strip()
        return found


class ReasonForm(Plain):
    reason = text_field(lazy("为什么"), lazy("会公布。"), limit=500)


class ExtendForm(ReasonForm):
    closes_at = when_field(lazy("延到什么时候"), lazy("只能往后延。"))


class CorrectForm(ReasonForm):
    seq = number_field(lazy("名册里的号"))
    state = radios(lazy("改成"), {"recused": lazy("回避"), "removed": lazy("除名"), "voting": lazy("可以投票")})
    reason = text_field(lazy("为什么"), lazy("会公布，不写姓名。"), limit=200)


class ProxyForm(Plain):
    giver = number_field(lazy("谁委托（名册里的号）"))
    holder = number_field(lazy("委托给谁（名册里的号）"))
    evidence = line_field(lazy("凭什么"), lazy("比如：书面委托书，主持的人看过原件。"), limit=200)


class RevokeForm(Plain):
    giver = number_field(lazy("谁收回委托（名册里的号）"))


class SlipsForm(Plain):
    entries = line_field(lazy("给哪几号"), lazy("空着就是全部；只要几户，写 3、8、12-20。"), limit=200, required=False)

    def numbers(self) -> list[int] | None:
        text = self.cleaned_data["entries"].strip()
        if not text:
            return None
        found: list[int] = []
        for part in re.split(r"[、,，\s]+", text):
            match = re.fullmatch(r"(\d{1,6})(?:[-－—](\d{1,6}))?", part)
            if match is None:
                message = _("写成 3、8、12-20 这样。")
                raise Invalid(message, fields={"entries": message})
            found += range(int(match[1]), min(int(match[2] or match[1]), int(match[1]) + 5000) + 1)
        return found


class JudgeForm(Plain):
    upheld = radios(lazy("查下来"), {"yes": lazy("成立，那张票作废"), "no": lazy("不成立，票照算")})
    finding = text_field(lazy("怎么查的，查到什么"), limit=500)


class ImportForm(Plain):
    source = line_field(lazy("在哪里投的"), lazy("比如：住建部门的业主电子投票系统。"), limit=120)
    reference = line_field(lazy("文号或编号"), limit=120)
    outcome = radios(lazy("结果"), {k: v for k, v in words.OUTCOMES.items() if k != "tie"})
    heads = number_field(lazy("参加的户数或人数"), required=False)


class CountForm(Plain):
    pass


class PaperForm(Plain):
    """A sheet as it lies before one of the two persons: an open vote's by its number, a secret one's by its code."""

    entry = number_field(lazy("名册里的号"), lazy("印在票上，在哪一户的前面。"))
    slip = _code(lazy("票上的码"), lazy("二十位。只认码不认户，录的人不知道是谁家的。"))

    def __init__(self, question: Question, data: Any = None) -> None:
        super().__init__(data)
        del self.fields["entry" if question.secret else "slip"]
        self.rows_of_ballot = choosing.rows(question, choosing.read(question, data) if data else None)
