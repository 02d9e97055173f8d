"""Help before it is said: what neighbours said already is shown, followed in one tap, and never in the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from linli.core.matters import actions
from linli.core.matters.models import Matter
from linli.core.people.actor import for_user
from linli.core.people.posts import roster
from linli.kit.figures import when
from tests.cast import Town
from tests.doors.resident_cast import form, picture, receipt_in, sign_in
from tests.insight.said import LAMP, LIFT, LIFT_TOO, work
from tests.insight.said import say as said

pytestmark = pytest.mark.system("T4")


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def typed(town: Town, text: str = LIFT_TOO, **more: Any) -> dict[str, Any]:
    return form(town, text=text, **more)


def test_while_one_types_the_neighbours_matter_is_shown_masked(client: Client, town: Town) -> None:
    job = said(town, f"{LIFT}我住 302 室，电话 13812345678。", "building")
    work()
    html = client.post("/say/help/", typed(town)).content.decode()
    assert job.number in html
    assert "跟着这一件" in html
    assert "还是要说" in html
    assert "13812345678" not in html
    assert "302 室" not in html


@pytest.mark.parametrize("text", ["", "电梯", LAMP])
def test_nothing_is_shown_where_there_is_nothing_to_say(client: Client, town: Town, text: str) -> None:
    said(town, LIFT, "building")
    work()
    html = client.post("/say/help/", typed(town, text)).content.decode()
    assert "跟着这一件" not in html
    assert 'id="help"' in html


def test_a_confidential_matter_is_offered_to_nobody(client: Client, town: Town) -> None:
    said(town, LIFT, "building", confidential=True)
    work()
    assert "跟着这一件" not in client.post("/say/help/", typed(town)).content.decode()


def test_following_gives_a_receipt_of_ones_own_and_dispatches_nothing(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    done = client.post("/say/", typed(town, follow=job.number))
    assert done.status_code == 302
    receipt = receipt_in(client.get(done["Location"]).content.decode())
    mine = Matter.objects.get(job_id=job.pk)
    assert (mine.state, mine.text, len(receipt)) == ("merged", LIFT_TOO, 24)
    assert client.get(f"/t/{receipt}").status_code == 200
    again = client.post("/say/", typed(town, follow=job.number))
    assert receipt_in(client.get(again["Location"]).content.decode()) == receipt
    assert Matter.objects.filter(job_id=job.pk).count() == 1


def test_who_follows_is_promised_what_the_neighbour_was(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    due = next(clock for clock in job.clocks if clock["stage"] == "reply")["due_at"]
    done = client.post("/say/", typed(town, follow=job.number))
    html = client.get(done["Location"]).content.decode()
    assert "和邻居的一起办，给您回话" in html
    assert when(datetime.fromisoformat(due)) in html
    assert job.handler_id is not None
    assert roster(job.district_id).by_id[job.handler_id].name in html


def test_who_follows_what_was_answered_is_not_promised_it_again(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    handler = for_user(town.users["grid"].pk)
    actions.accept(actor=handler, district_id=job.district_id, matter_id=job.pk)
    actions.reply(actor=handler, text="下午去看。", district_id=job.district_id, matter_id=job.pk)
    done = client.post("/say/", typed(town, follow=job.number))
    assert "给您回话" not in client.get(done["Location"]).content.decode()


def test_who_follows_need_not_write_anything(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    assert client.post("/say/", typed(town, "", follow=job.number, place="", way="steps")).status_code == 302
    mine = Matter.objects.get(job_id=job.pk)
    assert "我也遇到了" in mine.text
    assert mine.place_id == town.places["building"].pk


def test_without_script_the_first_sending_asks_and_the_second_files(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    page = client.post("/say/", typed(town, attachments_files=picture()))
    html = page.content.decode()
    assert page.status_code == 200
    for words in (job.number, "还是要说", LIFT_TOO, "传好了"):
        assert words in html
    assert html.count("还没发出去") == 2  # at the top, and where one looks next
    assert 'href="#help"' in html
    assert Matter.objects.count() == 1
    assert client.post("/say/", typed(town, anyway="1")).status_code == 302
    assert Matter.objects.count() == 2


def test_who_has_seen_it_is_not_asked_again(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    assert client.post("/say/", typed(town, offered=[job.number])).status_code == 302


@pytest.mark.parametrize("what", ["no such", "private", "ended"])
def test_what_may_not_be_followed_is_told_and_the_words_stay(client: Client, town: Town, what: str) -> None:
    job = said(town, LIFT, "building", confidential=what == "private")
    if what == "ended":
        Matter.objects.filter(pk=job.pk).update(state="closed")
    number = "TS-2601-9999" if what == "no such" else job.number
    page = client.post("/say/", typed(town, follow=number))
    assert page.status_code == 422
    assert LIFT_TOO in page.content.decode()
    assert Matter.objects.count() == 1


def test_who_said_it_already_is_told_so(client: Client, town: Town) -> None:
    job = said(town, LIFT, "building")
    work()
    sign_in(client, "resident")
    assert client.post("/say/", typed(town, follow=job.number)).status_code == 302
    page = client.post("/say/", typed(town, follow=job.number, key="e" * 32))
    assert (page.status_code, "已经说过" in page.content.decode()) == (422, True)
