"""一三六: answer in one hour, act in three, result in six — told hour by hour, with nobody watching but the sweep."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from linli.config import worker
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.matters.sweep import Swept, sweep
from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.core.people.notices import inbox, phone_inbox
from linli.core.places.tree import tree
from linli.kit import crypto, outbox
from linli.kit.figures import daytime
from tests.cast import DISTRICT, Town

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ActAs = Callable[[str], Actor]


def at(clock: str, day: int = 0) -> datetime:
    """``"10:30"`` on the day of the story, or so many days later."""
    hour, minute = clock.split(":")
    return NINE.replace(hour=int(hour), minute=int(minute)) + timedelta(days=day)


@contextmanager
def it_is(moment: datetime) -> Iterator[None]:
    """People act at ``moment``."""
    with mock.patch.object(timezone, "now", return_value=moment):
        yield


def opened(town: Town, actor: Actor, now: datetime = NINE, **asked: object) -> actions.Opened:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    said = {"kind": "appeal", "text": "楼道灯坏了。晚上看不见。", "phone": "13800000000", "name": "李冬", **asked}
    return actions.open_matter(actor=actor, asked=Asked(district_id=DISTRICT, place=place, **said), now=now)  # type: ignore[arg-type]


def told(actor: Actor) -> list[str]:
    """The actor's inbox, oldest first."""
    return [n.text for n in reversed(inbox(actor).items)]


def stages(matter: Matter) -> dict[str, str]:
    """Stage to state of the first round."""
    matter.refresh_from_db()
    return {c["stage"]: c["state"] for c in matter.clocks if c["round"] == 1}


@pytest.mark.system("M1")
def test_the_clock_warns_breaches_and_escalates_by_itself(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident")).matter
    assert sweep(now=at("09:14")) == Swept()
    assert sweep(now=at("09:16")) == Swept(warned=1)  # the half of the half hour in which somebody should accept
    assert sweep(now=at("09:29")) == Swept()
    assert sweep(now=at("09:31")) == Swept(warned=1, breached=1)  # reply soon; nobody has accepted
    assert sweep(now=at("10:01")) == Swept(breached=1)  # reply
    assert sweep(now=at("11:16")) == Swept(warned=1)  # act
    assert sweep(now=at("12:01")) == Swept(breached=1)
    assert sweep(now=at("13:31")) == Swept(warned=1)  # result
    assert stages(matter)["result"] == "warned"
    assert matter.handler_id == town.posts["grid"].pk
    assert sweep(now=at("15:01")) == Swept(breached=1, escalated=1)
    matter.refresh_from_db()
    assert (matter.state, matter.handler_id) == ("dispatched", town.posts["committee_office_unit"].pk)
    said = [(e.act, e.data.get("stage", "")) for e in matter.timeline.all()]
    assert said == [
        ("open", ""), ("dispatch", ""), ("warn", "accept"), ("breach", "accept"), ("warn", "reply"),
        ("breach", "reply"), ("warn", "act"), ("breach", "act"), ("warn", "result"), ("breach", "result"),
        ("escalate", ""),
    ]  # fmt: skip
    assert [e.seq for e in matter.timeline.all()] == list(range(1, 12))
    by_itself = matter.timeline.get(act="escalate")
    assert (by_itself.actor, by_itself.text, by_itself.data["to"]) == (
        "系统", "结果超时，按规则上报。", "T-committee_office_unit",
    )  # fmt: skip
    breach = matter.timeline.get(act="breach", data__stage="result")
    assert breach.data["due_at"] == "2026-03-02T15:00:00+08:00"
    assert breach.at == at("15:01")


@pytest.mark.system("M1")
def test_handler_and_supervisor_hear_of_every_breach(town: Town, act_as: ActAs) -> None:
    number = opened(town, act_as("resident")).matter.number
    for clock in ("09:31", "10:01", "11:16", "12:01", "13:31", "15:01"):
        sweep(now=at(clock))
        outbox.drain(now=at(clock))
    late = [f"{number} 超时：{name}，说好 {daytime(at(when))} 前。" for name, when in
            (("接单", "09:30"), ("答复", "10:00"), ("行动", "12:00"), ("结果", "15:00"))]  # fmt: skip
    grid, community, street = told(act_as("grid")), told(act_as("community")), told(act_as("street"))
    assert [t for t in grid if "超时" in t] == late
    assert [t for t in community if "超时" in t] == late
    assert [t for t in street if "超时" in t] == late[:1]  # nobody accepted: the first receiver's own supervisor
    assert [t for t in grid if "快到点" in t] == [
        f"{number} 快到点：{name}，{daytime(at(when))} 前。"
        for name, when in (("答复", "10:00"), ("行动", "12:00"), ("结果", "15:00"))
    ]
    assert not [t for t in community if "快到点" in t]
    assert community[-1] == f"{number} 派给您一件：楼道灯坏了"
    for stranger in ("gridb", "community2", "street2", "property", "resident2"):
        assert told(act_as(stranger)) == []


@pytest.mark.system("M1")
def test_who_keeps_the_promises_hears_nothing(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident")).matter
    ids = {"district_id": DISTRICT, "matter_id": matter.pk}
    grid = act_as("grid")
    for moment, act in (
        ("09:10", lambda: actions.accept(actor=grid, **ids)),
        ("09:20", lambda: actions.reply(actor=grid, text="收到，中午前到。", **ids)),
        ("11:00", lambda: actions.progress(actor=grid, text="换灯座。", **ids)),
        ("13:00", lambda: actions.resolve(actor=grid, text="亮了。", cause="aging", **ids)),
        ("13:20", lambda: actions.verify(actor=act_as("community"), passed=True, text="看过，亮着。", **ids)),
    ):
        with it_is(at(moment)):
            act()
        assert sweep(now=at(moment)) == Swept()
    assert stages(matter) | {"rating": "running"} == {
        "accept": "met", "reply": "met", "act": "met", "result": "met", "rating": "running",
    }  # fmt: skip
    assert sweep(now=at("13:21", day=7)) == Swept(closed=1)
    matter.refresh_from_db()
    assert (matter.state, matter.closed_at, matter.score) == ("closed", at("13:21", day=7), None)
    last = matter.timeline.last()
    assert last is not None
    assert (last.act, last.actor, last.text) == ("close", "系统", "评价期过了，自动销号。")
    assert sweep(now=at("13:21", day=60)) == Swept()


def test_a_promise_kept_after_its_breach_stays_missed(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident")).matter
    ids = {"district_id": DISTRICT, "matter_id": matter.pk}
    sweep(now=at("10:01"))
    with it_is(at("10:05")):
        actions.accept(actor=act_as("grid"), **ids)
        actions.reply(actor=act_as("grid"), text="来晚了，马上到。", **ids)
    assert stages(matter)["reply"] == "missed"
    assert sweep(now=at("10:06")) == Swept()


def test_after_an_outage_everything_is_said_once_and_warnings_are_left_out(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident")).matter
    assert sweep(now=at("23:00")) == Swept(breached=4, escalated=1)
    entries = list(matter.timeline.filter(seq__gt=2))
    assert [(e.act, e.data.get("stage")) for e in entries] == [
        ("breach", "accept"), ("breach", "reply"), ("breach", "act"), ("breach", "result"), ("escalate", None),
    ]  # fmt: skip
    assert {e.at for e in entries} == {at("23:00")}
    assert [e.data["due_at"][11:16] for e in entries[:4]] == ["09:30", "10:00", "12:00", "15:00"]
    assert sweep(now=at("23:00")) == Swept()
    assert sweep(now=at("23:31")) == Swept(breached=1)  # the community has its own half hour to accept


def test_with_nobody_above_a_breach_is_reported_and_stays_where_it_is(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident")).matter
    ids = {"district_id": DISTRICT, "matter_id": matter.pk}
    with it_is(at("09:05")):
        actions.escalate(actor=act_as("grid"), reason="要断电", **ids)
        actions.escalate(actor=act_as("community"), reason="社区办不了", **ids)
        actions.escalate(actor=act_as("street"), reason="街道办不了", **ids)
    assert sweep(now=at("15:01")).escalated == 0
    matter.refresh_from_db()
    assert matter.handler_id == town.posts["centre_unit"].pk
    assert matter.timeline.filter(act="breach", data__stage="result").count() == 1


# ── telling the one who spoke up ────────────────────────────────────────────────────────────────────────────
def reply_to(town: Town, act_as: ActAs, **asked: object) -> Matter:
    actor = asked.pop("actor", None) or act_as("resident")
    matter = opened(town, actor, **asked).matter  # type: ignore[arg-type]
    ids = {"district_id": DISTRICT, "matter_id": matter.pk}
    with it_is(at("09:10")):
        actions.accept(actor=act_as("grid"), **ids)
        actions.reply(actor=act_as("grid"), text="中午前到。", **ids)
    outbox.drain(now=at("09:10"))
    return matter


def test_a_resident_with_an_account_reads_the_reply_there(town: Town, act_as: ActAs) -> None:
    matter = reply_to(town, act_as)
    assert told(act_as("resident")) == [f"您说的事 {matter.number}：中午前到。"]
    assert told(act_as("resident2")) == []


def test_a_resident_with_only_a_phone_is_told_there(town: Town, act_as: ActAs) -> None:
    matter = reply_to(town, act_as, actor=act_as("community"))
    index = crypto.blind_index("13800000000", purpose="phone")
    assert [n.text for n in phone_inbox(DISTRICT, index).items] == [f"您说的事 {matter.number}：中午前到。"]


def test_nobody_looks_for_an_anonymous_resident(town: Town, act_as: ActAs) -> None:
    reply_to(town, act_as, anonymous=True)
    assert Notice.objects.filter(post=None).count() == 0
    assert told(act_as("resident")) == []
    assert outbox.backlog(at("09:10")).due == 0


# ── the worker ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    return tmp_path


def test_one_run_of_the_worker_tells_sweeps_seals_and_leaves_its_beat(town: Town, act_as: ActAs, var: Path) -> None:
    matter = opened(town, act_as("resident"), timezone.now() - timedelta(hours=7)).matter
    assert worker.beat_age() is None
    worker.run(once=True)
    assert stages(matter)["result"] == "breached"
    assert matter.sealed_seq > 0
    assert f"{matter.number} 超时：结果" in told(act_as("grid"))[-1]
    assert outbox.backlog().due == 0
    age = worker.beat_age()
    assert age is not None
    assert age < 60


def test_a_part_of_the_worker_that_breaks_stops_no_other(
    town: Town, act_as: ActAs, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(outbox, "drain", broken)
    monkeypatch.setattr(worker.sealing, "seal", broken)
    matter = opened(town, act_as("resident"), timezone.now() - timedelta(hours=7)).matter
    assert worker.Worker().turn() == 6
    assert stages(matter)["result"] == "breached"


def test_sigterm_ends_the_worker_after_its_turn(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []

    def turn(self: worker.Worker) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        turns.append(1)
        return 1

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(worker.Worker, "turn", turn)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    worker.run()
    assert turns == [1]
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_embedded_worker_is_a_thread_that_can_be_ended(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = threading.Event()
    monkeypatch.setattr(worker.Worker, "turn", lambda self: turned.set() or 0)
    embedded = worker.in_thread()
    assert turned.wait(10)
    assert embedded.stop(timeout=10)
    assert not embedded.thread.is_alive()
