"""Promises of the matter's core that hold over more than one act: pauses add up, contacts shut, a task's department."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from linli.core.matters import actions
from linli.core.matters.actions import admissions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import memory
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden
from tests.cast import DISTRICT, Town
from tests.doors.desk_cast import ids, opened

ActAs = Callable[[str], Actor]


# ── pauses ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_handlers_pauses_of_one_matter_add_up(town: Town, act_as: ActAs) -> None:
    made, start = opened(town, act_as("resident")), timezone.now()
    grid = act_as("grid")
    actions.accept(actor=grid, now=start, **ids(made))
    until = start + timedelta(days=4)
    with translation.override("en"):  # the resident reads Chinese, whatever the desk reads
        actions.pause(actor=grid, reason="material", until=until, now=start, **ids(made))
    local, told = timezone.localtime(until), Outbox.objects.filter(topic="tell").order_by("pk").last()
    assert told is not None
    assert f"最晚 {local.month} 月 {local.day} 日 {local:%H:%M} 接着办。" in told.payload["text"].replace("\u00a0", " ")
    at = start + timedelta(days=3)
    actions.resume(actor=grid, now=at, **ids(made))
    with pytest.raises(Forbidden) as refused:  # three of the policy's five days are gone
        actions.pause(actor=grid, reason="weather", until=at + timedelta(days=3), now=at, **ids(made))
    assert refused.value.code == "needs_approval"
    actions.pause(actor=grid, reason="weather", until=at + timedelta(hours=47), now=at, **ids(made))
    at += timedelta(hours=48)
    actions.resume(actor=grid, now=at, **ids(made))
    with pytest.raises(Forbidden) as spent:
        actions.pause(actor=grid, reason="weather", until=at + timedelta(minutes=5), now=at, **ids(made))
    assert "用完了" in spent.value.message
    longer = {"reason": "decision", "until": at + timedelta(days=10), "now": at}
    assert actions.pause(actor=act_as("community"), **longer, **ids(made)).state == "paused"


# ── the contact ─────────────────────────────────────────────────────────────────────────────────────────────────
def closed(town: Town, act_as: ActAs, days_ago: int) -> Matter:
    made = opened(town, act_as("resident"), name="李冬梅", phone="13812345678")
    actions.accept(actor=act_as("grid"), **ids(made))
    actions.resolve(actor=act_as("grid"), text="好了", cause="aging", **ids(made))
    actions.verify(actor=act_as("community"), passed=True, text="看过", **ids(made))
    actions.close(actor=act_as("community"), text="回访过", **ids(made))
    Matter.objects.filter(pk=made.pk).update(closed_at=timezone.now() - timedelta(days=days_ago))
    return made


def test_a_contact_shuts_some_days_after_the_closing(town: Town, act_as: ActAs) -> None:
    fresh, old = closed(town, act_as, 29), closed(town, act_as, 31)
    assert actions.reveal(actor=act_as("grid"), reason="回访", **ids(fresh))["phone"] == "13812345678"
    with pytest.raises(Forbidden) as shut:
        actions.reveal(actor=act_as("grid"), reason="回访", **ids(old))
    assert shut.value.code == "contact_shut"
    assert old.reveals.count() == 0
    town.district.settings["contact_days"] = 60
    town.district.save()
    memory.forget()
    assert actions.reveal(actor=act_as("grid"), reason="回访", **ids(old))["name"] == "李冬梅"


# ── a department's task ─────────────────────────────────────────────────────────────────────────────────────────
def admitted(town: Town, act_as: ActAs, who: str, place: str = "community") -> None:
    today = timezone.localdate()
    leave = admissions.apply(
        actor=act_as(who), title="入户登记", basis="有依据", place=town.places[place].code, since=today,
        until=today + timedelta(days=9),
    )  # fmt: skip
    admissions.decide(actor=act_as("district"), number=leave.number, approved=True)


@pytest.mark.system("M16")
def test_another_departments_admission_opens_no_door(town: Town, act_as: ActAs) -> None:
    admitted(town, act_as, "power")
    made = opened(town, act_as("department"), "填一张表", kind="task")
    assert made.state == "open"
    with pytest.raises(Conflict) as refused:
        actions.dispatch(actor=act_as("district"), to="T-community", **ids(made))
    assert refused.value.code == "admission_required"
    admitted(town, act_as, "department")
    assert actions.dispatch(actor=act_as("district"), to="T-community", **ids(made)).state == "dispatched"
    assert opened(town, act_as("department"), "再填一张", kind="task").state == "dispatched"
    assert opened(town, act_as("power"), "供电的表", kind="task").state == "dispatched"


@pytest.mark.system("M16")
def test_an_admission_opens_the_door_on_its_own_days_and_on_no_other(town: Town, act_as: ActAs) -> None:
    admitted(town, act_as, "department")
    for days, state in ((-1, "open"), (0, "dispatched"), (9, "dispatched"), (10, "open")):
        asked = Asked("task", "填一张表", DISTRICT, tree(DISTRICT).by_id[town.places["unit"].pk])
        at = timezone.now() + timedelta(days=days)
        assert actions.open_matter(actor=act_as("department"), asked=asked, now=at).matter.state == state, days


@pytest.mark.system("M16")
def test_a_department_goes_on_seeing_its_own_task(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("department"), "填一张表", kind="task")
    client = Client()
    client.force_login(town.users["department"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/desk/m/{made.number}/").status_code == 200
    client.force_login(town.users["power"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/desk/m/{made.number}/").status_code == 404


# ── the API ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_used_key_with_a_body_that_fits_no_schema_is_a_conflict(town: Town, client: Client) -> None:
    body = {"kind": "appeal", "text": "灯坏了", "place": town.places["unit"].code}
    post: dict[str, Any] = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": "k-1"}
    assert client.post("/api/v1/matters", body, **post).status_code == 201
    again = client.post("/api/v1/matters", {**body, "lon": "west", "text": 7}, **post)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "key_reused")
    post["HTTP_IDEMPOTENCY_KEY"] = "k-2"
    assert client.post("/api/v1/matters", {**body, "lon": "west"}, **post).status_code == 422
    assert client.post("/api/v1/matters", body, **post).status_code == 201


def test_items_of_a_list_are_the_detail_without_its_timeline(
    town: Town, act_as: ActAs, client: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(3):
        opened(town, act_as("resident"), name="李冬梅", phone=f"1381234567{n}")
    made = opened(town, act_as("resident"), "没留电话的")
    for who in ("grid", "community", "department", "auditor"):
        client.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
        items = client.get("/api/v1/matters").json()["items"]
        for item in items:
            detail = client.get(f"/api/v1/matters/{item['number']}").json()
            assert item == {name: value for name, value in detail.items() if name != "timeline"}, who
    assert made.number not in [item["number"] for item in items if item["contact"]]


def test_urging_is_on_record_and_reaches_who_has_it(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"))
    with pytest.raises(Forbidden):
        actions.urge(actor=act_as("grid"), **ids(made))
    with pytest.raises(Forbidden):
        actions.urge(actor=act_as("community2"), **ids(made))
    before = made.clocks
    done = actions.urge(actor=act_as("community"), text="到哪一步了", **ids(made))
    assert (done.state, done.clocks) == ("dispatched", before)
    last = done.timeline.last()
    assert last is not None and (last.act, last.text, last.data["to"]) == ("urge", "到哪一步了", "T-grid")  # noqa: PT018
