"""Folding, counting again, and finding what does not fit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection, connections, transaction
from django.db.models import F, Sum

from linli.core.matters import figures, stats
from linli.core.matters.models import Delta, Figure, Matter, Spread
from linli.core.matters.models.figures import Folding
from linli.core.matters.stats import folding
from linli.core.matters.stats.cells import only_writer
from linli.core.people.actor import Actor
from linli.core.places.models import District
from tests.cast import DISTRICT, Town
from tests.matters.stats_cast import LOCAL, Life, lives

ActAs = Callable[[str], Actor]
postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="two connections at once")


@pytest.fixture
def life(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> Life:
    return lives(town, act_as, monkeypatch)


def of(dim: str, grain: str = "d") -> dict[str, int]:
    rows = Figure.objects.filter(dim=dim, grain=grain).values("value").annotate(n=Sum("received"))
    return {row["value"]: row["n"] for row in rows}


def test_what_comes_to_nothing_leaves_no_cell(life: Life) -> None:
    made = life.open("unit")
    first = made.state
    assert stats.fold() == 1
    assert of("state") == {first: 1}
    life._handle(Matter.objects.get(pk=made.pk))
    assert stats.fold() == 2
    assert of("state") == of("state", "y") == {"accepted": 1}
    assert of("all") == of("all", "m") == {"": 1}
    assert stats.fold() == 0


def test_the_oldest_goes_first_and_no_more_than_asked(life: Life) -> None:
    for _ in range(5):
        life.open("unit")
    ids = list(Delta.objects.order_by("id").values_list("id", flat=True))
    assert stats.fold(limit=2) == 2
    assert list(Delta.objects.order_by("id").values_list("id", flat=True)) == ids[2:]
    assert Folding.objects.get().folded_at == life.now


def test_a_second_district_is_folded_too(life: Life, town: Town) -> None:
    life.open("unit")
    other = District.objects.create(id=990002, name="邻区", letters="LQ", profile="test", levels=["district"])
    delta = Delta.objects.get()
    delta.pk, delta.district = figures.new_id(), other
    delta.save(force_insert=True)
    assert stats.fold(limit=10) == 2
    assert set(Figure.objects.values_list("district_id", flat=True)) == {DISTRICT, 990002}


def test_a_cell_altered_by_hand_is_found_and_put_right(life: Life) -> None:
    for _ in range(25):
        life.step()
    life.open("unit")
    stats.fold()
    assert stats.check(DISTRICT) == []
    cell = Figure.objects.filter(dim="all", grain="m").first()
    assert cell is not None
    Figure.objects.filter(pk=cell.pk).update(rated=F("rated") + 1)
    found = stats.check(DISTRICT)
    assert len(found) == 2  # the month, and the year that it no longer adds up to
    assert found[0].startswith(f"{cell.day} m all=* ")
    stats.rebuild(DISTRICT)
    assert stats.check(DISTRICT) == []


@pytest.mark.parametrize("grain", ["d", "m", "y"])
def test_a_cell_that_is_missing_or_too_much_is_found(life: Life, grain: str) -> None:
    life.open("unit")
    stats.fold()
    cell = Figure.objects.filter(dim="hour", grain=grain).get()
    cell.delete()
    assert stats.check(DISTRICT)
    stats.rebuild(DISTRICT)
    Figure.objects.create(
        district_id=DISTRICT, dim="all", grain=grain, day=date(2020, 1, 1), received=1,
        place=life.town.places["community"],
    )  # fmt: skip
    assert stats.check(DISTRICT)
    stats.rebuild(DISTRICT)
    assert stats.check(DISTRICT) == []


def test_an_altered_histogram_and_a_lost_delta_are_found(life: Life) -> None:
    while life.done.get("verify True", 0) < 2:
        life.step()
    life.open("unit")
    waiting = Delta.objects.latest("id")
    assert stats.check(DISTRICT) == []
    waiting.delete()
    assert stats.check(DISTRICT)
    stats.rebuild(DISTRICT)
    stats.fold()
    assert stats.check(DISTRICT) == []
    Spread.objects.filter(dim="all", grain="d").update(packed="[3,99]")
    assert any("spread" in line for line in stats.check(DISTRICT))


def test_cells_counted_by_another_formula_are_counted_again_before_anything_is_added(life: Life) -> None:
    life.open("unit")
    stats.fold()
    Figure.objects.update(received=70)
    Folding.objects.update(formula="三率 0")
    assert stats.check(DISTRICT)[0].startswith("formula")
    life.open("unit")
    stats.fold()
    assert stats.check(DISTRICT) == []
    assert of("all") == {"": 2}


def test_an_import_with_old_days_is_counted_by_rebuilding(life: Life) -> None:
    made = [life.open("unit") for _ in range(3)]
    stats.fold()
    when = datetime(2019, 12, 31, 23, 30, tzinfo=LOCAL)
    Matter.objects.filter(pk=made[0].pk).update(opened_at=when)
    assert stats.check(DISTRICT)
    stats.rebuild(DISTRICT)
    assert stats.check(DISTRICT) == []
    groups = stats.query(district_id=DISTRICT, by="day", until="2019-12-31").groups
    assert [(g.key, g.received) for g in groups] == [("2019-12-31", 1)]


@postgresql
@pytest.mark.django_db(transaction=True)
def test_a_district_in_another_workers_hands_is_left_to_it(life: Life) -> None:
    life.open("unit")
    held, release = threading.Event(), threading.Event()

    def other() -> None:
        with only_writer(DISTRICT) as lock:
            assert lock is not None
            held.set()
            release.wait(10)
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(10)
    assert stats.fold() == 0
    release.set()
    thread.join()
    assert stats.fold() == 1


@postgresql
@pytest.mark.django_db(transaction=True)
def test_readers_never_see_a_gap_or_a_double_while_two_workers_fold(life: Life) -> None:
    for _ in range(60):
        life.open("unit")
    failed: list[BaseException] = []

    def worker() -> None:
        try:
            while Delta.objects.exists():
                stats.fold(limit=1)
        except BaseException as error:  # told to the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    seen = set()
    while any(thread.is_alive() for thread in threads):
        seen.add(stats.query(district_id=DISTRICT, by="state").total.received)
    assert failed == []
    assert seen == {60}
    assert stats.check(DISTRICT) == []


def test_a_fold_that_fails_leaves_everything_as_it_was(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        life.open("unit")

    def broken(*_: object) -> None:
        raise RuntimeError("no space left")

    write = folding.write
    monkeypatch.setattr(folding, "write", lambda *given: (write(*given), broken()))
    with pytest.raises(RuntimeError), transaction.atomic():
        stats.fold()
    assert Delta.objects.count() == 3
    assert not Figure.objects.exists()
