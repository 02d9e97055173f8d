"""Laws that hold on any calendar, and a brute-force count, minute by minute, to compare with.

The counter below knows nothing of the package's inside: it reads the same configuration and asks each minute
by itself. Derandomised, so a run is the same run everywhere.
"""

from datetime import date, datetime, timedelta

import chinese_calendar
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linli.kit.calendar import (
    NATURAL,
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
from tests.kit.calendar_cast import SHANGHAI

LAWS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
MINUTE = timedelta(minutes=1)
# New Year and Spring Festival with their make-up days, a leap February, the October weeks.
CORNERS = [date(2025, 12, 29), date(2026, 2, 12), date(2024, 2, 26), date(2025, 9, 26), date(2018, 12, 28)]


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def shifts_of_a_day(draw):
    """Up to two shifts; the last may run into the next morning, also over hours the next day has itself."""
    marks = sorted(draw(st.sets(st.integers(0, 1430).map(lambda m: m // 5 * 5), min_size=0, max_size=4)))
    if len(marks) % 2:
        tail = draw(st.sampled_from([0, 65, 360]))
        assume(tail < marks[0])
        marks.append(tail)
    if draw(st.integers(0, 9)) == 0:
        return [("00:00", "24:00")]
    return [(clock(marks[i]), clock(marks[i + 1])) for i in range(0, len(marks), 2)]


@st.composite
def plans(draw):
    """Configuration of a calendar as plain data, so that the brute force can read it too."""
    week = [draw(shifts_of_a_day()) for _ in range(7)]
    season = [draw(shifts_of_a_day()) for _ in range(7)]
    assume(any(week) and any(season))
    corner = draw(st.sampled_from(CORNERS))
    near = st.integers(-2, 12).map(lambda n: corner + timedelta(days=n))
    closed = draw(st.frozensets(near, max_size=3))
    opened = {day: draw(shifts_of_a_day()) for day in draw(st.frozensets(near, max_size=2)) - closed}
    return {
        "corner": corner,
        "week": week,
        "season": season if draw(st.booleans()) else None,
        "statutory": draw(st.booleans()),
        "closed": closed,
        "opened": opened,
    }


def as_week(days):
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return Week.of(**dict(zip(names, days, strict=True)))


def build(plan):
    seasons = (Season.of("10-01", "01-01", as_week(plan["season"])),) if plan["season"] else ()
    opened = tuple(OpenDay(day, as_week([shifts] * 7).days[0]) for day, shifts in plan["opened"].items())
    parts = {} if plan["statutory"] else {"statutory": None}
    return WorkCalendar(
        "any", week=as_week(plan["week"]), seasons=seasons, closed=plan["closed"], opened=opened, **parts
    )


def brute_shifts(plan, day):
    in_season = plan["season"] and (day.month >= 10 or (day.month, day.day) == (1, 1))
    week = plan["season"] if in_season else plan["week"]
    working = next(shifts for shifts in week if shifts)
    if day in plan["closed"]:
        return []
    if day in plan["opened"]:
        return plan["opened"][day] or working
    if plan["statutory"] and day in chinese_calendar.holidays:
        return []
    if plan["statutory"] and day in chinese_calendar.workdays:
        return working
    return week[day.weekday()]


def brute_minutes(plan, first, days):
    """One flag a minute from midnight of ``first``: open or not."""
    flags = [False] * (days * 1440)
    for number in range(-1, days):
        for opens, closes in brute_shifts(plan, first + timedelta(days=number)):
            begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
            for minute in range(begin, end if end > begin else end + 1440):
                if 0 <= number * 1440 + minute < len(flags):
                    flags[number * 1440 + minute] = True
    return flags


def wall(day, minute=0):
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=minute)


minutes_in = st.integers(0, 9 * 1440 - 1)
seconds = st.integers(0, 9 * 86400).map(lambda s: timedelta(seconds=s, microseconds=s % 7))
counted = st.integers(1, 60 * 60 * 40).map(lambda s: timedelta(seconds=s))
hour_spans = st.builds(Span, st.integers(1, 80), st.sampled_from(["m", "h", "wh"]))
spans = st.one_of(hour_spans, st.builds(Span, st.integers(1, 12), st.sampled_from(["d", "wd"])))


@LAWS
@given(plans(), minutes_in, minutes_in)
def test_the_count_agrees_with_every_minute_by_itself(plan, one, other):
    calendar, flags = build(plan), brute_minutes(plan, plan["corner"], 9)
    begin, end = min(one, other), max(one, other)
    start, stop = wall(plan["corner"], begin), wall(plan["corner"], end)
    assert elapsed(start, stop, calendar) == sum(flags[begin:end]) * MINUTE
    assert elapsed(stop, start, calendar) == -sum(flags[begin:end]) * MINUTE
    assert calendar.is_open(start) is flags[begin]
    ahead = next((i for i in range(begin, len(flags)) if flags[i]), None)
    if ahead is not None:
        assert calendar.next_open(start) == wall(plan["corner"], ahead)


@LAWS
@given(plans(), minutes_in, st.integers(1, 2400))
def test_adding_agrees_with_every_minute_by_itself(plan, begin, need):
    calendar, flags = build(plan), brute_minutes(plan, plan["corner"], 9)
    open_after = [i for i in range(begin, len(flags)) if flags[i]]
    if len(open_after) >= need:
        expected = wall(plan["corner"], open_after[need - 1] + 1)
        assert add_working(wall(plan["corner"], begin), need * MINUTE, calendar) == expected
    open_before = [i for i in range(begin) if flags[i]]
    if len(open_before) >= need:
        expected = wall(plan["corner"], open_before[-need])
        assert add_working(wall(plan["corner"], begin), -need * MINUTE, calendar) == expected


@LAWS
@given(plans(), seconds, hour_spans)
def test_what_has_run_at_the_due_is_the_span(plan, offset, span):
    calendar = build(plan)
    start = wall(plan["corner"]) + offset
    promise = due(start, span, calendar)
    assert elapsed(start, promise.at, counts_on(span, calendar)) == span.length
    assert remaining(start, promise.at, counts_on(span, calendar)) == span.length


@LAWS
@given(plans(), seconds, spans)
def test_a_due_lies_after_its_start_and_inside_or_at_the_end_of_open_time(plan, offset, span):
    calendar = build(plan)
    start = wall(plan["corner"]) + offset
    promise = due(start, span, calendar).at
    assert promise > start
    if not span.natural:
        # At the end of a shift the instant itself is closed and everything right before it is open.
        assert calendar.is_open(promise) or calendar.is_open(promise - timedelta(microseconds=1))
        assert start <= soon_at(start, promise, calendar) <= promise


@LAWS
@given(plans(), seconds, seconds, spans)
def test_who_comes_later_is_due_no_earlier(plan, one, other, span):
    calendar = build(plan)
    early, late = (wall(plan["corner"]) + offset for offset in sorted((one, other)))
    assert due(early, span, calendar).at <= due(late, span, calendar).at


@LAWS
@given(plans(), seconds, spans, st.integers(1, 5))
def test_a_longer_span_is_due_later(plan, offset, span, more):
    calendar = build(plan)
    start = wall(plan["corner"]) + offset
    assert due(start, span, calendar).at < due(start, Span(span.count + more, span.unit), calendar).at


@LAWS
@given(plans(), seconds, counted)
def test_adding_and_counting_undo_each_other(plan, offset, delta):
    calendar = build(plan)
    start = wall(plan["corner"]) + offset
    assert elapsed(start, add_working(start, delta, calendar), calendar) == delta
    assert elapsed(add_working(start, -delta, calendar), start, calendar) == delta
    assert elapsed(start, add_working(start, timedelta(0), calendar), calendar) == timedelta(0)


@LAWS
@given(plans(), seconds, spans, st.lists(st.tuples(counted, counted), min_size=1, max_size=4))
def test_pauses_anywhere_keep_the_counted_time(plan, offset, span, pauses):
    calendar = counts_on(span, build(plan))
    start = wall(plan["corner"]) + offset
    promise = due(start, span, calendar).at
    whole, ran, now = elapsed(start, promise, calendar), timedelta(0), start
    for working, pause in pauses:
        stopped = now + working
        left = remaining(stopped, promise, calendar)
        ran += elapsed(now, stopped, calendar)
        now = stopped + pause
        promise = resume_due(now, left, calendar).at
        assert remaining(now, promise, calendar) == left
    assert ran + remaining(now, promise, calendar) == whole


@LAWS
@given(plans(), seconds, st.integers(1, 12))
def test_the_nth_working_day_is_the_nth_day_that_opens(plan, offset, count):
    plan = {
        **plan,
        "opened": {},
        "week": [[s for s in day if s[0] < s[1]] for day in plan["week"]],
        "season": None,
    }
    assume(any(plan["week"]))
    calendar = build(plan)
    start = calendar.next_open(wall(plan["corner"]) + offset).astimezone(SHANGHAI)
    day, left = start.date(), count
    while left:
        day += timedelta(days=1)
        left -= bool(brute_shifts(plan, day))
    found = due(start, Span(count, "wd"), calendar).at
    # A shift that ends at 24:00 ends on the next date.
    assert wall(day) < found + timedelta(microseconds=1) <= wall(day, 1440) + timedelta(microseconds=1)


@LAWS
@given(st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]), seconds, hour_spans)
def test_the_span_is_kept_where_clocks_jump(zone, offset, span):
    for first in (date(2026, 3, 6), date(2026, 3, 27), date(2026, 10, 2), date(2026, 10, 23)):
        calendar = WorkCalendar(
            "abroad",
            week=Week.daily("01:00-02:30", "03:00-12:00", "22:00-01:00"),
            timezone=zone,
            statutory=None,
        )
        start = wall(first) + offset
        promise = due(start, span, calendar).at
        assert elapsed(start, promise, counts_on(span, calendar)) == span.length


@LAWS
@given(seconds)
def test_a_notice_waits_less_than_the_night_and_never_goes_in_it(offset):
    moment = wall(date(2025, 12, 29)) + offset
    sent = quiet_until(moment)
    assert timedelta(0) <= sent - moment <= timedelta(hours=10)
    assert 7 <= sent.astimezone(SHANGHAI).hour < 21
    assert quiet_until(sent) == sent


@LAWS
@given(seconds, seconds)
def test_the_natural_calendar_is_plain_subtraction(one, other):
    start, end = wall(date(2024, 2, 26)) + one, wall(date(2024, 2, 26)) + other
    assert elapsed(start, end, NATURAL) == end - start
    assert add_working(start, other, NATURAL) == start + other
