"""The notice by the door: mine and nobody else's, who serves, and what the phone remembers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from linli.core.matters import actions
from linli.core.people import actor as actors
from linli.core.people.models import User
from tests.cast import DISTRICT, Town
from tests.doors.resident_cast import say, sign_in, warm


def test_a_visitor_finds_the_one_big_act_and_the_ways_in(client: Client, town: Town) -> None:
    html = client.get("/").content.decode()
    for words in ("说一件事", "用回执码查", "/login/code/", "/open/", "选我家的门", "/say/one/"):
        assert words in html


def test_who_serves_my_door_stands_there_without_a_number(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    html = client.get("/").content.decode()
    for name in ("陆长亭", "王禾苗", "赵长亭", "方管家"):
        assert name in html
    for stranger in ("白露", "秋实", "江晚", "tel:"):
        assert stranger not in html


def test_i_see_mine_and_not_my_neighbours(client: Client, town: Town) -> None:
    other = Client()
    sign_in(client, "resident")
    sign_in(other, "resident2")
    mine, _receipt = say(client, town, text="我家的灯坏了。")
    theirs, _receipt = say(other, town, text="他家的门坏了。", key="e" * 32)
    for url in ("/", "/mine/"):
        html = client.get(url).content.decode()
        assert mine.title in html
        assert theirs.title not in html
    assert "王禾苗" in client.get("/").content.decode()


def test_staff_see_no_matters_of_others_here(client: Client, town: Town) -> None:
    say(Client(), town, text="别人的事。")
    sign_in(client, "street")
    html = client.get("/").content.decode()
    assert "别人的事" not in html
    assert "去我的工作台" in html


# ── what the phone remembers ────────────────────────────────────────────────────────────────────────────────────
def test_a_phone_remembers_what_was_said_on_it_until_it_is_cleared(client: Client, town: Town) -> None:
    matter, receipt = say(client, town, anonymous="on")
    assert matter.title in client.get("/").content.decode()
    assert client.get(f"/m/{matter.number}/").status_code == 200
    assert receipt not in client.get("/mine/").content.decode()
    assert Client().get(f"/m/{matter.number}/").status_code == 404
    assert client.get("/mine/forget/").status_code == 405
    client.post("/mine/forget/")
    assert matter.title not in client.get("/").content.decode()
    assert client.get(f"/m/{matter.number}/").status_code == 404
    assert client.get(f"/t/{receipt}").status_code == 200


def test_a_hash_from_the_database_opens_nothing(client: Client, town: Town) -> None:
    from django.core import signing

    matter, _receipt = say(Client(), town)
    rows = [[DISTRICT, matter.receipt_hash]]
    for forged in (
        signing.dumps(rows, salt="another"),
        f"{rows}",
        signing.dumps(rows, key="another", salt="linli.resident.mine"),
    ):
        client.cookies["linli_mine"] = forged
        assert matter.title not in client.get("/mine/").content.decode()
        assert client.get(f"/m/{matter.number}/").status_code == 404


def test_the_list_is_short(client: Client, town: Town) -> None:
    for n in range(12):
        say(client, town, text=f"第{n:02d}件事。", key=f"{n:032x}")
    html = client.get("/mine/").content.decode()
    assert html.count('class="card"') == 10
    assert "第11件事" in html
    assert "第01件事" not in html


# ── my door ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_visitor_keeps_the_door_on_the_phone(client: Client, town: Town) -> None:
    picked = [town.places[p].code for p in ("street", "community", "quarter", "grid", "building", "unitb")]
    page = client.post("/place/", {"at": picked[:2], "go": "steps"})
    assert (page.status_code, "柳荫里" in page.content.decode()) == (200, True)
    assert client.post("/place/", {"at": picked[:1]}).status_code == 422
    done = client.post("/place/", {"at": picked, "next": "//example.org/"})
    assert done["Location"] == "/"
    assert "柳荫里 1 号楼 2 单元" in client.get("/").content.decode()


def test_an_account_keeps_its_door_and_gains_no_sight_by_it(client: Client, town: Town) -> None:
    matter, _receipt = say(Client(), town)
    sign_in(client, "resident2")
    picked = [town.places[p].code for p in ("street", "community", "quarter", "grid", "building", "unit")]
    client.post("/place/", {"at": picked, "next": "/me/"})
    assert User.objects.get(username="resident2").home_id == town.places["unit"].pk
    mine = client.get("/me/").content.decode()
    assert "1 号楼 1 单元" in mine
    assert '<a class="brand" href="/">' in mine  # the name of the door is no address for the seal to lead to
    assert client.get(f"/m/{matter.number}/").status_code == 404


# ── cost and manners ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("who", ["", "resident"])
def test_home_costs_ten_queries_at_most(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, who: str
) -> None:
    warm(monkeypatch)
    if who:
        sign_in(client, who)
    for n in range(5):
        matter, _receipt = say(client, town, text=f"第{n}件事。", key=f"{n:032x}")
    actions.accept(actor=actors.for_user(town.users["grid"].pk), district_id=DISTRICT, matter_id=matter.pk)
    client.get("/")
    with django_assert_max_num_queries(10):
        html = client.get("/").content.decode()
    assert html.count('class="card"') >= 3


@pytest.mark.parametrize(
    "url", ["/", "/say/", "/say/one/", "/t/", "/mine/", "/place/", "/how/", "/login/", "/login/code/"]
)
def test_pages_need_no_inline_script_or_style(client: Client, town: Town, url: str) -> None:
    page = client.get(url)
    html = page.content.decode()
    assert page.status_code == 200
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    for forbidden in ("style=", "onclick=", "onchange=", "<script>", "javascript:"):
        assert forbidden not in html


def test_how_it_is_kept_honest_shows_the_days_root(client: Client, town: Town) -> None:
    from linli.core.matters.ledger import sealing

    assert "还没算出来" in client.get("/how/").content.decode()
    say(Client(), town)
    seal = sealing.seal(DISTRICT)
    assert seal is not None
    assert seal.root[:4] in client.get("/how/").content.decode()


def test_a_bearer_token_means_nothing_on_a_page(client: Client, town: Town) -> None:
    from linli.core.people import identify

    token = identify.give_token(town.users["resident"])
    for said in (f"Bearer {token}", "Bearer wrong"):
        page = client.get("/", headers={"Authorization": said})
        assert (page.status_code, "登录看我的事" in page.content.decode()) == (200, True)
