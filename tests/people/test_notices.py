"""Notices: who finds them, who does not, when they may ring, and that a redelivery adds nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from linli.core.people import notices
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.models import Notice
from linli.core.people.notices import Recipient, inbox, mark_read, phone_inbox, unread_count
from linli.kit import outbox
from linli.kit.models import Outbox
from linli.kit.paging import BadCursorError
from tests.cast import DISTRICT, Town

DAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 at the place
NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 at the place
MORNING = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # 07:00 the day after
ActAs = Callable[[str], Actor]


def leave(topic: str, at: datetime = DAY, **payload: object) -> Outbox:
    return Outbox.objects.create(district_id=DISTRICT, topic=topic, payload=payload, at=at, next_at=at)


def send(town: Town, post: str, text: str = "来一件", at: datetime = DAY, **more: object) -> Outbox:
    row = leave("notice", at, post=str(town.posts[post].pk), text=text, **more)
    outbox.drain(now=at)
    return row


def texts(actor: Actor) -> list[str]:
    return [n.text for n in inbox(actor).items]


def test_a_notice_lies_in_the_inbox_of_its_post_and_in_no_other(town: Town, act_as: ActAs) -> None:
    send(town, "grid", "楼道灯坏了", urgent=True, url="/field/")
    found = inbox(act_as("grid")).items
    assert [(n.text, n.urgent, n.url, n.at) for n in found] == [("楼道灯坏了", True, "/field/", DAY)]
    assert texts(act_as("gridb")) == []
    assert texts(act_as("resident")) == []
    assert texts(ANONYMOUS) == []


def test_an_organisations_post_is_an_inbox_shared_by_those_who_speak_for_it(town: Town, act_as: ActAs) -> None:
    send(town, "committee_office_unit", "等您核查")
    secretary, worker = act_as("community"), act_as("community_b")
    assert texts(secretary) == texts(worker) == ["等您核查"]
    assert texts(act_as("community2")) == []
    assert mark_read(actor=worker) == 1
    assert unread_count(secretary) == 0


def test_a_redelivery_adds_nothing(town: Town, act_as: ActAs) -> None:
    row = send(town, "grid")
    Outbox.objects.filter(pk=row.pk).update(done_at=None)
    assert outbox.drain(now=DAY) == 1
    assert len(texts(act_as("grid"))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_notice_to_a_post_that_is_gone_fails_alone(town: Town, act_as: ActAs) -> None:
    """The database finds that out at the commit only, so the batch it stood in is done again one by one."""
    lost = leave("notice", post=str(uuid.uuid4()), text="给谁")
    send(town, "grid", "给网格员")
    lost.refresh_from_db()
    assert (lost.done_at, lost.tries) == (None, 1)
    assert texts(act_as("grid")) == ["给网格员"]


def test_unread_counts_and_marking_touch_ones_own_only(town: Town, act_as: ActAs) -> None:
    grid, gridb = act_as("grid"), act_as("gridb")
    for n in range(3):
        send(town, "grid", f"第 {n} 件")
    keys = [n.pk for n in inbox(grid).items]
    assert mark_read(actor=gridb, notices=keys) == 0
    assert mark_read(actor=ANONYMOUS, notices=keys) == 0
    assert unread_count(grid) == 3
    assert mark_read(actor=grid, notices=keys[:1], now=DAY) == 1
    assert (unread_count(grid), unread_count(gridb)) == (2, 0)
    assert mark_read(actor=grid, notices=keys[:1]) == 0
    assert Notice.objects.get(pk=keys[0]).read_at == DAY
    assert mark_read(actor=grid) == 2


def test_unread_counts_stop_at_a_hundred(town: Town, act_as: ActAs) -> None:
    post = town.posts["grid"]
    Notice.objects.bulk_create(
        Notice(district_id=DISTRICT, post=post, text="x", dedupe=str(n), at=DAY) for n in range(120)
    )
    assert unread_count(act_as("grid")) == 100


def test_the_inbox_turns_its_pages_newest_first(town: Town, act_as: ActAs) -> None:
    for n in range(5):
        send(town, ("community", "committee_office_unit")[n % 2], f"第 {n} 件")
    actor, seen, cursor = act_as("community"), [], None
    while True:
        page = inbox(actor, cursor, limit=2)
        seen += [n.text for n in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [f"第 {n} 件" for n in (4, 3, 2, 1, 0)]
    with pytest.raises(BadCursorError):
        inbox(actor, "nonsense")


def test_long_words_are_cut_and_not_refused(town: Town, act_as: ActAs) -> None:
    send(town, "grid", "长" * 600)
    assert texts(act_as("grid")) == ["长" * 499 + "…"]


# ── sign-in codes ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_is_shown_in_a_demo_and_nowhere_else(town: Town, settings: object) -> None:
    leave("code", phone_index="idx", text="482913")
    outbox.drain(now=DAY)
    shown = phone_inbox(DISTRICT, "idx").items
    assert [(n.text, n.urgent) for n in shown] == [("482913", True)]
    assert phone_inbox(DISTRICT, "another").items == []
    assert phone_inbox(DISTRICT, "").items == []
    settings.DEMO = False  # type: ignore[attr-defined]
    assert phone_inbox(DISTRICT, "idx").items == []
    leave("code", phone_index="idx", text="771204")
    outbox.drain(now=DAY)
    assert Notice.objects.filter(text="771204").count() == 0


def test_a_code_that_comes_too_late_is_not_sent(town: Town) -> None:
    row = leave("code", phone_index="idx", text="482913")
    outbox.drain(now=DAY + timedelta(minutes=6))
    row.refresh_from_db()
    assert row.done_at is not None
    assert phone_inbox(DISTRICT, "idx").items == []


# ── other channels ──────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Pager:
    """A channel that rings, and remembers what it was given."""

    code: str = "pager"
    intrusive: bool = True
    broken: bool = False
    got: list[tuple[Recipient, str, str]] = field(default_factory=list)

    def deliver(self, to: Recipient, text: str, *, urgent: bool, url: str, key: str, at: datetime) -> None:
        if self.broken:
            raise outbox.FailedError("gateway said 502")
        self.got.append((to, text, key))


@pytest.fixture
def pager() -> Iterator[Pager]:
    made = Pager()
    notices.register(made)
    yield made
    notices.unregister("pager")


def test_at_night_an_intrusive_channel_waits_for_the_morning_and_the_inbox_does_not(
    town: Town, act_as: ActAs, pager: Pager
) -> None:
    send(town, "grid", "明早看", at=NIGHT)
    assert texts(act_as("grid")) == ["明早看"]
    assert outbox.drain(now=MORNING - timedelta(seconds=1)) == 0
    assert outbox.drain(now=MORNING) == 1
    assert [(to.post_id, text) for to, text, _ in pager.got] == [(town.posts["grid"].pk, "明早看")]


def test_an_urgent_notice_rings_at_any_hour(town: Town, pager: Pager) -> None:
    send(town, "grid", "燃气", at=NIGHT, urgent=True)
    outbox.drain(now=NIGHT)
    assert [text for _, text, _ in pager.got] == ["燃气"]


def test_quiet_hours_are_the_districts(town: Town, pager: Pager) -> None:
    town.district.settings["quiet"] = ["13:00", "14:00"]
    town.district.version += 1
    town.district.save()
    send(town, "grid", "不静音", at=NIGHT)
    outbox.drain(now=NIGHT)
    assert len(pager.got) == 1


def test_a_channel_that_is_down_holds_up_no_inbox_and_is_tried_again_with_the_same_key(
    town: Town, act_as: ActAs, pager: Pager
) -> None:
    pager.broken = True
    send(town, "grid")
    assert outbox.drain(now=DAY) == 1
    row = Outbox.objects.get(topic="deliver")
    assert (row.done_at, row.tries) == (None, 1)
    assert "502" in row.error
    assert len(texts(act_as("grid"))) == 1
    pager.broken = False
    outbox.drain(now=DAY + timedelta(minutes=1))
    assert [key for _, _, key in pager.got] == [str(row.pk)]


def test_messages_of_a_channel_that_was_taken_away_are_dropped(town: Town, pager: Pager) -> None:
    send(town, "grid", at=NIGHT)
    notices.unregister("pager")
    assert outbox.drain(now=MORNING) == 1
    assert Outbox.objects.filter(done_at=None).count() == 0
    assert pager.got == []


def test_the_inbox_itself_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="inbox"):
        notices.register(Pager(code="app"))
