"""办事指引: written, searched, previewed, changed, ended and taken up again, each with a sentence in the history."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from linli.insight.guidance import ask
from linli.insight.models import Note
from linli.kit import memory
from linli.kit.models import Change
from tests.cast import DISTRICT, Town

pytestmark = pytest.mark.system("T4")
TYPED = {
    "sort": "stop", "title": "供暖温度归热力公司", "text": "您先打热力公司，一个钟头内上门测温。", "who": "热力公司",
    "phone": "客服 96123", "where": "", "basis": "《城镇供热条例》", "words": "暖气|供暖+不热\n屋里冷",
    "without": "漏水",
}  # fmt: skip


@pytest.fixture
def office(client: Client, town: Town) -> Client:
    client.force_login(town.users["admin"])
    return client


def read(office: Client, path: str, **query: str) -> str:
    answer = office.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def write(office: Client, **more: Any) -> Note:
    assert office.post("/admin/guidance/new/", {**TYPED, **more}).status_code == 302
    return Note.objects.order_by("-order")[0]


def test_what_is_written_reaches_the_resident_and_the_history(office: Client, town: Town) -> None:
    row = write(office)
    assert (row.words, row.without) == (["暖气|供暖+不热", "屋里冷"], ["漏水"])
    memory.forget()
    found = ask(DISTRICT, "我家暖气不热，三天了。").stop
    assert found is not None
    assert (found.title, found.dial) == ("供暖温度归热力公司", "96123")
    assert ask(DISTRICT, "暖气不热还漏水。").stop is None
    html = Client().post("/say/help/", {
        "text": "我家暖气不热，三天了。", "way": "known", "place": town.places["unit"].code,
    }).content.decode()  # fmt: skip
    assert "《城镇供热条例》" in html
    assert Change.objects.latest("at").sentence.endswith("写了办事指引“供暖温度归热力公司”")


def test_the_preview_saves_nothing_and_keeps_what_was_typed(office: Client) -> None:
    html = office.post("/admin/guidance/new/", {**TYPED, "look": "1"}).content.decode()
    assert "居民看到的是这样" in html
    assert 'href="tel:96123"' in html
    assert 'value="供暖温度归热力公司"' in html
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("basis", ""), ("words", " \n "), ("title", ""), ("title", "长" * 61), ("words", "长" * 130)]
)
def test_what_cannot_be_is_refused_beside_its_field(office: Client, field: str, value: str) -> None:
    answer = office.post("/admin/guidance/new/", {**TYPED, field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}"' in answer.content.decode()
    assert "一个钟头内上门测温" in answer.content.decode()
    assert not Note.objects.exists()


def test_a_change_is_told_once_and_nothing_where_nothing_changed(office: Client) -> None:
    row = write(office)
    before = Change.objects.count()
    at = f"/admin/guidance/{row.pk}/"
    office.post(at, TYPED)
    assert Change.objects.count() == before
    office.post(at, {**TYPED, "phone": "客服 96456"})
    row.refresh_from_db()
    assert row.phone == "客服 96456"
    html = read(office, at)
    assert "改了办事指引“供暖温度归热力公司”：电话" in html
    assert "写了办事指引" in html
    assert 'href="tel:96456"' in html


def test_an_ended_one_is_shown_to_nobody_and_can_be_used_again(office: Client) -> None:
    row = write(office)
    switch = f"/admin/guidance/{row.pk}/switch/"
    assert "停用“供暖温度归热力公司”？" in read(office, switch)
    office.post(switch)
    memory.forget()
    assert ask(DISTRICT, "我家暖气不热。").stop is None
    assert f">{row.title}</a>" not in read(office, "/admin/guidance/")
    assert f">{row.title}</a>" in read(office, "/admin/guidance/", off="1")
    office.post(switch)
    memory.forget()
    assert ask(DISTRICT, "我家暖气不热。").stop is not None
    told = [c.sentence.split(" ")[-1] for c in Change.objects.order_by("-at", "-id")[:2]]
    assert told == ["重新用办事指引“供暖温度归热力公司”", "停用了办事指引“供暖温度归热力公司”"]


def test_it_is_found_by_word_and_sort_and_a_sentence_is_tried(office: Client) -> None:
    row = write(office)
    other = write(office, sort="answer", title="办居住证带什么", text="带身份证。", basis="", who="", words="居住证")
    assert f">{other.title}</a>" not in read(office, "/admin/guidance/", q="热力")
    assert f">{row.title}</a>" not in read(office, "/admin/guidance/", sort="answer")
    assert "没有这样的指引" in read(office, "/admin/guidance/", q="没有这个词")
    assert "<b>供暖温度归热力公司</b>" in read(office, "/admin/guidance/", said="供暖不热")
    assert "哪一条也不出现" in read(office, "/admin/guidance/", said="楼道灯坏了")


def test_a_long_list_goes_on_page_by_page_in_the_order_that_residents_meet(office: Client, town: Town) -> None:
    Note.objects.bulk_create(
        Note(district=town.district, code=f"c{n % 7}-{n}", order=n // 2, sort="answer", title=f"第 {n} 条", text="x",
             words=["灯"])
        for n in range(120)
    )  # fmt: skip
    seen: list[str] = []
    cursor = ""
    for _page in range(3):
        answer = office.get("/admin/guidance/", {"sort": "answer", "cursor": cursor})
        seen += [row.title for row in answer.context["rows"]]
        cursor = answer.context["page"].next
    assert cursor is None
    assert seen == [row.title for row in Note.objects.order_by("order", "code")]


def test_it_is_there_for_the_administrator_alone(client: Client, town: Town, office: Client) -> None:
    row = write(office)
    for who in ("community", "street", "district", "auditor", "resident"):
        visitor = Client()
        visitor.force_login(town.users[who])
        for path in ("/admin/guidance/", "/admin/guidance/new/", f"/admin/guidance/{row.pk}/"):
            assert visitor.get(path).status_code == 404, (who, path)
