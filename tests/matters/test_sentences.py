"""What the desk reads of an entry: the sweep's words are stored in Chinese and told to whoever reads."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone, translation

from linli.core.matters.catalogue import catalogue
from linli.core.matters.sentences import Sentences
from linli.core.people.posts import roster
from tests.cast import DISTRICT, Town

DUE = {"stage": "result", "round": 1, "due_at": "2024-11-18T02:12:00+08:00"}
CALLED = {**DUE, "stage": "arrive", "unit": "x", "name": "暖城物业"}


@pytest.mark.parametrize(
    ("act", "data", "words", "english"),
    [
        ("breach", DUE, "超时：结果，说好 2024 年 11 月 18 日 02:12 前。",
         "Overdue: Result, promised by 18 Nov 2024 02:12."),
        ("warn", DUE, "快到点：结果，2024 年 11 月 18 日 02:12 前。", "Nearly due: Result, by 18 Nov 2024 02:12."),
        ("remind", {**DUE, "stage": "supervise"}, "还欠着：督办，说好 2024 年 11 月 18 日 02:12 前。",
         "Still owed: Supervise, promised by 18 Nov 2024 02:12."),
        ("remind", CALLED, "快到点：暖城物业还没报到，2024 年 11 月 18 日 02:12 前。",
         "Nearly due: 暖城物业 has not reported in; due 18 Nov 2024 02:12."),
        ("miss", CALLED, "没报到：暖城物业，说好 2024 年 11 月 18 日 02:12 前到。",
         "Did not report in: 暖城物业, promised by 18 Nov 2024 02:12."),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_what_the_sweep_said_is_told_in_the_readers_language(
    town: Town, act: str, data: dict[str, Any], words: str, english: str
) -> None:
    told = Sentences(roster(DISTRICT), catalogue(DISTRICT), timezone.now())
    entry = {"seq": 3, "at": "2024-11-18T02:12:05+08:00", "act": act, "actor": "系统", "text": words, "data": data}

    def read(detail: dict[str, Any]) -> tuple[str, str]:
        (line,) = told.lines({"timeline": [detail]})
        return line.fact.replace("\xa0", " "), line.text

    assert read(entry) == (words, "")
    with translation.override("en"):
        assert read(entry) == (english, "")
    assert read({**entry, "data": {}}) == ("", words), "an old entry without its facts keeps its words"


@pytest.mark.django_db
def test_a_dispatch_by_rule_is_told_in_the_readers_language_and_a_reason_as_it_was_written(town: Town) -> None:
    told = Sentences(roster(DISTRICT), catalogue(DISTRICT), timezone.now())
    to = town.posts["grid"]

    def read(text: str, **data: str) -> str:
        entry = {"seq": 1, "at": "2024-11-18T02:12:05+08:00", "act": "dispatch", "actor": "系统", "text": text}
        (line,) = told.lines({"timeline": [{**entry, "data": {"to": to.code, **data}}]})
        assert line.text == ""
        return line.fact

    name = roster(DISTRICT).find(to.code).name  # type: ignore[union-attr]
    assert read(f"按规则派给{name}。", rule="照明") == f"按规则派给{name}。"
    assert read("他昨天去看过。") == "他昨天去看过。"
    with translation.override("en"):
        assert read(f"按规则派给{name}。", rule="照明") == f"Dispatched by rule to {name}."
        assert "派给" not in read(f"派给{name}。")
        assert read("他昨天去看过。") == "他昨天去看过。"
