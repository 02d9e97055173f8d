"""The outbox: done once, tried again with patience, parked in the end, and one bad row holds up nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from linli.kit import outbox
from linli.kit.models import Change, Outbox
from linli.kit.outbox import FailedError

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Make = Callable[..., Outbox]


class Killed(BaseException):
    """What a kill looks like from inside: nothing of ours catches it."""


@pytest.fixture
def leave(db: None) -> Make:
    def make(topic: str = "test.good", at: datetime = NOW, district: int = 1, **payload: object) -> Outbox:
        return Outbox.objects.create(district_id=district, topic=topic, payload=payload, at=at, next_at=at)

    return make


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    outbox.handles("test.good", "试")(lambda row, now: note(row))
    outbox.handles("test.bad", "试")(_bad)
    yield
    for topic in outbox.topics():
        if topic.startswith("test."):
            outbox.forget(topic)


def note(row: Outbox) -> None:
    """An effect in the database, so that a test sees what was kept and what was undone."""
    Change.objects.create(district_id=row.district_id, actor="test", subject=str(row.pk), sentence="did")


def _bad(row: Outbox, now: datetime) -> None:
    note(row)
    raise ValueError(f"no way to reach 13800000000 with code {row.payload.get('code')}")


def effects(row: Outbox) -> int:
    return Change.objects.filter(subject=str(row.pk)).count()


def test_due_rows_are_done_oldest_first_and_only_once(leave: Make) -> None:
    second, first, later = leave(at=NOW - MINUTE), leave(at=NOW - 2 * MINUTE), leave(at=NOW + MINUTE)
    order: list[object] = []
    outbox.handles("test.good", "试", replace=True)(lambda row, now: order.append(row.pk))
    assert outbox.drain(now=NOW) == 2
    assert order == [first.pk, second.pk]
    assert outbox.drain(now=NOW) == 0
    later.refresh_from_db()
    assert later.done_at is None
    assert outbox.drain(now=NOW + MINUTE) == 1
    first.refresh_from_db()
    assert first.done_at == NOW


def test_rows_of_all_districts_are_done_within_the_limit(leave: Make) -> None:
    for district in (1, 2, 3):
        for _ in range(4):
            leave(district=district)
    assert outbox.drain(limit=10, now=NOW) == 10
    assert outbox.drain(limit=10, now=NOW) == 2


def test_where_all_others_must_wait_a_transaction_takes_on_no_more_than_a_moments_rows(
    leave: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen in the statements: one transaction for all rows, or one for each."""
    rows = [leave() for _ in range(3)]
    monkeypatch.setattr(outbox, "HOLD", -1.0)
    with CaptureQueriesContext(connection) as seen:
        assert outbox.drain(now=NOW) == 3
    marks = [q for q in seen if q["sql"].startswith("UPDATE") and "done_at" in q["sql"]]
    assert len(marks) == (1 if connection.features.has_select_for_update else 3)
    assert [effects(row) for row in rows] == [1, 1, 1]


def test_what_takes_long_the_first_time_is_done_before_the_transaction(leave: Make) -> None:
    done: list[object] = []
    outbox.handles("test.slow", "试", before=done.append)(lambda row, now: done.append("row"))
    outbox.handles("test.broken", "试", before=_cannot)(lambda row, now: done.append("broken"))
    leave("test.slow", district=7), leave("test.slow", district=7), leave("test.broken", district=8)
    assert outbox.drain(now=NOW) == 3
    assert done == [7, "row", "row", "broken"]


def _cannot(district_id: int) -> None:
    raise OSError


def test_nothing_due_costs_one_query(leave: Make, django_assert_num_queries: Callable[[int], object]) -> None:
    leave(at=NOW + MINUTE)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert outbox.drain(now=NOW) == 0


def test_what_is_slow_goes_one_at_a_time_after_all_that_is_quick(leave: Make) -> None:
    order: list[str] = []
    outbox.handles("test.slow", "试", slow=True)(lambda row, now: order.append("slow"))
    outbox.handles("test.good", "试", replace=True)(lambda row, now: order.append("quick"))
    for _ in range(2):
        leave("test.slow", at=NOW - MINUTE)
    leave(), leave()
    assert outbox.drain(now=NOW) == 3
    assert order == ["quick", "quick", "slow"]
    leave(at=NOW)
    assert outbox.drain(now=NOW) == 2
    assert order[3:] == ["quick", "slow"], "what comes in between does not wait for the second"
    assert outbox.drain(now=NOW) == 0


def test_one_bad_row_holds_up_nobody_and_leaves_nothing_behind(leave: Make) -> None:
    good, bad, also_good = leave(), leave("test.bad", code="482913"), leave()
    assert outbox.drain(now=NOW) == 3
    bad.refresh_from_db()
    assert (effects(good), effects(bad), effects(also_good)) == (1, 0, 1)
    assert (bad.done_at, bad.tries, bad.next_at) == (None, 1, NOW + MINUTE)


def test_the_error_says_where_and_what_kind_but_quotes_no_phone_and_no_code(leave: Make) -> None:
    bad = leave("test.bad", code="482913")
    outbox.drain(now=NOW)
    bad.refresh_from_db()
    assert bad.error.startswith("ValueError (test_outbox.py:")
    assert "13800000000" not in bad.error
    assert "482913" not in bad.error


def test_a_handlers_own_words_are_kept_and_cut(leave: Make) -> None:
    def refuse(row: Outbox, now: datetime) -> None:
        raise FailedError("gateway said 502 " + "x" * 400)

    outbox.handles("test.words", "试")(refuse)
    row = leave("test.words")
    outbox.drain(now=NOW)
    row.refresh_from_db()
    assert "gateway said 502" in row.error
    assert len(row.error) == 300


def test_waits_double_up_to_six_hours() -> None:
    minutes = [outbox.wait_after(n) / MINUTE for n in range(1, 13)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]


def test_after_twelve_tries_a_row_is_parked_shown_and_sent_again_by_hand(leave: Make) -> None:
    bad = leave("test.bad")
    at = NOW
    for _ in range(12):
        assert outbox.drain(now=at) == 1
        bad.refresh_from_db()
        at = bad.next_at
    assert bad.next_at == outbox.PARKED
    seen = outbox.backlog(NOW + timedelta(days=400))
    assert (seen.due, seen.failing, seen.parked, seen.oldest_seconds) == (0, 0, 1, 0.0)
    assert outbox.drain(now=NOW + timedelta(days=400)) == 0
    outbox.handles("test.bad", "试", replace=True)(lambda row, now: note(row))
    assert outbox.retry_parked("test.good", now=NOW) == 0
    assert outbox.retry_parked("test.bad", now=NOW) == 1
    assert outbox.drain(now=NOW) == 1
    assert effects(bad) == 1


def test_what_is_stuck_is_told_by_district_and_reason_and_only_the_parked_go_again(leave: Make) -> None:
    for district in (1, 1, 2):
        leave("test.bad", district=district)
    leave("test.good")
    at = NOW
    for _ in range(12):
        outbox.drain(now=at)
        at += timedelta(hours=6)
    late = leave("test.bad", at=at)
    outbox.drain(now=at)
    here, there = outbox.stuck()
    assert (here.district_id, here.parked, here.failing, here.since) == (1, 2, 1, NOW)
    assert (there.district_id, there.parked, there.failing) == (2, 1, 0)
    assert "test_outbox.py" in here.error
    assert [each.district_id for each in outbox.stuck(2)] == [2]
    assert outbox.retry_parked(now=at, district_id=1) == 2
    late.refresh_from_db()
    assert (late.tries, late.next_at) == (1, at + MINUTE)
    assert [(each.district_id, each.parked, each.failing) for each in outbox.stuck()] == [(2, 1, 0), (1, 0, 1)]


def test_the_backlog_tells_how_long_the_oldest_waits(leave: Make) -> None:
    leave(at=NOW - 3 * MINUTE)
    leave("test.bad", at=NOW - 2 * MINUTE)
    assert outbox.backlog(NOW) == outbox.Backlog(due=2, failing=0, parked=0, oldest_seconds=180.0)


def test_a_topic_without_a_handler_waits_for_one(leave: Make) -> None:
    row = leave("test.unheard_of")
    outbox.drain(now=NOW)
    row.refresh_from_db()
    assert (row.done_at, row.tries) == (None, 1)
    assert "test.unheard_of" in row.error
    outbox.handles("test.unheard_of", "试")(lambda row, now: None)
    assert outbox.drain(now=NOW + MINUTE) == 1
    row.refresh_from_db()
    assert row.done_at is not None
    assert row.error == ""


def test_two_handlers_of_one_topic_are_a_mistake_unless_one_replaces_the_other() -> None:
    with pytest.raises(ValueError, match=r"test\.good"):
        outbox.handles("test.good", "试")(_bad)
    outbox.handles("test.good", "试", replace=True)(_bad)


def test_killed_between_handling_and_marking_leaves_neither(leave: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    row = leave()

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_mark_done", die)
        with pytest.raises(Killed):
            outbox.drain(now=NOW)
    row.refresh_from_db()
    assert (row.done_at, row.tries, effects(row)) == (None, 0, 0)
    assert outbox.drain(now=NOW) == 1
    assert effects(row) == 1


# ── handlers that talk to the world outside ─────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_an_outside_handler_holds_no_transaction_and_a_lease_keeps_others_off(leave: Make) -> None:
    seen: list[tuple[bool, int]] = []

    def send(row: Outbox, now: datetime) -> None:
        seen.append((connection.in_atomic_block, outbox.drain(now=now)))

    outbox.handles("test.outside", "试", outside=True)(send)
    row = leave("test.outside")
    assert outbox.drain(now=NOW) == 1
    assert seen == [(False, 0)]
    row.refresh_from_db()
    assert row.done_at == NOW


def test_an_outside_handler_that_fails_waits_like_any_other(leave: Make) -> None:
    outbox.handles("test.outside", "试", outside=True)(_bad)
    row, good = leave("test.outside"), leave()
    assert outbox.drain(now=NOW) == 2
    row.refresh_from_db()
    assert (row.done_at, row.tries, row.next_at, effects(good)) == (None, 1, NOW + MINUTE, 1)


def test_killed_while_sending_it_comes_again_when_the_lease_ends_with_the_same_key(leave: Make) -> None:
    keys: list[object] = []

    def send(row: Outbox, now: datetime) -> None:
        keys.append(row.pk)
        if len(keys) == 1:
            raise Killed

    outbox.handles("test.outside", "试", outside=True)(send)
    row = leave("test.outside")
    with pytest.raises(Killed):
        outbox.drain(now=NOW)
    assert outbox.drain(now=NOW + MINUTE) == 0
    assert outbox.drain(now=NOW + outbox.LEASE) == 1
    assert keys == [row.pk, row.pk]


# ── many workers, and cleaning up ───────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_share_the_rows(leave: Make) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: its IMMEDIATE transactions queue up")
    rows = [leave() for _ in range(300)]

    def work() -> None:
        try:
            while outbox.drain(now=NOW):
                pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [effects(row) for row in rows] == [1] * 300


def test_done_rows_go_after_a_week_in_small_batches_and_waiting_ones_stay(leave: Make) -> None:
    old = [leave() for _ in range(5)]
    outbox.drain(now=NOW)
    fresh, waiting = leave(at=NOW + timedelta(days=6)), leave("test.bad")
    outbox.drain(now=NOW + timedelta(days=6))
    later = NOW + timedelta(days=7, minutes=1)
    assert outbox.purge(later, limit=3) == 3
    assert outbox.purge(later, limit=3) == 2
    assert outbox.purge(later, limit=3) == 0
    assert not Outbox.objects.filter(pk__in=[row.pk for row in old]).exists()
    assert Outbox.objects.filter(pk__in=[fresh.pk, waiting.pk]).count() == 2
