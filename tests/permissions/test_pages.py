"""Every address that the resolver knows, for every member of the cast, for what lies in one scope and in another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from linli.kit.admin import ReadOnlyAdmin
from tests.cast import Town
from tests.permissions import scene as scenes
from tests.permissions.matrix import PAGES, Page
from tests.permissions.scene import ANONYMOUS, OTHER, OWN, Scene, said, undone, unsafe
from tests.permissions.verdicts import CAST, FEW, everybody

API = "api/v1/"
DOCS = "api/v1/docs"
METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@pytest.fixture
def scene(town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Scene:
    scenes.warm(monkeypatch, tmp_path)
    return scenes.build(town)


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every route, spelled as in the room's ``urls.py``."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def address(page: Page, thing: scenes.Thing, rows: Mapping[str, str]) -> str:
    """The page's address for what lies in one scope, or for a row of one district."""
    number = thing.admission.number if "admissions/" in page.route else thing.matter.number
    if re.match("(vote|desk/votes|open/votes)/", page.route):
        number = thing.question
    if thing.council and re.match("(desk/councils|council|open/council|gatherings)/", page.route):
        at_topic = re.search("(topics|/t)/<str:number>", page.route)
        number = thing.council.topic if at_topic else thing.council.gathering
        rows = {**rows, "item_id": thing.council.item, "resolution_id": thing.council.resolution}
    if thing.asked and re.match("(desk|field|open)?/?opinions/", page.route):
        rows = {**rows, "code": thing.asked.code, "place": thing.asked.building, "opinion_id": thing.asked.opinion,
                "group_id": thing.asked.group}  # fmt: skip
    if thing.covenant and re.match("(desk/covenants|covenant|open/covenants)/", page.route):
        number, rows = thing.covenant.number, {**rows, "comment_id": thing.covenant.comment}
    today = f"{timezone.localdate():%Y-%m-%d}"
    catalogue = next((name for name in ("categories", "causes") if name in page.route), "kinds")
    named = {
        **rows, "row_id": rows[catalogue], "number": number, "receipt": thing.receipt, "attachment_id": thing.picture,
        "day": today, **page.args,
    }  # fmt: skip
    path = _PART.sub(lambda found: named[found[1] or found[2]], page.route).replace("^", "").removesuffix("$")
    return f"/{path}" + (f"?{page.query.format(number=number)}" if page.query else "")


# What every real form carries; here it is the wrong one, which matters only where tokens are checked.
FORM = {"csrfmiddlewaretoken": "x"}


def ask(scene: Scene, who: str, method: str, url: str) -> Any:
    """One request by somebody whose browser remembers nothing else; what it changed is taken back."""
    with undone():
        client = scene.browser(who)
        response: Any = client.post(url, FORM) if method == "POST" else client.generic(method, url)
        if response.streaming:
            b"".join(response.streaming_content)
        return response


def scopes(page: Page) -> tuple[str, ...]:
    """Whether the address names something that lies in one scope or the other."""
    named = {found[1] or found[2] for found in _PART.finditer(page.route)} - set(page.args)
    return (
        (OWN, OTHER) if named & {"number", "receipt", "attachment_id", "resolution_id"} or "{" in page.query else (OWN,)
    )


def test_every_address_of_the_resolver_has_its_line_and_every_line_an_address() -> None:
    known = {r for r in routes(get_resolver().url_patterns) if not r.startswith(API) or r == DOCS}
    listed = [page.route for page in PAGES]
    assert sorted(known - set(listed)) == [], "an address without a line in the matrix"
    assert sorted(set(listed) - known) == [], "a line without an address"
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("room", ["kit", "people", "resident", "open", "field", "desk", "office", "nouns", "rest"])
def test_every_page_answers_each_of_the_cast_as_the_matrix_says(scene: Scene, room: str) -> None:
    wrong = []
    for page in (p for p in PAGES if _room(p) == room):
        for whose in scopes(page):
            url = address(page, scene.things[whose], scene.rows)
            for who in FEW if page.few or page.get is everybody else CAST:
                wrong += list(_wrong(scene, page, who, whose, url))
    assert not wrong, "\n".join(wrong)


def _room(page: Page) -> str:
    first = page.route.partition("/")[0]
    if page.route.startswith("admin/nouns/"):
        return "nouns"
    firsts = {
        "prefs": "kit", "kit": "kit", "login": "people", "logout": "people", "me": "people", "demo": "people",
        "open": "open", "field": "field", "desk": "desk", "admin": "office", "api": "rest", "healthz": "rest",
        "readyz": "rest", "metrics": "rest",
    }  # fmt: skip
    return firsts.get(first, "resident")


def _wrong(scene: Scene, page: Page, who: str, whose: str, url: str) -> Iterator[str]:
    for method, verdict in (("GET", page.get), ("POST", page.post)):
        if verdict is None:
            continue
        response = ask(scene, who, method, url)
        expected, found = verdict(who, whose), said(response)
        if expected != found:
            yield f"{method} {page.route} by {who} about {whose}: {found}, not {expected}"
        yield from (f"{method} {page.route} by {who}: {words}" for words in unsafe(response))


def test_a_page_answers_no_method_that_it_does_not_name(scene: Scene) -> None:
    """HEAD may stand for GET and tells no body; whatever else is not named is refused, to insiders and outsiders."""
    wrong = []
    for page in (p for p in PAGES if not p.any_method):
        url = address(page, scene.things[OWN], scene.rows)
        for who in (ANONYMOUS, "grid", "street"):
            unnamed = [*METHODS, *([] if page.get else ["GET", "HEAD"]), *([] if page.post else ["POST"])]
            for method in unnamed:
                response = ask(scene, who, method, url)
                if said(response) not in (405, 404, "login") or unsafe(response):
                    wrong.append(f"{method} {page.route} by {who}: {said(response)} {unsafe(response)}")
            if page.get:
                head = ask(scene, who, "HEAD", url)
                if said(head) not in (405, page.get(who, OWN)) or (not head.streaming and head.content):
                    wrong.append(f"HEAD {page.route} by {who}: {said(head)}")
    assert not wrong, "\n".join(wrong)


def test_every_form_needs_the_token_of_its_own_page(scene: Scene) -> None:
    """A post that another site makes a browser send carries the session and no token."""
    wrong = []
    for page in (p for p in PAGES if p.post and not p.unguarded):
        for who in (ANONYMOUS, "resident", "grid", "street"):
            client = scene.browser(who, enforce_csrf_checks=True)
            response = client.post(address(page, scene.things[OWN], scene.rows), FORM)
            if response.status_code != 403:
                wrong.append(f"POST {page.route} by {who}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_the_one_form_without_a_token_refuses_other_sites(scene: Scene) -> None:
    assert [p.route for p in PAGES if p.unguarded] == ["prefs/"]
    client = scene.browser("resident", enforce_csrf_checks=True)
    elsewhere: tuple[dict[str, Any], ...] = (
        {"HTTP_ORIGIN": "https://elsewhere.example"}, {"HTTP_SEC_FETCH_SITE": "cross-site"},
    )  # fmt: skip
    for headers in elsewhere:
        assert client.post("/prefs/", {"type": "large"}, **headers).status_code == 403
    assert client.post("/prefs/", {"type": "large", "next": "//elsewhere.example/"})["Location"] == "/"


def test_every_table_of_the_nouns_is_read_only(rf: RequestFactory) -> None:
    request = rf.get("/admin/nouns/")
    for model, table in admin.site._registry.items():
        assert isinstance(table, ReadOnlyAdmin), model
        assert not table.has_add_permission(request), model
        assert not table.has_change_permission(request), model
        assert not table.has_delete_permission(request), model


def test_cookies_are_for_this_site_and_for_no_script_and_behind_tls_only_for_tls(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        monkeypatch.setattr(settings, name, True)
    client, here = Client(), scene.town.places["unit"].code
    set_at = [
        client.post("/login/", {"username": "resident", "password": "linli-demo"}),
        client.get("/say/"),
        client.post("/prefs/", {"type": "large", "theme": "dark", "language": "en"}),
        client.post("/say/", {"text": "灯坏了", "way": "known", "place": here, "kind": "appeal"}),
        client.post("/mine/forget/"),
    ]  # fmt: skip
    made = {name: cookie for answer in set_at for name, cookie in answer.cookies.items() if cookie.value}
    assert {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "linli_type", "linli_mine"} <= set(made)
    for name, cookie in made.items():
        assert cookie["secure"] is True, name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["domain"], name
        assert cookie["httponly"] is True or name == settings.CSRF_COOKIE_NAME, name
