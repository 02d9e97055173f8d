"""When promises fall due, how they pause, and when notices wait."""

import timeit
from datetime import UTC, date, datetime, timedelta

import pytest

from linli.kit.calendar import (
    NATURAL,
    Due,
    OpenDay,
    Season,
    Span,
    Week,
    WorkCalendar,
    add_working,
    counts_on,
    due,
    elapsed,
    quiet_until,
    remaining,
    resume_due,
    soon_at,
)
from tests.kit.calendar_cast import LAW_2025, NIGHT, SEASONAL, STREET, at

HOUR = timedelta(hours=1)


def due_at(start, span, calendar=STREET):
    return due(at(start), Span.parse(span), calendar).at


@pytest.mark.parametrize(
    ("start", "span", "expected"),
    [
        ("2026-01-16 23:50", "30m", "2026-01-17 00:20"),  # natural time ignores night and weekend
        ("2026-02-15 08:00", "6h", "2026-02-15 14:00"),  # and holidays
        ("2024-02-28 10:00", "1d", "2024-02-29 10:00"),
        ("2024-02-29 10:00", "1d", "2024-03-01 10:00"),
        ("2025-02-28 10:00", "1d", "2025-03-01 10:00"),
        ("2024-02-29 10:00", "366d", "2025-03-01 10:00"),
        ("2026-01-12 09:00", "1wh", "2026-01-12 10:00"),
        ("2026-01-12 11:30", "1wh", "2026-01-12 14:00"),  # over lunch
        ("2026-01-12 12:40", "1wh", "2026-01-12 14:30"),  # from the middle of lunch
        ("2026-01-12 13:30", "4wh", "2026-01-12 17:30"),  # fills the shift: its end, not the next opening
        ("2026-01-12 16:30", "4wh", "2026-01-13 11:30"),
        ("2026-01-12 17:30", "1wh", "2026-01-13 09:30"),  # the closing minute itself
        ("2026-01-16 17:00", "1wh", "2026-01-19 09:00"),  # over the weekend
        ("2025-12-31 16:30", "1wh", "2025-12-31 17:30"),  # the last hour of the year ends in that year
        ("2026-02-14 17:00", "1wh", "2026-02-24 09:00"),  # make-up Saturday into the holiday
        ("2026-02-15 00:00", "1wh", "2026-02-24 09:30"),  # on the holiday's first instant
        ("2025-09-30 17:30", "1wh", "2025-10-09 09:30"),
        ("2024-02-28 17:00", "1wh", "2024-02-29 09:00"),
    ],
)
def test_hours_and_natural_days(start, span, expected):
    assert due_at(start, span) == at(expected)


@pytest.mark.parametrize(
    ("start", "span", "expected"),
    [
        ("2026-01-12 09:40:05", "2wd", "2026-01-14 09:40:05"),
        ("2026-01-16 17:29", "1wd", "2026-01-19 17:29"),
        ("2026-01-16 17:30", "1wd", "2026-01-20 08:30"),  # closed already: counts from Monday's opening
        ("2026-01-16 20:00", "1wd", "2026-01-20 08:30"),
        ("2026-01-17 11:00", "1wd", "2026-01-20 08:30"),
        ("2026-01-12 07:00", "1wd", "2026-01-13 08:30"),
        ("2026-01-12 12:40", "1wd", "2026-01-13 13:30"),  # lunch: counts from the afternoon's opening
        ("2026-01-12 00:00", "1wd", "2026-01-13 08:30"),
        ("2026-02-13 10:00", "1wd", "2026-02-14 10:00"),  # make-up Saturday is the next working day
        ("2026-02-13 10:00", "2wd", "2026-02-24 10:00"),
        ("2025-12-31 10:00", "1wd", "2026-01-04 10:00"),  # over the year, onto a make-up Sunday
        ("2024-02-28 15:00", "1wd", "2024-02-29 15:00"),
    ],
)
def test_working_days(start, span, expected):
    assert due_at(start, span) == at(expected)


def test_a_working_day_in_another_season_is_clipped_into_its_shifts():
    assert due_at("2026-05-29 14:10", "1wd", SEASONAL) == at("2026-06-01 15:00")  # in the new lunch: next opening
    assert due_at("2026-09-30 17:45", "1wd", SEASONAL) == at("2026-10-08 17:30")  # after the close: that close
    assert due_at("2026-09-30 08:05", "1wd", SEASONAL) == at("2026-10-08 08:30")  # before the opening: the opening
    through = WorkCalendar("through", opened=(OpenDay(date(2026, 1, 17), Week.of("09:00-17:00").days[0]),))
    assert due_at("2026-01-17 12:00", "1wd", through) == at("2026-01-19 12:00")  # on the close of a shift: that
    assert due_at("2026-01-17 12:01", "1wd", through) == at("2026-01-19 13:30")
    short = WorkCalendar("short", opened=(OpenDay(date(2026, 1, 17), Week.of("09:00-10:00").days[0]),))
    assert due_at("2026-01-16 12:30", "1wd", short) == at("2026-01-17 10:00")


def test_a_night_shift_counts_its_days_by_the_evening():
    assert due_at("2026-01-15 23:00", "1wd", NIGHT) == at("2026-01-16 23:00")
    assert due_at("2026-01-17 02:00", "1wd", NIGHT) == at("2026-01-20 02:00")  # Friday's night → Monday's night
    assert due_at("2026-01-16 12:00", "1wd", NIGHT) == at("2026-01-19 22:00")
    assert due_at("2026-01-01 03:00", "1wd", NIGHT) == at("2026-01-05 03:00")  # 31 December's → make-up 4 January's


def test_on_a_calendar_that_never_closes_working_time_is_natural_time():
    assert due_at("2026-02-15 03:00", "4wh", NATURAL) == at("2026-02-15 07:00")
    assert due_at("2026-02-15 03:00", "2wd", NATURAL) == at("2026-02-17 03:00")
    assert elapsed(at("2026-02-15 03:00"), at("2026-02-17 03:00"), NATURAL) == 48 * HOUR


def test_natural_days_keep_the_local_time_where_clocks_change():
    berlin = WorkCalendar("berlin", week=Week.of("09:00-17:00"), timezone="Europe/Berlin", statutory=None)
    start = datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
    assert due(start, Span.parse("1d"), berlin).at == start + 23 * HOUR
    assert due(start, Span.parse("24h"), berlin).at == start + 24 * HOUR
    # Shanghai has no such day: seven days are 168 hours all year round.
    for month in range(1, 13):
        moment = at(f"2026-{month:02}-25 12:00")
        assert due(moment, Span.parse("7d"), STREET).at - moment == 168 * HOUR


def test_hours_that_fall_into_a_clock_jump_count_once():
    # On 29 March 2026 Berlin has no 02:00-03:00: what closes at 02:30 closes an hour on, after the next opening.
    berlin = WorkCalendar(
        "berlin", week=Week.daily("01:00-02:30", "03:00-05:00"), timezone="Europe/Berlin", statutory=None
    )
    day = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert elapsed(day, day + 24 * HOUR, berlin) == 3 * HOUR
    assert elapsed(day + 24 * HOUR, day + 48 * HOUR, berlin) == 3.5 * HOUR


def test_a_night_over_new_year_counts_each_hour_once():
    assert elapsed(at("2025-12-31 20:00"), at("2026-01-01 12:00"), NIGHT) == 8 * HOUR
    assert due_at("2025-12-31 23:00", "3wh", NIGHT) == at("2026-01-01 02:00")
    assert due_at("2025-12-31 20:00", "2wh", NIGHT) == at("2026-01-01 00:00")
    assert add_working(at("2026-01-01 01:00"), -2 * HOUR, NIGHT) == at("2025-12-31 23:00")


def test_a_due_is_written_in_utc_and_a_naive_start_refused():
    assert due(at("2026-01-12 09:00"), Span.parse("6h"), STREET).at.tzinfo is UTC
    assert due(at("2026-01-12 09:00"), Span.parse("2wd"), STREET).at.tzinfo is UTC
    with pytest.raises(ValueError, match="no time zone"):
        due(datetime(2026, 1, 12, 9, 0), Span.parse("6h"), STREET)


def test_a_promise_into_an_unpublished_year_is_provisional():
    street = WorkCalendar("street", statutory=LAW_2025)
    assert due(at("2025-12-23 10:00"), Span.parse("1wd"), street) == Due(at("2025-12-24 10:00"), False)
    assert due(at("2025-12-23 10:00"), Span.parse("2wd"), street) == Due(at("2025-12-25 10:00"), True)
    assert due(at("2025-12-31 17:00"), Span.parse("1wh"), street) == Due(at("2026-01-01 09:00"), True)
    assert due(at("2025-12-31 17:00"), Span.parse("6h"), street).provisional is False
    assert resume_due(at("2025-12-31 17:00"), HOUR, street).provisional is True


def test_later_publication_moves_new_promises_and_no_old_one():
    before, after = WorkCalendar("street", statutory=LAW_2025), STREET
    start, span = at("2025-12-31 17:00"), Span.parse("1wh")
    promised = due(start, span, before)
    assert due(start, span, after) == Due(at("2026-01-04 09:00"), False)
    assert promised == Due(at("2026-01-01 09:00"), True)
    # What is left is measured against the stored moment, never against a due found again.
    assert remaining(at("2025-12-31 17:10"), promised.at, after) == timedelta(minutes=20)


def test_a_pause_keeps_the_time_left_and_does_not_tick():
    start, span = at("2026-01-12 09:00"), Span.parse("4wh")
    promise = due(start, span, STREET)
    left = remaining(at("2026-01-12 10:00"), promise.at, STREET)
    assert left == 3 * HOUR
    assert resume_due(at("2026-01-12 10:00"), left, STREET).at == promise.at
    assert resume_due(at("2026-01-13 10:00"), left, STREET).at == at("2026-01-13 14:30")
    assert resume_due(at("2026-01-17 10:00"), left, STREET).at == at("2026-01-19 11:30")


def test_a_natural_promise_is_paused_in_natural_hours():
    span = Span.parse("6h")
    calendar = counts_on(span, STREET)
    assert calendar is NATURAL
    assert counts_on(Span.parse("4wh"), STREET) is STREET
    promise = due(at("2026-01-16 16:00"), span, STREET)
    left = remaining(at("2026-01-16 18:00"), promise.at, calendar)
    assert resume_due(at("2026-01-17 03:00"), left, calendar) == Due(at("2026-01-17 07:00"), False)


def test_a_late_clock_comes_back_as_late_as_it_was():
    left = remaining(at("2026-01-12 15:00"), at("2026-01-12 14:00"), STREET)
    assert left == -HOUR
    assert resume_due(at("2026-01-13 09:00"), left, STREET).at == at("2026-01-12 17:00")
    assert resume_due(at("2026-01-13 14:00"), -2 * HOUR, STREET).at == at("2026-01-13 10:30")


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (
            "2026-01-12 17:30",
            -4,
            "2026-01-12 13:30",
        ),  # backwards the opening wins, not the close before lunch
        ("2026-01-12 08:30", -1, "2026-01-09 16:30"),
        ("2026-01-04 09:00", -1, "2025-12-31 17:00"),
        ("2026-01-04 08:30", -8, "2025-12-30 17:00"),  # 31 December has seven and a half hours
        ("2026-01-12 12:40", 0, "2026-01-12 13:30"),
        ("2026-01-12 10:00", 0, "2026-01-12 10:00"),
    ],
)
def test_adding_backwards_and_adding_nothing(start, hours, expected):
    assert add_working(at(start), hours * HOUR, STREET) == at(expected)


def test_walking_back_over_whole_years_stops_at_an_opening():
    plain = WorkCalendar("plain", statutory=None)
    first, late = at("2026-01-01 08:30"), at("2028-02-29 10:00")
    assert add_working(late, -elapsed(first, late, plain), plain) == first


def test_an_escalation_never_comes_before_its_due_nor_at_creation():
    for text in ("30m", "1h", "7d", "1wh", "1wd"):
        for start in ("2026-01-12 00:00", "2026-01-12 12:40", "2026-01-16 17:30", "2026-02-15 00:00"):
            promise = due(at(start), Span.parse(text), STREET).at
            escalation = due(promise, Span.parse("1wd"), STREET).at
            assert at(start) < promise < escalation


@pytest.mark.parametrize(
    ("start", "span", "soon"),
    [
        ("2026-01-12 08:30", "4wh", "2026-01-12 11:30"),  # one counted hour before 14:00, over lunch
        ("2026-01-12 09:00", "1wh", "2026-01-12 09:30"),  # half an hour is longer than a quarter
        ("2026-01-12 09:00", "45m", "2026-01-12 09:22:30"),  # a promise shorter than an hour turns at its half
        ("2026-01-12 09:00", "30m", "2026-01-12 09:15"),
        ("2026-01-12 09:00", "10m", "2026-01-12 09:05"),
        ("2026-01-12 09:00", "24h", "2026-01-13 03:00"),
    ],
)
def test_a_clock_turns_to_soon_between_start_and_due(start, span, soon):
    span = Span.parse(span)
    calendar = counts_on(span, STREET)
    promise = due(at(start), span, STREET).at
    assert soon_at(at(start), promise, calendar) == at(soon)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-12 20:59:59", "2026-01-12 20:59:59"),
        ("2026-01-12 21:00", "2026-01-13 07:00"),
        ("2026-01-13 00:00", "2026-01-13 07:00"),
        ("2026-01-13 06:59:59", "2026-01-13 07:00"),
        ("2026-01-13 07:00", "2026-01-13 07:00"),
        ("2026-01-13 07:00:30", "2026-01-13 07:00:30"),
        ("2025-12-31 23:59", "2026-01-01 07:00"),
        ("2024-02-28 22:00", "2024-02-29 07:00"),
    ],
)
def test_notices_wait_for_the_morning_and_urgent_ones_do_not(moment, expected):
    assert quiet_until(at(moment)) == at(expected)
    assert quiet_until(at(moment), urgent=True) == at(moment)


def test_quiet_hours_may_be_at_noon_or_end_at_midnight():
    for moment in ("2026-01-12 12:00", "2026-01-12 13:59:59"):
        assert quiet_until(at(moment), ("12:00", "14:00")) == at("2026-01-12 14:00")
    assert quiet_until(at("2026-01-12 14:00:30"), ("12:00", "14:00")) == at("2026-01-12 14:00:30")
    assert quiet_until(at("2026-01-12 22:30"), ("12:00", "14:00")) == at("2026-01-12 22:30")
    assert quiet_until(at("2026-01-12 22:30"), ("22:00", "24:00")) == at("2026-01-13 00:00")
    assert quiet_until(at("2026-01-13 00:00"), ("22:00", "00:00")) == at("2026-01-13 00:00")
    with pytest.raises(ValueError, match="no length"):
        quiet_until(at("2026-01-12 22:30"), ("07:00", "07:00"))


def test_a_calendar_that_hardly_opens_gives_an_error_and_no_wait():
    seldom = WorkCalendar(
        "seldom",
        week=Week.of(),
        seasons=(Season.of("10-01", "10-01", Week.of("09:00-09:01")),),
        statutory=None,
    )
    assert due_at("2026-01-01 00:00", "1wd", seldom) == at("2027-10-01 09:00")
    with pytest.raises(ValueError, match="not enough open time"):
        due_at("2026-01-01 00:00", "1wh", seldom)
    with pytest.raises(ValueError, match="not enough open time"):
        due_at("2026-01-01 00:00", "60wd", seldom)
    with pytest.raises(ValueError, match="not enough open time"):
        add_working(at("2026-01-01 00:00"), -HOUR, seldom)


@pytest.mark.parametrize("text", ["60wd", "480wh"])
def test_sixty_working_days_cost_microseconds(text):
    start, span = at("2026-01-12 09:40"), Span.parse(text)
    due(start, span, STREET)
    best = min(timeit.repeat(lambda: due(start, span, STREET), number=100, repeat=20)) / 100
    assert best < 50e-6
