"""The pocket notebook: who may open it, what lies in it, and the acts at the thumb."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.models import Attachment, Call, Entry, Matter, Reveal
from linli.core.people.actor import Actor
from tests.cast import Town
from tests.doors.test_open_ledger import say
from tests.doors.test_open_pages import ids, walk

ActAs = Callable[[str], Actor]
# The smallest picture there is: one pixel.
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def as_(town: Town, name: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(town.users[name])
    return client


def read(client: Client, path: str = "/field/", status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


def cards(html: str) -> list[str]:
    """The matters of the lists, in their order."""
    return list(dict.fromkeys(re.findall(r'href="/field/m/(TS-[\d-]+)/"', html)))


def post(client: Client, number: str, act: str, **data: Any) -> Any:
    return client.post(f"/field/m/{number}/{act}/", data)


# ── who ──

PATHS = ("/field/", "/field/new/", "/field/people/", "/field/m/TS-2601-0001/", "/field/m/TS-2601-0001/accept/",
         "/field/m/TS-2601-0001/map.geojson")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_sent_to_the_login_and_comes_back(client: Client, town: Town, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path.replace('/', '%2F')}")


@pytest.mark.parametrize("path", PATHS)
def test_a_resident_finds_no_notebook(town: Town, path: str) -> None:
    assert as_(town, "resident").get(path).status_code == 404
    assert as_(town, "resident").post(path).status_code in (404, 405)


@pytest.mark.parametrize("name", ["gridb", "grid2", "community2", "street2", "department", "volunteer", "admin"])
def test_a_matter_of_another_place_looks_like_none(town: Town, name: str) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, name)
    for path in ("", "map.geojson", "accept/", "reply/"):
        assert client.get(f"/field/m/{matter.number}/{path}").status_code == 404
    assert post(client, matter.number, "accept").status_code == 404
    assert post(client, matter.number, "reveal", reason="看看").status_code == 404
    assert Matter.objects.get(pk=matter.pk).state == "dispatched"
    assert matter.number not in read(client)


def test_writing_needs_the_token(town: Town) -> None:
    matter = say(town, "灯坏了。")
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(town.users["grid"])
    for path in (f"/field/m/{matter.number}/accept/", f"/field/m/{matter.number}/reveal/", "/field/new/"):
        assert client.post(path, {"text": "x"}).status_code == 403
    assert Matter.objects.get(pk=matter.pk).state == "dispatched"


def test_the_ways_in_are_shown_to_those_who_serve(town: Town) -> None:
    assert "记一件" in read(as_(town, "grid"))


# ── the inbox ──


def test_the_most_pressing_stands_on_top(town: Town, act_as: ActAs) -> None:
    now = timezone.now()
    late = say(town, "早该办的。", now=now - timedelta(hours=9))
    soon = say(town, "快到点的。", now=now - timedelta(minutes=45))
    new = say(town, "刚来的。", now=now)
    for matter in (soon, new):  # now the first words are owed, within the hour
        actions.accept(actor=act_as("grid"), **ids(matter))
    paused = say(town, "等配件的。", now=now)
    actions.accept(actor=act_as("grid"), **ids(paused))
    actions.pause(actor=act_as("grid"), reason="material", until=now + timedelta(days=1), **ids(paused))
    html = read(as_(town, "grid"))
    assert cards(html) == [late.number, soon.number, new.number, paused.number]
    heads = re.findall(r'<h2 id="g-(\w+)">', html)
    assert heads == ["over", "soon", "rest", "pause"]


def test_ended_matters_and_those_of_others_are_not_in_my_hands(town: Town, act_as: ActAs) -> None:
    walk(town, act_as, until="rate")
    say(town, "别的网格的。", place="gridb")
    assert cards(read(as_(town, "grid"))) == []
    assert "手上没有事" in read(as_(town, "grid"))


def test_a_unit_member_finds_what_the_unit_holds_and_what_it_is_called_to(town: Town, act_as: ActAs) -> None:
    matter = walk(town, act_as, until="whistle")
    html = read(as_(town, "power"))
    assert "吹哨叫我" in html
    assert cards(html) == [matter.number]
    assert f"/field/m/{matter.number}/report/" in html
    assert "吹哨叫我" not in read(as_(town, "department"))
    done = post(as_(town, "power"), matter.number, "report", state="arrived")
    assert done.status_code == 302
    assert Call.objects.get().state == "arrived"


def test_what_i_resolved_waits_for_somebody_else(town: Town, act_as: ActAs) -> None:
    matter = walk(town, act_as, until="resolve")
    assert "等我核查" not in read(as_(town, "grid"))
    html = read(as_(town, "community"))
    assert "等我核查" in html
    assert cards(html) == [matter.number]
    assert cards(read(as_(town, "community2"))) == []
    Matter.objects.filter(pk=matter.pk).update(resolver_person=town.posts["community"].person_id)
    assert cards(read(as_(town, "community"))) == []


def test_a_full_notebook_costs_no_more_questions_than_a_thin_one(
    town: Town, act_as: ActAs, django_assert_max_num_queries: Any
) -> None:
    say(town, "一件。")
    client = as_(town, "grid")
    read(client)
    with django_assert_max_num_queries(30) as thin:
        read(client)
    for i in range(20):
        say(town, f"第{i}件。")
    with django_assert_max_num_queries(len(thin.captured_queries)):
        assert len(cards(read(client))) == 21
    walk(town, act_as, until="whistle")
    community = as_(town, "community")
    read(community)
    with django_assert_max_num_queries(30):
        read(community)


# ── one matter ──


def test_the_page_of_a_matter_masks_the_contact(town: Town, act_as: ActAs) -> None:
    matter = say(town, "楼道灯坏了。晚上看不见。")
    html = read(as_(town, "grid"), f"/field/m/{matter.number}/")
    for words in ("楼道灯坏了", "1 号楼 1 单元", "138****0000", "接单", "在我手上"):
        assert words in html, words
    assert "13800000000" not in html
    assert "李冬" not in html


def test_a_look_at_the_number_is_logged_and_needs_a_reason(town: Town) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, "grid")
    refused = post(client, matter.number, "reveal", reason=" ")
    assert refused.status_code == 422
    assert "13800000000" not in refused.content.decode()
    shown = post(client, matter.number, "reveal", reason="回电话")
    assert shown.status_code == 200
    assert "13800000000" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert [(r.reader, r.reason) for r in Reveal.objects.all()] == [("王禾苗 网格员", "回电话")]
    assert client.get(f"/field/m/{matter.number}/reveal/").status_code == 405
    # Who sees the matter but does not hold it has nobody to call back.
    other = as_(town, "community")
    assert "看号码" not in read(other, f"/field/m/{matter.number}/")
    assert post(other, matter.number, "reveal", reason="看看").status_code == 403
    assert Reveal.objects.count() == 1


def test_the_map_holds_the_grid_the_house_and_the_point(town: Town) -> None:
    matter = say(town, "灯坏了。")
    found = as_(town, "grid").get(f"/field/m/{matter.number}/map.geojson").json()
    assert [f["geometry"]["type"] for f in found["features"]] == ["Polygon"]
    assert found["features"][0]["properties"]["name"] == "柳荫里第一网格"


def test_one_page_costs_few_questions(town: Town, act_as: ActAs, django_assert_max_num_queries: Any) -> None:
    matter = walk(town, act_as, until="report")
    client = as_(town, "grid")
    read(client, f"/field/m/{matter.number}/")
    with django_assert_max_num_queries(30):
        read(client, f"/field/m/{matter.number}/")


# ── acts ──


def test_the_worker_walks_a_matter_with_one_thumb(town: Town) -> None:
    matter = say(town, "井盖松了。", kind="hazard")
    client = as_(town, "grid")
    assert post(client, matter.number, "accept", home="1")["Location"] == "/field/"
    assert "回话…" in read(client)
    assert post(client, matter.number, "reply", text="收到，马上到。")["Location"] == f"/field/m/{matter.number}/"
    shot = SimpleUploadedFile("a.gif", GIF, content_type="image/gif")
    assert post(client, matter.number, "progress", text="围上了。", attachments_files=shot).status_code == 302
    done = post(client, matter.number, "resolve", text="换了新的。", cause="aging")
    assert done.status_code == 302, done.content.decode()
    assert Matter.objects.get(pk=matter.pk).state == "resolved"
    assert Attachment.objects.get().matter_id == matter.pk
    html = read(client, f"/field/m/{matter.number}/")
    assert "换了新的。" in html
    assert f"/api/v1/attachments/{Attachment.objects.get().pk}" in html


def test_a_form_that_is_not_filled_comes_back_with_what_is_missing(town: Town, act_as: ActAs) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, "grid")
    actions.accept(actor=act_as("grid"), **ids(matter))
    assert "给居民回句话" in read(client, f"/field/m/{matter.number}/reply/")
    answer = post(client, matter.number, "reply", text=" ")
    assert answer.status_code == 422
    assert "这里还空着" in answer.content.decode()
    assert not Entry.objects.filter(act="reply").exists()


def test_an_act_that_is_not_mine_or_not_due_is_refused(town: Town) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, "grid")
    assert client.get(f"/field/m/{matter.number}/verify/").status_code == 409
    assert client.get(f"/field/m/{matter.number}/dispatch/").status_code == 403
    assert post(client, matter.number, "dispatch", to="T-gridb").status_code == 403
    assert client.get(f"/field/m/{matter.number}/burn/").status_code == 404
    assert Matter.objects.get(pk=matter.pk).state == "dispatched"


def test_a_second_press_on_accept_says_so_in_words(town: Town) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, "grid")
    assert post(client, matter.number, "accept").status_code == 302
    again = client.post(f"/field/m/{matter.number}/accept/", follow=True)
    assert "不能接单" in again.content.decode()
    assert Entry.objects.filter(act="accept").count() == 1


# ── people ──


def test_my_people_stand_by_building_and_nobody_elses(town: Town) -> None:
    html = read(as_(town, "grid"), "/field/people/")
    for words in ("1 号楼", "陆长亭", "楼长"):
        assert words in html, words
    assert "赵长亭" not in html
    assert not re.search(r"1[3-9]\d{9}", html)
    assert as_(town, "grid").get("/field/people/", {"place": town.places["gridb"].code}).status_code == 404
    assert "陆长亭" not in read(as_(town, "gridb"), "/field/people/")


def test_a_wide_post_walks_down_to_the_quarter(town: Town, django_assert_max_num_queries: Any) -> None:
    client = as_(town, "community")
    assert "柳荫里" in read(client, "/field/people/")
    html = read(client, f"/field/people/?place={town.places['quarter'].code}")
    assert "陆长亭" in html
    assert "陆长亭" in read(client, "/field/people/?q=陆长")
    assert "秋实" not in read(client, "/field/people/?q=秋实").replace("找“秋实”", "").replace('value="秋实"', "")
    with django_assert_max_num_queries(21):
        read(client, f"/field/people/?place={town.places['quarter'].code}")


@pytest.mark.parametrize("path", ["/field/", "/field/new/", "/field/people/"])
def test_no_page_needs_what_the_policy_refuses(town: Town, path: str) -> None:
    say(town, "灯坏了。")
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", read(as_(town, "grid"), path))
