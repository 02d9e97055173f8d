"""From ballots to an outcome: the tally, every condition with what it had and needed, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from linli.core.decisions.counting.methods import (
    ABSTAIN,
    CONSENT,
    METHODS,
    NO,
    OBJECTION,
    YES,
    Ballot,
    Tally,
)
from linli.core.decisions.counting.rule import Condition, Meter, Rule, Weight, meter

Outcome = Literal["adopted", "rejected", "no_quorum", "tie"]


@dataclass
class Result:
    """What came of a question. ``assumed`` is what silence added under a rule that says so, always told apart."""

    outcome: Outcome
    roll: Weight
    present: Weight
    tally: Tally
    meters: list[Meter] = field(default_factory=list)
    assumed: Weight = field(default_factory=Weight)
    without_silence: Outcome | None = None


def count(
    *, rule: Rule, method: str, options: Sequence[str], roll: Weight, ballots: Iterable[Ballot],
    more: Mapping[str, Any] | None = None,
) -> Result:  # fmt: skip
    """Count all ballots of a question under its rule. ``more`` holds seats, costs and budget where a method asks."""
    cast = list(ballots)
    present = Weight(sum(b.weight.heads for b in cast), sum((b.weight.area for b in cast), Decimal(0)))
    tally = METHODS[method].tally(cast, options, rule.weighted, more or {})
    plain = _judged(rule, method, roll, present, tally, Weight())
    if rule.silence is None or plain.outcome == "no_quorum":
        return plain
    silent = Weight(roll.heads - present.heads, roll.area - present.area)
    told = _judged(rule, method, roll, present, tally, silent)
    told.without_silence = plain.outcome
    return told


def _judged(rule: Rule, method: str, roll: Weight, present: Weight, tally: Tally, silent: Weight) -> Result:
    parts = _parts(method, tally, rule)
    parts = _with_silence(parts, silent)
    counted = present + silent
    meters = [_meter(each, parts, roll, counted if each.part != "present" else present) for each in rule.conditions]
    result = Result("adopted", roll, present, tally, meters, assumed=silent)
    result.outcome = _outcome(rule, tally, meters, parts)
    return result


def _parts(method: str, tally: Tally, rule: Rule) -> dict[str, Weight]:
    """What said yes, no, and objected. Where several options stand against each other, yes is the one in front."""
    sums, none = tally.sums, Weight()
    if method == "consent":
        return {"yes": sums.get(CONSENT, none), "no": sums.get(OBJECTION, none), "objection": sums.get(OBJECTION, none)}
    if YES in sums and NO in sums:
        return {"yes": sums[YES], "no": sums[NO], "objection": none}
    first = (tally.winners or tally.tied or [""])[0]
    yes = sums.get(first, none)
    others = [w for o, w in sums.items() if o not in (first, ABSTAIN)]
    return {"yes": yes, "no": sum(others, none), "objection": none}


def _with_silence(parts: dict[str, Weight], silent: Weight) -> dict[str, Weight]:
    """Silence follows what more of those who spoke said; where they are level it follows neither."""
    if silent == Weight():
        return parts
    yes, no = parts["yes"], parts["no"]
    if (yes.heads, yes.area) == (no.heads, no.area):
        return parts
    leading = "yes" if yes.heads > no.heads and yes.area >= no.area else "no" if no.heads > yes.heads else ""
    return {**parts, leading: parts[leading] + silent} if leading else parts


def _meter(condition: Condition, parts: dict[str, Weight], roll: Weight, present: Weight) -> Meter:
    have = present if condition.part == "present" else parts[condition.part]
    whole = {"roll": roll, "present": present, "decided": parts["yes"] + parts["no"]}[condition.over]
    return meter(condition, have, whole)


def _outcome(rule: Rule, tally: Tally, meters: list[Meter], parts: dict[str, Weight]) -> Outcome:
    if any(not m.met for m in meters if m.condition.part == "present"):
        return "no_quorum"
    if tally.tied and not tally.winners and not (YES in tally.sums and NO in tally.sums) and not rule.consent:
        return "tie"
    return "adopted" if all(m.met for m in meters) else "rejected"
