"""Writing something down for somebody in the street: where it is, one matter a press, one receipt a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.core.matters import seeing
from linli.core.matters.models import Attachment, Contact, Matter
from linli.core.people.actor import Actor
from tests.cast import LAT, LON, Town
from tests.doors.test_field_inbox import GIF, as_, read

ActAs = Callable[[str], Actor]


def filled(town: Town, **changes: Any) -> dict[str, Any]:
    return {"key": "k1", "text": "灯坏了。", "kind": "appeal", "place": town.places["unit"].code, "channel": "patrol",
            "name": "李冬", "phone": "138 0000 0000", **changes}  # fmt: skip


def receipt_of(html: str) -> str:
    found = re.search(r'<p class="code">([0-9A-Z ]+)</p>', html)
    assert found, html
    return found[1].replace(" ", "-")


def test_one_is_written_down_and_the_receipt_shown_large(town: Town) -> None:
    client = as_(town, "grid")
    answer = client.post("/field/new/", filled(town))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    matter = Matter.objects.get()
    _holder, held = seeing.with_receipt(receipt_of(html))
    assert held == matter
    assert matter.number in html
    assert "<svg" in html
    assert (matter.channel, matter.place_id) == ("patrol", town.places["unit"].pk)
    assert (matter.recorded_by_id, matter.opened_by_id) == (town.posts["grid"].pk, None)
    assert Contact.objects.get().mask.endswith("138****0000")
    assert receipt_of(html) not in read(client, f"/field/m/{matter.number}/")


def test_pressed_twice_it_is_one_matter_and_one_receipt(town: Town) -> None:
    client = as_(town, "grid")
    first, second = (client.post("/field/new/", filled(town)).content.decode() for _n in range(2))
    assert receipt_of(first) == receipt_of(second)
    assert Matter.objects.count() == 1


def test_the_key_of_one_form_does_not_carry_other_words(town: Town) -> None:
    client = as_(town, "grid")
    client.post("/field/new/", filled(town))
    other = client.post("/field/new/", filled(town, text="别的事。"))
    assert other.status_code == 422
    assert Matter.objects.count() == 1


def test_another_worker_with_the_same_key_gets_a_matter_of_his_own(town: Town) -> None:
    one = as_(town, "grid").post("/field/new/", filled(town)).content.decode()
    other = as_(town, "building").post("/field/new/", filled(town)).content.decode()
    assert receipt_of(one) != receipt_of(other)


def test_each_form_has_a_key_of_its_own(town: Town) -> None:
    client = as_(town, "grid")
    keys = {re.search(r'name="key" value="([^"]+)"', read(client, "/field/new/"))[1] for _n in range(2)}  # type: ignore[index]
    assert len(keys) == 2


# ── where ──


def test_a_door_code_a_point_or_a_choice_says_where(town: Town) -> None:
    client = as_(town, "grid")
    door = town.places["unitb"].door
    client.post("/field/new/", filled(town, key="a", place="", door=str(door).lower().replace("-", " ")))
    client.post("/field/new/", filled(town, key="b", place="", lon=str(LON + 0.005), lat=str(LAT + 0.005)))
    client.post("/field/new/", filled(town, key="c", place=town.places["building"].code))
    places = [m.place_id for m in Matter.objects.order_by("pk")]
    assert places == [town.places[name].pk for name in ("unitb", "grid", "building")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"place": ""}, "选一处，写门牌码"),
        ({"place": "", "lon": "0", "lat": "0"}, "不在本区"),
        ({"place": "", "door": "3ZN7"}, "门牌码"),
        ({"text": "  "}, "这里还空着"),
        ({"phone": "1380000000"}, "电话号码不对"),
        ({"kind": "task"}, "id_kind"),
        ({"kind": "no-such"}, "id_kind"),
        ({"channel": "device"}, "id_channel"),
        ({"text": "长" * 2001}, "最多 2000 字"),
        ({"key": ""}, "key"),
        ({"attachments": "00000000-0000-7000-8000-000000000000"}, "照片"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_words_stay(
    town: Town, changes: dict[str, Any], words: str
) -> None:
    answer = as_(town, "grid").post("/field/new/", filled(town, **changes))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "有 1 处要改" in html
    assert not Matter.objects.exists()
    if "text" not in changes:
        assert "灯坏了。" in html


def test_a_choice_outside_my_places_is_refused(town: Town) -> None:
    answer = as_(town, "grid").post("/field/new/", filled(town, place=town.places["grid2"].code))
    assert answer.status_code == 422
    assert not Matter.objects.exists()


def test_the_choices_are_my_houses_and_staircases(town: Town) -> None:
    html = read(as_(town, "grid"), "/field/new/")
    assert "1 号楼 2 单元" in html
    assert "柳荫里第二网格" not in html
    assert "石榴园" not in html
    assert "柳荫里第二网格" in read(as_(town, "community"), "/field/new/")


# ── photos, confidence, and who may ──


def test_a_photo_without_script_travels_with_the_form(town: Town) -> None:
    shot = SimpleUploadedFile("a.gif", GIF, content_type="image/gif")
    answer = as_(town, "grid").post("/field/new/", filled(town, attachments_files=shot))
    assert answer.status_code == 200, answer.content.decode()
    assert Attachment.objects.get().matter_id == Matter.objects.get().pk


def test_what_is_no_photo_is_refused_and_nothing_opened(town: Town) -> None:
    shot = SimpleUploadedFile("a.gif", b"not a picture", content_type="image/gif")
    assert as_(town, "grid").post("/field/new/", filled(town, attachments_files=shot)).status_code == 422
    assert not Matter.objects.exists()


def test_somebody_may_ask_for_confidence(town: Town) -> None:
    as_(town, "grid").post("/field/new/", filled(town, confidential="on"))
    matter = Matter.objects.get()
    assert matter.confidential
    assert matter.number not in Client().get("/open/").content.decode()


@pytest.mark.parametrize(("name", "status"), [("grid", 200), ("building", 200), ("power", 404), ("auditor", 404)])
def test_only_who_may_record_finds_the_form(town: Town, name: str, status: int) -> None:
    client = as_(town, name)
    assert client.get("/field/new/").status_code == status
    if status == 404:
        assert client.post("/field/new/", filled(town)).status_code == 404
        assert not Matter.objects.exists()


def test_the_form_costs_few_questions(town: Town, django_assert_max_num_queries: Any) -> None:
    client = as_(town, "grid")
    read(client, "/field/new/")
    with django_assert_max_num_queries(14):
        read(client, "/field/new/")
