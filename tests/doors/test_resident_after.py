"""After the work: thanks, a quiet word, a second rating, a contest by a neighbour, a share in the answer."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.models import Attachment, Coached, Entry, Matter
from linli.core.people.models import User
from tests.cast import DISTRICT, Town
from tests.doors.resident_cast import picture, say, sign_in
from tests.doors.test_resident_track import Walk, read


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def neighbour(town: Town, home: str = "unitb") -> Client:
    """Somebody signed in who lives there."""
    user = User(username="neighbour", district=town.district, home=town.places[home], demo=True)
    user.set_password("linli-demo")
    user.save()
    made = Client()
    sign_in(made, "neighbour")
    return made


@pytest.mark.system("M7")
def test_thanks_stand_in_the_story_and_are_offered_once(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    assert "谢一声…" not in read(client, walk.url)
    walk.verify()
    assert "谢一声…" in read(client, walk.url)
    for _twice in range(2):
        assert client.post(f"{walk.url}/thank/", {"thanks": "小王辛苦了"})["Location"] == walk.url
    html = read(client, walk.url)
    assert html.count("谢谢办事的人：小王辛苦了。") == 1
    assert "谢一声…" not in html
    assert Matter.objects.get(pk=walk.matter.pk).score is None
    public = read(Client(), f"/open/m/{walk.matter.number}/")
    assert "谢了办事的人" in public
    assert "小王辛苦了" not in public


def test_thanks_too_long_come_back_whole(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.verify()
    page = client.post(f"{walk.url}/thank/", {"thanks": "谢" * 501})
    assert (page.status_code, "谢" * 501 in page.content.decode()) == (422, True)


@pytest.mark.system("M7")
def test_coached_says_nothing_on_any_page(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    assert "有人教我怎么评" not in read(client, walk.url)
    walk.verify()
    before = read(client, walk.url)
    assert "有人教我怎么评" in before
    assert client.post(f"{walk.url}/coached/")["Location"] == walk.url
    assert Coached.objects.count() == 1
    assert not Entry.objects.filter(matter_id=walk.matter.pk, act="coached").exists()
    client.get(walk.url)  # the toast
    assert "有人教我怎么评" in read(client, walk.url)
    staff = Client()
    sign_in(staff, "grid")
    assert "教过" not in read(staff, f"/field/m/{walk.matter.number}/")


@pytest.mark.system("M7")
def test_work_done_anew_is_rated_anew_on_the_page(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    walk.verify()
    client.post(f"{walk.url}/rate/", {"score": "1", "words": "还是黑"})
    client.post(f"{walk.url}/contest/", {"text": "没修好"})
    assert f'data-draft-sent="contest-{walk.matter.number}"' in read(client, walk.url)  # else it stood there next time
    actions.judge(actor=walk.by("street"), upheld=True, text="是没好", **walk.ids)
    actions.resolve(actor=walk.by("grid"), text="换了灯座。", cause="aging", **walk.ids)
    actions.verify(actor=walk.by("community"), passed=True, text="亮着。", **walk.ids)
    html = read(client, walk.url)
    assert "请您再评一次" in html
    client.post(f"{walk.url}/rate/", {"score": "5", "words": ""})
    html = read(client, walk.url)
    assert ("评了“很差”" in html, "评了“很好”" in html, "请您再评一次" in html) == (True, True, False)


# ── a neighbour ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_a_neighbour_contests_from_the_public_page(client: Client, town: Town) -> None:
    walk = Walk(client, town)
    number, beside = walk.matter.number, neighbour(town)
    url = f"/m/{number}/affected/"
    assert url not in read(Client(), f"/open/m/{number}/")
    assert "还没办完" in read(beside, url)
    walk.verify()
    assert url in read(Client(), f"/open/m/{number}/")
    assert "登录以后才能提" in read(Client(), url)
    empty = beside.post(url, {"text": ""})
    assert empty.status_code == 422
    done = beside.post(url, {"text": "二单元门口还黑着", "attachments_files": picture()})
    assert done["Location"] == f"/open/m/{number}/"
    assert walk.state() == "contested"
    assert Attachment.objects.filter(matter_id=walk.matter.pk).count() == 1
    assert f'data-draft-sent="affected-{number}"' in read(beside, f"/open/m/{number}/")
    public = read(Client(), f"/open/m/{number}/")
    assert "受影响的居民" in public
    assert "neighbour" not in public
    assert "受影响的邻居提了异议" in read(client, walk.url)


@pytest.mark.parametrize("who", ["resident2", "grid"])
def test_who_lives_elsewhere_or_worked_on_it_has_no_form(client: Client, town: Town, who: str) -> None:
    walk = Walk(client, town)
    walk.verify()
    other = Client()
    sign_in(other, who)
    page = other.post(f"/m/{walk.matter.number}/affected/", {"text": "没好"})
    assert (page.status_code, walk.state()) == (422, "verified")
    assert "住在同一个社区" in page.content.decode()


def test_what_is_confidential_is_not_there_to_be_contested(client: Client, town: Town) -> None:
    walk = Walk(client, town, confidential="on")
    walk.verify()
    assert neighbour(town).get(f"/m/{walk.matter.number}/affected/").status_code == 404


def test_who_spoke_up_is_led_to_the_own_page(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    walk = Walk(client, town)
    walk.verify()
    assert client.get(f"/m/{walk.matter.number}/affected/")["Location"] == f"/m/{walk.matter.number}/#rate"


# ── a member of a job ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
@pytest.mark.parametrize("private", [False, True])
def test_a_member_reads_the_jobs_answer_as_the_own(client: Client, town: Town, private: bool) -> None:
    walk = Walk(client, town, **({"confidential": "on"} if private else {}))
    other = Client()
    member, receipt = say(other, town, key="f" * 32, text="楼道黑。")
    actions.merge(actor=walk.by("community"), into_id=walk.matter.pk, reason="同一盏灯", district_id=DISTRICT,
                  matter_id=member.pk)  # fmt: skip
    walk.resolve()
    actions.verify(actor=walk.by("community"), passed=True, text="亮着。", **walk.ids)
    html = read(other, f"/t/{receipt}")
    assert ("中午前到" in html) is not private
    assert ("灯亮了" in html) is not private


# ── for a neighbour ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M1")
def test_what_is_filled_in_for_a_neighbour_is_kept_by_no_phone_and_told_to_the_handler(town: Town) -> None:
    helper = Client()
    sign_in(helper, "resident2")
    matter, receipt = say(helper, town, helper="on")
    assert matter.opened_by_id is None
    assert "linli_mine" not in helper.cookies
    assert matter.title not in read(helper, "/mine/")
    assert "由邻居代填" in read(Client(), f"/t/{receipt}")
    staff = Client()
    sign_in(staff, "grid")
    assert "由邻居代填" in read(staff, f"/field/m/{matter.number}/")
    assert "由邻居代填" not in read(Client(), f"/open/m/{matter.number}/")


@pytest.mark.system("M1")
def test_one_question_a_screen_may_be_answered_for_a_neighbour(town: Town) -> None:
    helper = Client()
    page = helper.post("/say/one/", {"helper": "1", "door": town.places["unit"].door}).content.decode()
    assert "替邻居填：" in page
    assert "第 1 问，共 3 问" in page
    answers = {"helper": "1", "door": town.places["unit"].door, "what": "light", "where": "home", "how": "none"}
    done = helper.post("/say/one/", {**answers, "key": "a" * 32})
    assert done.status_code == 302
    assert Entry.objects.get(act="open").data["helper"] is True
    assert "linli_mine" not in helper.cookies
    back = helper.post("/say/one/", {"helper": "1", "self": "1"}).content.decode()
    assert "替邻居填：" not in back


def test_words_too_long_for_one_question_come_back_whole(town: Town) -> None:
    words = "长" * 10_001
    answers = {"door": town.places["unit"].door, "what": "other", "words": words, "where": "home", "how": "none"}
    page = Client().post("/say/one/", {**answers, "key": "a" * 32})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Matter.objects.exists()


# ── where am I ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M1")
def test_where_one_stands_is_found_named_and_filed(client: Client, town: Town) -> None:
    from tests.cast import LAT, LON

    typed = {"text": "井盖响", "key": "b" * 32, "kind": "appeal", "lon": str(LON + 0.002), "lat": str(LAT + 0.002)}
    html = client.post("/say/", {**typed, "go": "here"}, headers={"HX-Request": "true"}).content.decode()
    assert "柳荫里" in html
    matter, _receipt = say(client, town, **typed, way="here", place="")
    assert (matter.place_id, matter.lon) == (town.places["grid"].pk, LON + 0.002)
    out = client.post("/say/", {**typed, "key": "c" * 32, "way": "here", "lon": "1", "lat": "1"})
    assert (out.status_code, "您现在不在本区" in out.content.decode()) == (422, True)


# ── my matters ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_my_matters_are_searched_and_sorted_by_what_they_wait_for(client: Client, town: Town) -> None:
    sign_in(client, "resident")
    lamp = Walk(client, town)
    say(client, town, key="d" * 32, text="井盖响。")
    lamp.verify()
    assert "井盖响" in read(client, "/mine/")
    found = read(client, "/mine/?q=灯")
    assert ("楼道灯坏了" in found, "井盖响" in found) == (True, False)
    waiting = read(client, "/mine/?at=mine")
    assert ("楼道灯坏了" in waiting, "井盖响" in waiting) == (True, False)
    assert "没有找到" in read(client, "/mine/?at=contested")
    phone = Client()
    say(phone, town, key="e" * 32, text="树倒了。")
    assert "树倒了" in read(phone, "/mine/?at=doing&q=树")
    assert "没有找到" in read(phone, "/mine/?q=井盖")


# ── a second round ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M7")
def test_a_second_round_is_told_by_its_own_check_and_the_first_words_by_who_said_them(
    client: Client, town: Town
) -> None:
    walk = Walk(client, town)
    walk.verify()
    client.post(f"{walk.url}/contest/", {"text": "没修好"})
    actions.judge(actor=walk.by("street"), upheld=True, text="是没好", **walk.ids)
    actions.escalate(actor=walk.by("grid"), reason="灯座要另配", **walk.ids)
    actions.accept(actor=walk.by("community"), **walk.ids)
    actions.resolve(actor=walk.by("community"), text="换了灯座。", cause="aging", **walk.ids)
    number, staff = walk.matter.number, Client()
    sign_in(staff, "street")
    waiting = line_of(read(Client(), f"/open/m/{number}/"))
    assert waiting["核查"][0] == "now"  # what was checked once is not checked now
    later = timezone.now() + timedelta(hours=3)
    actions.verify(actor=walk.by("street"), passed=True, text="亮着。", now=later, **walk.ids)
    grid, street = (user.person.shown for user in (town.users["grid"], town.users["street"]) if user.person)
    for page in (read(Client(), f"/open/m/{number}/"), read(client, walk.url), read(staff, f"/desk/m/{number}/")):
        state, words = line_of(page)["核查"]
        assert (state, f"{timezone.localtime(later):%H:%M}" in words) == ("done", True)
    mine = line_of(read(client, walk.url))
    assert (grid in mine["答复"][1], grid in mine["动手"][1], street in mine["核查"][1]) == (True, True, True)


def line_of(html: str) -> dict[str, tuple[str, str]]:
    """Title of each step → its state and its notes."""
    found = re.search(r'<ol class="line.*?</ol>', html, re.DOTALL)
    assert found is not None
    made = {}
    for part in re.findall(r"<li.*?</li>", found[0], re.DOTALL):
        state, title = re.findall(r'<li class="(\w+)"|<p class="step">(.*?)</p>', part)
        made[title[1]] = (state[0], part.partition('<p class="cap">')[2])
    return made
