"""What anybody may see and check: the roll without names, the counted ballots, the rule, the result, and its proof."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import Sum

from linli.core.decisions.counting import Meter, Result, Weight, parse_rule, turnout
from linli.core.decisions.models import Question

FEWEST_SHOWN = 5  # a building with fewer voices shows no turnout of its own


def weight_json(weight: Weight) -> dict[str, Any]:
    return {"heads": weight.heads, "area_m2": f"{weight.area:.2f}"}


def meter_json(meter: Meter) -> dict[str, Any]:
    """One condition: ``have``, ``needed``, ``missing`` in heads or m², and whether it is met."""
    c = meter.condition
    return {
        "of": c.of, "part": c.part, "over": c.over, c.sign: f"{c.share.numerator}/{c.share.denominator}",
        "have": str(meter.have), "needed": str(meter.needed), "whole": str(meter.whole), "missing": str(meter.missing),
        "met": meter.met,
    }  # fmt: skip


def result_json(result: Result) -> dict[str, Any]:
    """The result as it is kept and published."""
    told: dict[str, Any] = {
        "outcome": result.outcome, "roll": weight_json(result.roll), "present": weight_json(result.present),
        "options": {code: weight_json(w) for code, w in result.tally.sums.items()},
        "winners": result.tally.winners, "tied": result.tally.tied, "rounds": result.tally.rounds,
        "conditions": [meter_json(m) for m in result.meters],
    }  # fmt: skip
    if result.without_silence is not None:
        told["silence"] = {"counted": weight_json(result.assumed), "without": result.without_silence}
    return told


def recount(question: Question) -> dict[str, Any]:
    """Everything that a stranger needs to count again. Complete only when the question is decided."""
    decided = question.state == "decided"
    return {
        "number": question.number, "title": question.title, "state": question.state, "method": question.method,
        "options": question.options, "more": {k: v for k, v in question.more.items() if k != "calls"},
        "rule": {"code": question.rule.code, "version": question.rule.version, "name": question.rule.name,
                 **question.rule.spec},
        "secret": question.secret, "binding": question.binding,
        "roll": {"hash": question.roll_hash, "heads": question.roll_heads, "area_m2": f"{question.roll_area:.2f}",
                 "lines": list(_lines(question))},
        "ballots": list(_ballots(question)) if decided else None,
        "result": question.result,
    }  # fmt: skip


def _lines(question: Question) -> Iterator[dict[str, Any]]:
    rows = question.roll.order_by("seq").values_list("seq", "salt", "heads", "area_m2", "state")
    for seq, salt, heads, area, state in rows.iterator(chunk_size=5000):
        yield {"seq": seq, "salt": salt, "heads": heads, "area_m2": f"{area:.2f}", "state": state}


def _ballots(question: Question) -> Iterator[dict[str, Any]]:
    rows = question.counted.order_by("position").values_list("seq", "choice", "heads", "area_m2")
    for seq, choice, heads, area in rows.iterator(chunk_size=5000):
        told = {"choice": choice, "heads": heads, "area_m2": f"{area:.2f}"}
        yield told if seq is None else {"seq": seq, **told}


def proof(question: Question) -> str:
    """SHA-256 of roll hash and counted ballots: stands in the sealed ledger, so that neither changes unnoticed."""
    body = {"roll": question.roll_hash, "ballots": list(_ballots(question))}
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def present(question: Question) -> Weight:
    """How much has taken part so far. One short index range."""
    sums = question.envelopes.filter(state="valid").aggregate(heads=Sum("entry__heads"), area=Sum("entry__area_m2"))
    return Weight(sums["heads"] or 0, sums["area"] or Decimal(0))


def live(question: Question) -> list[Meter]:
    """The meters of an open question: how many took part, never which way it goes."""
    roll = Weight(question.roll_heads, question.roll_area)
    return turnout(parse_rule(question.rule.spec), roll, present(question))


def taken_codes(question: Question) -> list[str]:
    """The board codes of all valid ballots in alphabetical order: whoever has a receipt finds theirs."""
    return sorted(question.envelopes.filter(state="valid").values_list("board", flat=True))
