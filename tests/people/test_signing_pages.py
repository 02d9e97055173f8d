"""The doorstep over HTTP: in by password or code, to the right door, and out again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from linli.core.people.models import Notice, User
from linli.kit import outbox
from linli.kit.ids import new_id
from tests.cast import DISTRICT, Town


def sign_in(client: Client, name: str, password: str = "linli-demo", **more: str) -> Any:
    return client.post("/login/", {"username": name, "password": password, **more})


@pytest.mark.parametrize(("who", "door"), [("resident", "/"), ("grid", "/field/"), ("street", "/desk/")])
def test_the_password_leads_to_ones_own_door(client: Client, town: Town, who: str, door: str) -> None:
    assert sign_in(client, who)["Location"] == door
    assert client.get("/login/")["Location"] == door


@pytest.mark.parametrize(
    ("wanted", "leads"), [("/say/?kind=hazard", "/say/?kind=hazard"), ("https://example.org/", "/"), ("//x.org", "/")]
)
def test_next_leads_nowhere_else(client: Client, town: Town, wanted: str, leads: str) -> None:
    assert sign_in(client, "resident", next=wanted)["Location"] == leads


def test_a_wrong_password_keeps_the_name_and_not_the_password(client: Client, town: Town) -> None:
    page = sign_in(client, "resident", "not-this-one")
    html = page.content.decode()
    assert page.status_code == 422
    assert 'value="resident"' in html
    assert "not-this-one" not in html
    assert "_auth_user_id" not in client.session


def test_the_session_key_changes_on_the_way_in(client: Client, town: Town) -> None:
    session = client.session
    session["cart"] = "x"
    session.save()
    before = session.session_key
    sign_in(client, "resident")
    assert client.session.session_key != before


def test_a_form_without_its_token_is_refused(town: Town) -> None:
    assert sign_in(Client(enforce_csrf_checks=True), "resident").status_code == 403


def test_too_many_tries_meet_a_friendly_page(client: Client, town: Town) -> None:
    for _ in range(20):
        sign_in(client, "resident", "wrong")
    page = sign_in(client, "resident")
    assert (page.status_code, "Retry-After" in page) == (429, True)


def test_demo_logins_fill_the_form_in_a_demo_only(client: Client, town: Town, settings: Any) -> None:
    html = client.get("/login/?as=grid").content.decode()
    assert "?as=community" in html
    assert 'value="linli-demo"' in html
    settings.DEMO = False
    html = client.get("/login/?as=grid").content.decode()
    assert "?as=community" not in html
    assert "linli-demo" not in html


# ── by code ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_visitor_signs_in_with_the_code_of_the_demo_inbox(client: Client, town: Town) -> None:
    asked = client.post("/login/code/", {"phone": "13911112222", "act": "send"})
    assert "验证码" in asked.content.decode()
    outbox.drain()
    inbox = client.get("/demo/inbox/").content.decode()
    found = re.search(r"(\d{6}) 是您的登录验证码", inbox)
    assert found
    assert "13911112222" not in inbox
    bad = client.post("/login/code/", {"phone": "13911112222", "code": "12"})
    assert (bad.status_code, 'value="13911112222"' in bad.content.decode()) == (422, True)
    done = client.post("/login/code/", {"phone": "13911112222", "code": found[1], "next": "/mine/"})
    assert done["Location"] == "/mine/"
    assert "尾号 2222" in client.get("/me/").content.decode()


def test_a_landline_gets_no_code(client: Client, town: Town) -> None:
    page = client.post("/login/code/", {"phone": "03138012345", "act": "send"})
    assert (page.status_code, "座机" in page.content.decode()) == (422, True)


def test_the_demo_inbox_does_not_exist_elsewhere(client: Client, town: Town, settings: Any) -> None:
    assert client.get("/demo/inbox/").status_code == 200
    settings.DEMO = False
    assert client.get("/demo/inbox/").status_code == 404


# ── my page ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_my_page_is_mine(client: Client, town: Town) -> None:
    assert client.get("/me/")["Location"] == "/login/?next=/me/"
    for user, text in ((town.users["resident"], "给我的"), (town.users["resident2"], "给别人的")):
        Notice.objects.create(district_id=DISTRICT, user=user, text=text, dedupe=str(new_id()))
    sign_in(client, "resident")
    html = client.get("/me/").content.decode()
    assert "给我的" in html
    assert "给别人的" not in html
    assert client.post("/me/read/").status_code == 302
    assert list(Notice.objects.filter(read_at=None).values_list("text", flat=True)) == ["给别人的"]


@pytest.mark.parametrize(("who", "leads"), [("resident", "/m/"), ("grid", "/field/m/"), ("community", "/desk/m/")])
def test_a_notice_about_a_matter_leads_to_it_in_ones_own_workspace(
    client: Client, town: Town, who: str, leads: str
) -> None:
    for text, url in (("TS-2611-0001 有了答复。", ""), ("公约通过了", "/covenant/"), ("写给您的话", "")):
        Notice.objects.create(district_id=DISTRICT, user=town.users[who], text=text, url=url, dedupe=str(new_id()))
    sign_in(client, who)
    html = client.get("/me/").content.decode()
    assert f'<a href="{leads}TS-2611-0001/">TS-2611-0001 有了答复。</a>' in html
    assert '<a href="/covenant/">公约通过了</a>' in html
    assert ">写给您的话</a>" not in html


def test_a_name_is_kept_and_an_empty_one_is_not(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    assert client.post("/me/name/", {"name": ""}).status_code == 422
    client.post("/me/name/", {"name": "李冬青"})
    assert "李**" in client.get("/me/").content.decode()


def test_type_and_language_are_kept_in_the_account(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    client.post("/prefs/", {"type": "large", "language": "en"})
    user = User.objects.get(username="resident")
    assert (user.large_type, user.language) == (True, "en")


def test_out_by_post_only(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    assert client.get("/logout/").status_code == 405
    assert client.get("/me/").status_code == 200
    client.post("/logout/")
    assert client.get("/me/").status_code == 302


def test_leaving_everywhere_ends_the_other_phone_too(client: Client, town: Town) -> None:
    other = Client()
    sign_in(client, "resident")
    sign_in(other, "resident")
    assert client.post("/me/leave/", {"password": "wrong"}).status_code == 422
    assert other.get("/me/").status_code == 200
    assert client.post("/me/leave/", {"password": "linli-demo"})["Location"] == "/login/"
    assert (client.get("/me/").status_code, other.get("/me/").status_code) == (302, 302)
    assert sign_in(other, "resident")["Location"] == "/"


def change(client: Client, password: str = "linli-demo", new: str = "梧桐树下的第三盏灯亮了", again: str = "") -> Any:
    return client.post("/me/password/", {"password": password, "new": new, "again": again or new})


def test_a_password_that_somebody_handed_over_is_changed_by_its_owner(client: Client, town: Town) -> None:
    other = Client()
    sign_in(client, "grid")
    sign_in(other, "grid")
    assert "/me/password/" in client.get("/me/").content.decode()
    assert change(client)["Location"] == "/me/"
    assert client.get("/me/").status_code == 200  # this phone stays
    assert other.get("/me/").status_code == 302
    user = User.objects.get(username="grid")
    assert user.check_password("梧桐树下的第三盏灯亮了")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "not this one"}, "密码不对，没有换。"),
        ({"new": "太短了"}, "密码至少要 10 个字符"),
        ({"new": "password1234"}, "这个密码太常见了"),
        ({"new": "linli-demo"}, "和现在的一样"),
        ({"again": "梧桐树下的第四盏灯亮了"}, "两遍写得不一样"),
    ],
)
def test_a_password_that_cannot_be_taken_changes_nothing(
    client: Client, town: Town, wrong: dict[str, str], words: str
) -> None:
    sign_in(client, "grid")
    answer = change(client, **wrong)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert User.objects.get(username="grid").check_password("linli-demo")


def test_who_signs_in_by_code_has_no_password_to_change(client: Client, town: Town) -> None:
    town.users["resident"].set_unusable_password()
    town.users["resident"].save()
    client.force_login(town.users["resident"])
    assert "/me/password/" not in client.get("/me/").content.decode()
    assert client.get("/me/password/")["Location"] == "/me/"
