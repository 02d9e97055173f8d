"""Every act has a sentence, and the sentence says what the data says."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from linli.core.matters.catalogue import catalogue
from linli.core.matters.flow import OTHER_ACTS, TABLE, name_of
from linli.core.people.posts import roster
from linli.doors.resident.stages import lasted, span_words
from linli.doors.resident.story import Book, Line, tell
from tests.cast import DISTRICT, Town

DUE = "2030-06-01T16:12:00+08:00"
ACTS = [*(move.act for move in TABLE), *OTHER_ACTS]


@pytest.fixture
def book(town: Town) -> Book:
    return Book(roster(DISTRICT), catalogue(DISTRICT), contact=True)


def told(book: Book, act: str, text: str = "", **data: Any) -> Line:
    entry = {
        "seq": 1,
        "at": timezone.now().isoformat(),
        "act": act,
        "actor": "王禾苗 网格员",
        "text": text,
        "data": data,
    }
    return tell(entry, book)


@pytest.mark.parametrize("act", ACTS)
def test_no_act_is_without_words(book: Book, act: str) -> None:
    line = told(book, act)
    assert (line.who, line.role) == ("王禾苗", "网格员")
    assert line.words
    assert "None" not in line.words


def test_an_act_nobody_wrote_a_sentence_for_is_still_told(book: Book) -> None:
    assert told(book, "invented").words == name_of("invented")
    assert told(book, "invented", "说明").words == "说明"


@pytest.mark.parametrize(
    ("act", "text", "data", "words"),
    [
        ("open", "原话", {"channel": "qr"}, "扫码说的。名字只有回电话的人能看到。"),
        ("dispatch", "按规则派给王禾苗。", {"to": "T-grid", "rule": "诉求到网格员"}, "按规则派给王禾苗（网格员）。"),
        ("dispatch", "", {"to": "O-power"}, "派给示范区供电所。"),
        ("return", "是电力线路", {"reason": "no_power", "suggest": "O-power"},
         "退了回去，没有这个权限：是电力线路。建议给示范区供电所。时钟没停。"),
        ("reply", "收到了，中午前到。", {}, "收到了，中午前到。"),
        ("escalate", "要断电", {"to": "T-committee_office_unit"}, "上报给柳荫社区居委会：要断电。"),
        ("whistle", "改不了电路", {"names": ["供电所", "物业"]}, "吹哨，叫了 2 家：供电所、物业。改不了电路。"),
        ("report", "", {"name": "物业", "report": "arrived", "late": True}, "物业到了，比说好的晚。"),
        ("report", "", {"name": "物业", "report": "refused", "reason": "不归我们"}, "物业说不来：不归我们。"),
        ("resolve", "灯亮了！", {"cause_name": "设施老化"}, "办完了：灯亮了！原因是设施老化。"),
        ("verify", "亮着", {"passed": True}, "去看过，办好了：亮着。"),
        ("verify", "没亮", {"passed": False}, "去看过，还没好，接着办：没亮。"),
        ("rate", "谢谢", {"score": 5}, "评了“很好”。谢谢。"),
        ("rate", "", {"score": 1}, "评了“很差”。"),
        ("judge", "确实", {"upheld": True}, "看过了，您说得对，重新办：确实。"),
        ("judge", "亮的", {"upheld": False}, "看过了，维持原来的结果：亮的。"),
        ("confirm", "", {"agreed": True}, "换人复核过，不受理。"),
        ("member", "", {"households": 3}, "又有一户说了同一件事，现在是 3 户。"),
        ("reveal", "回电话", {}, "为了回话，看过您留的联系方式：回电话。"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_happened(book: Book, act: str, text: str, data: dict[str, Any], words: str) -> None:
    assert told(book, act, text, **data).words == words


def test_a_breach_says_which_promise_and_who_knows(book: Book) -> None:
    line = told(book, "breach", stage="reply", due_at=DUE)
    assert "给您回话" in line.words
    assert "2030 年 6 月 1 日" in line.words
    assert (line.key, line.icon) == (True, "alert-circle")


def test_what_is_said_of_the_contact_follows_the_matter(town: Town) -> None:
    rows = roster(DISTRICT), catalogue(DISTRICT)
    assert "没有留名" in told(Book(*rows, anonymous=True), "open", channel="web").words
    assert "没有留电话" in told(Book(*rows), "open", channel="web").words
    assert "只有回话的那一个人" in told(Book(*rows, contact=True, confidential=True), "open", channel="web").words


def test_erased_words_are_not_told(book: Book) -> None:
    entry = {"seq": 1, "at": timezone.now().isoformat(), "act": "open", "actor": "一位居民", "text": "", "data": {},
             "redacted": True}  # fmt: skip
    assert "依法抹去" in tell(entry, book).words


@pytest.mark.parametrize(
    ("span", "words"),
    [("30m", "30 分"), ("2h", "2 小时"), ("7d", "7 天"), ("4wh", "4 个工作小时"), ("3wd", "3 个工作日")],
)
def test_a_promise_in_the_rules_own_count(span: str, words: str) -> None:
    assert span_words(span) == words


def test_how_long_it_took() -> None:
    from datetime import timedelta

    assert lasted(timedelta(hours=1, minutes=50, seconds=59)) == "1 小时 50 分"
    assert lasted(timedelta(seconds=3)) == "1 分"
