"""A sitting: one who writes, many who speak, each with a matter and a receipt of their own; sent once or twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters import seeing
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.offices.rounds.models import Round, Said
from tests.cast import Town
from tests.doors.test_field_inbox import as_, read
from tests.doors.test_field_new import receipt_of

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("M1")


def send(town: Town, who: str, path: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return as_(town, who).post(f"/api/v1/rounds{path}", orjson.dumps(body), "application/json", headers=headers)


def begun(town: Town, **changes: Any) -> str:
    body = {"channel": "box", "place": town.places["grid"].code, "spot": "亭子", **changes}
    answer = send(town, "grid", "", body, "r1")
    assert answer.status_code in (200, 201), answer.content
    return str(answer.json()["id"])


def test_ten_speak_and_each_has_a_receipt_and_the_channel_and_place_of_the_sitting(town: Town) -> None:
    round_id = begun(town)
    made = [
        send(town, "grid", f"/{round_id}/matters", {"kind": "appeal", "text": f"第{n}件。"}, f"k{n}") for n in range(10)
    ]
    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json()["receipt"] for answer in made}) == 10
    assert {(m.channel, m.place_id) for m in Matter.objects.all()} == {("box", town.places["grid"].pk)}
    assert {m.recorded_by_id for m in Matter.objects.all()} == {town.posts["grid"].pk}
    detail = as_(town, "grid").get(f"/api/v1/rounds/{round_id}").json()
    assert [line["title"] for line in detail["matters"]] == [f"第{n}件" for n in range(10)]
    assert "receipt" not in orjson.dumps(detail).decode()


def test_sent_again_nothing_is_doubled(town: Town) -> None:
    assert begun(town) == begun(town)
    round_id = begun(town)
    first, again = (send(town, "grid", f"/{round_id}/matters", {"kind": "appeal", "text": "灯。"}, "k1") for _n in "ab")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (Matter.objects.count(), Said.objects.count(), Round.objects.count()) == (1, 1, 1)
    other = send(town, "grid", f"/{round_id}/matters", {"kind": "appeal", "text": "别的。"}, "k1")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")


def test_what_was_said_without_a_network_arrives_after_the_end(town: Town) -> None:
    earlier = timezone.now() - timedelta(hours=2)
    round_id = begun(town, started_at=earlier.isoformat())
    said = {"kind": "appeal", "text": "晚到的。", "said_at": (earlier + timedelta(minutes=5)).isoformat()}
    assert send(town, "grid", f"/{round_id}/end", {}).status_code == 200
    assert send(town, "grid", f"/{round_id}/matters", said, "k1").status_code == 201
    assert Said.objects.get().said_at == earlier + timedelta(minutes=5)
    now = send(town, "grid", f"/{round_id}/matters", {"kind": "appeal", "text": "收摊以后。"}, "k2")
    assert (now.status_code, now.json()["error"]["code"]) == (409, "ended")
    assert Matter.objects.count() == 1


def test_only_who_sits_there_writes_and_only_inside_the_own_post(town: Town) -> None:
    round_id = begun(town)
    for who in ("gridb", "community", "street2"):
        assert send(town, who, f"/{round_id}/matters", {"kind": "appeal", "text": "x"}).status_code == 404
        assert send(town, who, f"/{round_id}/end", {}).status_code == 404
    elsewhere = send(town, "grid", "", {"channel": "box", "place": town.places["grid2"].code})
    assert (elsewhere.status_code, list(elsewhere.json()["error"]["fields"])) == (422, ["place"])
    assert send(town, "volunteer", "", {"channel": "box", "place": town.places["grid"].code}).status_code == 403
    unknown = send(town, "grid", "", {"channel": "smoke", "place": town.places["grid"].code})
    assert list(unknown.json()["error"]["fields"]) == ["channel"]


def test_a_sitting_is_seen_by_its_holder_and_by_who_sees_the_place(town: Town) -> None:
    round_id = begun(town)
    seen = {who: as_(town, who).get(f"/api/v1/rounds/{round_id}").status_code for who in town.users}
    assert {who for who, status in seen.items() if status == 200} == {
        "grid", "steward", "community", "community_b", "street", "district", "auditor",
    }  # fmt: skip


def test_the_pages_work_without_script(town: Town) -> None:
    client = as_(town, "grid")
    start = client.post("/field/rounds/", {"channel": "box", "place": town.places["grid"].code, "spot": "亭子"})
    here = start["Location"]
    answer = client.post(here, {"key": "k1", "kind": "appeal", "text": "灯坏了。", "name": "李冬", "phone": ""})
    _holder, matter = seeing.with_receipt(receipt_of(answer.content.decode()))
    assert (matter.channel, matter.place_id) == ("box", town.places["grid"].pk)
    again = client.post(here, {"key": "k1", "kind": "appeal", "text": "灯坏了。", "name": "李冬", "phone": ""})
    assert receipt_of(again.content.decode()) == receipt_of(answer.content.decode())
    assert matter.number in read(client, here)
    assert "还没收摊" in read(client)
    assert client.post(here, {"key": "k2", "kind": "appeal", "text": ""}).status_code == 422
    assert client.post(f"{here}end/")["Location"] == here
    assert "还没收摊" not in read(client)
    assert Said.objects.count() == 1


def test_the_list_costs_few_questions(town: Town, django_assert_max_num_queries: Any) -> None:
    client = as_(town, "grid")
    for n in range(6):
        send(town, "grid", "", {"channel": "box", "place": town.places["grid"].code}, f"r{n}")
    read(client, "/field/rounds/")
    with django_assert_max_num_queries(18):
        read(client, "/field/rounds/")


def test_a_slip_is_drawn_and_forgotten(town: Town) -> None:
    answer = as_(town, "grid").post("/field/slip/", {"receipt": "ABCD-EFGH"})
    assert answer["Content-Type"] == "image/svg+xml"
    assert "no-store" in answer["Cache-Control"]
    assert Client().post("/field/slip/", {"receipt": "x"}).status_code == 302
