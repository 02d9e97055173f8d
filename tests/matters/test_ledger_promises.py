"""``linli verify`` names the matter whose receipt, scope, handler, state or clocks were changed by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from linli.core.matters import actions
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Clock, Entry, Matter
from linli.core.matters.sweep import sweep
from linli.core.people.actor import Actor
from linli.kit import chain
from tests.cast import DISTRICT, Town
from tests.matters.test_ledger_verifying import opened, reasons, rehash, triggers, worked

__all__ = ["worked"]
ActAs = Callable[[str], Actor]


_COMMITTED = ("clocks", "scope", "receipt", "stands", "involved", "kept")


@pytest.mark.system("M6")
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"receipt_hash": "f" * 64}, "row.receipt"),
        ({"state": "closed"}, "row.state"),
        ({"handler": None}, "row.handler"),
        ({"street": None}, "row.scope"),
        ({"cell": None}, "row.scope"),
        ({"next_due": None}, "row.clocks"),
        ({"clocks": []}, "row.clocks"),
    ],
)
def test_a_row_changed_by_hand_is_named(worked: Matter, changed: dict[str, Any], reason: str) -> None:
    assert reasons() == {}
    Matter.objects.filter(pk=worked.pk).update(**changed)
    assert reasons() == {worked.number: {reason}}
    assert reasons(number=worked.number) == {worked.number: {reason}}


def test_a_scope_changed_with_all_its_columns_is_named(worked: Matter, town: Town) -> None:
    other = town.places["grid2"]
    Matter.objects.filter(pk=worked.pk).update(
        scope_path=other.path, street=town.places["street2"], community=town.places["community2"], cell=other
    )
    assert reasons() == {worked.number: {"row.scope"}}


@pytest.mark.parametrize(
    "changed",
    [
        {"due_at": F("due_at") + timedelta(hours=5)},
        {"started_at": F("started_at") + timedelta(minutes=1)},
        {"state": "met"},
        {"late": True},
        {"calendar": "office"},
    ],
)
def test_a_clock_changed_by_hand_is_named(worked: Matter, changed: dict[str, Any]) -> None:
    """The list's copy would still tell the truth, so it is found twice: against the chain and against the copy."""
    Clock.objects.filter(matter=worked, stage="result").update(**changed)
    found = reasons()
    assert set(found) == {worked.number}
    assert "clocks" in found[worked.number]
    assert found[worked.number] <= {"clocks", "row.clocks"}


def test_a_verdict_turned_with_its_copy_is_named(worked: Matter) -> None:
    """Somebody careful changes row and copy alike; the chain knows better."""
    Clock.objects.filter(matter=worked, stage="reply").update(state="missed")
    brief = [c | ({"state": "missed"} if c["stage"] == "reply" else {}) for c in worked.clocks]
    Matter.objects.filter(pk=worked.pk).update(clocks=brief)
    assert reasons() == {worked.number: {"clocks"}}


def test_a_clock_taken_away_is_named(worked: Matter) -> None:
    Clock.objects.filter(matter=worked, stage="act").delete()
    assert "clocks" in reasons()[worked.number]


def test_breaches_pauses_and_moves_keep_the_books_true(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident")).matter
    ids = {"district_id": DISTRICT, "matter_id": made.pk}
    actions.accept(actor=act_as("grid"), **ids)
    actions.pause(actor=act_as("grid"), reason="material", until=made.opened_at + timedelta(days=1), **ids)
    sweep(made.opened_at + timedelta(days=1, minutes=1))
    sweep(made.opened_at + timedelta(days=9))
    actions.supervise(actor=act_as("district"), text="抓紧", due_at=made.opened_at + timedelta(days=30), **ids)
    report = verify()
    assert report.ok, report.broken
    assert "breach" in set(Entry.objects.filter(matter=made).values_list("act", flat=True))


def test_a_matter_from_before_is_judged_by_what_it_promised(worked: Matter) -> None:
    """Entries that commit to nothing are no fault; a promise of the opening that was moved is."""
    rows = list(Entry.objects.filter(matter=worked).order_by("seq"))
    with triggers.lifted():
        for row in rows:
            row.data = {k: v for k, v in row.data.items() if k not in _COMMITTED}
            row.digest = chain.digest(row.salt, row.text)
            row.save()
    rehash(worked)
    assert reasons() == {}
    moved = Clock.objects.filter(matter=worked, stage="result")
    moved.update(due_at=F("due_at") + timedelta(hours=5))
    brief = [c | ({"due_at": "2030-01-01T00:00:00+08:00"} if c["stage"] == "result" else {}) for c in worked.clocks]
    Matter.objects.filter(pk=worked.pk).update(clocks=brief)
    assert "clocks" in reasons()[worked.number]
