"""Which minutes are open: shifts, seasons, holidays, make-up days, and what a calendar refuses at birth."""

from datetime import UTC, date, datetime, timedelta

import pytest

from linli.kit.calendar import (
    NATURAL,
    PUBLISHED,
    Due,
    OpenDay,
    Season,
    Shift,
    Span,
    Week,
    WorkCalendar,
    due,
    elapsed,
    parse_shifts,
    read_calendar,
)
from tests.kit.calendar_cast import LAW_2025, NIGHT, ROUND, SEASONAL, STREET, at


@pytest.mark.parametrize(
    ("texts", "shifts"),
    [
        (["13:30-17:30", "08:30-12:00"], (Shift(510, 720), Shift(810, 1050))),
        ([("08:30", "12:00")], (Shift(510, 720),)),
        (["00:00-24:00"], (Shift(0, 1440),)),
        (["09:00-00:00"], (Shift(540, 1440),)),
        (["22:00-06:00"], (Shift(1320, 1800),)),
        ([], ()),
    ],
)
def test_shifts_are_read_in_order(texts, shifts):
    assert parse_shifts(texts) == shifts


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["00:00-23:59"], "loses the last minute"),
        (["08:00-08:00"], "no length"),
        (["24:00-06:00"], "no length"),
        (["00:00-00:00"], "no length"),
        (["8-12"], "not a time of day"),
        (["08:00-24:01"], "not a time of day"),
        (["08:60-12:00"], "not a time of day"),
        (["08:00"], "not a shift"),
        (["08:00-12:00", "11:59-13:00"], "shifts overlap: 08:00-12:00 and 11:59-13:00"),
        (["22:00-06:00", "23:00-24:00"], "shifts overlap"),
    ],
)
def test_shifts_that_would_count_wrongly_are_refused(texts, words):
    with pytest.raises(ValueError, match=words):
        parse_shifts(texts)


def test_a_whole_day_keeps_every_minute():
    # A day written to 23:59 loses a minute a day; here a leap year has all of its 527,040 minutes.
    year = WorkCalendar("post", week=Week.daily("00:00-24:00"), statutory=None, opened=(OpenDay(date(2024, 5, 5)),))
    assert not year.always
    assert elapsed(at("2024-01-01 00:00"), at("2025-01-01 00:00"), year) == timedelta(days=366)
    assert year.is_open(at("2024-03-05 23:59:59.999999"))
    assert NATURAL.always
    assert ROUND.always
    assert WorkCalendar("three", week=Week.daily("00:00-08:00", "08:00-16:00", "16:00-00:00"), statutory=None).always
    assert not WorkCalendar("gap", week=Week.daily("00:00-08:00", "08:01-24:00"), statutory=None).always


def test_closing_at_midnight_ends_and_does_not_loop():
    shop = WorkCalendar("shop", week=Week.daily("09:00-00:00"), statutory=None)
    assert shop.is_open(at("2026-01-12 23:59:59"))
    assert not shop.is_open(at("2026-01-13 00:00"))
    assert shop.next_open(at("2026-01-13 00:00")) == at("2026-01-13 09:00")
    assert elapsed(at("2026-01-12 00:00"), at("2026-01-14 00:00"), shop) == timedelta(hours=30)


@pytest.mark.parametrize(
    "parts",
    [
        {"week": Week.of()},
        {"week": Week.of(saturday=[])},
        {"week": Week.of("09:00-17:00"), "seasons": (Season.of("01-01", "12-31", Week.of()),)},
        {"week": Week.of(), "seasons": (Season.of("02-29", "02-29", Week.daily("09:00-10:00")),)},
        {"week": Week.of(), "opened": (OpenDay(date(2026, 1, 12), parse_shifts(["09:00-10:00"])),)},
    ],
)
def test_a_calendar_that_never_opens_is_refused_at_birth(parts):
    with pytest.raises(ValueError, match="'empty' never opens"):
        WorkCalendar("empty", **parts)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"timezone": "Mars/Base"}, "unknown time zone"),
        ({"timezone": "../etc/passwd"}, "unknown time zone"),
        (
            {"closed": frozenset({date(2026, 3, 2)}), "opened": (OpenDay(date(2026, 3, 2)),)},
            "both closed and opened",
        ),
        (
            {"seasons": (Season.of("06-01", "09-30", Week.of()), Season.of("09-30", "10-31", Week.of()))},
            "two seasons",
        ),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        WorkCalendar("odd", **parts)


def test_a_calendar_cannot_be_changed_and_serves_as_a_key():
    with pytest.raises(AttributeError):
        STREET.name = "other"
    assert {STREET: 1}[WorkCalendar("street")] == 1


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-01-12 08:29:59", False, "2026-01-12 08:30"),
        ("2026-01-12 08:30", True, "2026-01-12 08:30"),
        ("2026-01-12 12:00", False, "2026-01-12 13:30"),
        ("2026-01-12 12:40", False, "2026-01-12 13:30"),
        ("2026-01-12 17:29:59", True, "2026-01-12 17:29:59"),
        ("2026-01-12 17:30", False, "2026-01-13 08:30"),
        ("2026-01-16 20:00", False, "2026-01-19 08:30"),
        ("2025-12-31 18:00", False, "2026-01-04 08:30"),  # New Year, then a make-up Sunday
        ("2026-02-14 10:00", True, "2026-02-14 10:00"),  # make-up Saturday before Spring Festival
        ("2026-02-14 17:30", False, "2026-02-24 08:30"),
        ("2026-02-28 09:00", True, "2026-02-28 09:00"),  # make-up Saturday after it
        ("2025-09-30 17:30", False, "2025-10-09 08:30"),
        ("2024-02-29 09:00", True, "2024-02-29 09:00"),
    ],
)
def test_open_and_next_open(moment, is_open, opens):
    assert STREET.is_open(at(moment)) is is_open
    assert STREET.next_open(at(moment)) == at(opens)


def test_a_holiday_closes_on_its_first_instant():
    gate = WorkCalendar("gate", week=Week.of("00:00-24:00"))
    assert gate.is_open(at("2025-09-30 23:59:59.999999"))
    assert not gate.is_open(at("2025-10-01 00:00"))
    assert gate.next_open(at("2025-10-01 00:00")) == at("2025-10-09 00:00")


def test_a_night_shift_belongs_to_the_evening_it_began():
    assert NIGHT.is_open(at("2026-01-17 05:59:59"))  # Saturday morning still ends Friday's shift
    assert not NIGHT.is_open(at("2026-01-17 06:00"))
    assert not NIGHT.is_open(at("2026-01-19 02:00"))  # Sunday evening had no shift
    assert NIGHT.is_open(at("2026-01-01 03:00"))  # began on 31 December, before the holiday
    assert not NIGHT.is_open(at("2026-01-01 23:00"))
    closed = WorkCalendar("night", week=Week.of("22:00-06:00"), closed=frozenset({date(2026, 1, 13)}))
    assert closed.is_open(at("2026-01-13 05:00"))
    assert not closed.is_open(at("2026-01-13 22:30"))


def test_a_night_that_runs_into_the_next_day_counts_no_minute_twice():
    both = WorkCalendar("both", week=Week.daily("05:00-13:00", "22:00-06:00"), statutory=None)
    assert elapsed(at("2026-01-12 00:00"), at("2026-01-15 00:00"), both) == timedelta(hours=15 * 3)


def test_seasons_change_the_hours_and_may_run_over_new_year():
    assert SEASONAL.is_open(at("2026-05-29 14:00"))
    assert not SEASONAL.is_open(at("2026-06-01 14:00"))
    assert SEASONAL.is_open(at("2026-09-30 17:45"))
    assert SEASONAL.is_open(at("2026-09-20 15:30"))  # a make-up Sunday keeps the hours of its season
    winter = WorkCalendar("winter", seasons=(Season.of("11-15", "02-29", Week.of("09:00-17:00")),))
    assert [winter.is_open(at(f"{day} 08:45")) for day in ("2025-11-14", "2025-12-30", "2026-02-27", "2026-03-02")] == [
        True,
        False,
        False,
        True,
    ]


def test_the_deployment_closes_and_opens_days_of_its_own():
    own = WorkCalendar(
        "own",
        closed=frozenset({date(2026, 1, 12), date(2026, 2, 14)}),
        opened=(OpenDay(date(2026, 1, 17)), OpenDay(date(2026, 10, 1), parse_shifts(["09:00-11:00"]))),
    )
    assert not own.is_open(at("2026-01-12 10:00"))
    assert not own.is_open(at("2026-02-14 10:00"))  # also a make-up Saturday
    assert own.is_open(at("2026-01-17 16:00"))
    assert own.is_open(at("2026-10-01 10:00"))  # also a statutory holiday
    assert not own.is_open(at("2026-10-01 11:00"))


def test_a_saturday_hall_closes_on_holidays_and_works_full_make_up_days():
    hall = WorkCalendar("hall", week=Week.of("08:30-12:00", "13:30-17:30", saturday=["09:00-12:00"], friday=[]))
    assert hall.is_open(at("2026-01-17 09:30"))
    assert not hall.is_open(at("2026-01-17 14:00"))
    assert not hall.is_open(at("2026-01-03 09:30"))  # Saturday inside the New Year holiday
    assert hall.is_open(at("2026-02-14 14:00"))  # make-up Saturday
    assert not hall.is_open(at("2026-01-16 09:30"))  # its free Friday


def test_an_unpublished_year_is_monday_to_friday_and_provisional():
    street = WorkCalendar("street", statutory=LAW_2025)
    assert street.is_open(at("2026-10-01 09:00"))  # a Thursday nobody has declared a holiday yet
    assert not street.is_open(at("2026-10-03 09:00"))
    assert street.is_provisional(date(2026, 10, 1))
    assert not street.is_provisional(date(2025, 10, 1))
    # New Year arrangements reach back: 2018-12-29 became a working Saturday only with the year 2019.
    assert not street.is_provisional(date(2025, 12, 24))
    assert street.is_provisional(date(2025, 12, 25))
    assert date(2018, 12, 29) in PUBLISHED.makeups
    assert street.is_provisional(date(2024, 12, 31))


def test_days_set_by_the_deployment_and_posts_without_holidays_are_never_provisional():
    own = WorkCalendar(
        "own", statutory=LAW_2025, closed=frozenset({date(2026, 1, 1)}), opened=(OpenDay(date(2026, 1, 3)),)
    )
    assert [own.is_provisional(date(2026, 1, day)) for day in (1, 2, 3)] == [False, True, False]
    assert not ROUND.is_provisional(date(2090, 1, 1))


def test_the_package_years_are_whole():
    assert PUBLISHED.first == date(2004, 1, 1)
    assert PUBLISHED.last.year >= 2026
    assert (PUBLISHED.last.month, PUBLISHED.last.day) == (12, 24)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        STREET.is_open(datetime(2026, 1, 12, 9, 0))


def test_the_zone_a_moment_is_written_in_does_not_matter():
    for moment in (at("2026-07-10 08:30"), at("2026-01-12 08:30")):
        assert STREET.is_open(moment.astimezone(UTC))
        assert not STREET.is_open(moment.astimezone(UTC) - timedelta(microseconds=1))


def test_read_calendar_from_a_profile_table():
    hall = read_calendar(
        "hall",
        {
            "hours": ["08:30-12:00", "13:30-17:30"],
            "saturday": ["09:00-12:00"],
            "closed": [date(2026, 3, 2)],
            "opened": [date(2026, 3, 8), {"day": date(2026, 3, 15), "hours": ["09:00-10:00"]}],
            "seasons": [{"from": "06-01", "to": "09-30", "hours": ["08:00-12:00"]}],
        },
    )
    opened = ["2026-03-07 10:00", "2026-03-08 17:00", "2026-03-15 09:30", "2026-06-01 08:00"]
    closed = ["2026-03-02 10:00", "2026-03-15 10:30", "2026-06-01 14:00", "2026-10-01 10:00"]
    assert [hall.is_open(at(text)) for text in opened] == [True] * 4
    assert [hall.is_open(at(text)) for text in closed] == [False] * 4
    assert read_calendar("gate", {"hours": ["09:00-17:00"], "statutory": False}).is_open(at("2026-10-01 10:00"))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"hours": ["08:30-12:00"], "sturday": []}, "unknown keys sturday"),
        ({"hours": ["08:30-25:00"]}, "not a time of day"),
        ({"hours": [830]}, "not iterable"),
        ({}, "never opens"),
        ({"hours": ["09:00-17:00"], "closed": ["2026-3-2"]}, "not a date"),
        ({"hours": ["09:00-17:00"], "opened": [{"hours": ["09:00-10:00"]}]}, "not a date"),
        ({"hours": ["09:00-17:00"], "seasons": [{"from": "06-01", "hours": []}]}, "needs from and to"),
        (
            {"hours": ["09:00-17:00"], "seasons": [{"from": "06-31", "to": "07-01", "hours": []}]},
            "not a day of the year",
        ),
    ],
)
def test_a_profile_table_that_is_wrong_names_the_calendar(table, words):
    with pytest.raises(ValueError, match=f"calendar 'hall'.*{words}"):
        read_calendar("hall", table)


def test_unknown_weekday_and_short_week_are_refused():
    with pytest.raises(ValueError, match="unknown day of the week: funday"):
        Week.of("09:00-17:00", funday=[])
    with pytest.raises(ValueError, match="seven days"):
        Week(())


def test_holidays_are_known_as_far_as_the_state_or_the_deployment_says():
    own = WorkCalendar("own", statutory=LAW_2025, closed=frozenset({date(2026, 2, 17)}), told_to=date(2026, 12, 24))
    one = WorkCalendar("one", statutory=LAW_2025, closed=frozenset({date(2026, 8, 3)}))  # a day off of its own
    assert WorkCalendar("state", statutory=LAW_2025).known_to == date(2025, 12, 24)
    assert (own.known_to, one.known_to, ROUND.known_to) == (date(2026, 12, 24), date(2025, 12, 24), None)
    start, span = at("2026-02-16 16:00"), Span.parse("1wd")
    assert due(start, span, own) == Due(at("2026-02-18 16:00"), False)
    assert due(start, span, one) == Due(at("2026-02-17 16:00"), True)
    assert due(at("2026-12-24 16:00"), span, own).provisional
