"""Notices, posters and building heads at the desk."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from linli.core.people.models import Notice, Person, Post
from linli.core.people.posts import roster
from linli.core.places.models import Place
from linli.kit import memory, outbox
from linli.offices.notices import jobs as announcements
from linli.offices.notices.models import Announcement
from linli.offices.posters import jobs, places
from linli.offices.posters.models import Run
from tests.cast import DISTRICT, Town
from tests.doors.resident_cast import sign_in, warm

HANDLING = (announcements,)


@pytest.fixture(autouse=True)
def _scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


def enter(name: str) -> Client:
    client = Client()
    sign_in(client, name)
    return client


def html_of(client: Client, url: str, **query: Any) -> str:
    found = client.get(url, query)
    assert found.status_code == 200, found
    return found.content.decode()


# ── notices ─────────────────────────────────────────────────────────────────────────────────────────────────────
def notice(town: Town, **more: Any) -> dict[str, Any]:
    until = timezone.localdate() + timedelta(days=5)
    return {
        "place": town.places["building"].code, "title": "周六停水", "text": "接点水。", "until": f"{until:%Y-%m-%d}",
        "channels": ["door", "inbox"], "key": "c" * 32, **more,
    }  # fmt: skip


@pytest.mark.system("P3")
def test_a_head_writes_for_the_own_house_and_it_arrives(town: Town) -> None:
    head = enter("building")
    form = html_of(head, "/desk/notices/new/")
    assert re.search(rf'value="{town.places["building"].code}"[^>]*checked', form)
    done = head.post("/desk/notices/new/", notice(town))
    row = Announcement.objects.get()
    assert done["Location"] == f"/desk/notices/{row.pk}/"
    while outbox.drain():
        pass
    mine = enter("resident")
    assert "1 号楼通知：周六停水" in html_of(mine, "/me/")
    assert Notice.objects.filter(user=town.users["resident2"]).count() == 0
    html_of(mine, f"/n/{row.pk}/", **{"from": "inbox"})
    shown = html_of(head, f"/desk/notices/{row.pk}/")
    assert "李" not in shown.split("<main", 1)[1].split("</main", 1)[0]
    assert "看过 1 次" in html_of(head, "/desk/notices/")
    assert "发到 1 户的消息" in html_of(head, "/desk/notices/")


def test_a_refused_form_keeps_every_word(town: Town) -> None:
    head = enter("building")
    past = f"{timezone.localdate() - timedelta(days=1):%Y-%m-%d}"
    for wrong, words in (
        ({"title": ""}, "标题"), ({"until": past}, "不能早于今天"), ({"channels": []}, "选一个去处"),
        ({"place": town.places["building"].code[:-4]}, "归这里的楼长"), ({"place": "nowhere"}, "没有找到这个地方"),
    ):  # fmt: skip
        back = head.post("/desk/notices/new/", notice(town, **wrong))
        assert back.status_code == 422
        assert words in back.content.decode()
        assert "接点水。" in back.content.decode()
    assert not Announcement.objects.exists()


def test_taken_down_it_moves_to_the_other_tab(town: Town) -> None:
    head = enter("building")
    head.post("/desk/notices/new/", notice(town))
    row = Announcement.objects.get()
    assert enter("community2").post(f"/desk/notices/{row.pk}/withdraw/").status_code == 404
    assert head.post(f"/desk/notices/{row.pk}/withdraw/").status_code == 302
    assert head.post(f"/desk/notices/{row.pk}/withdraw/").status_code == 302  # pressed twice: said, not broken
    assert "没有挂着的通知" in html_of(head, "/desk/notices/")
    assert "周六停水" in html_of(head, "/desk/notices/", tab="past")
    assert "没有找到" in html_of(head, "/desk/notices/", q="停电")


def test_a_notice_prints_as_a_sheet(town: Town) -> None:
    head = enter("building")
    head.post("/desk/notices/new/", notice(town))
    sheet = head.get(f"/desk/notices/{Announcement.objects.get().pk}/sheet.pdf")
    assert sheet["Content-Type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF-")


def test_the_list_of_notices_costs_the_same_however_many(
    town: Town, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    warm(monkeypatch)
    head = enter("building")
    for n in range(32):
        head.post("/desk/notices/new/", notice(town, key=f"{n:032x}", title=f"第{n:02d}条"))
    html_of(head, "/desk/notices/")
    with django_assert_max_num_queries(6):
        html = html_of(head, "/desk/notices/")
    cursor = re.search(r"cursor=([\w%-]+)", html)
    assert cursor is not None
    assert "第31条" in html
    assert "第01条" not in html
    assert "第01条" in html_of(head, "/desk/notices/", cursor=cursor[1])


# ── posters ─────────────────────────────────────────────────────────────────────────────────────────────────────
def ask(town: Town, **more: Any) -> dict[str, Any]:
    return {"place": [town.places["community"].code], "level": "unit", "shape": "a4", "format": "pdf",
            "site": "https://linli.example", "key": "d" * 32, **more}  # fmt: skip


@pytest.mark.system("P3")
def test_posters_are_counted_begun_stopped_resumed_and_fetched(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "A_FILE", 1)
    desk = enter("community")
    counted = desk.post("/desk/posters/", ask(town, count="1"))
    assert "2 个门，2 张纸，分成 2 个文件" in counted.content.decode()
    assert not Run.objects.exists()
    begun = desk.post("/desk/posters/", ask(town, start="1"))
    run = Run.objects.get()
    assert begun["Location"] == f"/desk/posters/{run.pk}/"
    page = begun["Location"]
    assert "做好 0 个门，共 2 个" in html_of(desk, page)
    assert 'hx-trigger="every 3s"' in html_of(desk, f"{page}progress/")
    jobs.work()
    desk.post(f"{page}stop/")
    half = html_of(desk, page)
    for words in ("停着", "做好 1 个门，共 2 个", "下载做好的", "还没做"):
        assert words in half
    assert "every 3s" not in half
    assert desk.get(f"{page}files/2/").status_code == 404
    first = desk.get(f"{page}files/1/")
    assert b"".join(first.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
    desk.post(f"{page}resume/")
    while jobs.work():
        pass
    assert "全部下载" in html_of(desk, page)
    box = zipfile.ZipFile(io.BytesIO(b"".join(desk.get(f"{page}all.zip").streaming_content)))  # type: ignore[attr-defined]
    assert len(box.namelist()) == 3
    assert "做好了" in html_of(desk, "/desk/posters/")


def test_an_order_that_cannot_be_is_told_beside_its_field(town: Town) -> None:
    desk = enter("community")
    for wrong, words in (
        ({"place": []}, "选一个街道、社区、小区或楼"), ({"place": [town.places["community2"].code]}, "不归您管"),
        ({"site": "ftp://x"}, "网址写成"), ({"place": [town.places["gridb"].code]}, "一个门也没有"),
    ):  # fmt: skip
        back = desk.post("/desk/posters/", ask(town, start="1", **wrong)).content.decode()
        assert words in back
    assert not Run.objects.exists()


# ── 双楼长 ──────────────────────────────────────────────────────────────────────────────────────────────────────
def houses(town: Town, count: int) -> list[Place]:
    made = [
        Place.objects.create(
            district=town.district, parent=town.places["grid"], level="building", code=f"H{n:03d}", name=f"{n} 号楼",
            path=f"{town.places['grid'].path}{n:04d}", since=town.places["grid"].since,
        )
        for n in range(10, 10 + count)
    ]  # fmt: skip
    memory.forget()
    return made


def head_of(town: Town, house: Place, role: str, name: str) -> Post:
    person = Person.objects.create(district=town.district, shown=name)
    return Post.objects.create(
        district=town.district, code=f"{house.code}-{role}", role=role, title=role, place=house, scope_path=house.path,
        person=person, since=house.since,
    )  # fmt: skip


@pytest.mark.system("P4")
def test_buildings_that_lack_a_head_are_listed(town: Town) -> None:
    both, ground, online, neither = houses(town, 4)
    head_of(town, both, "building_head", "甲一")
    head_of(town, both, "building_head_online", "甲二")
    head_of(town, ground, "building_head", "乙一")
    head_of(town, online, "building_head_online", "丙二")
    desk = enter("community")
    names = {lack: html_of(desk, "/desk/heads/", lack=lack) for lack in ("any", "ground", "online", "none", "both")}
    there = {
        lack: {house.name for house in (both, ground, online, neither) if f">柳荫里 {house.name}<" in html}
        for lack, html in names.items()
    }
    assert there == {
        "any": {ground.name, online.name, neither.name}, "ground": {online.name, neither.name},
        "online": {ground.name, neither.name}, "none": {neither.name}, "both": {both.name},
    }  # fmt: skip
    assert "1 号楼" in names["online"]  # the cast's own house has a head on the ground only
    told = b"".join(desk.get("/desk/heads/export.csv", {"lack": "online"}).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(told)))
    assert len(rows) == 4
    assert rows[1][5] == "网络楼长"
    assert "甲一" in html_of(desk, "/desk/heads/", q="甲一")
    assert "没有这样的楼" in html_of(desk, "/desk/heads/", q="不存在")
    assert "10 号楼" not in html_of(enter("community2"), "/desk/heads/")


@pytest.mark.system("P4")
def test_an_ended_head_is_lacking_from_that_day(town: Town) -> None:
    admin = enter("admin")
    assert "安排线下楼长" not in html_of(admin, "/desk/heads/", q="1号楼")
    Post.objects.filter(code="T-building").update(until=timezone.localdate())
    html = html_of(admin, "/desk/heads/", q="1号楼")
    assert f"/admin/posts/new/?role=building_head&amp;in={town.places['building'].code}" in html


@pytest.mark.system("P4")
def test_the_list_of_heads_pages_and_costs_one_query_for_posts(
    town: Town, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    houses(town, 60)
    warm(monkeypatch)
    desk = enter("community")
    html_of(desk, "/desk/heads/")
    with django_assert_max_num_queries(5):
        first = html_of(desk, "/desk/heads/")
    cursor = re.search(r"cursor=(\w+)", first)
    assert cursor is not None
    second = html_of(desk, "/desk/heads/", cursor=cursor[1])
    both = [re.findall(r"(\d+) 号楼</a>", html) for html in (first, second)]
    assert [len(found) for found in both] == [50, 11]
    assert not set(both[0]) & set(both[1])


@pytest.mark.system("P4")
def test_the_head_online_has_duties_and_an_inbox_of_its_own(town: Town) -> None:
    """Answers what the house writes, passes notices on, records; and does not see the neighbouring house."""
    house = town.places["building"]
    post = head_of(town, house, "building_head_online", "叶知秋")
    from linli.core.people.models import User

    user = User(username="online", district=town.district, person=post.person, demo=True)
    user.set_password("linli-demo")
    user.save()
    memory.forget()
    assert roster(DISTRICT).by_id[post.pk].name == "叶知秋"
    sent = Client().post(
        f"/d/{town.places['unit'].door}/to/{post.code}/", {"text": "群里的通知在哪看？", "key": "e" * 32}
    )
    assert sent.status_code == 302
    online, ground = enter("online"), enter("building")
    assert "群里的通知在哪看" in html_of(online, "/field/")
    assert "群里的通知在哪看" not in html_of(ground, "/field/")
    for url in ("/field/new/", "/desk/notices/new/"):
        html_of(online, url)
    back = online.post("/desk/notices/new/", notice(town, place=town.places["grid"].code))
    assert back.status_code == 422
