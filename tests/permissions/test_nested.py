"""Ids that lie inside an address or a body and name something of another scope: they name nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions, seeing
from linli.core.matters.actions.opening import Asked
from linli.core.matters.api import ACTS
from linli.core.matters.models import Matter
from linli.core.people import actor as actors
from linli.core.places.tree import tree
from linli.kit.refusal import Refused
from tests.cast import DISTRICT, Town
from tests.permissions import acts
from tests.permissions import scene as scenes
from tests.permissions.matrix import PAGES
from tests.permissions.scene import FOREIGN_DISTRICT, OTHER, OWN, Scene, Thing, opened, undone
from tests.permissions.test_pages import FORM, address

JSON = "application/json"
WAYS: tuple[dict[str, Any], ...] = ({}, {"HTTP_HX_REQUEST": "true"})  # as a page, and into a dialog
Post = Callable[..., Any]


@pytest.fixture
def own(scene: Scene) -> Thing:
    return scene.things[OWN]


@pytest.fixture
def other(scene: Scene) -> Thing:
    return scene.things[OTHER]


@pytest.fixture
def far_matter(scene: Scene, far: Town) -> tuple[Matter, str]:
    return opened(far, scene.actor("far-resident"), "unit", name="郑小满", phone="13900000000")


@pytest.fixture
def post(scene: Scene) -> Post:
    """``post("grid", "/matters/…/accept", {…})``."""

    def send(who: str, url: str, body: Any = None) -> Any:
        return scene.browser("").post(f"/api/v1{url}", body or {}, JSON, **scene.bearer(who))

    return send


def _get(scene: Scene, who: str, url: str, **query: Any) -> Any:
    return scene.browser("").get(f"/api/v1{url}", query, **scene.bearer(who))


def _is(response: Any, status: int, *fields: str) -> bool:
    assert response.status_code == status, response.content.decode()
    return set(fields) <= set(response.json()["error"]["fields"])


# ── another district, whose paths are the same ──────────────────────────────────────────────────────────────────
def test_nobody_reaches_a_matter_of_another_district(
    scene: Scene, own: Thing, far_matter: tuple[Matter, str], post: Post
) -> None:
    matter, _receipt = far_matter
    assert matter.scope_path == own.matter.scope_path
    for who in ("grid", "community", "street", "district", "auditor", "admin", "resident"):
        url = f"/matters/{matter.number}"
        assert _is(_get(scene, who, url), 404)
        assert _is(post(who, f"{url}/contact", {"reason": "约时间"}), 404)
        assert _is(post(who, f"{url}/erase", {"reason": "依法"}), 404)
        for act in ("accept", "dispatch", "supervise", "merge", "rate"):
            assert _is(post(who, f"{url}/{act}", acts.body(scene, act)), 404)
    listed = _get(scene, "district", "/matters", limit=200).json()["items"]
    here = Matter.objects.filter(district_id=own.matter.district_id).values_list("number", flat=True)
    assert {m["number"] for m in listed} == set(here)
    assert _get(scene, "far-district", f"/matters/{matter.number}").status_code == 200


def test_no_action_takes_an_actor_of_another_district(scene: Scene, own: Thing) -> None:
    """Straight at the actions: the second belt, should a page ever fetch a matter by itself."""
    before = Matter.objects.get(pk=own.matter.pk)
    for name in ("far-grid", "far-community", "far-street", "far-district", "far-power", "far-resident"):
        actor = scene.actor(name)
        for act, (schema, run) in ACTS.items():
            with pytest.raises(Refused) as refused:
                run(actor, before, schema(**acts.body(scene, act)).dict())
            assert refused.value.status in (403, 404, 409, 422), act
    assert Matter.objects.get(pk=own.matter.pk).version == before.version


def test_posts_of_another_district_are_not_found_by_any_act(scene: Scene, own: Thing, far: Town, post: Post) -> None:
    url = f"/matters/{own.matter.number}"
    for word in ("FT-grid", "FT-community", "FO-power", "远方供电所"):
        assert _is(post("district", f"{url}/dispatch", {"to": word}), 422, "to")
        assert _is(post("district", f"{url}/hand_down", {"to": word, "reason": "去办"}), 422, "to")
        assert _is(post("district", f"{url}/whistle", {"units": [word], "reason": "来"}), 422, "units")
        assert _is(post("district", f"{url}/whistle", {"units": ["O-power", word], "reason": "来"}), 422, "units")
        returned = {"reason": "not_ours", "text": "归别处", "suggest": word}
        assert _is(post("grid", f"{url}/return", returned), 422, "suggest")
    assert Matter.objects.get(pk=own.matter.pk).version == own.matter.version
    units = _get(scene, "district", "/units", q="远方供电所").json()["items"]
    assert units == []
    assert far.posts["grid"].pk not in scene.actor("grid").post_ids


def test_a_matter_of_another_scope_or_district_is_nothing_to_merge_into(
    own: Thing, other: Thing, far_matter: tuple[Matter, str], post: Post
) -> None:
    url = f"/matters/{own.matter.number}/merge"
    for who, number in (
        ("community", other.matter.number), ("street", other.matter.number), ("district", far_matter[0].number),
        ("community", "TS-9999-0001"), ("community", own.matter.number),
    ):  # fmt: skip
        assert _is(post(who, url, {"into": number, "reason": "同一件"}), 422, "into")
    assert post("district", url, {"into": other.matter.number, "reason": "同一件"}).status_code == 200


def test_a_form_suggests_no_matter_to_merge_into_that_its_reader_may_not_merge(scene: Scene, own: Thing) -> None:
    """Beside a refusal the form is drawn too, and a search in it is answered: both must be empty for outsiders."""
    neighbour, _receipt = opened(scene.town, scene.actor("resident"), "unitb")
    actions.whistle(actor=scene.actor("street"), district_id=DISTRICT, matter_id=own.matter.pk, units=["O-power"],
                    reason="断电")  # fmt: skip
    url, typed = f"/desk/m/{own.matter.number}/merge/", {"find": "1", "into_word": "楼道"}
    for who, shown in (("power", False), ("grid", False), ("auditor", False), ("community", True)):
        browser = scene.browser(who)
        for headers in WAYS:
            pages = [browser.get(url, **headers), browser.post(url, typed, **headers)]
            assert any(neighbour.number in page.content.decode() for page in pages) is shown, (who, headers)


def test_staff_of_another_district_who_say_something_here_say_it_as_anybody(
    scene: Scene, far: Town, own: Thing, post: Post
) -> None:
    """Paths are alike: without this a grid worker elsewhere would be written down as having recorded it here."""
    made = post("far-grid", "/matters", {"kind": "appeal", "text": "灯坏了", "place": scene.town.places["unit"].code})
    assert made.status_code == 201
    matter = Matter.objects.get(number=made.json()["number"])
    assert (matter.recorded_by_id, matter.channel) == (None, "web")
    seen = _get(scene, "grid", f"/matters/{matter.number}").json()
    assert seen["timeline"][0]["actor"] == "一位居民"
    task = {"kind": "task", "text": "入户登记", "place": scene.town.places["unit"].code}
    assert _is(post("far-department", "/matters", task), 403)
    assert post("department", "/matters", task).status_code == 201


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_places_of_another_scope_or_district_open_nothing(scene: Scene, far: Town, other: Thing, post: Post) -> None:
    there = far.places["community"].code
    assert _is(_get(scene, "district", "/matters", place=there), 422, "place")
    assert _get(scene, "community", "/matters", place=other.place).json()["items"] == []
    asked = {"title": "登记", "basis": "有依据", "since": f"{date.today()}", "until": f"{date.today()}"}
    assert _is(post("department", "/admissions", {**asked, "place": there}), 422, "place")
    pages = {"community": ("/desk/figures/?place=", "/field/people/?place="), "grid": ("/field/people/?place=",)}
    for who, urls in pages.items():
        for url in urls:
            assert scene.browser(who).get(f"{url}{scene.town.places['grid' if who == 'grid' else 'quarter'].code}"
                                          ).status_code == 200  # fmt: skip
            for code in (there, other.place, "nowhere"):
                assert scene.browser(who).get(url + code).status_code == 404, (who, url, code)
    assert (
        other.matter.number
        not in scene.browser("community").get(f"/desk/?tab=all&place={other.place}").content.decode()
    )
    assert scene.browser("community").get(f"/desk/?m={other.matter.number}").status_code == 404


def test_the_small_map_of_a_matter_shows_its_own_district_only(scene: Scene, own: Thing) -> None:
    shapes = scene.browser("community").get(f"/desk/m/{own.matter.number}/spot.geojson").json()["features"]
    codes = {f["properties"]["code"] for f in shapes if f["geometry"]["type"] == "Polygon"}
    assert codes == {scene.town.places["grid"].code}


def test_the_map_in_the_field_shows_its_own_district_only(scene: Scene, own: Thing) -> None:
    shapes = scene.browser("grid").get(f"/field/m/{own.matter.number}/map.geojson").json()["features"]
    codes = {f["properties"]["code"] for f in shapes if f["geometry"]["type"] == "Polygon"}
    assert codes == {scene.town.places["grid"].code}


# ── pictures, receipts, leaves, cursors, notices ────────────────────────────────────────────────────────────────
def test_a_picture_of_another_matter_is_neither_seen_nor_used_again(
    scene: Scene, own: Thing, other: Thing, post: Post
) -> None:
    place = scene.town.places["unit"].code
    for taken in (own.picture, other.picture, "nonsense", str(own.matter.pk)):
        body = {"kind": "appeal", "text": "灯坏了", "place": place, "attachments": [taken]}
        assert _is(post("resident", "/matters", body), 422, "attachments")
        progress = {"text": "在修", "attachments": [taken]}
        assert post("grid", f"/matters/{own.matter.number}/accept").status_code in (200, 409)
        assert _is(post("grid", f"/matters/{own.matter.number}/progress", progress), 422, "attachments")
    for url in (f"/api/v1/attachments/{other.picture}", f"/attachments/{other.picture}/"):
        browser = scene.browser("resident")
        assert browser.get(url).status_code == 404
        assert browser.get(url, {"receipt": own.receipt}).status_code == 404
        assert browser.get(url, {"receipt": other.receipt}).status_code == 200
    # A picture that waits for its matter belongs to none, so nobody sees it yet, not even who sent it.
    assert _is(_get(scene, "resident", f"/attachments/{own.upload}"), 404)
    assert scene.browser("resident").get(f"/attachments/{own.upload}/").status_code == 404


def test_a_receipt_opens_its_own_matter_and_no_act_but_three(scene: Scene, own: Thing, other: Thing) -> None:
    client, url = scene.browser(""), f"/api/v1/matters/{own.matter.number}"
    assert client.get(url, {"receipt": own.receipt}).status_code == 200
    for receipt in (other.receipt, own.receipt[:-1] + ("0" if own.receipt[-1] != "0" else "1"), "x", " "):
        assert _is(client.get(url, {"receipt": receipt}), 404)
        for act in ("rate", "contest", "reopen", "erase"):
            assert _is(client.post(f"{url}/{act}?receipt={receipt}", {"reason": "x"}, JSON), 404)
    for act in set(ACTS) - {"rate", "contest", "reopen"} | {"contact"}:
        assert _is(client.post(f"{url}/{act}?receipt={own.receipt}", {"reason": "x"}, JSON), 401), act
    assert client.post(f"/t/{other.receipt[:-1]}/reopen/", {"reason": "x"}).status_code == 404
    assert client.get(f"/m/{own.matter.number}/", {"receipt": own.receipt}).status_code == 404


def test_staff_cannot_borrow_a_receipt_for_what_is_not_theirs(scene: Scene, own: Thing, other: Thing) -> None:
    """A receipt beside a login stands for itself alone: it opens its matter as its holder, never as the office."""
    url = f"/matters/{other.matter.number}"
    seen = _get(scene, "community", url, receipt=other.receipt).json()
    assert set(seen["allowed"]) <= {"rate", "contest", "reopen"}
    sent = scene.browser("").post(f"/api/v1{url}/dispatch?receipt={other.receipt}", {"to": "T-grid"}, JSON,
                                  **scene.bearer("community"))  # fmt: skip
    assert _is(sent, 404)
    assert own.matter.number != other.matter.number


def test_a_leave_is_decided_where_it_reaches_and_by_nobody_else(
    scene: Scene, own: Thing, other: Thing, post: Post
) -> None:
    url = f"/admissions/{own.admission.number}"
    for who in ("street2", "community2", "power", "far-district", "far-department", "resident", "admin", "volunteer"):
        assert _is(_get(scene, who, url), 404), who
        for act in ("approve", "refuse", "end"):
            assert _is(post(who, f"{url}/{act}", {"reason": "不行"}), 404), (who, act)
        listed = _get(scene, who, "/admissions").json()["items"]
        assert own.admission.number not in {row["number"] for row in listed}
    assert post("street", f"{url}/approve").json()["state"] == "approved"
    # The leave of one community opens no other.
    task = {"kind": "task", "text": "入户登记", "place": other.place}
    made = Matter.objects.get(number=post("department", "/matters", task).json()["number"])
    assert made.handler_id is None
    assert post("district", f"/matters/{made.number}/dispatch", {"to": "O-committee_office2"}).status_code == 409


def test_a_cursor_of_another_list_goes_on_in_ones_own(scene: Scene, own: Thing, other: Thing) -> None:
    far_cursor = other.matter.pk.hex
    listed = _get(scene, "grid", "/matters", cursor=far_cursor).json()["items"]
    assert [m["number"] for m in listed] == [own.matter.number]
    for cursor in ("x", "-1", "'; --", f"{own.matter.pk.hex}0"):
        assert _is(_get(scene, "grid", "/matters", cursor=cursor), 422, "cursor")
        assert _get(scene, "grid", "/notices", cursor=cursor).status_code == 400
        assert _is(_get(scene, "community", "/admissions", cursor=cursor), 422, "cursor")
        for url in ("/desk/", "/desk/inbox/", "/desk/admissions/", "/me/", "/mine/", "/open/"):
            assert scene.browser("community").get(url, {"cursor": cursor}).status_code in (200, 400, 404), url
    page = scene.browser("grid").get("/desk/", {"tab": "all", "order": "new", "cursor": f"n.{far_cursor}"})
    assert other.matter.number not in page.content.decode()


def test_numbers_picked_for_all_at_once_pass_over_what_is_not_seen(scene: Scene, own: Thing, other: Thing) -> None:
    browser = scene.browser("community")
    picked = {"pick": [own.matter.number, other.matter.number], "to": "T-gridb", "do": "1"}
    assert browser.post("/desk/bulk/dispatch/", picked).status_code == 302
    handlers = {m.pk: m.handler_id for m in Matter.objects.filter(pk__in=[own.matter.pk, other.matter.pk])}
    assert handlers[own.matter.pk] == scene.town.posts["gridb"].pk
    assert handlers[other.matter.pk] == scene.town.posts["grid2"].pk
    shown = browser.get("/desk/bulk/dispatch/", {"pick": [own.matter.number, other.matter.number]})
    assert [m.number for m in shown.context["picked"]] == [own.matter.number]


# ── tables and machines ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_tables_of_the_nouns_show_the_own_district_alone(scene: Scene, own: Thing) -> None:
    here, there = scene.browser("admin"), scene.browser("far-admin")
    for noun, key, words in (
        ("people/post", scene.town.posts["grid"].pk, "T-grid"), ("matters/matter", own.matter.pk, own.matter.number),
        ("people/user", scene.town.users["grid"].pk, "grid"), ("places/district", DISTRICT, "示范区"),
    ):  # fmt: skip
        url = f"/admin/nouns/{noun}/{key}/change/"
        shown = here.get(url)
        assert (shown.status_code, words in shown.content.decode()) == (200, True), noun
        listed = {row.pk for row in there.get(f"/admin/nouns/{noun}/").context["cl"].result_list}
        assert key not in listed, noun
        assert there.get(url).status_code == 302, noun
    assert own.matter.text[:6] not in here.get(f"/admin/nouns/matters/matter/{own.matter.pk}/change/").content.decode()


def test_the_office_of_another_district_finds_no_row_of_this_one(scene: Scene, own: Thing, far: Town) -> None:
    """Every page of the office that names a row: there for its own administrator, nothing for the other district's."""
    named = [p for p in PAGES if re.search(r"<uuid:(place|body|post|person|user|row|policy|rule)_id>", p.route)]
    assert len(named) > 20
    for page in named:
        url = address(page, own, scene.rows)
        for who, fine in (("admin", True), ("far-admin", False)):
            with undone():
                browser = scene.browser(who)
                answers = [browser.get(url)] if page.get else []
                answers += [browser.post(url, FORM)] if page.post else []
                assert all((answer.status_code != 404) is fine for answer in answers), (who, page.route)
    assert scenes.rows(far)["place_id"] != scene.rows["place_id"]


def test_figures_for_machines_are_for_this_machine(client: Client, monkeypatch: pytest.MonkeyPatch, db: Any) -> None:
    monkeypatch.setenv("LINLI_METRICS_TOKEN", "a-token-of-the-machine")
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="127.0.0.1").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", HTTP_AUTHORIZATION="Bearer wrong").status_code == 404
    told = client.get("/metrics", REMOTE_ADDR="10.0.0.9", HTTP_AUTHORIZATION="Bearer a-token-of-the-machine")
    assert told.status_code == 200


def test_a_place_of_another_district_is_where_it_is(scene: Scene, far: Town) -> None:
    """Opening by the code of a place leads to that place's district, whoever calls; nothing of it leaks into ours."""
    asked = Asked(kind="appeal", text="灯坏了", district_id=FOREIGN_DISTRICT,
                  place=tree(FOREIGN_DISTRICT).by_id[far.places["unit"].pk])  # fmt: skip
    with undone():
        made = actions.open_matter(actor=scene.actor("grid"), asked=asked).matter
        assert (made.district_id, made.recorded_by_id) == (FOREIGN_DISTRICT, None)
        assert made.handler_id == far.posts["grid"].pk
        listed = seeing.list_matters(scene.actor("district"), seeing.Filters()).rows
        assert made.pk not in {m.pk for m in listed}
    assert actors.for_user(scene.town.users["grid"].pk).district_id == DISTRICT
    assert timezone.now() - scene.things[OWN].matter.opened_at < timedelta(minutes=5)
