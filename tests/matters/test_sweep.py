"""The sweep's own manners: no-shows, pauses, contests; nothing twice, nobody held up, and one query when idle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from linli.core.matters import actions, clocks
from linli.core.matters import sweep as sweeping
from linli.core.matters.models import Call, Clock, Matter, Policy
from linli.core.matters.sweep import Swept, sweep
from linli.core.people.actor import Actor
from linli.kit import outbox
from linli.kit.figures import daytime
from linli.kit.models import Outbox
from tests.cast import DISTRICT, Town
from tests.matters.test_136 import NINE, at, it_is, opened, stages, told

ActAs = Callable[[str], Actor]


def ids_of(matter: Matter) -> dict[str, Any]:
    return {"district_id": DISTRICT, "matter_id": matter.pk}


def accepted(town: Town, act_as: ActAs) -> Matter:
    """Taken on and answered at once: act and result are left to run."""
    matter = opened(town, act_as("resident")).matter
    with it_is(at("09:01")):
        actions.accept(actor=act_as("grid"), **ids_of(matter))
        actions.reply(actor=act_as("grid"), text="收到。", **ids_of(matter))
    return matter


def whistled(town: Town, act_as: ActAs) -> Matter:
    """Accepted, and at 09:30 the community calls the power station and the city management."""
    matter = accepted(town, act_as)
    with it_is(at("09:30")):
        actions.whistle(
            actor=act_as("community"), units=["O-power", "O-chengguan"], reason="要断电", kind="joint", **ids_of(matter)
        )
    return matter


# ── whistles ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("M5")
def test_a_unit_that_does_not_come_is_named_and_seen_above(town: Town, act_as: ActAs) -> None:
    matter = whistled(town, act_as)
    with it_is(at("09:50")):
        actions.report(actor=act_as("power"), state="arrived", **ids_of(matter))
    assert sweep(now=at("10:01")) == Swept(missed=1)
    outbox.drain(now=at("10:01"))
    late = {c.post.code: c.late for c in Call.objects.select_related("post")}
    assert late == {"T-power_unit": False, "T-chengguan_unit": True}
    entry = matter.timeline.get(act="miss")
    assert (entry.data["unit"], entry.data["name"]) == ("T-chengguan_unit", "示范区城管局")
    words = f"{matter.number} 没报到：示范区城管局，说好 {daytime(at('10:00'))} 前到。"
    for who in ("department", "community", "street", "district"):
        assert told(act_as(who))[-1] == words, who
    assert not [t for t in told(act_as("power")) if "没报到" in t]
    assert sweep(now=at("10:02")) == Swept()
    with it_is(at("10:30")):
        actions.report(actor=act_as("department"), state="arrived", **ids_of(matter))
    assert Call.objects.get(post=town.posts["chengguan_unit"]).late
    verdicts = sorted(Clock.objects.filter(stage="arrive").values_list("state", flat=True))
    assert verdicts == ["met", "missed"]


@pytest.mark.system("M5")
def test_a_long_way_to_come_is_reminded_of_before_its_end(town: Town, act_as: ActAs) -> None:
    policy = Policy.objects.get(district=town.district)
    policy.stages["arrive"] = "4h"
    policy.save()
    matter = whistled(town, act_as)
    swept = sweep(now=at("12:31"))  # a quarter of four hours before 13:30, for both; act is over too
    assert swept == Swept(warned=2, breached=1)
    outbox.drain(now=at("12:31"))
    assert told(act_as("power"))[-1] == f"{matter.number} 快到点：示范区供电所还没报到，{daytime(at('13:30'))} 前。"
    assert [e.data["unit"] for e in matter.timeline.filter(act="remind")] == ["T-power_unit", "T-chengguan_unit"]


def test_nobody_waits_any_more_for_a_unit_called_to_a_matter_that_is_closed(town: Town, act_as: ActAs) -> None:
    matter = whistled(town, act_as)
    with it_is(at("09:40")):
        actions.resolve(actor=act_as("grid"), text="自己亮了。", cause="aging", **ids_of(matter))
        actions.verify(actor=act_as("community"), passed=True, text="看过。", **ids_of(matter))
        actions.rate(actor=act_as("resident"), score=4, **ids_of(matter))
    assert sweep(now=at("10:01")) == Swept(dropped=2)
    assert matter.timeline.filter(act="miss").count() == 0
    assert Call.objects.filter(late=True).count() == 0


# ── pauses, contests, orders ────────────────────────────────────────────────────────────────────────────────
def test_a_pause_ends_by_itself_and_the_clocks_go_on_with_what_was_left(town: Town, act_as: ActAs) -> None:
    matter = accepted(town, act_as)
    with it_is(at("10:00")):
        actions.pause(actor=act_as("grid"), reason="material", until=at("10:00", day=2), **ids_of(matter))
    assert sweep(now=at("09:59", day=2)) == Swept()
    assert sweep(now=at("10:00", day=2)) == Swept(resumed=1)
    matter.refresh_from_db()
    assert (matter.state, matter.paused_until) == ("accepted", None)
    due = {c.stage: c.due_at for c in Clock.objects.filter(matter=matter, state="running")}
    assert due == {"act": at("12:00", day=2), "result": at("15:00", day=2)}
    # The warning stays a quarter of the whole promise: a pause does not move it nearer to the end.
    warn = {c.stage: c.warn_at for c in Clock.objects.filter(matter=matter, state="running")}
    assert warn == {"act": at("11:15", day=2), "result": at("13:30", day=2)}
    assert sweep(now=at("12:01", day=2)) == Swept(breached=1)


def test_an_office_that_lets_a_contest_lie_is_reported_one_level_up(town: Town, act_as: ActAs) -> None:
    matter = accepted(town, act_as)
    with it_is(at("10:00")):
        actions.resolve(actor=act_as("grid"), text="亮了。", cause="aging", **ids_of(matter))
        actions.verify(actor=act_as("community"), passed=True, text="看过。", **ids_of(matter))
        actions.contest(actor=act_as("resident"), text="没亮", **ids_of(matter))
    assert sweep(now=at("10:01", day=3)) == Swept(breached=1)
    outbox.drain(now=at("10:01", day=3))
    late = f"{matter.number} 超时：异议，说好 {daytime(at('10:00', day=3))} 前。"
    assert told(act_as("street"))[-1] == told(act_as("district"))[-1] == late
    assert late not in told(act_as("grid"))
    matter.refresh_from_db()
    assert matter.state == "contested"


def test_an_order_from_above_breaches_like_any_promise(town: Town, act_as: ActAs) -> None:
    matter = accepted(town, act_as)
    with it_is(at("09:05")):
        actions.supervise(actor=act_as("street"), text="上午办完", due_at=at("11:00"), **ids_of(matter))
    assert sweep(now=at("11:01")).breached == 1
    assert matter.timeline.get(act="breach").data["stage"] == "supervise"


# ── manners ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_last_moment_of_a_promise_still_keeps_it(town: Town, act_as: ActAs) -> None:
    matter = accepted(town, act_as)
    assert sweep(now=at("12:00")) == Swept()  # act: due now, and its warning is worth nothing any more
    assert sweep(now=at("12:00") + timedelta(microseconds=1)) == Swept(breached=1)
    assert stages(matter)["act"] == "breached"


def test_one_that_fails_is_undone_put_off_a_minute_and_holds_up_nobody(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = opened(town, act_as("resident")).matter, opened(town, act_as("resident")).matter
    real = actions.escalate

    def escalate(**asked: Any) -> Matter:
        if asked["matter_id"] == bad.pk:
            raise RuntimeError("13800000000")
        return real(**asked)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "escalate", escalate)
        assert sweep(now=at("15:01")) == Swept(breached=4, escalated=1, failed=1)
    assert stages(good)["result"] == "breached"
    assert stages(bad)["result"] == "running"
    assert bad.timeline.count() == 2
    assert sweep(now=at("15:01")) == Swept()
    assert sweep(now=at("15:02")) == Swept(breached=4, escalated=1)
    assert stages(bad)["result"] == "breached"


def test_a_second_sweep_does_nothing_and_leaves_nothing_in_the_outbox(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident")).matter
    sweep(now=at("15:01"))
    matter.refresh_from_db()
    before = (matter.version, matter.seq, Outbox.objects.count())
    assert sweep(now=at("15:01")) == Swept()
    assert sweep(now=at("15:15")) == Swept()  # the new handler's half hour is not at its half
    matter.refresh_from_db()
    assert (matter.version, matter.seq, Outbox.objects.count()) == before


def test_what_another_sweep_has_done_meanwhile_is_not_done_again(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers find the same matter; the second one gets the lock when the first has let go."""
    matter = opened(town, act_as("resident")).matter
    found = list(sweeping._due_matters(at("15:01"), 500))
    sweep(now=at("15:01"))
    monkeypatch.setattr(sweeping, "_due_matters", lambda now, limit: found)
    assert sweep(now=at("15:01")) == Swept()
    assert matter.timeline.filter(act="breach").count() == 4


def test_the_limit_holds_and_the_rest_comes_with_the_next_sweep(town: Town, act_as: ActAs) -> None:
    for n in range(3):
        opened(town, act_as("resident"), NINE + timedelta(minutes=n))
    rounds = []
    while (swept := sweep(now=at("09:59"), limit=1)).done:
        rounds.append(swept)
    assert sum(r.breached for r in rounds) == 3  # accept of each
    assert sum(r.warned for r in rounds) == 3  # reply of each
    assert len(rounds) == 3


def test_an_idle_sweep_is_one_query_however_many_clocks_run(
    town: Town, act_as: ActAs, django_assert_num_queries: Any
) -> None:
    matter = opened(town, act_as("resident")).matter
    with django_assert_num_queries(1):
        assert sweep(now=at("09:01")) == Swept()
    Clock.objects.bulk_create(
        Clock(district_id=DISTRICT, matter=matter, stage="supervise", started_at=NINE, due_at=at("09:00", day=1),
              next_at=at("09:00", day=1))
        for _ in range(3000)
    )  # fmt: skip
    with django_assert_num_queries(1):
        assert sweep(now=at("09:01")) == Swept()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE matters_clock")
    due = Clock.objects.filter(next_at__lte=at("09:01")).order_by("next_at").values_list("district_id", "matter_id")
    assert "clock_due" in due[:500].explain()


def test_stray_clocks_end_without_a_word(town: Town, act_as: ActAs) -> None:
    """A rating window of a matter that nobody has verified: it must neither close it nor stay due for ever."""
    matter = accepted(town, act_as)
    Clock.objects.bulk_create(
        Clock(
            district_id=DISTRICT, matter=matter, stage=stage, started_at=NINE, due_at=at("09:30"), next_at=at("09:30")
        )
        for stage in ("rating", "pause")
    )
    assert sweep(now=at("09:31")) == Swept(dropped=2)
    matter.refresh_from_db()
    assert matter.state == "accepted"
    assert not Clock.objects.filter(stage__in=["rating", "pause"], state__in=clocks.GOING).exists()
    assert sweep(now=at("09:31")) == Swept()


@pytest.mark.django_db(transaction=True)
def test_a_matter_under_somebodys_lock_is_passed_over_and_done_later(town: Town, act_as: ActAs) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row locks: writers queue up")
    held, free = opened(town, act_as("resident")).matter, opened(town, act_as("resident")).matter
    locked, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Matter.objects.select_for_update().get(pk=held.pk)
                locked.set()
                let_go.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(10)
    try:
        assert sweep(now=at("10:01")) == Swept(breached=2, skipped=1)
    finally:
        let_go.set()
        thread.join()
    assert stages(free)["reply"] == "breached"
    assert sweep(now=at("10:01")) == Swept(breached=2)
    assert stages(held)["reply"] == "breached"
