"""Spans as policies write them."""

from datetime import timedelta

import pytest

from linli.kit.calendar import Span


@pytest.mark.parametrize(
    ("text", "count", "unit", "length", "natural"),
    [
        ("30m", 30, "m", timedelta(minutes=30), True),
        ("1h", 1, "h", timedelta(hours=1), True),
        ("7d", 7, "d", timedelta(days=7), True),
        ("4wh", 4, "wh", timedelta(hours=4), False),
        ("2wd", 2, "wd", None, False),
        ("9999wd", 9999, "wd", None, False),
    ],
)
def test_a_span_says_what_it_means_and_reads_back(text, count, unit, length, natural):
    span = Span.parse(text)
    assert (span.count, span.unit, span.length, span.natural) == (count, unit, length, natural)
    assert str(span) == text
    assert Span.parse(str(span)) == span == Span(count, unit)
    assert hash(span) == hash(Span(count, unit))


def test_the_written_text_is_kept_and_not_simplified():
    assert str(Span.parse("90m")) == "90m"
    assert Span.parse("60m") != Span.parse("1h")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "6",
        "6 h",
        " 6h",
        "6H",
        "0h",
        "-1h",
        "+1h",
        "1.5h",
        "01h",
        "10000h",
        "2w",
        "1y",
        "6h30m",
        "６h",
        None,
        6,
    ],
)
def test_anything_else_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(ValueError, match="is not a span of time: write a whole number"):
        Span.parse(text)


@pytest.mark.parametrize(("count", "unit"), [(0, "h"), (-2, "wd"), (10000, "m"), (1, "weeks")])
def test_a_span_cannot_be_built_around_the_check(count, unit):
    with pytest.raises(ValueError, match="is not a span of time"):
        Span(count, unit)


def test_a_span_cannot_be_changed():
    with pytest.raises(AttributeError):
        Span.parse("6h").count = 7
