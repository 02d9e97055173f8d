"""Seals: what they take in, that they queue up, and the proof from a matter to the day's root."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from linli.core.matters import actions
from linli.core.matters.ledger import sealing
from linli.core.matters.ledger.board import board, code_of
from linli.core.matters.ledger.sealing import day_root, proof_for, seal
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Leaf, Matter, Seal
from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from linli.kit import chain
from tests import cast
from tests.cast import DISTRICT, Town
from tests.ledger_flush import flushable_ledger  # noqa: F401
from tests.matters.test_walk import opened

ActAs = Callable[[str], Actor]
EVENING = datetime(2026, 3, 5, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_seal_takes_in_what_moved_and_stands_on_the_one_before(town: Town, act_as: ActAs) -> None:
    assert seal(DISTRICT) is None
    made = [opened(town, act_as("resident"), f"第 {i} 件").matter for i in range(3)]
    first = seal(DISTRICT)
    assert first is not None
    assert (first.seq, first.count) == (1, 3)
    leaves = [chain.leaf(m.number, m.seq, m.head) for m in sorted(made, key=lambda m: m.number)]
    ground = chain.leaf(chain.instant(first.at), 0, chain.genesis(DISTRICT, "seal"))
    assert first.root == chain.root([ground, *leaves]).hex()
    assert seal(DISTRICT) is None
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=made[1].pk)
    second = seal(DISTRICT)
    assert second is not None
    assert (second.seq, second.count, second.previous) == (2, 1, first.root)
    assert second.leaves.get().number == made[1].number
    assert verify(DISTRICT).ok


def test_many_heads_make_several_seals(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LARGEST", 3)
    monkeypatch.setattr(sealing, "_ROWS", 2)
    for i in range(7):
        opened(town, act_as("resident"), f"第 {i} 件")
    last = seal(DISTRICT)
    assert last is not None
    assert [s.count for s in Seal.objects.order_by("seq")] == [3, 3, 1]
    assert last.seq == 3
    assert not Matter.objects.exclude(sealed_seq=2).exists()
    assert verify(DISTRICT).ok


def test_an_act_between_reading_and_sealing_stays_for_the_next_seal(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened(town, act_as("resident")).matter
    original, acted = chain.root, []

    def root(leaves: Any) -> bytes:
        if not acted:
            acted.append(actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=made.pk))
        return original(leaves)

    monkeypatch.setattr(chain, "root", root)
    first, second = seal(DISTRICT), seal(DISTRICT)
    assert first is not None
    assert second is not None
    assert list(Leaf.objects.order_by("seal__seq").values_list("seq", flat=True)) == [2, 3]
    assert seal(DISTRICT) is None
    assert verify(DISTRICT).ok


def test_a_worker_that_saw_an_older_last_seal_looks_again(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers make the district's first seals at once: neither finds a row to lock, one meets the unique number."""
    opened(town, act_as("resident"))
    seal(DISTRICT)
    opened(town, act_as("resident"), "又一件")
    original, answers = sealing._last, [None]
    monkeypatch.setattr(sealing, "_last", lambda d: answers.pop() if answers else original(d))
    made = seal(DISTRICT)
    assert made is not None
    assert made.seq == 2
    assert verify(DISTRICT).ok


def failures(*works: Callable[[], object]) -> list[BaseException]:
    """What goes wrong when these run at once, each on a connection of its own."""
    failed: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
@pytest.mark.django_db(transaction=True)
def test_two_workers_sealing_while_people_act() -> None:
    town = cast.build()
    resident, grid = (actors.for_user(town.users[name].pk) for name in ("resident", "grid"))
    matters = [opened(town, resident, f"第 {i} 件").matter for i in range(20)]

    def accept() -> None:
        for matter in matters:
            actions.accept(actor=grid, district_id=DISTRICT, matter_id=matter.pk)

    def often() -> None:
        for _ in range(5):
            seal(DISTRICT)

    assert failures(often, often, accept) == []
    seal(DISTRICT)
    assert seal(DISTRICT) is None
    report = verify(DISTRICT)
    assert report.ok, report.broken
    assert report.counts["matters"] == 20
    assert list(Seal.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, Seal.objects.count() + 1))


def test_a_proof_leads_from_the_leaf_to_the_root_of_the_day(town: Town, act_as: ActAs) -> None:
    made = [opened(town, act_as("resident"), f"第 {i} 件").matter for i in range(5)]
    assert proof_for(made[0]) is None
    seal(DISTRICT, EVENING)
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=made[1].pk)
    last = seal(DISTRICT, EVENING + timedelta(minutes=20))
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=made[2].pk)
    tomorrow = seal(DISTRICT, EVENING + timedelta(minutes=40))
    assert day_root(DISTRICT, EVENING.date()) == last
    assert day_root(DISTRICT, EVENING.date() + timedelta(days=1)) == tomorrow
    assert day_root(DISTRICT, EVENING.date() - timedelta(days=1)) is None
    proof = proof_for(made[0])
    assert last is not None
    assert proof is not None
    assert proof.holds()
    assert (proof.root, len(proof.onward)) == (last.root, 1)
    forged = sealing.Proof(proof.number, proof.seq, made[1].head, proof.at, proof.own, proof.onward)
    assert not forged.holds()
    later = [replace(path, at=path.at - timedelta(minutes=1)) for path in proof.onward]
    assert not replace(proof, onward=later).holds(), "when a seal was made is part of its root"


def test_seals_do_not_go_back_in_time(town: Town, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    seal(DISTRICT, EVENING)
    opened(town, act_as("resident"))
    second = seal(DISTRICT, EVENING - timedelta(hours=3))
    assert second is not None
    assert second.at == EVENING


@pytest.mark.system("T6")
def test_the_board_prints_codes_and_no_words(town: Town, act_as: ActAs) -> None:
    plain = opened(town, act_as("resident"), "楼道灯坏了，我是李冬").matter
    quiet = opened(town, act_as("resident"), "邻居打麻将", kind="dispute").matter
    assert board(DISTRICT, EVENING.date()) is None
    assert code_of(plain) is None
    last = seal(DISTRICT, EVENING)
    assert last is not None
    sheet = board(DISTRICT, EVENING.date())
    assert sheet is not None
    assert (sheet.root, sheet.count) == (last.root, 2)
    assert [(line.number, line.about) for line in sheet.lines] == [(plain.number, "诉求"), (quiet.number, "")]
    assert code_of(plain) == (sheet.lines[0].code, EVENING.date())
    assert "李冬" not in repr(sheet)
    assert sheet.explained
    far = board(DISTRICT, EVENING.date(), town.places["street2"].path)
    near = board(DISTRICT, EVENING.date(), town.places["street"].path)
    assert far is not None
    assert near is not None
    assert (far.lines, far.count, len(near.lines)) == ([], 2, 2)
