"""What may be asked, how days are cut, which groups appear, and what the answer says of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.core.matters import stats
from linli.core.matters.models import Kind, Matter, State
from linli.core.matters.stats import spread
from linli.core.matters.stats.period import DAY, MONTH, YEAR, Period, Piece, parse, start_of
from linli.core.people.actor import Actor
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit.refusal import Invalid, NotFound
from tests.cast import DISTRICT, Town
from tests.matters.stats_cast import LOCAL, Life, lives

ActAs = Callable[[str], Actor]


@pytest.fixture
def life(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> Life:
    return lives(town, act_as, monkeypatch)


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=LOCAL)


def received(**asked: object) -> dict[str, int]:
    result = stats.query(district_id=DISTRICT, **asked)  # type: ignore[arg-type]
    return {group.key: group.received for group in result.groups if group.received}


@pytest.mark.parametrize("folded", [True, False])
def test_a_day_is_a_local_day_and_both_its_midnights_count_once(life: Life, folded: bool) -> None:
    for when in (at(2026, 3, 1), at(2026, 3, 1, 23, 59, 59), at(2026, 3, 2), at(2026, 2, 28, 23, 59, 59)):
        life.open("unit", when)
    if folded:
        stats.fold()
    assert received(by="day") == {"2026-02-28": 1, "2026-03-01": 2, "2026-03-02": 1}
    assert received(by="day", since="2026-03-01", until="2026-03-01") == {"2026-03-01": 2}
    assert received(by="hour", since="2026-03-01", until=date(2026, 3, 1)) == {"0": 1, "23": 1}
    # An instant as the end is not included, one as the beginning is.
    assert received(by="day", since="2026-03-01T00:00:00+08:00", until="2026-03-02T00:00:00+08:00") == {"2026-03-01": 2}
    assert received(by="day", since="2026-02-28T15:59:59Z", until="2026-02-28T16:00:00Z") == {"2026-02-28": 1}
    assert received(by="day", since="2026-03-01T00:00:01+08:00", until="2026-03-02T00:00:00.000001+08:00") == {
        "2026-03-01": 1, "2026-03-02": 1,
    }  # fmt: skip
    assert received(by="place", since="2026-03-03") == {}


def test_days_in_between_are_shown_with_noughts(life: Life) -> None:
    life.open("unit", at(2026, 3, 1, 9))
    life.open("unit", at(2026, 3, 4, 9))
    groups = stats.query(district_id=DISTRICT, by="day").groups
    assert [(g.key, g.received) for g in groups] == [
        ("2026-03-01", 1), ("2026-03-02", 0), ("2026-03-03", 0), ("2026-03-04", 1),
    ]  # fmt: skip
    assert groups[0].name == "2026 年 3 月 1 日"
    asked = stats.query(district_id=DISTRICT, by="day", since="2026-03-04", until="2026-03-06").groups
    assert [(g.key, g.received) for g in asked] == [("2026-03-04", 1), ("2026-03-05", 0), ("2026-03-06", 0)]


def test_every_group_appears_even_with_nothing_in_it(life: Life) -> None:
    town = life.town
    shown = {by: stats.query(district_id=DISTRICT, by=by) for by in ("place", "kind", "state", "channel", "hour")}
    communities = sorted(town.places[key].code for key in ("community", "community2"))
    assert [g.key for g in shown["place"].groups] == communities
    assert [g.name for g in shown["kind"].groups] == ["诉求", "隐患", "纠纷", "部门任务", "点单"]
    assert [g.key for g in shown["state"].groups] == list(State.values)
    assert [g.key for g in shown["hour"].groups] == [str(hour) for hour in range(24)]
    assert "柜台" in [g.name for g in shown["channel"].groups]
    zero = {g.received for result in shown.values() for g in result.groups}
    assert zero == {0}
    assert {g.median_seconds for result in shown.values() for g in result.groups} == {None}
    assert stats.query(district_id=DISTRICT, by="day").groups == []


def test_a_kind_no_longer_in_use_keeps_its_name_where_it_counted(life: Life) -> None:
    life.open("unit")
    Kind.objects.update(active=False)
    District.objects.update(version=99)
    kind = life.matters[0].kind
    groups = stats.query(district_id=DISTRICT, by="kind").groups
    assert [(g.key, g.received) for g in groups] == [(kind, 1)]
    assert groups[0].name == Kind.objects.get(code=kind).name


@pytest.mark.parametrize("folded", [True, False])
def test_what_lies_in_no_group_is_counted_apart_and_opens_its_cases(life: Life, folded: bool) -> None:
    for place in ("street", "towngrid", "unit", "unit"):
        life.open(place)
    if folded:
        stats.fold()
    result = stats.query(district_id=DISTRICT, by="place")
    codes = {key: place.code for key, place in life.town.places.items()}
    assert {g.key: g.received for g in result.groups} == {
        codes["community"]: 2, codes["community2"]: 0, codes["town"]: 1, codes["district"]: 1,
    }  # fmt: skip
    assert result.total.received == 4
    left = next(g for g in result.groups if g.key == codes["district"])
    assert [m.place_id for m in stats.cases(DISTRICT, left.cases)] == [life.town.places["street"].pk]
    assert "没有落到" in left.name


def test_places_stand_in_the_order_of_their_codes_at_any_level(life: Life) -> None:
    for level in ("street", "community", "quarter", "grid", "building"):
        keys = [g.key for g in stats.query(district_id=DISTRICT, by="place", level=level).groups]
        assert keys == sorted(n.code for n in tree(DISTRICT).by_id.values() if n.level == level)
    with pytest.raises(Invalid) as refused:
        stats.query(district_id=DISTRICT, by="place", level="galaxy")
    assert "level" in refused.value.fields
    path = life.town.places["community"].path
    with pytest.raises(Invalid):
        stats.query(district_id=DISTRICT, by="place", path=path, level="street")


@pytest.mark.parametrize("text", ["morgen", "2026-13-01", "20260301", "2026-03-01T25:00:00Z",
                                  "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-08:00", "2026-W01-1"])  # fmt: skip
def test_a_time_that_cannot_be_read_is_refused_by_name(text: str) -> None:
    for field in ("since", "until"):
        with pytest.raises(Invalid) as refused:
            parse(**{"since": None, "until": None, field: text})
        assert set(refused.value.fields) == {field}


def test_what_cannot_be_asked_is_refused(life: Life) -> None:
    with pytest.raises(Invalid) as refused:
        stats.query(district_id=DISTRICT, by="weather")
    assert "by" in refused.value.fields
    with pytest.raises(NotFound):
        stats.query(district_id=DISTRICT, by="kind", path="00010009")
    with pytest.raises(Invalid) as refused:
        stats.query(district_id=DISTRICT, by="kind", since="2026-03-02", until="2026-02-01")
    assert "until" in refused.value.fields
    with pytest.raises(Invalid):
        stats.cases(DISTRICT, {"colour": "red"})
    with pytest.raises(Invalid):
        stats.cases(DISTRICT, {"hour": "24"})
    with pytest.raises(NotFound):
        stats.cases(DISTRICT, {"place": "nowhere"})


def test_a_long_period_is_read_from_years_and_months_and_only_its_ends_from_days() -> None:
    asked = parse("2023-11-29", "2026-02-02")
    assert asked.pieces() == [
        Piece(YEAR, date(2024, 1, 1), date(2026, 1, 1)),
        Piece(MONTH, date(2023, 12, 1), date(2024, 1, 1)), Piece(DAY, date(2023, 11, 29), date(2023, 12, 1)),
        Piece(MONTH, date(2026, 1, 1), date(2026, 2, 1)), Piece(DAY, date(2026, 2, 1), date(2026, 2, 3)),
    ]  # fmt: skip
    assert Period().pieces() == [Piece(YEAR, None, None)]
    assert asked.edges == []
    cut = parse("2026-03-01T10:00:00+08:00", "2026-03-03T10:00:00+08:00")
    assert cut.pieces() == [Piece(DAY, date(2026, 3, 2), date(2026, 3, 3))]
    assert [(b - a) for a, b in cut.edges] == [timedelta(hours=14), timedelta(hours=10)]
    inside = parse("2026-03-01T10:00:00+08:00", "2026-03-01T11:00:00+08:00")
    assert (inside.pieces(), inside.edges) == ([], [(inside.since, inside.until)])
    assert parse("", " ") == Period()


@pytest.mark.parametrize("days", [1, 2, 27, 31, 59, 365, 366, 800])
def test_the_pieces_of_a_period_are_its_days_each_once(days: int) -> None:
    for offset in range(0, 400, 23):
        first = date(2023, 12, 20) + timedelta(days=offset)
        asked = Period(start_of(first), start_of(first + timedelta(days=days)))
        found: list[date] = []
        for piece in asked.pieces():
            assert piece.low is not None
            assert piece.high is not None
            found += [piece.low + timedelta(days=i) for i in range((piece.high - piece.low).days)]
        assert sorted(found) == [first + timedelta(days=i) for i in range(days)]


def test_the_formula_says_how_it_counted(life: Life) -> None:
    life.open("unit")
    formula = stats.query(district_id=DISTRICT, by="place", since="2026-01-01").formula
    assert formula["version"] == "三率 2"
    assert formula["minimum_sample"] == stats.MINIMUM_SAMPLE == 30
    assert formula["since"] == "2026-01-01T00:00:00+08:00"
    assert formula["until"] is None
    assert formula["place"]["name"] == "示范区"
    assert set(formula["definitions"]) >= {"received", "resolved", "median_seconds", "satisfied"}
    shown = stats.query(district_id=DISTRICT, by="place").as_json()
    assert set(shown["groups"][0]) == {
        "key", "name", "received", "answered_in_time", "acted_in_time", "resolved_in_time", "resolved", "satisfied",
        "rated", "median_seconds",
    }  # fmt: skip


@pytest.mark.parametrize("by", ["place", "state", "day"])
def test_the_counts_are_read_in_one_statement(life: Life, by: str) -> None:
    """One statement is one snapshot: that a fold falls between two reads is then not possible at all."""
    for _ in range(6):
        life.open("unit")
    stats.fold(limit=3)
    stats.query(district_id=DISTRICT, by=by)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        stats.query(district_id=DISTRICT, by=by, since="2026-01-01T07:00:00+08:00", until="2026-12-31T07:00:00+08:00")
    tables = ("matters_figure", "matters_delta", "matters_matter")
    reading = [q["sql"] for q in caught if any(table in q["sql"] for table in tables)]
    assert len(reading) == 1
    assert all(table in reading[0] for table in tables)


def test_seconds_are_whole_ones_cut_off_on_either_database(life: Life) -> None:
    for i, (opened, done) in enumerate((
        (at(2026, 3, 1, 9, 0, 0, 900000), at(2026, 3, 1, 9, 0, 10, 100000)),  # 9.2
        (at(2026, 3, 1, 9, 0, 0, 100000), at(2026, 3, 1, 9, 0, 10, 900000)),  # 10.8
        (at(2026, 3, 1, 9), at(2026, 3, 1, 9, 0, 59, 999999)),  # 59.999999
        (at(2026, 3, 1, 9, 0, 0, 1), at(2026, 3, 1, 9)),  # before it was opened
    )):  # fmt: skip
        made = life.open("unit")
        Matter.objects.filter(pk=made.pk).update(opened_at=opened, verified_at=done, kind=f"k{i}")
    stats.rebuild(DISTRICT)
    path = life.town.places["quarter"].path
    groups = stats.query(district_id=DISTRICT, by="kind", path=path).groups
    assert {g.key: g.median_seconds for g in groups if g.received} == {"k0": 9, "k1": 10, "k2": 59, "k3": 0}


@pytest.mark.parametrize("seconds", [0, 1, 49, 50, 51, 60, 3600, 86_400, 999_983, 315_360_000])
def test_a_bucket_stands_for_its_seconds_within_one_percent(seconds: int) -> None:
    told = spread.middle(spread.bucket(seconds))
    assert abs(told - seconds) <= max(1, seconds * 0.0101)
    assert spread.unpack(spread.pack({3: 1, 1: 2, 9: 0})) == {1: 2, 3: 1}
    assert spread.middle_pair({}) is None
    assert spread.middle_pair({5: 1, 7: 1}) == (5, 7)
    assert spread.middle_pair({5: 1, 7: 2}) == (7, 7)
    assert spread.middle_pair({5: 2, 7: 2, 9: 1}) == (7, 7)
