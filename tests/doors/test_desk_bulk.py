"""Several matters to one post: previewed, done one by one, and each that stays is named."""

from __future__ import annotations

import re

import pytest

from linli.core.matters import actions
from tests.cast import Town
from tests.doors.desk_cast import ActAs, ids, now_of, opened, sit

URL = "/desk/bulk/dispatch/"


def test_choose_preview_do(town: Town, act_as: ActAs) -> None:
    going, there, done = (opened(town, act_as("resident"), text) for text in ("要派的", "已经在的", "办完的"))
    actions.dispatch(actor=act_as("community"), to="T-gridb", **ids(there))
    actions.accept(actor=act_as("grid"), **ids(done))
    actions.resolve(actor=act_as("grid"), text="好了", cause="aging", **ids(done))
    desk = sit(town, "community")
    pick = [going.number, there.number, done.number]
    first = desk.get(URL, {"pick": pick}).content.decode()
    assert all(text in first for text in ("要派的", "已经在的", "办完的", "这 3 件派给谁"))
    preview = desk.get(URL, {"pick": pick, "to": "T-gridb"}).content.decode()
    assert "会派过去的 1 件" in preview
    assert "已经在于小满手上" in preview
    assert "不能派单" in preview
    assert now_of(going).handler_id == town.posts["grid"].pk  # nothing happened yet
    sent = re.findall(r'name="pick"\s+value="([^"]+)"', preview)
    assert sent == [f"{going.number}:{now_of(going).version}"]
    result = desk.post(URL, {"pick": [*sent, done.number], "to": "T-gridb", "do": "1"}, follow=True)
    page = result.content.decode()
    assert "派了 1 件给于小满" in page
    assert f"没派成：{done.number}" in page
    assert now_of(going).handler_id == town.posts["gridb"].pk
    assert now_of(done).state == "resolved"


def test_one_that_somebody_changed_meanwhile_stays_and_is_named(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    pick = f"{made.number}:{made.version}"
    actions.reply(actor=act_as("grid"), text="收到", **ids(made))
    page = sit(town, "community").post(URL, {"pick": pick, "to": "T-gridb", "do": "1"}, follow=True).content.decode()
    assert f"没派成：{made.number}" in page
    assert "刚被别人改过" in page
    assert now_of(made).handler_id == town.posts["grid"].pk


@pytest.mark.parametrize("version", ["x", "1²", "-1", "9" * 30])
def test_a_version_that_there_never_was_is_a_stale_one(town: Town, act_as: ActAs, version: str) -> None:
    made = opened(town, act_as("resident"))
    sent = {"pick": f"{made.number}:{version}", "to": "T-gridb", "do": "1"}
    assert "刚被别人改过" in sit(town, "community").post(URL, sent, follow=True).content.decode()
    assert now_of(made).handler_id == town.posts["grid"].pk


def test_what_one_does_not_see_is_not_there_and_without_the_duty_nothing_goes(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    other = sit(town, "community2")
    assert other.get(URL, {"pick": made.number}).status_code == 302
    assert other.get("/desk/bulk/find/", {"pick": made.number, "to_word": "网格员"}).status_code == 404
    other.post(URL, {"pick": made.number, "to": "T-grid2", "do": "1"})
    grid = sit(town, "grid")
    assert "您的岗位没有这一项" in grid.get(URL, {"pick": made.number, "to": "T-gridb"}).content.decode()
    grid.post(URL, {"pick": made.number, "to": "T-gridb", "do": "1"})
    assert now_of(made).handler_id == town.posts["grid"].pk


def test_a_departments_task_does_not_go_to_a_community_without_admission(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("department"), "填一张表", kind="task")
    page = sit(town, "district").get(URL, {"pick": made.number, "to": "T-community"}).content.decode()
    assert "要先过社区准入" in page
    sit(town, "district").post(URL, {"pick": made.number, "to": "T-community", "do": "1"})
    assert now_of(made).state == "open"


def test_whom_may_be_named_in_words(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    desk = sit(town, "community")
    assert "会派过去的 1 件" in desk.get(URL, {"pick": made.number, "to_word": "于小满"}).content.decode()
    unclear = desk.get(URL, {"pick": made.number, "to_word": "网格员"}).content.decode()
    assert "请点一个" in unclear
    part = desk.get("/desk/bulk/find/", {"pick": made.number, "to_word": "于"}).content.decode()
    assert "T-gridb" in part
