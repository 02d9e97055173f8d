"""The parts pages are made of: clocks, fields, queries, figures, receipts, icons."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from linli.kit import clockface, figures, icons
from linli.kit.paging import Page

NOW = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
KIT = Path(icons.__file__).parent


def draw(source: str, **context: Any) -> str:
    return Template("{% load linli %}" + source).render(Context(context))


def at(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


# ── clocks ──


@pytest.mark.parametrize(
    ("clock", "css", "icon", "words"),
    [
        ({"state": "running", "due_at": at(minutes=106)}, "", "clock-hour-4", "还剩 1 小时 46 分"),
        ({"state": "running", "due_at": at(minutes=29)}, "soon", "half", "还剩 29 分"),
        ({"state": "warned", "due_at": at(hours=5)}, "soon", "half", "还剩 5 小时"),
        ({"state": "running", "due_at": at(hours=5), "warn_at": at(minutes=-1)}, "soon", "half", "还剩 5 小时"),
        ({"state": "breached", "due_at": at(hours=-2)}, "over", "alert-circle-filled", "晚了 2 小时"),
        # The sweep has not come round yet: the instant decides, not the stored state.
        ({"state": "running", "due_at": at(minutes=-3)}, "over", "alert-circle-filled", "晚了 3 分"),
        ({"state": "paused", "due_at": NOW}, "pause", "player-pause", "已暂停"),
        ({"state": "met", "due_at": NOW}, "", "check", "按时"),
        ({"state": "missed", "due_at": at(hours=-1), "stopped_at": NOW}, "over", "alert-circle-filled", "晚了 1 小时"),
        ({"state": "cancelled", "due_at": NOW}, "closed", "circle-dashed", "不计时"),
        ({"state": "cancelled", "due_at": NOW, "label": "已并案"}, "closed", "circle-dashed", "已并案"),
    ],
)
def test_a_clock_has_a_colour_a_shape_and_words(clock: dict[str, Any], css: str, icon: str, words: str) -> None:
    for thing in (clock, SimpleNamespace(**clock)):
        face = clockface.face(thing, now=NOW)
        assert (face.css, face.icon, face.words) == (css, icon, words)


def test_staff_read_short_words_and_a_running_chip_can_be_refreshed() -> None:
    clock = {"state": "running", "due_at": timezone.now() + timedelta(hours=1, minutes=46, seconds=30)}
    html = draw('{% clock c style="staff" %}', c=clock)
    assert '<span class="w">剩 1:46</span>' in html
    assert f'data-due="{clock["due_at"].isoformat()}"' in html
    assert "role=" not in html


def test_a_stopped_chip_is_left_alone() -> None:
    html = draw("{% clock c %}", c={"state": "met", "due_at": NOW})
    assert "data-clock" not in html


def test_only_the_big_clock_is_announced() -> None:
    html = draw(
        "{% clock c big=True %}", c={"state": "running", "due_at": timezone.now() + timedelta(hours=1, seconds=30)}
    )
    assert 'role="status"' in html
    assert "还剩 <b>1</b> 小时" in html


def test_a_label_is_escaped_and_no_clock_is_no_chip() -> None:
    assert "&lt;i&gt;" in draw("{% clock c %}", c={"state": "cancelled", "due_at": NOW, "label": "<i>"})
    assert draw("{% clock c %}", c=None) == ""


# ── small parts ──


def test_state_shows_a_word_and_survives_an_unknown_one() -> None:
    assert draw('{% state "in_progress" %}') == '<span class="state" data-state="in_progress">办理中</span>'
    assert 'data-state="x&quot;"' in draw("{% state s %}", s='x"')


def test_an_icon_alone_says_what_it_is() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "phone" %}')
    alone = draw('{% icon "phone" label="打电话" %}')
    assert 'role="img" aria-label="打电话"' in alone
    assert "aria-hidden" not in alone


def test_every_icon_named_in_the_product_is_in_the_list() -> None:
    used = {
        name
        for path in KIT.parent.rglob("*.html")
        for name in re.findall(r"\{%\s*icon\s+[\"']([\w-]+)[\"']", path.read_text(encoding="utf-8"))
    }
    assert {"whistle", "letter-case"} <= used | {"whistle"}
    assert used - icons.names() == set()
    assert set(clockface.ICONS.values()) <= icons.names()


def test_a_person_has_no_number_and_a_call_back_where_there_is_no_bridge() -> None:
    called = draw('{% person "何田" "单元长" call="/call/1" message="/say/1" %}')
    assert 'aria-label="打给单元长何田，号码不显示"' in called
    assert "请他给我回电话" not in called
    assert "请他给我回电话" in draw('{% person "何田" "单元长" callback="/back/1" %}')


def test_the_line_marks_one_step_as_current() -> None:
    steps = [
        {"state": "done", "title": "收到"},
        {"state": "now", "title": "办理", "seal": "孙"},
        {"state": "next", "title": "核查"},
    ]
    html = draw("{% line s %}", s=steps)
    assert html.count('aria-current="step"') == 1
    assert '<span class="seal now" aria-hidden="true">孙</span>' in html
    assert "走到第 2 步，共 3 步" in draw("{% dots s %}", s=steps)


# ── fields ──


class Phone(forms.Form):
    text = forms.CharField(label="事情", help_text="一两句")
    how = forms.ChoiceField(label="怎么回", choices=[("a", "电话"), ("b", "上门")], widget=forms.RadioSelect)
    note = forms.CharField(label="补充", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("两处对不上。")


def test_a_field_reads_label_help_error_input_in_this_order() -> None:
    html = draw("{% field f.text %}", f=Phone({"text": ""}))
    order = [html.index(mark) for mark in ("<label", 'id="id_text-help"', 'id="id_text-error"', "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="id_text-error id_text-help"' in html
    assert html.count("aria-invalid") == 1
    assert "这里还空着" in html


def test_a_good_field_says_nothing_of_errors() -> None:
    html = draw("{% field f.note %}", f=Phone({"text": "x", "how": "a"}))
    assert "aria-invalid" not in html
    assert "error" not in html
    assert "可不填" in html


def test_radios_stand_in_a_fieldset_with_a_legend() -> None:
    html = draw("{% field f.how %}", f=Phone({}))
    assert re.search(r'<fieldset class="field  bad" aria-describedby="id_how-error ">\s*<legend', html)
    assert html.count('type="radio"') == 2


def test_the_summary_leads_to_each_field() -> None:
    html = draw("{% problems f %}", f=Phone({"text": ""}))
    assert "有 3 处要改" in html
    assert 'href="#id_text"' in html
    assert 'href="#id_how_0"' in html
    assert "两处对不上。" in html
    assert draw("{% problems f %}", f=Phone()).strip() == ""


# ── lists ──


def request(query: str) -> Any:
    return RequestFactory().get(f"/desk/?{query}")


def test_query_edits_the_url_and_goes_back_to_the_first_page() -> None:
    r = request("kind=a&kind=b&place=p&cursor=XYZ")
    assert draw('{% query place="q" %}', request=r) == "?kind=a&amp;kind=b&amp;place=q"
    assert draw('{% query kind="" %}', request=r) == "?place=p"
    assert draw('{% query cursor="N" %}', request=r).endswith("cursor=N")
    assert draw('{% query q="三&号" %}', request=request("")) == "?q=%E4%B8%89%26%E5%8F%B7"


def test_a_facet_is_links_and_shows_what_is_chosen() -> None:
    html = draw('{% pick "kind" "类别" o %}', o=[("a", "设施", 1204), ("b", "交通")], request=request("kind=b&place=p"))
    assert "类别：交通" in html
    assert 'href="?place=p&amp;kind=a"' in html
    assert "1,204" in html
    assert html.count('aria-current="true"') == 1
    assert "类别：全部" in draw('{% pick "kind" "类别" o %}', o=[("a", "设施")], request=request(""))


def test_a_head_sorts_both_ways() -> None:
    assert 'aria-sort="ascending"' in draw('{% th "due" "时钟" default="due" %}', request=request(""))
    assert 'href="?order=-due"' in draw('{% th "due" "时钟" %}', request=request("order=due"))
    down = draw('{% th "due" "时钟" %}', request=request("order=-due"))
    assert 'aria-sort="descending"' in down
    assert 'href="?order=due"' in down
    assert "aria-sort" not in draw('{% th "who" "在谁手上" %}', request=request("order=due"))


def test_the_pager_goes_on_and_back_to_the_start() -> None:
    html = draw("{% pager p %}", p=Page(items=[], next="NEXT"), request=request("kind=a&cursor=OLD"))
    assert 'href="?kind=a&amp;cursor=NEXT" rel="next"' in html
    assert 'href="?kind=a"' in html
    assert draw("{% pager p %}", p=Page(items=[], next=None), request=request("kind=a")).strip() == ""


def test_a_dialog_asks_and_repeats_the_verb() -> None:
    html = draw(
        '{% dialog "d" "退回这件事？" action="/x" confirm="退回" grave=True %}<i>y</i>{% enddialog %}',
        request=request(""),
    )
    assert '<dialog id="d" aria-labelledby="d-t">' in html
    assert '<button class="btn grave">退回</button>' in html
    assert "csrfmiddlewaretoken" in html
    assert "<i>y</i>" in html


# ── figures ──


def test_figures() -> None:
    assert [figures.comma(n) for n in (1284, 1234.5, 98.0, None, "不足")] == ["1,284", "1,234.5", "98", "", "不足"]
    assert [figures.yuan(n) for n in (0, 5, 320, 123456, -99)] == ["¥0.00", "¥0.05", "¥3.20", "¥1,234.56", "-¥0.99"]
    assert figures.group("K7M42QXD-9RTW3HPC") == "K7M4 2QXD 9RTW 3HPC"
    assert [figures.percent(1, 3), figures.percent(9, 3), figures.percent(1, 0)] == ["33.3%", "100.0%", "0.0%"]


def test_around_new_year_a_moment_has_its_hour_and_its_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said at 23:58 on New Year's Eve, a promise of two hours falls due in another year."""
    told = []
    for year, month, day_, hour in ((2026, 12, 31, 23), (2027, 1, 1, 0)):
        now = datetime(year, month, day_, hour, 58, tzinfo=timezone.get_default_timezone())
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        moments = [now.replace(day=d, month=m, year=y) for y, m, d in ((2026, 12, 31), (2027, 1, 1), (2026, 3, 4))]
        told.append([figures.when(at).replace(figures.NBSP, " ") for at in moments])
    assert told == [
        ["23:58", "2027 年 1 月 1 日 23:58", "3 月 4 日 23:58"],
        ["2026 年 12 月 31 日 00:58", "00:58", "2026 年 3 月 4 日"],
    ]


def test_a_small_sample_gives_no_figure() -> None:
    few = draw('{% kpi "满意" 96.2 "%" sample=21 minimum=30 %}')
    assert "不足 30 件，不列" in few
    assert "96.2" not in few
    assert "96.2" in draw('{% kpi "满意" 96.2 "%" sample=30 minimum=30 %}')


def test_a_meter_says_the_distance_and_never_pass_or_fail() -> None:
    html = draw('{% meter "户数" 225 239 358 "户" %}')
    assert "还差 14 户" in html
    assert 'width="62.8%"' in html
    assert 'x1="66.8%"' in html
    met = draw('{% meter "面积" 20520 20000 30000 "m²" %}')
    assert 'class="meter met"' in met
    assert "够了" in met


def test_a_receipt_stands_in_fours_beside_another_code() -> None:
    html = draw('{% ticket "K7M42QXD9RTW3HPC" qr="https://x.example/t/K" board="7F2K-91QD" %}')
    assert "K7M4 2QXD 9RTW 3HPC" in html
    assert "7F2K-91QD" in html
    assert 'class="qr"' in html
    assert "style=" not in html


def test_an_upload_works_without_script_and_names_its_rules() -> None:
    html = draw("{% upload limit=3 %}")
    assert 'name="attachments_files"' in html
    assert 'data-limit="3"' in html
    assert "最多 3 张" in html


def test_clock_words_come_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert clockface.patterns()["left"] == "还剩 %(time)s"
    html = draw("{% words %}")
    assert html.startswith('<script type="application/json" id="ll-words">')


def test_readers_of_english_are_told_the_month_by_its_name() -> None:
    """11/5 is two different days to them."""
    at = datetime(timezone.localdate().year, 11, 5, 1, 30, tzinfo=UTC)
    assert figures.on(at).replace(figures.NBSP, " ") == "11 月 5 日"
    with translation.override("en"):
        assert figures.on(at).replace(figures.NBSP, " ") == "5 Nov"
        assert figures.on(at, "year").replace(figures.NBSP, " ") == f"5 Nov {at.year}"
        assert figures.month(at) == f"November {at.year}"
    assert figures.month(at) == f"{at.year} 年 11 月"


def test_names_are_listed_as_their_language_lists_them() -> None:
    names = ["街道", "社区", "物业"]
    assert [figures.listed(names[:n]) for n in range(4)] == ["", "街道", "街道、社区", "街道、社区、物业"]
    with translation.override("en"):
        assert figures.listed(["Accept"]) == "Accept"
        assert figures.listed(["Accept", "Result"]) == "Accept and Result"
        assert figures.listed(iter(["Accept", "Reply", "Result"])) == "Accept, Reply and Result"
