"""A rider's report: no typing, one matter a press, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linli.core.matters import actions
from linli.core.matters.models import Attachment, Matter
from linli.core.people import signing
from linli.core.people.actor import Actor, for_user
from tests import cast
from tests.cast import LAT, LON, Town
from tests.doors.test_field_inbox import GIF, as_, read
from tests.doors.test_open_pages import ids

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("P9")


@pytest.fixture
def rider(town: Town) -> Client:
    cast._post(town, "rider", "rider", "骑手网格员", "community", name="风里")
    return as_(town, "rider")


def report(client: Client, **changes: Any) -> Any:
    here = {"lon": str(LON + 0.005), "lat": str(LAT + 0.005)}
    return client.post("/field/spot/", {"key": "k1", "sight": "light", **here, **changes})


def test_one_tap_and_the_position_are_a_report(rider: Client, town: Town) -> None:
    for _press in range(2):
        answer = report(rider)
        assert answer.status_code == 200
    matter = Matter.objects.get()
    assert "报上去了" in answer.content.decode()
    assert "请他拍一张" not in answer.content.decode()  # there is nobody beside him
    assert (matter.text, matter.kind) == ("路灯不亮，晚上看不清路。", "appeal")
    assert (matter.cell_id, matter.recorded_by_id) == (town.places["grid"].pk, town.posts["rider"].pk)
    assert matter.handler_id == town.posts["grid"].pk


def test_a_photo_alone_is_a_report(rider: Client) -> None:
    picture = SimpleUploadedFile("a.gif", GIF, "image/gif")
    assert report(rider, sight="", attachments_files=picture).status_code == 200
    assert Attachment.objects.get().matter.text == "请看照片。"


def test_what_is_missing_is_said(rider: Client) -> None:
    assert "点一样，或者拍一张。" in report(rider, sight="").content.decode()
    assert "手机没给定位" in report(rider, lon="", lat="").content.decode()
    assert "定位不在本区" in report(rider, lon="10", lat="10").content.decode()
    assert not Matter.objects.exists()


def test_a_rider_has_a_notebook_of_two_pages(rider: Client, town: Town) -> None:
    assert rider.get("/field/")["Location"] == "/field/spot/"
    assert signing.door_of(for_user(town.users["rider"].pk)) == "/field/"  # a login leads there, not to the desk
    html = read(rider, "/field/spotted/")
    assert "记一件" not in html
    assert "我报的" in html


def test_the_rider_is_told_what_came_of_it_and_sees_nobody_elses(rider: Client, act_as: ActAs, town: Town) -> None:
    report(rider)
    matter = Matter.objects.get()
    assert "有人在办" in read(rider, "/field/spotted/")
    actions.accept(actor=act_as("grid"), **ids(matter))
    actions.resolve(actor=act_as("grid"), text="灯换好了。", cause="设施老化", **ids(matter))
    html = read(rider, "/field/spotted/")
    assert "灯换好了。" in html
    assert "谢谢您看见了还说一声" in html
    assert matter.number not in read(as_(town, "gridb"), "/field/spotted/")


@pytest.mark.parametrize("name", ["department", "auditor", "property", "admin", "volunteer"])
def test_whoever_does_not_record_is_not_shown_the_way(town: Town, name: str) -> None:
    client = as_(town, name)
    for path in ("/field/", "/field/people/"):
        assert "/field/new/" not in read(client, path)
    assert client.get("/field/spot/").status_code == 404
    assert client.get("/field/rounds/").status_code == 404


@pytest.mark.parametrize(("who", "place"), [("grid", "grid"), ("building", "building"), ("steward", "quarter")])
def test_without_a_position_whoever_serves_below_a_quarter_names_the_own_grid_or_house(
    town: Town, who: str, place: str
) -> None:
    client, code = as_(town, who), town.places[place].code
    assert code in client.get("/field/spot/").content.decode()
    answer = client.post("/field/spot/", {"key": "k1", "sight": "light", "place": code})
    assert answer.status_code == 200, answer.context["form"].errors
    assert Matter.objects.get().place_id == town.places[place].pk
