"""Rules, meters and results in words: what must be reached, how far it is, and what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext, pgettext_lazy

from linli.core.decisions.counting import Condition, Meter, parse_rule
from linli.core.decisions.models import Question, RuleVersion
from linli.kit.figures import comma, listed

# What a host chooses from, in the words of what is asked.
KINDS = {
    "choice": (lazy("同意不同意，或几样里选一样"), lazy("选上的要过规则里的线。只问同意不同意，选项空着。"),
               "checklist"),
    "consent": (lazy("有没有异议"), lazy("一户说有异议就不算成，异议记在案里。"), "messages"),
    "approval": (lazy("几样里选几样"), lazy("每户想选几样选几样，票多的前几样中选。比如改造菜单。"), "list"),
    "budget": (lazy("这笔钱花在哪"), lazy("每样写要花多少，票多的先办，装得下就办，钱一分不超。"), "sum"),
    "ranking": (lazy("排个先后"), lazy("每户排一排，末位逐轮淘汰，直到一样过半。"), "sort-descending"),
    "score": (lazy("每样打个分"), lazy("每样 0 到 5 分，总分高的前几样中选。"), "star"),
}  # fmt: skip
METHODS = {
    "choice": lazy("选一项"), "consent": lazy("有没有异议"), "approval": lazy("选几项"), "budget": lazy("定钱怎么花"),
    "ranking": lazy("排先后"), "score": lazy("打分"),
}  # fmt: skip
ROLLS = {
    "owners": lazy("业主"),
    "households": lazy("住户，一户一票"),
    "posts": lazy("岗位上的人"),
    "present": lazy("到会的人"),
}
UNITS = {"owners": lazy("位业主"), "households": lazy("户"), "posts": lazy("人"), "present": lazy("人")}
OUTCOMES = {
    "adopted": lazy("通过了"), "rejected": lazy("没通过"), "no_quorum": lazy("参加的不够，没有结果"),
    "tie": lazy("打平了，要再议"),
}  # fmt: skip


def outcome(question: Question) -> str | Promise:
    """What came of it; nothing while it is not counted."""
    return OUTCOMES.get((question.result or {}).get("outcome", ""), "")


CHANNELS = {
    "web": lazy("网上"), "slip": lazy("凭投票单"), "paper": lazy("纸票"), "proxy": lazy("别人代投"),
    "helper": lazy("有人帮着投"), "hand": lazy("举手"),
}  # fmt: skip
_OF = {"heads": lazy("数"), "area": lazy("面积")}
_PARTS = {"present": lazy("参加的"), "yes": lazy("赞成的"), "objection": lazy("有异议的")}
_OVER = {"roll": pgettext_lazy("of a rule", "全部"), "present": lazy("投了票"), "decided": lazy("表了态")}
_SIGNS = {
    "at_least": lazy("达到%(over)s的 %(share)s"), "more_than": lazy("超过%(over)s的 %(share)s"),
    "at_most": lazy("不超过%(over)s的 %(share)s"),
}  # fmt: skip


def unit(kind: str, of: str) -> str:
    return "m²" if of == "area" else str(UNITS.get(kind, UNITS["households"]))


def condition(c: Condition, kind: str) -> str:
    """One bar: 参加的面积，达到全部的 2/3."""
    measures = (pgettext("of a rule", "面积"), pgettext("of a rule", "人数"), pgettext("of a rule", "户数"))
    what = measures[0 if c.of == "area" else 1 if kind != "households" else 2]
    share = "0" if c.share == 0 else f"{c.share.numerator}/{c.share.denominator}"
    reach = str(_SIGNS[c.sign]) % {"over": _OVER[c.over], "share": share}
    return _("%(part)s%(what)s，%(reach)s") % {"part": _PARTS[c.part], "what": what, "reach": reach}


def conditions(rule: RuleVersion, kind: str) -> list[str]:
    return [condition(c, kind) for c in parse_rule(rule.spec).conditions]


def later(rule: RuleVersion, kind: str) -> list[str]:
    """Those that no meter shows while people vote: they are about what was said."""
    return [
        condition(c, kind) for c in parse_rule(rule.spec).conditions if not (c.part == "present" and c.over == "roll")
    ]


@dataclass(frozen=True)
class Bar:
    """A live meter as ``{% meter %}`` takes it: whole numbers, rounded so that nothing looks nearer than it is."""

    label: str
    have: int
    need: int
    total: int
    unit: str


def bar(meter: Meter, kind: str) -> Bar:
    have, need = math.floor(meter.have), math.ceil(meter.needed)
    c = meter.condition
    return Bar(condition(c, kind), max(have, need) if meter.met else min(have, need - 1), need,
               math.ceil(meter.whole), unit(kind, c.of))  # fmt: skip


@dataclass(frozen=True)
class Reached:
    """A condition after the count: what there was and what was needed, and whether it passed."""

    label: str
    words: str
    met: bool


def reached(question: Question) -> list[Reached]:
    """Every condition of a decided question, as the result keeps it."""
    result = question.result or {}
    rule = parse_rule(question.rule.spec)
    told = []
    for c, kept in zip(rule.conditions, result.get("conditions", ()), strict=False):
        most = c.sign == "at_most"
        said = _("有 %(have)s %(unit)s，最多 %(need)s") if most else _("有 %(have)s %(unit)s，要 %(need)s")
        values = {"have": number(kept["have"]), "need": number(kept["needed"]), "unit": unit(question.roll_kind, c.of)}
        told.append(Reached(condition(c, question.roll_kind), said % values, bool(kept["met"])))
    return told


def number(text: str) -> str:
    """A figure of a result; hundredths only where there are some."""
    value = Decimal(text)
    return str(comma(int(value))) if value == value.to_integral_value() else f"{value:,.2f}"


@dataclass(frozen=True)
class Line:
    """An option with what stands behind it."""

    code: str
    name: str
    heads: int
    area: str
    won: bool
    tied: bool


def lines(question: Question) -> list[Line]:
    result = question.result or {}
    sums = result.get("options", {})
    told = [
        Line(o["code"], name(o), sums[o["code"]]["heads"], number(sums[o["code"]]["area_m2"]),
             o["code"] in result.get("winners", ()), o["code"] in result.get("tied", ()))
        for o in question.options if o["code"] in sums
    ]  # fmt: skip
    # Yes and no stay in the ballot's order; of several things to have, what most wanted stands first.
    if question.method in ("choice", "consent"):
        return told
    size = "area_m2" if question.weighted else "heads"
    return sorted(told, key=lambda line: (not line.won, -Decimal(sums[line.code][size])))


def name(option: dict[str, Any]) -> str:
    """An option as it is shown; the ready ones speak the reader's language."""
    return str(_READY.get((option["code"], option["name"]), option["name"]))


_READY = {
    ("yes", "同意"): lazy("同意"), ("no", "不同意"): lazy("不同意"), ("abstain", "弃权"): lazy("弃权"),
    ("consent", "没有意见"): lazy("没有意见"), ("objection", "有异议"): lazy("有异议"),
}  # fmt: skip


def said(question: Question, choice: Any) -> str:
    """A choice in words, for the screen that asks once more."""
    names = {o["code"]: name(o) for o in question.options}
    if isinstance(choice, str):
        return names.get(choice, choice)
    if isinstance(choice, dict):
        return _("；").join(_("%(name)s %(n)d 分") % {"name": names.get(c, c), "n": n} for c, n in choice.items())
    if question.method == "ranking":
        return _("；").join(_("第 %(n)d %(name)s") % {"n": n, "name": names.get(c, c)} for n, c in enumerate(choice, 1))
    return listed(names.get(c, c) for c in choice) or _("一项也不选")


def silence(question: Question) -> str | None:
    """What a rule that counts silence added, apart from what was cast, and what would have come of it without.

    None where the rule leaves out whoever said nothing, which is what rules do unless a signed version says otherwise.
    """
    told = (question.result or {}).get("silence")
    if not told:
        return None
    counted = told["counted"]
    size = f"{counted['heads']:,} {unit(question.roll_kind, 'heads')}"
    if question.weighted:
        size += _("、%s m²") % number(counted["area_m2"])
    without = OUTCOMES.get(told["without"], "")
    by = question.rule.signed_by
    return _("没有表态的 %(size)s，按%(by)s签署的规则随多数计入，得票里不含。不计入的话，结果是：%(without)s。") % {
        "size": size, "by": by or question.rule.name, "without": without,
    }  # fmt: skip
