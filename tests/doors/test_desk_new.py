"""替居民记一件: written down once, dispatched by rule, the receipt shown once."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from linli.core.matters.models import Contact, Kind, Matter
from linli.kit import memory
from tests.cast import LAT, LON, Town
from tests.doors.desk_cast import sit

URL = "/desk/new/"


def form(client: Client, town: Town, **more: object) -> dict[str, object]:
    key = re.findall(r'name="key" value="([^"]+)"', client.get(URL).content.decode())[0]
    said = {"key": key, "text": "门口的灯不亮，老人摔过一跤。", "kind": "appeal", "channel": "phone",
            "place": town.places["unit"].code, "name": "李冬", "phone": "13800000000"}  # fmt: skip
    return {**said, **more}


def test_it_is_opened_once_and_the_receipt_shown_once(town: Town) -> None:
    desk = sit(town, "community")
    sent = form(desk, town)
    done = desk.post(URL, sent)
    assert (done.status_code, done["Location"]) == (302, "/desk/new/slip/")
    slip = desk.get("/desk/new/slip/")
    page = slip.content.decode()
    receipt = re.findall(r'class="mono code">([^<]+)<', page)[0].replace(" ", "")
    matter = Matter.objects.get()
    assert len(receipt) == 20
    assert matter.number in page
    assert "王禾苗" in page
    assert "打出来交给居民" in page
    assert slip["Cache-Control"] == "no-store" or "no-store" in slip["Cache-Control"]
    assert (matter.channel, matter.handler_id) == ("phone", town.posts["grid"].pk)
    assert matter.opened_by_id is None
    assert Contact.objects.get().mask
    again = desk.get("/desk/new/slip/")
    assert again.status_code == 410
    assert receipt[:8] not in again.content.decode()
    tracked = Client().get(f"/api/v1/matters/{matter.number}", {"receipt": receipt})
    assert tracked.status_code == 200


def test_the_receipt_never_lies_open_in_the_session(town: Town) -> None:
    desk = sit(town, "community")
    desk.post(URL, form(desk, town))
    stored = [s.get_decoded() for s in Session.objects.all()]
    slip = desk.get("/desk/new/slip/").content.decode()
    receipt = re.findall(r'class="mono code">([^<]+)<', slip)[0].replace(" ", "")
    assert receipt not in str(stored)


def test_the_same_form_twice_is_one_matter_with_the_same_receipt(town: Town) -> None:
    desk = sit(town, "community")
    sent = form(desk, town)
    desk.post(URL, sent)
    first = desk.get("/desk/new/slip/").content.decode()
    desk.post(URL, sent)
    second = desk.get("/desk/new/slip/").content.decode()
    assert Matter.objects.count() == 1
    assert re.findall(r'class="mono code">([^<]+)<', first) == re.findall(r'class="mono code">([^<]+)<', second)
    changed = desk.post(URL, {**sent, "text": "另一件事"})
    assert changed.status_code == 422
    assert "已经记过一回" in changed.content.decode()


def test_what_is_wrong_stands_beside_its_field_and_the_words_are_kept(town: Town) -> None:
    desk = sit(town, "community")
    wrong = desk.post(URL, form(desk, town, phone="1380000", kind=""))
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "老人摔过一跤" in page
    assert "这里还空着" in page
    short = desk.post(URL, form(desk, town, phone="1380000"))
    assert short.status_code == 422
    assert "电话号码不对" in short.content.decode()
    both = desk.post(URL, form(desk, town, anonymous="on"))
    assert "把称呼和手机号删掉" in both.content.decode()
    nowhere = desk.post(URL, form(desk, town, place=""))
    assert "说一下在哪里" in nowhere.content.decode()
    assert Matter.objects.count() == 0


def test_the_place_may_be_named_pointed_at_or_looked_up(town: Town) -> None:
    desk = sit(town, "community")
    for word in ("柳荫里1号楼1单元", "柳荫里 1 号楼 1 单元", "1单元"):
        assert desk.post(URL, form(desk, town, place="", place_word=word)).status_code == 302, word
    assert {m.place_id for m in Matter.objects.all()} == {town.places["unit"].pk}
    assert desk.post(URL, form(desk, town, place="", lon=LON + 0.015, lat=LAT + 0.005)).status_code == 302
    assert Matter.objects.order_by("-id")[0].cell_id == town.places["gridb"].pk
    far = desk.post(URL, form(desk, town, place="", lon=1, lat=1))
    assert (far.status_code, Matter.objects.count()) == (422, 4)
    found = desk.post(URL, form(desk, town, place="", place_word="单元", find="place")).content.decode()
    assert town.places["unitb"].code in found
    part = desk.get("/desk/new/places/", {"for": "place", "place_word": "2单元"}).content.decode()
    assert town.places["unitb"].code in part
    assert town.places["unit"].code + '"' not in part


def test_nobody_keeps_a_name_of_who_wants_none(town: Town) -> None:
    desk = sit(town, "grid")
    assert desk.post(URL, form(desk, town, anonymous="on", name="", phone="")).status_code == 302
    assert Matter.objects.get().anonymous
    assert not Contact.objects.exists()


@pytest.mark.system("M16")
def test_a_task_is_no_residents_word_and_has_a_page_for_departments_and_dispatchers(town: Town) -> None:
    Kind.objects.create(district=town.district, code="alarm", name="告警", residents=False)
    memory.forget()
    desk, grid = sit(town, "community"), sit(town, "grid")
    for one in (desk, grid):
        page = one.get(URL).content.decode()
        assert 'value="appeal"' in page
        assert 'value="task"' not in page
        assert 'value="alarm"' not in page
        assert one.post(URL, form(one, town, kind="alarm")).status_code == 422
    tasks = desk.get(f"{URL}?task=1").content.decode()
    assert 'value="task"' in tasks
    assert 'value="appeal"' not in tasks
    assert 'name="phone"' not in tasks
    assert 'value="appeal"' in grid.get(f"{URL}?task=1").content.decode()
    made = desk.post(f"{URL}?task=1", form(desk, town, kind="task", name="", phone=""))
    assert made.status_code == 302, made.content.decode()
    assert Matter.objects.get().kind == "task"
    slip = desk.get("/desk/new/slip/").content.decode()
    assert "居民" not in slip  # a department asked, and no resident is promised a word
    assert "给您回话" not in slip
    assert 'href="/desk/new/?task=1"' in slip
    assert not Contact.objects.exists()
