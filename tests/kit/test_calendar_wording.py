"""Time left in words, for residents and for staff."""

from datetime import timedelta

import pytest
from django.utils import translation

from linli.kit.calendar import left_words, words
from linli.kit.calendar.wording import wait_words


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("seconds", "resident", "staff"),
    [
        (6360, "还剩 1 小时 46 分", "剩 1:46"),
        (6360 + 59.9, "还剩 1 小时 46 分", "剩 1:46"),
        (-7200, "晚了 2 小时", "晚 2:00"),
        (-7560, "晚了 2 小时 6 分", "晚 2:06"),
        (3 * 86400 + 4 * 3600 + 300, "还剩 3 天 4 小时", "剩 3 天"),
        (3 * 86400, "还剩 3 天", "剩 3 天"),
        (86400 + 12 * 3600, "还剩 1 天 12 小时", "剩 36:00"),
        (172799, "还剩 1 天 23 小时", "剩 47:59"),
        (172800, "还剩 2 天", "剩 2 天"),
        (720, "还剩 12 分", "剩 0:12"),
        (60, "还剩 1 分", "剩 0:01"),
        (59, "还剩不到 1 分", "剩 0:00"),
        (0, "还剩不到 1 分", "剩 0:00"),
        (-1, "晚了不到 1 分", "晚 0:00"),
        (-3 * 86400 - 60, "晚了 3 天", "晚 3 天"),
    ],
)
def test_left_words(seconds, resident, staff):
    assert left_words(seconds) == resident
    assert left_words(seconds, "resident") == resident
    assert left_words(seconds, "staff") == staff


def test_the_big_clock_can_set_each_number_by_itself():
    clock = words(timedelta(hours=1, minutes=46, seconds=30))
    assert (clock.late, clock.days, clock.hours, clock.minutes) == (False, 0, 1, 46)
    assert (clock.lead, clock.pieces, clock.tail) == ("还剩", (("1", "小时"), ("46", "分")), "")
    late = words(timedelta(days=-1, hours=-2), style="staff")
    assert (late.late, late.days, late.hours, late.minutes, str(late)) == (True, 1, 2, 0, "晚 26:00")


def test_another_language_may_put_the_word_behind_the_time(monkeypatch):
    english = {"还剩 %(time)s": "%(time)s left", "小时": "h", "分": "min"}
    module = "linli.kit.calendar.wording"
    monkeypatch.setattr(f"{module}.gettext", english.__getitem__)
    monkeypatch.setattr(f"{module}.npgettext", lambda context, one, many, count: english[one])
    assert left_words(6360) == "1 h 46 min left"


def test_an_unknown_style_is_refused():
    with pytest.raises(ValueError, match="unknown style"):
        left_words(60, "shouting")


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (1, "1 秒", "1 second"),
        (90, "90 秒", "90 seconds"),
        (91, "2 分钟", "2 minutes"),
        (3600, "60 分钟", "60 minutes"),
        (5401, "2 小时", "2 hours"),
        (86_340, "24 小时", "24 hours"),
    ],
)
def test_a_wait_is_said_as_people_say_it_and_never_too_short(seconds, chinese, english):
    assert wait_words(seconds) == chinese
    with translation.override("en"):
        assert wait_words(seconds) == english
