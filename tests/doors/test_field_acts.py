"""Ready phrases, the next one, taking back, tabs, words and pages of the inbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.models import Entry, Kind, Matter
from linli.core.people.actor import Actor
from linli.doors.field import queries
from linli.kit import memory
from tests.cast import Town
from tests.doors.test_field_inbox import as_, cards, post, read
from tests.doors.test_open_ledger import say
from tests.doors.test_open_pages import ids

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("M2")


def last(matter: Matter) -> Entry:
    return Entry.objects.filter(matter=matter).order_by("seq").last() or Entry()


def test_a_phrase_is_sent_with_one_press(town: Town) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, "grid")
    assert "收到了，我今天就过去看。" in read(client, f"/field/m/{matter.number}/reply/")
    post(client, matter.number, "reply", phrase="p0", version=matter.version)
    assert (last(matter).act, last(matter).text) == ("reply", "收到了，我今天就过去看。")
    post(client, matter.number, "reply", phrase="p1", text="带着梯子。")
    assert last(matter).text == "正在办，明天给您回话。 带着梯子。"


def test_a_phrase_brings_reason_cause_and_verdict_along(town: Town, act_as: ActAs) -> None:
    client = as_(town, "grid")
    back = say(town, "水管漏了。")
    post(client, back.number, "return", phrase="not_ours")
    assert (Matter.objects.get(pk=back.pk).state, last(back).data["reason"]) == ("open", "not_ours")
    up = say(town, "路塌了。")
    post(client, up.number, "escalate", phrase="p1")
    assert Matter.objects.get(pk=up.pk).handler_id != town.posts["grid"].pk
    done = say(town, "灯又坏了。")
    actions.accept(actor=act_as("grid"), **ids(done))
    post(client, done.number, "resolve", phrase="r0")
    assert Matter.objects.get(pk=done.pk).state == "resolved"
    post(as_(town, "community"), done.number, "verify", phrase="p1")
    assert Matter.objects.get(pk=done.pk).state == "in_progress"


def test_where_a_photo_is_asked_for_no_phrase_resolves(town: Town, act_as: ActAs) -> None:
    matter = say(town, "井盖没了。")
    actions.accept(actor=act_as("grid"), **ids(matter))
    Kind.objects.filter(code=matter.kind).update(evidence=True)
    memory.forget()
    assert "修好了，能用了。" not in read(as_(town, "grid"), f"/field/m/{matter.number}/resolve/")


def test_the_next_one_is_pulled_up_and_a_pause_can_be_taken_back(town: Town, act_as: ActAs) -> None:
    now = timezone.now()
    first, second = say(town, "早的。", now=now - timedelta(hours=2)), say(town, "晚的。", now=now)
    client = as_(town, "grid")
    gone = post(client, first.number, "return", phrase="not_ours")
    assert client.get(gone["Location"])["Location"] == f"/field/m/{second.number}/"
    actions.accept(actor=act_as("grid"), **ids(second))
    until = timezone.localtime(now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    paused = post(client, second.number, "pause", reason="material", until=until)
    assert client.get(paused["Location"])["Location"] == "/field/"
    assert f'action="/field/m/{second.number}/resume/"' in read(client)
    post(client, second.number, "resume")
    assert Matter.objects.get(pk=second.pk).state == "accepted"


def test_tabs_and_a_word_find_what_they_say(town: Town, act_as: ActAs) -> None:
    late = say(town, "早该办的灯。", now=timezone.now() - timedelta(hours=9))
    new = say(town, "刚来的水管。")
    other = say(town, "别的网格的灯。", place="gridb")
    grid, community = as_(town, "grid"), as_(town, "community")
    assert cards(read(grid, "/field/?tab=over")) == [late.number]
    assert cards(read(grid, "/field/?tab=grid")) == [new.number, late.number]
    assert cards(read(grid, "/field/?q=灯")) == [late.number]
    assert cards(read(grid, f"/field/?q={new.number}")) == [new.number]
    assert set(cards(read(community, "/field/?q=灯"))) == {late.number, other.number}
    assert "没有找到" in read(grid, "/field/?q=电梯")
    assert "没有人吹哨叫您" in read(grid, "/field/?tab=called")
    actions.accept(actor=act_as("grid"), **ids(new))
    actions.resolve(actor=act_as("grid"), text="好了。", cause="设施老化", **ids(new))
    assert cards(read(community, "/field/?tab=check")) == [new.number]


def test_mine_goes_on_behind_the_first_page_and_misses_none(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 2)
    now = timezone.now()
    made = [say(town, f"第{n}件。", now=now) for n in range(4)]  # of one instant: the id settles their order
    waits = say(town, "等配件的。", now=now)
    actions.accept(actor=act_as("grid"), **ids(waits))
    actions.pause(actor=act_as("grid"), reason="material", until=now + timedelta(days=1), **ids(waits))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = queries.inbox(act_as("grid"), cursor)
        seen += [card.number for group in page.groups for card in group.cards]
        cursor = page.next
    assert seen == [*(m.number for m in made), waits.number]
    assert as_(town, "grid").get("/field/?cursor=nonsense").status_code == 400


def test_the_map_and_the_buildings_tell_what_is_open(town: Town) -> None:
    matter = say(town, "灯坏了。")
    client = as_(town, "grid")
    shapes: Any = client.get("/field/map.geojson").json()
    points = [f["properties"] for f in shapes["features"] if f["geometry"]["type"] == "Point"]
    assert [(p["code"], p["url"]) for p in points] == [(matter.number, f"/field/m/{matter.number}/")]
    areas = [f["properties"]["name"] for f in shapes["features"] if f["geometry"]["type"] == "Polygon"]
    assert areas == ["柳荫里第一网格"]
    assert "1 件在办" in read(client, "/field/people/")
    # The half hour in which it should be taken on is not "soon" from its birth, on the map no more than on its card.
    assert points[0]["tone"] == ""
    with mock.patch.object(timezone, "now", return_value=timezone.now() + timedelta(minutes=16)):
        later: Any = client.get("/field/map.geojson").json()
    assert [f["properties"]["tone"] for f in later["features"] if f["geometry"]["type"] == "Point"] == ["soon"]
    assert matter.number not in as_(town, "gridb").get("/field/map.geojson").content.decode()


@pytest.mark.parametrize("version", ["abc", "1.5", "-1", "9" * 30])
def test_a_version_that_there_never_was_does_nothing_and_says_so(town: Town, version: str) -> None:
    matter = say(town, "灯坏了。")
    answer = as_(town, "grid").post(f"/field/m/{matter.number}/accept/", {"version": version}, follow=True)
    matter.refresh_from_db()
    assert matter.state == "dispatched"
    assert "刚被别人改过" in answer.content.decode()


def test_the_page_without_a_network_has_a_heading(town: Town) -> None:
    assert re.search(r"<h1[^>]*>没网</h1>", read(as_(town, "grid"), "/field/offline/"))


def test_the_worker_is_served_from_under_the_notebook(town: Town) -> None:
    answer = as_(town, "grid").get("/field/sw.js")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert (answer["Service-Worker-Allowed"], answer["Cache-Control"]) == ("/field/", "no-cache")
    assert '"/field/offline/"' in text
    assert '["SHELL"]' not in text
    assert as_(town, "grid").get("/field/manifest.webmanifest").json()["start_url"] == "/field/"
