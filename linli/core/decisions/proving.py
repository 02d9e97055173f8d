"""What ``linli verify`` says of a vote: its roll, its terms and its count, against what the topic's timeline holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import orjson
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from linli.core.decisions import publishing, rolls, terms
from linli.core.decisions.actions.counting import result_of
from linli.core.decisions.counting import parse_rule
from linli.core.decisions.models import Question, QuestionState

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence

_ACTS = frozenset({"ask", "amend", "slips", "withdraw", "strip", "count"})


def rows() -> QuerySet[Question]:
    return Question.objects.select_related("rule")


def judge(entries: Sequence[Row], questions: Sequence[Question]) -> Iterator[Told]:
    """What does not hold of the questions of a matter whose chain does."""
    said: dict[str, list[Row]] = {}
    for entry in entries:
        if entry["act"] in _ACTS and "question" in entry["data"]:
            said.setdefault(entry["data"]["question"], []).append(entry)
    there = {question.number for question in questions}
    for number in sorted(said.keys() - there):
        yield "vote.gone", said[number][0]["seq"], _("表决 %s 没有了，记录还在") % number
    for question in questions:
        yield from _question(question, said.get(question.number, []))


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _question(question: Question, said: list[Row]) -> Iterator[Told]:
    last = {row["act"]: row for row in said}
    seq = said[-1]["seq"] if said else 0
    if not _state_holds(question, set(last)):
        yield "vote.state", seq, _("表决 %s 的状态和记录说的不一样") % question.number
        return
    if "ask" in last:
        if _terms(question) != _told_terms(question, said) or not _words_hold(question, said):
            yield "vote.terms", seq, _("表决 %s 的题目、规则、截止时间或方式和公布时的不一样") % question.number
        if not _roll_holds(question, said):
            yield "vote.roll", seq, _("表决 %s 的名册和公布时的不一样") % question.number
    if not (_count_holds(question, last["count"]) if "count" in last else _undecided(question)):
        seq = last.get("count", {"seq": seq})["seq"]
        yield "vote.count", seq, _("表决 %s 的票或结果和计票时记下的不一样") % question.number


def _state_holds(question: Question, said: set[str]) -> bool:
    """A draft is edited and withdrawn in silence; every other state has its entry."""
    if question.state == QuestionState.WITHDRAWN:
        return "withdraw" in said or "ask" not in said
    if "count" in said:
        return question.state == QuestionState.DECIDED
    if "strip" in said:
        return question.state == QuestionState.STRIPPED
    if "ask" in said and "withdraw" not in said:
        return question.state in (QuestionState.OPEN, QuestionState.CLOSED)
    return question.state == QuestionState.DRAFT


def _terms(question: Question) -> Row:
    closes = None if question.gathered else question.closes_at.replace(microsecond=0)
    return {
        "rule": question.rule.code, "version": question.rule.version, "secret": question.secret, "closes": closes,
    }  # fmt: skip


def _told_terms(question: Question, said: list[Row]) -> Row:
    """In a room the host ends the voting, at a time that the count holds."""
    ask = next(row["data"] for row in said if row["act"] == "ask")
    closes = ask["closes"]
    for row in said:
        if row["act"] == "amend" and row["data"]["what"] == "closes_at":
            closes = row["data"]["after"]
    return {
        "rule": ask["rule"], "version": ask["rule_version"], "secret": ask["secret"],
        "closes": None if question.gathered else datetime.fromisoformat(closes),
    }  # fmt: skip


def _words_hold(question: Question, said: list[Row]) -> bool:
    """Title, text, options and the whole rule, and the published amendments word for word. Older votes said less."""
    ask = next(row for row in said if row["act"] == "ask")
    if ask["data"].get("terms", terms.digest(question)) != terms.digest(question):
        return False
    window = timedelta(days=parse_rule(question.rule.spec).objection_days)
    if not question.gathered and question.objections_until != question.closes_at + window:
        return False
    told = [
        (row["text"], row["data"]["what"], row["data"]["before"], row["data"]["after"], row["at"])
        for row in said if row["act"] == "amend" and row["data"]["what"] != "objection"
    ]  # fmt: skip
    there = question.amendments.order_by("seq")
    return told == [(row.reason, row.what, row.before, row.after, row.at) for row in there]


def _roll_holds(question: Question, said: list[Row]) -> bool:
    told, voices = "", None
    for row in said:
        voices = row["data"].get("voices", voices)
        if row["act"] == "ask":
            told = row["data"]["roll"]
        elif row["act"] == "amend" and row["data"]["what"] == "roll":
            told = row["data"]["after"]["roll"]
    lines = question.roll.order_by("seq").values_list("seq", "salt", "heads", "area_m2", "state")
    now = rolls.roll_hash(rolls.line(*row) for row in lines.iterator(chunk_size=5000))
    sums = question.roll.filter(state="voting").aggregate(heads=Sum("heads"), area=Sum("area_m2"))
    whole = (sums["heads"] or 0, sums["area"] or Decimal(0))
    named = next(row["data"] for row in said if row["act"] == "ask").get("named")
    if named is not None and named != terms.roll_digest(question):
        return False
    if voices is not None and voices != terms.voices_digest(question):
        return False
    return question.roll_hash == now == told and whole == (question.roll_heads, question.roll_area)


def _undecided(question: Question) -> bool:
    """Before it is counted a vote has no result, whoever wrote one beside it."""
    return question.result is None and question.decided_at is None and question.imported is None


def _count_holds(question: Question, entry: Row) -> bool:
    result, told = question.result or {}, entry["data"]
    if question.decided_at != entry["at"] or told.get("terms", "") not in ("", terms.digest(question)):
        return False
    if "proof" not in told:
        kept = question.imported or {}
        return bool(result.get("outcome") == told["outcome"] and all(told.get(name) == kept[name] for name in kept))
    if question.imported is not None:  # a count of our own passed off as one from elsewhere, of which less is proved
        return False
    if not told["proof"] == result.get("proof") == publishing.proof(question):
        return False
    if told.get("beside", "") not in ("", terms.beside_digest(question)):
        return False
    if not question.secret and not _as_taken(question):
        return False
    counted = question.counted.order_by("position").values_list("choice", "heads", "area_m2")
    again = publishing.result_json(result_of(question, counted.iterator(chunk_size=5000)))
    again = orjson.loads(orjson.dumps(again))  # as the database keeps it
    return bool(again == {name: value for name, value in result.items() if name != "proof"})


def _as_taken(question: Question) -> bool:
    """An open vote counts what lies in the envelopes, one by one."""
    taken = question.envelopes.filter(state="valid").order_by("entry__seq").values_list("entry__seq", "choice")
    counted = question.counted.order_by("position").values_list("seq", "choice")
    pairs = zip_longest(taken.iterator(chunk_size=5000), counted.iterator(chunk_size=5000))
    return all(one == other for one, other in pairs)
