"""Who one is: sessions that cannot be planted, tokens that end, posts that ended, channels, and a demo's logins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from linli.core.people import actor as actors
from linli.core.people import identify
from linli.core.people.actor import for_user
from linli.core.people.models import Post, Token, User
from linli.kit import memory
from tests.cast import Town
from tests.permissions import scene as scenes
from tests.permissions.scene import OWN, Scene, jpeg

JSON = "application/json"
PASSWORD = {"username": "grid", "password": "linli-demo"}
SESSION = settings.SESSION_COOKIE_NAME


@pytest.fixture
def scene(town: Town, settings: Any, tmp_path: Any) -> Scene:
    """Nothing is kept in memory here: what ends must be seen to end."""
    settings.MEDIA_ROOT = tmp_path
    return scenes.build(town)


def _list(scene: Scene, who: str) -> Any:
    return scene.browser("").get("/api/v1/matters", **scene.bearer(who))


# ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_signing_in_changes_the_key_that_somebody_may_have_planted(scene: Scene) -> None:
    client = Client()
    session = client.session  # somebody's own session, before any login
    session["planted"] = "1"
    session.save()
    planted = str(session.session_key)
    client.cookies[SESSION] = planted
    assert client.post("/login/", PASSWORD).status_code == 302
    assert client.cookies[SESSION].value != planted
    thief = Client()
    thief.cookies[SESSION] = planted
    assert thief.get("/me/").status_code == 302
    # A key that the server never gave out opens nothing either, and is not taken over.
    invented = Client()
    invented.cookies[SESSION] = "a" * 32
    assert invented.post("/login/", PASSWORD).status_code == 302
    assert invented.cookies[SESSION].value != "a" * 32


def test_leaving_ends_the_session_on_the_server(scene: Scene) -> None:
    client = Client()
    client.post("/login/", PASSWORD)
    kept = client.cookies[SESSION].value
    assert client.post("/logout/").status_code == 302
    stolen = Client()
    stolen.cookies[SESSION] = kept
    assert stolen.get("/desk/").status_code == 302
    assert stolen.get("/api/v1/me").status_code == 401


def test_leaving_everywhere_ends_every_session_and_token(scene: Scene) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/login/", PASSWORD)
    assert here.post("/me/leave/", {"password": "linli-demo"})["Location"] == "/login/"
    assert there.get("/desk/")["Location"].startswith("/login/")
    assert _list(scene, "grid").status_code == 401


def test_a_login_leads_only_to_this_very_host(scene: Scene) -> None:
    for wanted in (
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "javascript:alert(1)",
        "\\\\elsewhere.example",
    ):
        assert Client().post("/login/", {**PASSWORD, "next": wanted})["Location"] == "/field/"
    assert Client().post("/login/", {**PASSWORD, "next": "/desk/"})["Location"] == "/desk/"


# ── the API by session ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_session_that_writes_by_the_api_carries_its_token(scene: Scene) -> None:
    number = scene.things[OWN].matter.number
    client = scene.browser("grid", enforce_csrf_checks=True)
    url = f"/api/v1/matters/{number}"
    assert client.get(url).status_code == 200
    body = {"kind": "appeal", "text": "灯坏了", "place": scene.town.places["unit"].code}
    asked = {"title": "登记", "basis": "有", "place": body["place"], "since": "2026-01-01", "until": "2026-01-02"}
    writes = {f"{url}/accept": {}, f"{url}/contact": {"reason": "约时间"}, f"{url}/erase": {"reason": "x"},
              "/api/v1/matters": body, "/api/v1/admissions": asked}  # fmt: skip
    refusals = {path: client.post(path, sent, JSON) for path, sent in writes.items()}
    refusals["/api/v1/attachments"] = client.post("/api/v1/attachments", {"file": jpeg()})
    for path, refused in refusals.items():
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf"), path
    assert client.get(url).json()["state"] == "dispatched"
    client.get("/say/")  # a page with a form brings the cookie
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    assert client.post(f"{url}/accept", {}, JSON, HTTP_X_CSRFTOKEN="x" * 64).status_code == 403
    assert client.post(f"{url}/accept", {}, JSON, HTTP_X_CSRFTOKEN=token).json()["state"] == "accepted"


def test_a_bearer_needs_no_token_of_a_page_and_a_wrong_one_is_not_saved_by_a_session(scene: Scene) -> None:
    url = f"/api/v1/matters/{scene.things[OWN].matter.number}"
    client = scene.browser("grid", enforce_csrf_checks=True)
    assert client.get(url, HTTP_AUTHORIZATION="Bearer nonsense").status_code == 401
    assert client.get(url, HTTP_AUTHORIZATION="Basic x").status_code == 401
    assert scene.browser("", enforce_csrf_checks=True).post(f"{url}/accept", {}, JSON,
                                                            **scene.bearer("grid")).status_code == 200  # fmt: skip


# ── what ends ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_deactivated_account_is_nobody_by_token_and_by_session(scene: Scene) -> None:
    browser = scene.browser("grid")
    assert (_list(scene, "grid").status_code, browser.get("/field/").status_code) == (200, 200)
    User.objects.filter(username="grid").update(is_active=False)
    assert _list(scene, "grid").status_code == 401
    assert browser.get("/field/")["Location"].startswith("/login/")
    assert browser.get("/api/v1/me").status_code == 401
    sent = {"kind": "appeal", "text": "灯坏了", "place": scene.town.places["unit"].code}
    assert scene.browser("").post("/api/v1/matters", sent, JSON, **scene.bearer("grid")).status_code == 401


def test_a_token_ends_by_its_date_and_by_its_owner(scene: Scene) -> None:
    Token.objects.filter(user=scene.town.users["grid"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert _list(scene, "grid").status_code == 401
    ended = scene.browser("").delete("/api/v1/tokens", **scene.bearer("community"))
    assert (ended.status_code, _list(scene, "community").status_code) == (204, 401)
    assert _list(scene, "street").status_code == 200


def test_a_post_that_ended_yesterday_gives_nothing(scene: Scene) -> None:
    own, today = scene.things[OWN], timezone.localdate()
    url, holder = f"/api/v1/matters/{own.matter.number}", scene.town.posts["grid"]
    assert scene.browser("").get(url, **scene.bearer("grid")).json()["allowed"] != []
    for until in (today - timedelta(days=1), today):  # a term is over on the morning of its last date
        Post.objects.filter(pk=holder.pk).update(until=until)
        memory.forget()
        assert scene.browser("").get(url, **scene.bearer("grid")).status_code == 404
        assert _list(scene, "grid").json()["items"] == []
        assert scene.browser("").get("/api/v1/units", **scene.bearer("grid")).status_code == 403
        for page in ("/field/", "/desk/", f"/field/m/{own.matter.number}/", f"/desk/m/{own.matter.number}/accept/"):
            assert scene.browser("grid").get(page).status_code == 404, page
        given = scene.browser("").post(f"{url}/dispatch", {"to": "T-grid"}, JSON, **scene.bearer("community"))
        assert given.status_code == 422
    Post.objects.filter(pk=holder.pk).update(until=None, since=today + timedelta(days=1))
    assert scene.browser("").get(url, **scene.bearer("grid")).status_code == 404
    Post.objects.filter(pk=scene.town.posts["admin"].pk).update(until=today)
    assert scene.browser("admin").get("/admin/nouns/").status_code == 302


# ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_channels_token_files_without_limit_and_sees_only_what_it_filed(scene: Scene) -> None:
    clerk = User.objects.create(username="hotline", district=scene.town.district)
    bearer: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {identify.give_token(clerk, channel='phone')}"}
    client, place = scene.browser(""), scene.town.places["unit"].code
    for _ in range(61):
        made = client.post("/api/v1/matters", {"kind": "appeal", "text": "灯坏了", "place": place}, JSON, **bearer)
        assert made.status_code == 201
    number = made.json()["number"]
    assert scene.browser("").get(f"/api/v1/matters/{number}", **scene.bearer("grid")).json()["channel"] == "phone"
    assert client.get(f"/api/v1/matters/{scene.things[OWN].matter.number}", **bearer).status_code == 404
    assert client.get("/api/v1/units", **bearer).status_code == 403
    assert client.post(f"/api/v1/matters/{number}/accept", {}, JSON, **bearer).status_code == 403
    assert {m["channel"] for m in client.get("/api/v1/matters", **bearer).json()["items"]} == {"phone"}
    task = {"kind": "task", "text": "登记", "place": place}
    assert client.post("/api/v1/matters", task, JSON, **bearer).status_code == 403


# ── a demo's logins ─────────────────────────────────────────────────────────────────────────────────────────────
def test_outside_a_demo_its_logins_sessions_and_tokens_are_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = User.objects.create(username="real", district=scene.town.district)
    real.set_password("linli-demo")
    real.save()
    number = scene.things[OWN].matter.number
    assert Client().post("/login/", PASSWORD).status_code == 302
    monkeypatch.setattr(settings, "DEMO", False)
    actors.forget()
    identify.forget()
    client = scene.browser("")
    assert client.post("/login/", PASSWORD).status_code == 422
    assert client.post("/api/v1/tokens", PASSWORD, JSON).status_code == 401
    assert client.post("/login/", {**PASSWORD, "username": "real"}).status_code == 302
    for who in ("grid", "district", "admin"):
        assert _list(scene, who).status_code == 401
        assert for_user(scene.town.users[who].pk).user_id is None
        browser = scene.browser(who)
        for page in ("/desk/", "/field/", f"/desk/m/{number}/"):
            assert browser.get(page).status_code in (302, 404), (who, page)
        assert browser.get(f"/api/v1/matters/{number}").status_code == 401
        assert browser.get("/admin/nouns/").status_code == 302
    for page in ("/demo/inbox/", "/kit/gallery"):
        assert scene.browser("").get(page).status_code == 404
    assert "linli-demo" not in scene.browser("").get("/login/?as=grid").content.decode()
