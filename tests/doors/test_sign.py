"""Behind a door's sign: its people, a word to one of them, a wish to be called; old signs lead on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters.models import Contact, Entry, Matter
from linli.core.people.actor import Actor
from linli.core.people.models import Person, Post, User
from linli.core.places import actions as places
from linli.core.places.models import FormerDoor, Place
from linli.core.places.tree import tree
from linli.kit import bridge, codes, crypto, memory
from linli.offices.notices import actions as announcing
from linli.offices.notices import queries
from tests.cast import DISTRICT, Town
from tests.doors.resident_cast import receipt_in, sign_in, warm

pytestmark = pytest.mark.system("P3")
ActAs = Callable[[str], Actor]
PHONE = "13900001234"


def door_of(town: Town, key: str = "unit") -> str:
    return town.places[key].door or ""


def page(client: Client, url: str, status: int = 200) -> str:
    found = client.get(url)
    assert found.status_code == status, found
    return found.content.decode()


def sent(client: Client, town: Town, post: str, **typed: Any) -> tuple[Matter, str]:
    done = client.post(f"/d/{door_of(town)}/to/{post}/", {"key": uuid.uuid4().hex, **typed})
    assert done.status_code == 302, done.content.decode()
    html = client.get(done["Location"]).content.decode()
    return Matter.objects.latest("opened_at"), receipt_in(html)


# ── who serves ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_everybody_sees_the_people_of_all_levels_nearest_first_and_no_number(client: Client, town: Town) -> None:
    Person.objects.update(phone=crypto.seal(PHONE, context="person.phone"))
    online = Person.objects.create(district=town.district, shown="叶知秋")
    house = town.places["building"]
    Post.objects.create(
        district=town.district, code="T-online", role="building_head_online", title="网络楼长", place=house,
        scope_path=house.path, person=online, hours="9:00 到 21:00", since=house.since,
    )  # fmt: skip
    html = page(client, f"/d/{door_of(town)}")
    at = [html.index(name) for name in ("陆长亭", "叶知秋", "王禾苗", "方管家", "赵长亭", "杜若")]
    assert at == sorted(at)
    for hidden in ("管机房", "审慎行", "白露", "于小满", "程管理", "苗青", PHONE, "tel:", "1390000"):
        assert hidden not in html
    assert "9:00 到 21:00" in html
    assert f"/say/?door={door_of(town)}" in html
    assert "打电话" not in html  # no bridge is set up
    assert html.count("请他给我回电话") >= 6


def test_who_is_asked_only_to_sittings_stands_behind_one_tap(client: Client, town: Town) -> None:
    for n, name in enumerate(("关同舟", "史同舟", "陶同舟")):
        one = Person.objects.create(district=town.district, shown=name)
        place = town.places["community"]
        Post.objects.create(
            district=town.district, code=f"T-part{n}", role="part_time_member", title="兼职委员", place=place,
            scope_path=place.path, person=one, since=place.since,
        )  # fmt: skip
    html = page(client, f"/d/{door_of(town)}")
    folded = re.findall(r"<details><summary>.*?</details>", html, re.S)
    assert sum(html.count(name) > 0 for name in ("关同舟", "史同舟", "陶同舟")) == 3
    for name in ("关同舟", "史同舟", "陶同舟"):
        assert html.count(name) == sum(part.count(name) for part in folded)


def test_a_post_that_ended_or_is_to_come_is_not_on_the_door(client: Client, town: Town) -> None:
    today = timezone.localdate()
    Post.objects.filter(code="T-building").update(until=today)
    Post.objects.filter(code="T-grid").update(since=today + timedelta(days=1))
    html = page(client, f"/d/{door_of(town)}")
    assert "陆长亭" not in html
    assert "王禾苗" not in html


def test_a_code_is_read_as_people_write_it(client: Client, town: Town) -> None:
    code = door_of(town)
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " ")):
        assert client.get(f"/d/{typed}")["Location"] == f"/d/{code}"
        assert client.get("/d/", {"code": typed})["Location"] == f"/d/{code}"
    assert client.get(f"/d/{town.places['unit'].code}")["Location"] == f"/d/{code}"
    assert "1 号楼" in page(client, f"/d/{town.places['building'].code}")


def test_a_wrong_code_says_what_is_wrong_and_how_to_go_on(client: Client, town: Town) -> None:
    wrong = door_of(town)[:-1] + ("0" if door_of(town)[-1] != "0" else "1")
    for typed, words in (
        ("ABC", "门牌码应是12位"), (wrong, "校验位不对"), (codes.new_code(DISTRICT, "door"), "没有这块门牌"),
        (town.places["district"].code, "门牌码"),
    ):  # fmt: skip
        html = page(client, f"/d/{typed}", 404)
        assert words in html
        for on in ("/place/", "/say/", "/open/roster/", 'name="code"'):
            assert on in html


def test_the_page_costs_a_few_queries(
    client: Client, town: Town, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    warm(monkeypatch)
    page(client, f"/d/{door_of(town)}")
    # posts, what the place came from, notices, opinion rounds that go by, the district's name
    with django_assert_max_num_queries(5):
        page(client, f"/d/{door_of(town)}")


# ── old signs ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_sign_goes_on_when_its_stairs_move(client: Client, town: Town) -> None:
    house = town.places["building"]
    other = Place.objects.create(
        district=town.district, parent=town.places["grid"], level="building", code="X2", name="2 号楼",
        path=town.places["grid"].path + "0009", since=house.since,
    )  # fmt: skip
    code = door_of(town)
    places.move_place(by="x", district_id=DISTRICT, place_id=town.places["unit"].pk, parent_id=other.pk)
    memory.forget()
    assert "柳荫里 2 号楼 1 单元" in page(client, f"/d/{code}")
    assert not FormerDoor.objects.exists()


def test_a_sign_of_stairs_that_were_split_offers_both(client: Client, town: Town) -> None:
    code = door_of(town)
    parts = [places.Part("U1A", "1 单元东"), places.Part("U1B", "1 单元西")]
    heirs = places.split_place(by="x", district_id=DISTRICT, place_id=town.places["unit"].pk, parts=parts)
    memory.forget()
    assert all(heir.door and heir.door != code for heir in heirs)
    html = page(client, f"/d/{code}")
    for heir in heirs:
        assert f"/d/{heir.door}" in html
    assert client.get("/api/v1/doors/" + code).json()["heirs"][0]["door"] == heirs[0].door


def test_a_sign_of_stairs_that_were_merged_leads_to_what_they_became(client: Client, town: Town) -> None:
    old = [door_of(town, key) for key in ("unit", "unitb")]
    keys = [town.places[key].pk for key in ("unit", "unitb")]
    heir = places.merge_places(by="x", district_id=DISTRICT, place_ids=keys, code="UM", name="东门")
    memory.forget()
    for code in old:
        assert client.get(f"/d/{code}")["Location"] == f"/d/{heir.door}"
        assert client.get(f"/d/{code}/to/T-building/")["Location"] == f"/d/{code}"
    again = places.split_place(
        by="x", district_id=DISTRICT, place_id=heir.pk, parts=[places.Part("UX", "东"), places.Part("UY", "西")]
    )
    memory.forget()
    assert all(str(one.door) in page(client, f"/d/{old[0]}") for one in again)


def test_a_sign_of_stairs_that_are_gone_is_no_sign(client: Client, town: Town) -> None:
    places.end_place(by="x", district_id=DISTRICT, place_id=town.places["unitb"].pk)
    memory.forget()
    assert "可能换过新的了" in page(client, f"/d/{door_of(town, 'unitb')}", 404)


# ── a word to somebody ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_message_goes_to_the_very_one_and_a_clock_runs(client: Client, town: Town) -> None:
    assert "给陆长亭留言" in page(client, f"/d/{door_of(town)}/to/T-building/")
    matter, receipt = sent(client, town, "T-building", text="三楼的灯坏了。晚上看不见。")
    assert (matter.handler_id, matter.state) == (town.posts["building"].pk, "dispatched")
    assert matter.title == "写给楼长陆长亭：三楼的灯坏了"
    assert matter.place_id == town.places["unit"].pk
    assert matter.channel == "qr"
    assert any(clock["stage"] == "reply" and clock["state"] == "running" for clock in matter.clocks)
    assert matter.first_id == town.posts["committee_office_unit"].pk
    track = page(client, f"/t/{receipt}")
    assert "您写给陆长亭（楼长）的，已经交给本人" in track


def test_who_cannot_answer_here_is_reached_through_the_grid_worker(client: Client, town: Town) -> None:
    User.objects.filter(username="building").update(is_active=False)
    html = page(client, f"/d/{door_of(town)}/to/T-building/")
    assert "还没开通线上答话" in html
    matter, _receipt = sent(client, town, "T-building", text="三楼的灯坏了。")
    assert matter.handler_id == town.posts["grid"].pk
    assert "陆长亭" in matter.text


def test_a_call_back_is_sealed_and_only_its_handler_may_look(client: Client, town: Town, act_as: ActAs) -> None:
    empty = client.post(f"/d/{door_of(town)}/to/T-grid/", {"call": "1", "text": "下午打。"})
    assert empty.status_code == 422
    assert "下午打。" in empty.content.decode()
    assert not Matter.objects.exists()
    matter, _receipt = sent(client, town, "T-grid", call="1", phone=PHONE, name="李冬梅")
    assert (matter.title, matter.confidential) == ("请网格员王禾苗给我回电话", True)
    contact = Contact.objects.get(matter=matter)
    assert PHONE.encode() not in bytes(contact.phone)
    assert PHONE not in "".join(Entry.objects.values_list("text", flat=True))
    shown = {}
    for who in ("grid", "community", "building"):
        inside = Client()
        sign_in(inside, who)
        shown[who] = inside.post(f"/field/m/{matter.number}/reveal/", {"reason": "回电话"})
    assert PHONE in shown["grid"].content.decode()
    for who in ("community", "building"):
        assert PHONE not in shown[who].content.decode()
    assert PHONE not in page(Client(), "/open/")


def test_a_form_sent_twice_makes_one_matter(client: Client, town: Town) -> None:
    typed = {"text": "灯坏了。", "key": "a" * 32}
    first, second = (client.post(f"/d/{door_of(town)}/to/T-grid/", typed) for _ in range(2))
    assert (first.status_code, second.status_code, Matter.objects.count()) == (302, 302, 1)
    other = client.post(f"/d/{door_of(town)}/to/T-grid/", {**typed, "text": "门坏了。"})
    assert other.status_code == 409
    assert "门坏了。" in other.content.decode()
    assert Matter.objects.count() == 1


def test_nobody_is_written_to_who_does_not_serve_this_door(client: Client, town: Town) -> None:
    for stranger in ("T-grid2", "T-gridb", "T-admin", "T-auditor", "T-department", "T-nobody"):
        assert client.get(f"/d/{door_of(town)}/to/{stranger}/").status_code == 404
        assert client.post(f"/d/{door_of(town)}/to/{stranger}/", {"text": "x"}).status_code == 404
    assert not Matter.objects.exists()


def test_one_address_cannot_flood_a_door(client: Client, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.doors.sign.writing.OFTEN", 2)
    url = f"/d/{door_of(town)}/to/T-grid/"
    said = [client.post(url, {"text": f"第{n}件。", "key": f"{n:032x}"}) for n in range(3)]
    assert [answer.status_code for answer in said] == [302, 302, 429]
    assert int(said[2]["Retry-After"]) > 0
    assert Matter.objects.count() == 2


# ── over a bridge ───────────────────────────────────────────────────────────────────────────────────────────────
class Rings:
    """A bridge that writes down who was rung."""

    code, ready = "test", True

    def __init__(self) -> None:
        self.rung: list[tuple[str, str]] = []

    def connect(self, *, district_id: int, caller: str, callee: str, key: str) -> None:
        if caller.endswith("0"):
            raise bridge.BridgeError("busy")
        self.rung.append((caller, callee))


@pytest.fixture
def rings() -> Iterator[Rings]:
    made = Rings()
    bridge.use(made)
    yield made
    bridge.use(None)


def test_a_call_rings_both_and_shows_neither_number(client: Client, town: Town, rings: Rings) -> None:
    Person.objects.filter(shown="王禾苗").update(phone=crypto.seal("13800005678", context="person.phone"))
    assert "打电话" in page(client, f"/d/{door_of(town)}")
    url = f"/d/{door_of(town)}/call/T-grid/"
    assert client.post(url, {"phone": "12"}).status_code == 422
    done = client.post(url, {"phone": PHONE})
    assert done.status_code == 200
    assert rings.rung == [(PHONE, "13800005678")]
    assert "13800005678" not in done.content.decode()
    assert client.post(url, {"phone": "13900001230"}).status_code == 503  # the provider did not take it
    assert client.post(f"/d/{door_of(town)}/call/T-building/", {"phone": PHONE}).status_code == 503  # no number known
    assert client.post(url, {"phone": PHONE}).status_code == 429
    assert client.get(f"/d/{door_of(town)}/call/T-grid2/").status_code == 404


def test_without_a_bridge_there_is_no_call(client: Client, town: Town) -> None:
    assert client.get(f"/d/{door_of(town)}/call/T-grid/").status_code == 404
    with pytest.raises(bridge.BridgeError):
        bridge.current().connect(district_id=DISTRICT, caller=PHONE, callee=PHONE, key="x")


# ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_notice_hangs_on_the_door_and_is_counted_once_a_browser(client: Client, town: Town, act_as: ActAs) -> None:
    house = tree(DISTRICT).by_id[town.places["building"].pk]
    row = announcing.publish(
        actor=act_as("building"), place=house, title="周六停水", text="<b>接水</b>", key="a" * 32,
        until=timezone.localdate() + timedelta(days=3),
    )  # fmt: skip
    html = page(client, f"/d/{door_of(town)}")
    assert f"/n/{row.pk}/?from=door" in html
    shown = page(client, f"/n/{row.pk}/?from=door")
    assert "&lt;b&gt;接水" in shown
    page(client, f"/n/{row.pk}/")
    client.head(f"/n/{row.pk}/")
    page(Client(), f"/n/{row.pk}/?from=evil")
    assert queries.counts([row])[row.pk] == queries.Counts(told=0, read=2, door=1)
    sign_in(client, "resident")
    assert "周六停水" in page(client, "/")
    sign_in(other := Client(), "resident2")
    assert "周六停水" not in page(other, "/")
    announcing.withdraw(actor=act_as("building"), announcement_id=row.pk)
    page(client, f"/n/{row.pk}/", 404)
    assert "周六停水" not in page(client, f"/d/{door_of(town)}")


# ── the API ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_api_tells_a_door_and_its_roster(client: Client, town: Town) -> None:
    told = client.get(f"/api/v1/doors/{door_of(town).lower()}").json()
    assert told["door"] == door_of(town)
    assert [step["level"] for step in told["place"]["path"]][-1] == "unit"
    assert [row["name"] for row in told["items"]][:2] == ["陆长亭", "王禾苗"]
    assert set(told["items"][0]) == {
        "post", "role", "title", "name", "unit", "unit_name", "place", "hours", "about", "answers"
    }  # fmt: skip
    assert client.get("/api/v1/doors/ABC").status_code == 404


def test_the_roster_pages_and_hides_who_is_hidden(client: Client, town: Town) -> None:
    url = f"/api/v1/places/{town.places['unit'].code}/roster"
    whole = client.get(url).json()
    assert whole["next"] is None
    assert not {"admin", "auditor"} & {row["role"] for row in whole["items"]}
    found: list[str] = []
    cursor = ""
    while True:
        told = client.get(url, {"limit": 3, "cursor": cursor}).json()
        found += [row["post"] for row in told["items"]]
        cursor = told["next"]
        if not cursor:
            break
    assert found == [row["post"] for row in whole["items"]]
    assert client.get(url, {"cursor": "nobody"}).status_code == 422
    levels = [row["place"]["level"] for row in whole["items"]]
    order = ["unit", "building", "grid", "quarter", "community", "street", "district"]
    assert levels == sorted(levels, key=order.index)


def test_no_number_stands_anywhere_on_the_public_pages(client: Client, town: Town) -> None:
    Person.objects.update(phone=crypto.seal(PHONE, context="person.phone"))
    for url in (f"/d/{door_of(town)}", f"/d/{door_of(town)}/to/T-grid/", f"/api/v1/doors/{door_of(town)}"):
        assert not re.search(r"1[3-9]\d{9}", page(client, url))
