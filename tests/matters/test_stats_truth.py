"""The figures equal a count by hand, whatever happened and however much of it is folded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from linli.core.matters import stats
from linli.core.matters.models import Delta, Figure, Spread
from linli.core.matters.stats import medians
from linli.core.matters.stats.rows import COUNTS
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from tests.cast import DISTRICT, Town
from tests.matters.stats_cast import Counts, Life, by_hand, lives, periods

ActAs = Callable[[str], Actor]
BY = ("place", "kind", "state", "channel", "day", "month", "hour")


def told(group: stats.Group) -> Counts:
    return (*(getattr(group, name) for name in COUNTS), group.median_seconds)  # type: ignore[return-value]


def non_zero(result: stats.Result) -> dict[str, Counts]:
    return {group.key: told(group) for group in result.groups if group.received}


def compare(life: Life, place: str, by: str, level: str, kind: str = "") -> None:
    scope = tree(DISTRICT).by_id[life.town.places[place].pk]
    for since, until, low, high in periods(life):
        result = stats.query(district_id=DISTRICT, by=by, path=scope.path, kind=kind, since=since, until=until)
        hand = by_hand(by, scope, low, high, level, kind)
        assert non_zero(result) == hand, (place, by, since, until)
        assert result.total.received == sum(counts[0] for counts in hand.values())
        if by == "place":
            assert result.formula["level"] == level
        for group in result.groups:
            assert stats.cases(DISTRICT, group.cases).count() == group.received, (place, by, since, until, group)


@pytest.mark.system("M2")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_equal_a_count_by_hand_while_life_goes_on_and_the_worker_folds(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    life = lives(town, act_as, monkeypatch, seed)
    for turn in range(120):
        life.step()
        if life.dice.random() < 0.3:
            stats.fold(limit=life.dice.choice((1, 7, 5000)))
        if turn % 40 == 39:
            for by in BY:
                compare(life, "district", by, "community")
            assert stats.check(DISTRICT) == []
    assert {"resolve", "verify True", "verify False", "rate", "contest", "merge"} <= life.done.keys(), life.done
    life.open("unit")
    assert Delta.objects.exists()
    assert Figure.objects.exists()
    while stats.fold():
        pass
    assert not Delta.objects.exists()
    for by in BY:
        compare(life, "district", by, "community")
    assert stats.check(DISTRICT) == []


@pytest.mark.parametrize(
    ("place", "level"),
    [
        ("street", "community"), ("town", "grid"), ("community", "quarter"), ("quarter", "grid"), ("grid", "building"),
        ("unit", "unit"),
    ],
)  # fmt: skip
def test_every_scope_tells_its_own(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, place: str, level: str
) -> None:
    life = lives(town, act_as, monkeypatch)
    for _ in range(70):
        life.step()
        if life.dice.random() < 0.2:
            stats.fold(limit=9)
    for by in BY:
        compare(life, place, by, level)


@pytest.mark.parametrize("by", BY)
def test_one_kind_alone_can_be_asked_for(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    life = lives(town, act_as, monkeypatch)
    for _ in range(60):
        life.step()
    stats.fold(limit=40)
    compare(life, "district", by, "community", kind="appeal")


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("kind", ["", "appeal"])
def test_medians_told_by_histograms_stay_within_their_error(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch, by: str, kind: str
) -> None:
    life = lives(town, act_as, monkeypatch, seed=5)
    for _ in range(120):
        life.step()
    stats.fold(limit=100)
    monkeypatch.setattr(medians, "EXACT_UP_TO", 0)
    root = tree(DISTRICT).root
    compared = 0
    for since, until, low, high in periods(life):
        result = stats.query(district_id=DISTRICT, by=by, kind=kind, since=since, until=until)
        hand = by_hand(by, root, low, high, kind=kind)
        assert {key: counts[:-1] for key, counts in non_zero(result).items()} == {k: c[:-1] for k, c in hand.items()}
        for group in result.groups:
            true = hand[group.key][-1] if group.received else None
            if true is None:
                assert group.median_seconds is None
            else:
                assert group.median_seconds == pytest.approx(true, rel=0.0105, abs=1)
                compared += 1
        assert result.formula["median"]["exact"] is (result.total.resolved == 0)
    assert compared > 2


def test_a_level_above_the_communities_adds_them_up(town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch) -> None:
    life = lives(town, act_as, monkeypatch)
    for _ in range(60):
        life.step()
    stats.fold(limit=50)
    result = stats.query(district_id=DISTRICT, by="place", level="street")
    assert non_zero(result) == by_hand("place", tree(DISTRICT).root, level="street")
    codes = [town.places[key].code for key in ("street", "street2", "town")]
    assert [group.key for group in result.groups] == sorted(codes)


def test_rebuilding_gives_the_same_cells_and_leaves_the_unfolded_alone(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = lives(town, act_as, monkeypatch)
    for _ in range(50):
        life.step()
    stats.fold(limit=25)
    waiting = Delta.objects.count()
    assert waiting
    before = _all_cells()
    stats.rebuild(DISTRICT)
    assert _all_cells() == before
    assert Delta.objects.count() == waiting


def _all_cells() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    keys = ("dim", "grain", "day", "place_id", "value")
    return (
        sorted(Figure.objects.values_list(*keys, *COUNTS)),
        sorted(Spread.objects.values_list(*keys, "packed")),
    )
