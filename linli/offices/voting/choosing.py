"""A ballot as a form of plain inputs: what the page draws for a method, and the choice that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from linli.core.decisions.counting.methods import MOST_SCORE
from linli.core.decisions.models import Question
from linli.kit.figures import yuan
from linli.offices.voting import words

ONE = ("choice", "consent")
SEVERAL = ("approval", "budget")


@dataclass(frozen=True)
class Row:
    """An option on the ballot: its input's name, what may be put in, what is in it now."""

    code: str
    name: str
    cost: str
    field: str
    values: list[int]
    chosen: Any


def rows(question: Question, choice: Any = None) -> list[Row]:
    many = len(question.options)
    values = list(range(MOST_SCORE + 1)) if question.method == "score" else list(range(1, many + 1))
    return [
        Row(o["code"], words.name(o), yuan(o["cost_fen"]) if o.get("cost_fen") else "",
            field(question.method, o["code"]), values, _chosen(question.method, o["code"], choice))
        for o in question.options
    ]  # fmt: skip


def kinds(question: Question) -> dict[str, bool]:
    """What the templates ask of a method."""
    return {"one": question.method in ONE, "several": question.method in SEVERAL}


def field(method: str, code: str) -> str:
    return f"{method}-{code}" if method in ("score", "ranking") else "choice"


def _chosen(method: str, code: str, choice: Any) -> Any:
    if choice is None:
        return None
    if method == "ranking":
        return choice.index(code) + 1 if code in choice else None
    return choice.get(code) if method == "score" else code == choice if method in ONE else code in choice


def read(question: Question, data: QueryDict) -> Any:
    """The choice that was sent, not yet judged; None where the form was only opened."""
    if question.method in ONE:
        return data.get("choice")
    if question.method in SEVERAL:
        return data.getlist("choice")
    told = {code: data.get(field(question.method, code), "") for code in question.codes}
    numbers = {code: int(value) for code, value in told.items() if value.isdecimal() and len(value) < 4}
    if question.method == "score":
        return numbers
    # Two options on one place: the later one is not silently put behind, the paper is refused as it is.
    if len(set(numbers.values())) < len(numbers):
        return []
    return sorted(numbers, key=lambda code: numbers[code])


def pairs(question: Question, choice: Any) -> list[tuple[str, str]]:
    """The choice as hidden inputs of the screen that asks once more."""
    if isinstance(choice, dict):
        return [(field(question.method, code), str(n)) for code, n in choice.items()]
    if question.method == "ranking":
        return [(field(question.method, code), str(n)) for n, code in enumerate(choice, 1)]
    return [("choice", code) for code in ([choice] if isinstance(choice, str) else choice)]
