"""算法、剔除、申诉 and the exports in public; the pages of the desk and of residents that lead there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from linli.core.matters import actions
from linli.core.matters.actions import reckoning as acts
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Exclusion, Formula, Matter, Objection
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.places.tree import tree
from linli.doors.open import data, figures
from linli.kit import memory
from tests.cast import DISTRICT, Town
from tests.doors.test_open_ledger import numbers, page, say

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("E4")


def leave_out(
    act_as: ActAs, matter: Matter, basis: str = "停机日志第 3 号。", figure: str = "answered_in_time"
) -> Exclusion:
    return acts.exclude(
        actor=act_as("district"), district_id=DISTRICT, matter_id=matter.pk, figure=figure, ground="outage", basis=basis
    )


def enter(client: Client, town: Town, who: str) -> Client:
    client.force_login(town.users[who])
    return client


# ── 算法 ──


def test_every_version_stands_on_the_page_with_what_changed(client: Client, town: Town) -> None:
    rate = {"figure": "resolved", "counts": "核查通过过的", "of": "收到的", "states": "已销号"}
    told = (("甲版", date(2025, 1, 1), "第一版。"), ("乙版", date(2026, 1, 1), "改了除数。"))
    for version, since, changed in told:
        Formula.objects.create(
            district=town.district, version=version, counting="三率 2", since=since, minimum_sample=20, rates=[rate],
            leaves_out=["只剔停机的。"], changed=changed,
        )  # fmt: skip
    memory.forget()
    html = page(client, "/open/formula/")
    days = "2025\xa0年\xa01\xa0月\xa01\xa0日 起，到 2026\xa0年\xa01\xa0月\xa01\xa0日 为止"
    for words in ("甲版", "乙版", days, "现在用这一版", "改了除数。", "核查通过过的", "不满 20 件", "只剔停机的。"):
        assert words in html, words
    assert "乙版" in page(client, "/open/figures/")
    assert html.index("乙版") < html.index("甲版")


# ── 剔除 ──


def test_an_exclusion_stands_beside_the_figure_with_its_reason(client: Client, town: Town, act_as: ActAs) -> None:
    left, kept = say(town, "灯坏了。"), say(town, "井盖松了。")
    leave_out(act_as, left, "见 13800000000 的通话记录，停机日志第 3 号。")
    assert "剔除 1 件" in page(client, "/open/figures/")
    html = page(client, "/open/formula/exclusions/", figure="answered_in_time", state="force")
    assert numbers(html) == [left.number]
    assert "平台故障" in html
    assert "停机日志第 3 号" in html
    assert "13800000000" not in html
    assert kept.number not in page(client, "/open/formula/exclusions/")
    assert "从“按时答复”里剔除了" in page(client, f"/open/m/{left.number}/")
    assert "各项比率都算这一件" in page(client, f"/open/m/{kept.number}/")


def test_the_link_beside_a_figure_opens_exactly_what_it_left_out(client: Client, town: Town, act_as: ActAs) -> None:
    here, there = say(town, "灯坏了。"), say(town, "灯坏了。", place="grid2")
    leave_out(act_as, here)
    leave_out(act_as, there)
    made = figures.sheet(tree(DISTRICT), QueryDict("by=place"))
    found = {line.name: numbers(client.get(line.answered.left_url).content.decode()) for line in made.lines}
    assert found == {"柳荫社区": [here.number], "石榴社区": [there.number]}
    assert {line.acted.left_url for line in made.lines} == {""}
    assert sorted(numbers(client.get(made.left_url).content.decode())) == sorted([here.number, there.number])


def test_one_of_a_confidential_matter_is_counted_and_tells_nothing(client: Client, town: Town, act_as: ActAs) -> None:
    hidden = say(town, "邻居吵架，别说是我。", confidential=True)
    leave_out(act_as, hidden)
    grid = act_as("grid")
    acts.object_(actor=grid, district_id=DISTRICT, matter_id=hidden.pk, text="邻居吵架那家在二楼。")
    for path in (
        "/open/formula/exclusions/",
        "/open/formula/objections/",
        "/open/exclusions.json",
        "/open/objections.json",
    ):
        html = page(client, path)
        assert hidden.number not in html, path
        assert "吵架" not in html, path
    assert "一件不公开的事" in page(client, "/open/formula/exclusions/")


@pytest.mark.parametrize("query", [{"figure": "x"}, {"state": "x"}, {"cursor": "x"}, {"since": "x"}])
def test_nonsense_is_refused(town: Town, query: dict[str, str]) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/open/formula/exclusions/", query).status_code == 400
    assert client.get("/open/exclusions.json", query).status_code == 400


def test_no_such_place_is_not_there(client: Client, town: Town) -> None:
    assert client.get("/open/formula/exclusions/", {"place": "nowhere"}).status_code == 404
    assert client.get("/open/formula/objections/", {"place": "nowhere"}).status_code == 404


def test_lists_are_paged_and_cost_few_questions(
    client: Client, town: Town, act_as: ActAs, django_assert_max_num_queries: Any
) -> None:
    for i in range(33):
        leave_out(act_as, say(town, f"第{i}件。"))
    page(client, "/open/formula/exclusions/")
    with django_assert_max_num_queries(7):
        html = page(client, "/open/formula/exclusions/")
    assert len(numbers(html)) == 30
    first = json.loads(page(client, "/open/exclusions.json", limit="20"))
    rest = json.loads(page(client, "/open/exclusions.json", limit="20", cursor=first["next"]))
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (20, 13, None)
    assert not {one["number"] for one in first["items"]} & {one["number"] for one in rest["items"]}


# ── 申诉 ──


def test_an_objection_and_its_answer_stand_in_public_with_masks(client: Client, town: Town, act_as: ActAs) -> None:
    matter = say(town, "灯坏了。")
    one = acts.object_(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk, figure="acted_in_time",
                       text="打过13800000000没人接，等了一天。")  # fmt: skip
    html = page(client, "/open/formula/objections/")
    assert "王禾苗" in html
    assert "等答复" in html
    assert "没人接" in html
    assert "13800000000" not in html
    acts.answer(actor=act_as("street"), district_id=DISTRICT, objection_id=one.pk, upheld=True,
                words="查了13911112222的记录，属实。")  # fmt: skip
    html = page(client, "/open/formula/objections/", state="upheld")
    assert "属实" in html
    assert "13911112222" not in html
    assert "孙晴川" in html
    assert page(client, "/open/formula/objections/", state="open").count(matter.number) == 0


def test_the_desk_leaves_out_takes_in_again_and_answers(client: Client, town: Town, act_as: ActAs) -> None:
    matter = say(town, "灯坏了。")
    at = f"/desk/m/{matter.number}/counted/"
    street = enter(Client(), town, "street")
    wrong = street.post(f"{at}exclude/", {"figure": "all", "ground": "outage", "basis": ""})
    assert wrong.status_code == 422
    assert 'value="outage"' in wrong.content.decode()
    street.post(f"{at}exclude/", {"figure": "all", "ground": "outage", "basis": "停机日志。"})
    assert "剔除了，不算" in page(street, at)
    grid = enter(Client(), town, "grid")
    assert grid.get(f"{at}exclude/").status_code == 404
    assert grid.post(f"{at}object/", {"text": "那天没有停机。"}).status_code == 302
    assert grid.get(f"{at}object/").status_code == 404  # one waits already
    one = Objection.objects.get()
    assert f"/desk/objections/{one.pk}/" not in page(street, "/desk/objections/")
    assert street.get(f"/desk/objections/{one.pk}/").status_code == 404
    district = enter(Client(), town, "district")
    assert "那天没有停机。" in page(district, "/desk/objections/")
    done = district.post(f"/desk/objections/{one.pk}/", {"upheld": "yes", "words": "查了，没有停机。"})
    assert done.status_code == 302
    assert "查了，没有停机。" in page(district, "/desk/objections/", tab="done")
    assert Exclusion.objects.get().ended_at is not None
    assert enter(Client(), town, "community").get("/desk/objections/").status_code == 404


def test_the_holder_of_a_receipt_sees_how_the_matter_counts_and_objects(
    client: Client, town: Town, act_as: ActAs
) -> None:
    asked = Asked("appeal", "灯坏了。", DISTRICT, tree(DISTRICT).by_id[town.places["unit"].pk])
    opened = actions.open_matter(actor=ANONYMOUS, asked=asked)
    at = f"/t/{opened.receipt}/counted/"
    assert at in page(client, f"/t/{opened.receipt}")
    leave_out(act_as, opened.matter, figure="all")
    assert "停机日志第 3 号" in page(client, at)
    assert client.post(at, {"text": ""}).status_code == 422
    assert client.post(at, {"text": "我家那天有网。"}).status_code == 302
    html = page(client, at)
    assert "我家那天有网。" in html
    assert "答复之前不用再提" in html
    assert Objection.objects.get().post_id is None
    assert "一位居民" in page(client, "/open/formula/objections/")
    assert client.get("/t/0000-0000-0000-0000/counted/").status_code == 404


# ── for programs ──


def test_the_ledger_as_json_has_the_documented_keys_and_no_secret(client: Client, town: Town, act_as: ActAs) -> None:
    matter = say(town)
    leave_out(act_as, matter)
    text = page(client, "/open/ledger.json")
    told = json.loads(text)
    assert [set(item) for item in told["items"]] == [set(data.LEDGER_KEYS)]
    item = told["items"][0]
    assert (item["number"], item["left_out_of"], item["kind"]["code"]) == (matter.number, "answered_in_time", "appeal")
    assert "李冬" not in text
    assert "13800000" not in text
    assert "1 单元" not in text
    for limit, most in (("1", 1), ("9999", 200), ("x", 200)):
        assert len(json.loads(page(client, "/open/ledger.json", limit=limit))["items"]) <= most


def test_the_figures_as_json_and_csv_say_the_same_as_the_page(client: Client, town: Town, act_as: ActAs) -> None:
    for i in range(31):
        say(town, f"第{i}件。")
    leave_out(act_as, Matter.objects.order_by("pk")[0])
    told = json.loads(page(client, "/open/figures.json", by="kind"))
    assert set(told["total"]) == set(data.FIGURES_KEYS)
    assert told["total"]["rates"]["answered_in_time"] == {"part": 0, "sample": 30, "excluded": 1, "percent": 0.0}
    assert told["total"]["rates"]["satisfied"]["percent"] is None  # nobody rated
    assert told["formula"]["minimum_sample"] == 30
    rows = list(csv.reader(io.StringIO(page(client, "/open/figures.csv", by="kind").lstrip("\ufeff"))))
    assert rows[1][:7] == ["诉求", "31", "0", "0", "30", "1", "0.0"]
    assert len({len(row) for row in rows}) == 1


def test_objections_and_exclusions_as_json_have_the_documented_keys(client: Client, town: Town, act_as: ActAs) -> None:
    matter = say(town, "灯坏了。")
    leave_out(act_as, matter)
    acts.object_(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk, text="没有停机。")
    assert set(json.loads(page(client, "/open/exclusions.json"))["items"][0]) == set(data.EXCLUSION_KEYS)
    assert set(json.loads(page(client, "/open/objections.json"))["items"][0]) == set(data.OBJECTION_KEYS)


def test_every_key_is_explained_on_the_page(client: Client, town: Town) -> None:
    html = page(client, "/open/formula/data/")
    for keys in (data.LEDGER_KEYS, data.FIGURES_KEYS, data.EXCLUSION_KEYS, data.OBJECTION_KEYS):
        for key in keys:
            assert f'<dt class="mono">{key}</dt>' in html, key


def test_programs_are_slowed_down(client: Client, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "A_MINUTE", 2)
    codes = [client.get("/open/ledger.json").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
