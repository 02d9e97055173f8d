"""A rule: what must be reached before a question counts as decided, as data that never changes once it is used.

A rule is a list of conditions. Each compares heads or exclusive area: what took part, or what said yes (objected, for
consent), as a share of the roll, of what took part, or of what said yes or no. Shares are exact fractions:
以上 (``at_least``) includes the number, 过半数 (``more_than``) does not. Source: Civil Code art. 278; rows D5, D1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

Of = Literal["heads", "area"]
Part = Literal["present", "yes", "objection"]
Over = Literal["roll", "present", "decided"]
Sign = Literal["at_least", "more_than", "at_most"]

_OF: Final = ("heads", "area")
_PARTS: Final = ("present", "yes", "objection")
_OVER: Final = ("roll", "present", "decided")
_SIGNS: Final = ("at_least", "more_than", "at_most")


@dataclass(frozen=True)
class Weight:
    """How much stands behind something: ``heads`` (households, owners or posts) and ``area`` in m²."""

    heads: int = 0
    area: Decimal = Decimal(0)

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.heads + other.heads, self.area + other.area)

    def of(self, what: Of) -> Fraction:
        return Fraction(self.heads if what == "heads" else self.area)


@dataclass(frozen=True)
class Condition:
    """One bar to pass: ``part`` of ``of``, as a share ``sign`` ``share`` of ``over``."""

    of: Of
    part: Part
    over: Over
    sign: Sign
    share: Fraction

    def met(self, have: Fraction, whole: Fraction) -> bool:
        """Whether ``have`` of ``whole`` passes. Nothing passes a lower bound of an empty whole."""
        if self.sign == "at_most":
            return have <= self.share * whole
        if whole == 0:
            return False
        return have >= self.share * whole if self.sign == "at_least" else have > self.share * whole

    def needed(self, whole: Fraction) -> Decimal:
        """The least that passes (the most, for ``at_most``): whole heads, or hundredths of a square metre."""
        exact = self.share * whole
        step = Fraction(1) if self.of == "heads" else Fraction(1, 100)
        steps = exact / step
        if self.sign == "at_most":
            return _decimal(math.floor(steps) * step)
        least = math.ceil(steps) if self.sign == "at_least" else math.floor(steps) + 1
        return _decimal(least * step)


@dataclass(frozen=True)
class Meter:
    """One condition as people see it: what there is, what is needed, what is still missing (never below zero)."""

    condition: Condition
    have: Decimal
    needed: Decimal
    whole: Decimal
    met: bool

    @property
    def missing(self) -> Decimal:
        return max(Decimal(0), self.needed - self.have) if self.condition.sign != "at_most" else Decimal(0)


@dataclass(frozen=True)
class Rule:
    """A rule as its version says it. ``silence``: what no answer counts as, None unless a signed version says so."""

    conditions: tuple[Condition, ...]
    weighted: bool
    silence: Literal["majority"] | None = None
    proxy_limit: int = 1
    objection_days: int = 3
    consent: bool = False
    gathered: bool = False  # for a ballot among those present: counted on the spot, no window for objections

    def turnout_conditions(self) -> list[Condition]:
        """Those that can be told before anything is counted."""
        return [c for c in self.conditions if c.part == "present" and c.over == "roll"]


def meter(condition: Condition, have: Weight, whole: Weight) -> Meter:
    got, all_of_it = have.of(condition.of), whole.of(condition.of)
    return Meter(
        condition, _decimal(got), condition.needed(all_of_it), _decimal(all_of_it), condition.met(got, all_of_it)
    )


def turnout(rule: Rule, roll: Weight, present: Weight) -> list[Meter]:
    """The live meters of a question that is still open: they say how many took part, never what was said."""
    return [meter(condition, present, roll) for condition in rule.turnout_conditions()]


def parse_rule(spec: Mapping[str, Any]) -> Rule:
    """A rule from its stored form. Raises ValueError, in words for whoever wrote it, naming the condition."""
    raw = spec.get("conditions")
    if not isinstance(raw, list) or not raw:
        raise ValueError(_("规则里一条条件也没有。"))
    conditions = tuple(_condition(n, each) for n, each in enumerate(raw, 1))
    weighted = bool(spec.get("weighted", False))
    if any(c.of == "area" for c in conditions) and not weighted:
        raise ValueError(_("有按面积的条件，名册就要带面积。"))
    gathered = bool(spec.get("gathered", False))
    silence = spec.get("silence")
    if silence not in (None, "majority"):
        raise ValueError(_("没表态的只能不算，或随多数。"))
    return Rule(
        conditions=conditions, weighted=weighted, silence=silence,
        proxy_limit=_whole(spec, "proxy_limit", 1, 20), consent=bool(spec.get("consent", False)),
        objection_days=_whole(spec, "objection_days", 0 if gathered else 3, 60, least=0 if gathered else 1),
        gathered=gathered,
    )  # fmt: skip


def _condition(number: int, raw: Any) -> Condition:
    if not isinstance(raw, Mapping):
        raise ValueError(_("第 %d 条条件读不懂。") % number)
    sign = next((s for s in _SIGNS if s in raw), None)
    found = (raw.get("of"), raw.get("part"), raw.get("over"), sign)
    for value, known in zip(found, (_OF, _PARTS, _OVER, _SIGNS), strict=True):
        if value not in known:
            raise ValueError(_("第 %(n)d 条条件里，%(value)s 不在 %(known)s 里。") % {
                "n": number, "value": value, "known": "、".join(known)})  # fmt: skip
    try:
        share = Fraction(str(raw[sign or ""]))
    except (ValueError, ZeroDivisionError):
        raise ValueError(_("第 %d 条条件的分数要写成 2/3 这样。") % number) from None
    if not 0 <= share <= 1:
        raise ValueError(_("第 %d 条条件的分数要在 0 和 1 之间。") % number)
    return Condition(raw["of"], raw["part"], raw["over"], sign, share)  # type: ignore[arg-type]


def _whole(spec: Mapping[str, Any], name: str, usual: int, most: int, *, least: int = 0) -> int:
    value = spec.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(_("%(name)s 要是 %(least)d 到 %(most)d 的整数。") % {
            "name": name, "least": least, "most": most})  # fmt: skip
    return value


def _decimal(value: Fraction) -> Decimal:
    """Exact: heads are whole and areas come in hundredths, so nothing is ever rounded here."""
    cents = value * 100
    if cents.denominator != 1:
        raise ValueError(f"not in hundredths: {value}")
    found = Decimal(cents.numerator).scaleb(-2)
    return found.quantize(Decimal(1)) if cents.numerator % 100 == 0 else found
