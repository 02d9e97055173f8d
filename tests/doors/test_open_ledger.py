"""The public ledger: what stands there, what never does, and what a reader may ask for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Kind, Matter
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit import memory
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]
SECRETS = ("李冬", "13800000000", "GD12345", "501", "1380", "李*")
WORDS = "楼前消防通道停了车，冀GD12345，停两天了。我叫李冬，住3-2-501，电话13800000000。"


def say(
    town: Town, text: str = WORDS, *, kind: str = "appeal", place: str = "unit", actor: Actor = ANONYMOUS,
    now: datetime | None = None, **more: Any,
) -> Matter:  # fmt: skip
    """A resident says something, leaving name and number."""
    node = tree(DISTRICT).by_id[town.places[place].pk]
    asked = Asked(kind, text, DISTRICT, node, name="李冬", phone="13800000000", **more)
    return actions.open_matter(actor=actor, asked=asked, now=now).matter


def numbers(html: str) -> list[str]:
    """The matters of a page, in their order."""
    return list(dict.fromkeys(re.findall(r"TS-\d{4}-\d{4,}", html)))


def page(client: Client, path: str = "/open/", **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.mark.django_db
def test_the_ledger_shows_a_matter_without_anything_of_whoever_said_it(client: Client, town: Town) -> None:
    matter = say(town)
    for html in (page(client), page(client, f"/open/m/{matter.number}/")):
        assert matter.number in html
        assert "楼前消防通道停了车" in html
        assert "［车牌］" in html
        assert not [secret for secret in SECRETS if secret in html]


def test_the_place_is_told_down_to_the_house_and_no_further(client: Client, town: Town) -> None:
    matter = say(town, "灯坏了。")
    for html in (page(client), page(client, f"/open/m/{matter.number}/")):
        assert "1 号楼" in html
        assert "1 单元" not in html


def test_confidential_and_unpublic_matters_look_like_none(client: Client, town: Town) -> None:
    hidden = [say(town, "邻居吵架。", kind="dispute"), say(town, "别说是我。", confidential=True)]
    shown = say(town, "灯坏了。")
    assert numbers(page(client)) == [shown.number]
    for matter in hidden:
        assert client.get(f"/open/m/{matter.number}/").status_code == 404
        assert numbers(page(client, q=matter.number)) in ([], [matter.number])  # the word typed, and no row
        assert matter.number not in page(client, "/open/", place=town.places["community"].code)
    assert client.get("/open/m/TS-2601-9999/").status_code == 404
    assert client.get("/open/m/ZZ-2601-0001/").status_code == 404


def test_a_kind_that_is_made_unpublic_leaves_the_ledger(client: Client, town: Town) -> None:
    matter = say(town, "灯坏了。")
    Kind.objects.filter(code="appeal").update(public=False)
    assert numbers(page(client)) == []
    assert client.get(f"/open/m/{matter.number}/").status_code == 404


def test_a_kind_out_of_use_keeps_its_old_matters_public(client: Client, town: Town) -> None:
    matter = say(town, "灯坏了。")
    Kind.objects.filter(code="appeal").update(active=False)
    District.objects.update(version=2)
    memory.forget()
    assert numbers(page(client)) == [matter.number]


# ── finding ──


def test_the_search_finds_numbers_places_and_categories_but_never_words(client: Client, town: Town) -> None:
    here = say(town, "楼道灯坏了，张女士摔了。", category="0101")
    there = say(town, "垃圾没人清。", place="grid2")
    assert numbers(page(client, q=here.number.lower())) == [here.number]
    assert re.search(r"没有这样的事", page(client, q="垃圾"))
    assert re.search(r"没有这样的事", page(client, q="13800000000"))
    assert re.search(r"没有这样的事", page(client, q="张女士"))
    assert numbers(page(client, q="石榴")) == [there.number]
    assert numbers(page(client, q="照明")) == [here.number]
    assert numbers(page(client, q="示范区")) == [there.number, here.number]


def test_a_number_typed_without_noughts_or_dashes_is_understood(client: Client, town: Town) -> None:
    matter = say(town, "灯坏了。")
    letters, month, serial = matter.number.split("-")
    assert matter.number in numbers(page(client, q=f"{letters.lower()}-{month}-{int(serial)}"))


def test_filters_by_place_kind_state_and_month(client: Client, town: Town, act_as: ActAs) -> None:
    old = say(town, "去年的事。", now=timezone.now() - timedelta(days=400))
    here, there = say(town, "灯坏了。"), say(town, "井盖松了。", kind="hazard", place="grid2")
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=here.pk)
    assert numbers(page(client, place=town.places["community2"].code)) == [there.number]
    assert numbers(page(client, place=town.places["building"].code)) == [here.number, old.number]
    assert numbers(page(client, kind="hazard")) == [there.number]
    assert numbers(page(client, state="accepted")) == [here.number]
    assert numbers(page(client, state="live")) == [there.number, here.number, old.number]
    assert numbers(page(client, state="closed")) == []
    month = f"{timezone.localtime(old.opened_at):%Y-%m}"
    assert numbers(page(client, month=month)) == [old.number]
    assert numbers(page(client, month=f"{timezone.localdate():%Y-%m}")) == [there.number, here.number]
    day = f"{timezone.localtime(old.opened_at):%Y-%m-%d}"
    assert numbers(page(client, since=day, until=day)) == [old.number]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"month": "2026-13"}, 400), ({"cursor": "x"}, 400), ({"since": "gestern"}, 400), ({"place": "nowhere"}, 404),
     ({"district": "1"}, 404), ({"hour": "99"}, 400), ({"state": "no-such"}, 200), ({"q": "%"}, 200)],
)  # fmt: skip
def test_nonsense_in_the_address_is_said_so(town: Town, query: dict[str, str], status: int) -> None:
    say(town, "灯坏了。")
    assert Client(raise_request_exception=False).get("/open/", query).status_code == status


def test_the_time_that_a_figure_counted_is_said_in_words_and_ends_on_its_last_day(client: Client, town: Town) -> None:
    whole = page(client, since="2024-11-01", until="2024-11-29T00:00:00+08:00").replace("\xa0", " ")
    assert "2024 年 11 月 1 日 到 2024 年 11 月 28 日" in whole
    assert "2024-11-01 " not in re.sub(r"<[^>]*>", "", whole)
    assert "到 2024 年 11 月 28 日" in page(client, until="2024-11-28").replace("\xa0", " ")


def test_paging_shows_each_once_newest_first(client: Client, town: Town) -> None:
    made = [say(town, f"第{i}件。").number for i in range(65)]
    seen, query = [], {}
    for _round in range(5):
        html = page(client, **query)
        seen += numbers(html)
        following = re.search(r'href="\?cursor=([^"&]+)" rel="next"', html)
        if not following:
            break
        query = {"cursor": following[1]}
    assert seen == made[::-1]


def test_the_empty_ledger_says_what_belongs_there(client: Client, town: Town) -> None:
    assert "还没有公开的事" in page(client)
    assert "没有这样的事" in page(client, kind="hazard")


def test_a_page_of_thirty_costs_no_more_questions_than_one(
    client: Client, town: Town, django_assert_max_num_queries: Any
) -> None:
    for i in range(31):
        say(town, f"第{i}件。")
    page(client)
    with django_assert_max_num_queries(8):
        assert len(numbers(page(client))) == 30
    with django_assert_max_num_queries(8):
        page(client, q="柳荫", kind="appeal", state="live", month=f"{timezone.localdate():%Y-%m}")


# ── the table ──


def rows_of(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


def test_the_table_is_as_masked_as_the_page_and_follows_the_filters(client: Client, town: Town) -> None:
    matter = say(town)
    say(town, "别说是我。", confidential=True)
    say(town, "井盖松了。", kind="hazard", place="grid2")
    answer = client.get("/open/ledger.csv", {"kind": "appeal"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    head, *rows = rows_of(answer)
    assert head[0] == "事号"
    assert [row[0] for row in rows] == [matter.number]
    assert not [secret for secret in SECRETS if secret in "".join(rows[0])]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_cell_never_begins_like_a_formula(client: Client, town: Town, formula: str) -> None:
    say(town, f"{formula} 灯坏了。")
    _head, row = rows_of(client.get("/open/ledger.csv"))
    assert row[6].startswith(f"'{formula[0]}")


def test_the_table_cannot_be_drained_by_one_address(client: Client, town: Town) -> None:
    answers = [client.get("/open/ledger.csv").status_code for _n in range(7)]
    assert answers == [200] * 6 + [429]


def test_nobody_has_to_log_in_and_nothing_is_written(client: Client, town: Town) -> None:
    say(town, "灯坏了。")
    for path in ("/open/", "/open/figures/", "/open/roster/", "/open/roots/", "/open/how/"):
        assert client.get(path).status_code == 200
        assert client.post(path).status_code == 405
    assert "sessionid" not in client.cookies
