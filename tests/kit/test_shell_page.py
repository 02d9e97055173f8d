"""The shell over HTTP: headers, switches, language, navigation, messages, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import Client, override_settings
from structlog.testing import capture_logs

from linli.kit import nav, shell
from linli.kit.middleware import content_policy

pytestmark = pytest.mark.urls("tests.kit.shell_urls")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


# ── headers ──


def test_policy_allows_nothing_inline_and_nobody_else(client: Client) -> None:
    response = client.get("/page")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "geolocation=(self)" in response["Permissions-Policy"]
    assert "payment=()" in response["Permissions-Policy"]


def test_policy_opens_for_tiles_only_with_a_key() -> None:
    assert "tianditu" in content_policy(tiles=True)
    assert "tianditu" not in content_policy()


def test_a_view_keeps_its_own_policy(client: Client) -> None:
    assert client.get("/own-policy")["Content-Security-Policy"] == "default-src 'none'"


@pytest.mark.parametrize("room", ["site", "resident", "desk", "field", "open"])
def test_no_page_needs_what_the_policy_refuses(client: Client, room: str) -> None:
    html = client.get(f"/kit/gallery?in={room}").content.decode()
    assert html.count("<html") == 1
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert "javascript:" not in html
    scripts = re.findall(r"<script\b([^>]*)>", html)
    assert scripts
    assert all("src=" in attrs or "application/json" in attrs for attrs in scripts)


def test_ids_are_unique_and_descriptions_point_somewhere(client: Client) -> None:
    html = client.get("/kit/gallery").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', html)
    said = [one for many in re.findall(r'aria-describedby="([^"]*)"', html) for one in many.split()]
    assert said
    assert set(said) <= set(ids)
    # The gallery shows one field twice on purpose (in the form and in a dialog); everything else stands alone.
    assert {one for one in ids if ids.count(one) > 1} <= {"id_text", "id_text-help"}


def test_gallery_exists_only_in_demo_mode(client: Client) -> None:
    assert client.get("/kit/gallery").status_code == 200
    assert client.get("/kit/gallery?in=nowhere").status_code == 404
    with override_settings(DEMO=False):
        assert client.get("/kit/gallery").status_code == 404


# ── switches ──


def test_large_type_works_without_script(client: Client) -> None:
    assert 'data-type="normal"' in client.get("/page").content.decode()
    answer = client.post("/prefs/", {"type": "large", "next": "/page?x=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/page?x=1")
    html = client.get("/page").content.decode()
    assert 'data-type="large"' in html
    assert re.search(r'name="type" value="normal" aria-pressed="true"', html)


def test_theme_and_language_are_kept(client: Client) -> None:
    client.post("/prefs/", {"theme": "dark"})
    client.post("/prefs/", {"language": "en"})
    response = client.get("/page")
    assert response["Content-Language"] == "en"
    assert 'lang="en"' in response.content.decode()
    assert 'data-theme="dark"' in response.content.decode()


def test_a_script_gets_no_page(client: Client) -> None:
    answer = client.post("/prefs/", {"type": "large"}, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 204
    assert answer.cookies["linli_type"].value == "large"
    assert answer.cookies["linli_type"]["httponly"]


@pytest.mark.parametrize("where", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_a_switch_never_leads_elsewhere(client: Client, where: str) -> None:
    assert client.post("/prefs/", {"type": "large", "next": where})["Location"] == "/"


def test_unknown_choices_set_nothing(client: Client) -> None:
    answer = client.post("/prefs/", {"type": "huge", "theme": "red", "language": "xx"})
    assert not answer.cookies
    client.cookies["linli_theme"] = "red"
    assert 'data-theme="light"' in client.get("/page").content.decode()


def test_another_site_cannot_switch(client: Client) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = client.post("/prefs/", {"type": "large"}, headers=headers)
        assert answer.status_code == 403
        assert not answer.cookies
    assert client.post("/prefs/", {"type": "large"}, headers={"Origin": "http://testserver"}).status_code == 302


def test_prefs_are_posted(client: Client) -> None:
    assert client.get("/prefs/").status_code == 405


def test_after_a_form_the_switch_returns_to_the_page_of_the_form(client: Client) -> None:
    html = client.post("/page", headers={"Referer": "http://testserver/desk/page"}).content.decode()
    assert 'name="next" value="http://testserver/desk/page"' in html
    html = client.post("/page", headers={"Referer": "https://elsewhere.example/"}).content.decode()
    assert 'name="next" value="/"' in html


# ── language ──


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", "zh-hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("en-GB,en;q=0.9", "en"),
        ("fr", "zh-hans"),
        (";;", "zh-hans"),
    ],
)
def test_language_follows_the_browser_and_is_chinese_otherwise(client: Client, wish: str, language: str) -> None:
    response = client.get("/page", headers={"Accept-Language": wish} if wish else {})
    assert response["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= {one.strip() for one in response["Vary"].split(",")}


def test_the_cookie_outranks_the_browser(client: Client) -> None:
    client.post("/prefs/", {"language": "zh-hans"})
    assert client.get("/page", headers={"Accept-Language": "en"})["Content-Language"] == "zh-hans"


# ── navigation ──


@pytest.fixture
def entries() -> Iterator[None]:
    made = [
        nav.NavEntry(room="desk", label="收件台", url="/desk/page", icon="list", order=1, count=lambda request: 1064),
        nav.NavEntry(room="desk", label="七号", url="/desk/page/7", icon="map", order=2),
        nav.NavEntry(room="desk", label="只给登录的", url="/desk/secret", icon="lock", allowed=nav.logged_in),
        nav.NavEntry(room="resident", label="我的事", url="/page", icon="home"),
    ]
    nav.register_nav(*made)
    yield
    nav.forget_nav(*made)


def linked(html: str) -> dict[str, bool]:
    """The words of the navigation, and whether each is the current one."""
    found = re.findall(r'<a href="[^"]*"( aria-current="page")?><svg.*?</svg>(?:<span>)?([^<]+)', html)
    return {word.strip(): bool(current) for current, word in found}


def test_navigation_shows_the_room_and_what_is_allowed(entries: None, rf: object) -> None:
    request = make("/desk/page/7/more")
    links = {link.label: link for link in shell.Shell(request).nav}
    assert "只给登录的" not in links
    assert "我的事" not in links
    # The longest entry above the path is the current one, and only that.
    assert [label for label, link in links.items() if link.current] == ["七号"]
    assert links["收件台"].count == 1064


def test_navigation_is_drawn(entries: None, client: Client) -> None:
    html = client.get("/kit/gallery?in=desk").content.decode()
    assert set(linked(html)) >= {"收件台", "七号"}
    assert "只给登录的" not in html
    assert '<span class="n">1,064</span>' in html


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nav, "_groups", {})
    nav.name_groups("desk", (30, "议事", "messages"), (50, "楼院", "building"), (80, "", ""))
    orders = [*range(1, 6), 31, 32, 50, 51, 52, 53, 80]
    nav.register_nav(
        *(nav.NavEntry(room="desk", label=f"n{at}", url=f"/desk/n{at}", icon="list", order=at) for at in orders)
    )


def test_many_entries_are_folded_where_three_or_more_stand_together(many: None) -> None:
    groups = shell.Shell(make("/desk/n52/more")).nav_groups
    assert [(str(group.label), len(group.links), group.open) for group in groups] == [
        ("", 5, False), ("", 2, False), ("楼院", 4, True), ("", 1, False),
    ]  # fmt: skip


def test_few_entries_stand_open(entries: None) -> None:
    (group,) = shell.Shell(make("/desk/page")).nav_groups
    assert not group.label
    assert len(group.links) == 2


def test_a_folded_group_is_drawn_open_where_one_stands(many: None, client: Client) -> None:
    html = client.get("/kit/gallery?in=desk").content.decode()
    assert html.count("<details>") == 1
    assert "楼院" in html
    assert {"n1", "n31", "n52", "n80"} <= set(linked(html))


def make(path: str) -> HttpRequest:
    from django.contrib.auth.models import AnonymousUser

    request = HttpRequest()
    request.method, request.path = "GET", path
    request.user = AnonymousUser()
    return request


def test_nav_entries_are_checked_at_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="icon"):
        nav.register_nav(nav.NavEntry(room="desk", label="x", url="/x", icon="no-such-icon"))
    with pytest.raises(ImproperlyConfigured, match="workspace"):
        nav.register_nav(nav.NavEntry(room="cellar", label="x", url="/x", icon="list"))


def test_rooms_speak_to_their_people() -> None:
    assert shell.Shell(make("/desk/x")).style == "staff"
    assert shell.Shell(make("/t/abc")).style == "resident"
    assert shell.Shell(make("/command/")).theme == "dark"
    assert shell.Shell(make("/open/")).theme == "light"


# ── messages ──


def test_what_happened_is_a_toast_and_what_went_wrong_is_not(client: Client) -> None:
    html = client.get("/happened").content.decode()
    box = html[html.index('id="toasts"') :]
    assert "已退回。&lt;b&gt;" in box
    assert 'action="/undo/7"' in box
    assert "csrfmiddlewaretoken" in box
    assert "没存上。" not in box
    assert re.search(r'role="alert"><p class="note over">没存上。', html)


# ── errors ──


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/bad", 400, "读不懂"),
        ("/forbidden", 403, "核查要换一个人。"),
        ("/nowhere", 404, "没找到这一页。"),
        ("/busy", 429, "过 12 秒就能再来"),
        ("/heavy", 413, "发来的太大了。"),
        ("/broken", 500, "这一页出错了"),
        ("/gone/forbidden", 500, "这一页出错了"),
    ],
)
def test_trouble_is_a_page_with_a_way_out(client: Client, path: str, status: int, words: str) -> None:
    response = client.get(path)
    html = response.content.decode()
    assert response.status_code == status
    assert words in html
    assert 'href="/"' in html
    assert "secret" not in html
    assert "Content-Security-Policy" in response


@pytest.mark.django_db
def test_whoever_is_signed_in_is_not_sent_to_sign_in(client: Client) -> None:
    assert "去登录" in client.get("/nowhere").content.decode()
    client.force_login(get_user_model().objects.create_user("somebody"))
    html = client.get("/nowhere").content.decode()
    assert "去登录" not in html
    assert "要先登录" not in html


def test_the_way_to_large_type_is_on_error_pages(client: Client) -> None:
    assert 'name="type" value="large"' in client.get("/nowhere").content.decode()


def test_the_api_gets_its_own_shape_of_error(client: Client) -> None:
    for path, status, code in (
        ("/api/v1/nowhere", 404, "not_found"),
        ("/api/v1/forbidden", 403, "forbidden"),
        ("/api/v1/broken", 500, "broken"),
    ):
        response = client.get(path)
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)
        assert response.json()["error"]["fields"] == {}


@pytest.mark.parametrize(
    ("part", "words"), [("server", "系统这会儿在恢复"), ("connection", "系统这会儿在恢复"), ("full", "存不下")]
)
def test_a_database_or_a_disk_that_is_gone_is_a_503_that_says_so(client: Client, part: str, words: str) -> None:
    """What was asked is right and may be asked again: no fault of the visitor's, and none of ours to be looked for."""
    with capture_logs() as lines:
        page, api = client.get(f"/gone/{part}"), client.get(f"/api/v1/gone/{part}")
    assert (page.status_code, api.status_code, page["Retry-After"]) == (503, 503, "30")
    assert words in page.content.decode()
    assert "社区电话" in page.content.decode()
    told = api.json()["error"]
    assert (told["code"], words in told["message"]) == ("unavailable", True)
    assert [line["event"] for line in lines] == ["request.unavailable"] * 2
    assert "10.0.0.7" not in str(lines) + page.content.decode()


def test_a_503_speaks_of_saving_only_to_whoever_sent_something(client: Client) -> None:
    """And it leads back to the page the form stood on: its own address may be a button's, which nobody can open."""
    looked = client.get("/gone/server").content.decode()
    assert "没有保存" not in looked
    assert "写好的字" not in looked
    assert 'href="">再试一次' in looked
    sent = client.post("/gone/server", headers={"referer": "http://testserver/page?a=1"}).content.decode()
    assert "没有保存" in sent
    assert 'href="http://testserver/page?a=1" data-back>回上一页' in sent
    assert "再试一次" not in sent
    strange = client.post("/gone/server", headers={"referer": "https://elsewhere.example/"}).content.decode()
    assert "elsewhere" not in strange


def test_a_page_that_broke_keeps_the_large_type_and_says_its_language(client: Client) -> None:
    client.cookies["linli_type"] = "large"
    assert 'lang="zh-Hans" data-type="large"' in client.get("/gone/server").content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert 'lang="en" data-type="large"' in client.get("/broken").content.decode()


def test_the_address_of_a_button_opened_by_itself_is_no_empty_page(client: Client) -> None:
    answer = client.get("/prefs/", headers={"referer": "http://testserver/page"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    html = answer.content.decode()
    assert "这一步还没有做。" in html
    assert 'href="http://testserver/page" data-back>回上一页' in html


@pytest.mark.django_db
def test_a_statement_that_asks_for_what_is_not_there_stays_a_fault(client: Client) -> None:
    assert client.get("/gone/unreadable").status_code == 500


def test_too_many_says_when_again_and_speaks_of_words_only_to_whoever_wrote(client: Client) -> None:
    looked, wrote = client.get("/busy"), client.post("/busy", headers={"referer": "http://testserver/page"})
    assert looked["Retry-After"] == "12"
    assert "点得太快了" in looked.content.decode()
    assert "写好的字" not in looked.content.decode()
    assert "说得太快了" in wrote.content.decode()
    assert 'href="http://testserver/page" data-back>回上一页' in wrote.content.decode()


def test_back_from_a_form_that_was_open_too_long_opens_it_anew() -> None:
    strict = Client(enforce_csrf_checks=True)
    html = strict.post("/guarded", {"x": "1"}, headers={"referer": "http://testserver/guarded"}).content.decode()
    assert 'href="http://testserver/guarded">回上一页' in html


def test_an_old_form_is_told_so_and_a_broken_template_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    response = strict.post("/guarded", {"x": "1"})
    assert response.status_code == 403
    assert "放得太久了" in response.content.decode()

    def fail(*args: object) -> str:
        raise RuntimeError

    monkeypatch.setattr("linli.kit.errors.render_to_string", fail)
    broken = strict.get("/broken")
    assert broken.status_code == 500
    assert "出错了" in broken.content.decode()


# ── forms and faults ──


@pytest.mark.parametrize("multipart", [True, False])
def test_nul_is_taken_out_of_every_field_of_a_form(client: Client, multipart: bool) -> None:
    """A page that asks PostgreSQL for it breaks; SQLite would keep it."""
    sent = {"text": ["\0灯\0坏了", "二", "\0"]}
    body = {} if multipart else {"content_type": "application/x-www-form-urlencoded"}
    data = sent if multipart else "text=%00%E7%81%AF%00%E5%9D%8F%E4%BA%86&text=%E4%BA%8C&text=%00"
    assert client.post("/echo", data, **body).content.decode() == "灯坏了|二|"  # type: ignore[arg-type]


def test_a_page_that_breaks_is_written_down_without_what_was_sent(client: Client) -> None:
    with capture_logs() as lines:
        assert client.post("/echo/QX-2611-0001/", {"text": "楼道灯坏了"}).status_code == 500
    (line,) = [line for line in lines if line["event"] == "request.broken"]
    assert (line["method"], line["route"], line["error"]) == ("POST", "echo/<str:number>/", "RuntimeError")
    assert "tests/kit/shell_urls.py" in line["at"][-1]
    assert line["at"][-1].endswith(" echo")
    assert "灯" not in str(line)
    assert "QX-2611" not in str(line)


def test_what_a_visitor_did_wrong_is_no_fault_of_ours(client: Client) -> None:
    with capture_logs() as lines:
        for path in ("/nowhere", "/bad", "/forbidden"):
            client.get(path)
    assert not lines
