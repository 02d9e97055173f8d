"""The pure part: kinds, recurrence, the rotating code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from linli.core.gatherings.rules import handcode
from linli.core.gatherings.rules.recurrence import parse_recurrence
from linli.core.gatherings.rules.spec import Quorum, complaints, parse_kind
from tests.gatherings.cast import COUNCIL, FIVE

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))
RULES = st.one_of(
    st.just({"every": "day", "time": "20:00"}),
    st.integers(1, 7).map(lambda n: {"every": "week", "weekday": n, "time": "19:00"}),
    st.integers(1, 31).map(lambda n: {"every": "month", "day": n, "time": "09:30"}),
)


@given(RULES, MOMENTS)
def test_the_next_sitting_lies_ahead_fits_the_pattern_and_none_lies_between(
    raw: dict[str, object], now: datetime
) -> None:
    rule = parse_recurrence(raw)
    found = rule.after(now)
    local = timezone.localtime(found)
    assert found > now
    assert local.time() == rule.at
    assert found - now <= timedelta(days={"day": 1, "week": 7, "month": 32}[rule.every])
    if rule.every == "week":
        assert local.isoweekday() == rule.weekday
    if rule.every == "month":
        following = (local + timedelta(days=1)).day
        assert local.day == rule.day or (local.day < rule.day and following == 1)
    assert rule.after(found - timedelta(microseconds=1)) == found


@given(MOMENTS, st.integers(-300, 300))
def test_a_code_is_good_for_its_minute_and_both_neighbours(now: datetime, later: int) -> None:
    shown, typed = now, now + timedelta(seconds=later)
    apart = abs(int(typed.timestamp()) // 60 - int(shown.timestamp()) // 60)
    code = handcode.code_at("s" * 64, shown)
    if apart <= 1:
        assert handcode.is_code("s" * 64, f" {code[:3]} {code[3:]}", typed)
    else:  # another window may show the same digits once in a million
        others = [handcode.code_at("s" * 64, typed + timedelta(seconds=60 * by)) for by in (-1, 0, 1)]
        assert handcode.is_code("s" * 64, code, typed) is (code in others)
    assert not handcode.is_code("t" * 64, "", typed)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_quorum_is_never_less_than_its_share(invited: int, there: int) -> None:
    rule = Quorum(Fraction(1, 2))
    assert rule.met(invited, there, there) is (Fraction(there) >= Fraction(invited, 2))


def test_kinds_are_read_and_wrong_ones_are_told_in_words() -> None:
    assert parse_kind(COUNCIL).quorum.share == Fraction(1, 2)
    assert parse_kind(FIVE).procedure("vital") is not None
    wrong = {"roles": [{"reach": "here"}], "outcomes": ["party"], "quorum": {"share": "3/2"}, "notice_days": -1, "x": 1,
             "recurrence": {"every": "week", "weekday": 9, "time": "19:00"}}  # fmt: skip
    keys = {key for key, _text in complaints(wrong)}
    assert keys == {"roles", "outcomes", "quorum", "notice_days", "x", "recurrence"}
    with pytest.raises(ValueError, match="party"):
        parse_kind(wrong)
