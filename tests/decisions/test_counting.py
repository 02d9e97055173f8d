"""Every rule and method against an independent counter that works by brute force, with exact thresholds."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core.decisions.counting import Ballot, Weight, check_choice, count, parse_rule
from linli.core.decisions.ready import READY

RULES = {each["code"]: parse_rule(each["spec"]) for each in READY}
AREAS = st.integers(1, 30000).map(lambda cents: Decimal(cents) / 100)
VOICES = st.lists(st.tuples(AREAS, st.sampled_from(["yes", "no", "abstain", None])), min_size=1, max_size=40)
pytestmark = pytest.mark.system("D5")


def counted(rule: str, voices: list[tuple[Decimal, Any]]) -> Any:
    roll = Weight(len(voices), sum((a for a, _c in voices), Decimal(0)))
    ballots = [Ballot(c, Weight(1, a)) for a, c in voices if c is not None]
    return count(rule=RULES[rule], method="choice", options=["yes", "no", "abstain"], roll=roll, ballots=ballots)


def by_hand(voices: list[tuple[Decimal, Any]], *, special: bool) -> str:
    """Civil Code 278 as its sentences read, in floats' place integers of square centimetres."""
    cm = [(int(a * 10000), c) for a, c in voices]
    all_area, all_heads = sum(a for a, _c in cm), len(cm)
    there = [(a, c) for a, c in cm if c is not None]
    area, heads = sum(a for a, _c in there), len(there)
    if area * 3 < all_area * 2 or heads * 3 < all_heads * 2:
        return "no_quorum"
    yes_area, yes_heads = sum(a for a, c in there if c == "yes"), sum(1 for _a, c in there if c == "yes")
    if special:
        passed = yes_area * 4 >= area * 3 and yes_heads * 4 >= heads * 3
    else:
        passed = yes_area * 2 > area and yes_heads * 2 > heads
    return "adopted" if passed else "rejected"


@given(VOICES)
@settings(max_examples=150, deadline=None)
def test_civil_code_278_against_a_count_by_hand(voices: list[tuple[Decimal, Any]]) -> None:
    assert counted("cc278", voices).outcome == by_hand(voices, special=False)
    assert counted("cc278s", voices).outcome == by_hand(voices, special=True)


@given(VOICES)
@settings(max_examples=100, deadline=None)
def test_what_is_missing_is_just_enough(voices: list[tuple[Decimal, Any]]) -> None:
    for meter in counted("cc278s", voices).meters:
        assert meter.met == (meter.missing == 0 and meter.whole > 0)
        step = Decimal(1) if meter.condition.of == "heads" else Decimal("0.01")
        assert meter.condition.met(Fraction(meter.needed), Fraction(meter.whole)) or meter.whole == 0
        assert not meter.condition.met(Fraction(meter.needed - step), Fraction(meter.whole))


@pytest.mark.parametrize(
    ("heads", "yes", "outcome"),
    [(10, 5, "rejected"), (10, 6, "adopted"), (2, 1, "rejected"), (3, 2, "adopted")],
)
def test_more_than_half_is_strict(heads: int, yes: int, outcome: str) -> None:
    voices = [(Decimal(1), "yes")] * yes + [(Decimal(1), "no")] * (heads - yes)
    assert counted("household", voices).outcome == outcome


def test_two_thirds_and_three_quarters_include_the_number() -> None:
    two_thirds = [(Decimal(100), "yes")] * 6 + [(Decimal(100), "no")] * 2 + [(Decimal(100), None)] * 4
    assert counted("cc278s", two_thirds).outcome == "adopted", "8 of 12 took part, 6 of 8 said yes"
    one_less = [(Decimal(100), "yes")] * 5 + [(Decimal(100), "no")] * 2 + [(Decimal(100), None)] * 5
    assert counted("cc278s", one_less).outcome == "no_quorum"


def test_heads_and_area_must_both_pass() -> None:
    one_large = [(Decimal(1000), "yes"), (Decimal(10), "no"), (Decimal(10), "no")]
    assert counted("cc278", one_large).outcome == "rejected"


def test_silence_counts_only_by_a_signed_rule_and_is_told_apart() -> None:
    spec = next(r["spec"] for r in READY if r["code"] == "cc278") | {"silence": "majority"}
    ballots = [Ballot("yes", Weight(1, Decimal(100)))] * 4 + [Ballot("no", Weight(1, Decimal(100)))] * 3
    ballots += [Ballot("abstain", Weight(1, Decimal(100)))]
    roll = Weight(12, Decimal(1200))
    found = count(rule=parse_rule(spec), method="choice", options=["yes", "no", "abstain"], roll=roll, ballots=ballots)
    assert (found.outcome, found.without_silence) == ("adopted", "rejected")
    assert found.assumed == Weight(4, Decimal(400))
    plain = count(rule=RULES["cc278"], method="choice", options=["yes", "no", "abstain"], roll=roll, ballots=ballots)
    assert (plain.outcome, plain.without_silence) == ("rejected", None)


OPTIONS = ["a", "b", "c", "d"]
RANKINGS = st.lists(st.sampled_from([list(p[:n]) for p in permutations(OPTIONS) for n in (1, 2, 4)]), max_size=25)


def run_off(papers: list[list[str]]) -> set[str]:
    """The winner by another way of writing it: remove and recount from the papers alone."""
    left = list(OPTIONS)
    while True:
        tops = Counter(next((o for o in p if o in left), "") for p in papers)
        tops.pop("", None)
        if not tops:
            return set()
        best, votes = tops.most_common(1)[0]
        if votes * 2 > sum(tops.values()):
            return {best}
        worst = min(tops.get(o, 0) for o in left)
        remaining = [o for o in left if tops.get(o, 0) > worst]
        if not remaining:
            return set()
        left = remaining


@given(RANKINGS)
@settings(max_examples=200, deadline=None)
def test_run_off_against_papers_recounted(papers: list[list[str]]) -> None:
    ballots = [Ballot(p, Weight(1)) for p in papers]
    found = count(
        rule=RULES["menu"], method="ranking", options=OPTIONS, roll=Weight(max(1, len(papers))), ballots=ballots
    )
    assert set(found.tally.winners) == run_off(papers)


@given(st.lists(st.lists(st.sampled_from(OPTIONS), unique=True), max_size=25), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_approval_seats_are_never_given_to_one_of_two_equals(papers: list[list[str]], seats: int) -> None:
    ballots = [Ballot(p, Weight(1)) for p in papers]
    found = count(rule=RULES["menu"], method="approval", options=OPTIONS, roll=Weight(max(1, len(papers))),
                  ballots=ballots, more={"seats": seats})  # fmt: skip
    liked = Counter(o for p in papers for o in p)
    assert len(found.tally.winners) <= seats
    for winner in found.tally.winners:
        better_or_equal = [
            o for o in OPTIONS if o != winner and liked[o] >= liked[winner] and o not in found.tally.winners
        ]
        assert better_or_equal == []
    if len(found.tally.winners) < min(seats, len([o for o in OPTIONS if liked[o]])):
        assert len(found.tally.tied) > seats - len(found.tally.winners)


@given(
    st.lists(st.lists(st.sampled_from(OPTIONS), unique=True), max_size=25),
    st.lists(st.integers(1, 100), min_size=4, max_size=4), st.integers(1, 250),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_budget_is_never_overspent_and_skips_nothing_that_fits(papers: Any, costs: list[int], budget: int) -> None:
    priced = dict(zip(OPTIONS, costs, strict=True))
    ballots = [Ballot(p, Weight(1)) for p in papers]
    found = count(rule=RULES["budget"], method="budget", options=OPTIONS, roll=Weight(max(1, len(papers))),
                  ballots=ballots, more={"costs": priced, "budget_fen": budget})  # fmt: skip
    liked = Counter(o for p in papers for o in p)
    spent = sum(priced[o] for o in found.tally.winners)
    assert spent <= budget
    if not found.tally.tied:
        for left_out in (o for o in OPTIONS if liked[o] and o not in found.tally.winners):
            before = sum(priced[o] for o in found.tally.winners if liked[o] >= liked[left_out])
            assert priced[left_out] > budget - before


@given(st.lists(st.dictionaries(st.sampled_from(OPTIONS), st.integers(0, 5)), max_size=25))
@settings(max_examples=100, deadline=None)
def test_scores_add_up(papers: list[dict[str, int]]) -> None:
    ballots = [Ballot(p, Weight(1)) for p in papers]
    found = count(
        rule=RULES["menu"], method="score", options=OPTIONS, roll=Weight(max(1, len(papers))), ballots=ballots
    )
    for option in OPTIONS:
        assert found.tally.sums[option].heads == sum(p.get(option, 0) for p in papers)


def test_one_objection_stops_consensus_and_is_kept() -> None:
    ballots = [Ballot("consent", Weight(1))] * 9 + [Ballot("objection", Weight(1))]
    names = ["consent", "objection", "abstain"]
    found = count(rule=RULES["consensus"], method="consent", options=names, roll=Weight(12), ballots=ballots)
    assert (found.outcome, found.tally.sums["objection"].heads) == ("rejected", 1)
    found = count(rule=RULES["consensus"], method="consent", options=names, roll=Weight(12), ballots=ballots[:9])
    assert found.outcome == "adopted"


@pytest.mark.parametrize(
    ("method", "choice", "fine"),
    [
        ("choice", "yes", True), ("choice", "maybe", False), ("choice", ["yes"], False), ("approval", ["yes"], True),
        ("approval", ["yes", "yes"], False), ("approval", "yes", False), ("ranking", [], False),
        ("score", {"yes": 5}, True),
        ("score", {"yes": 6}, False), ("score", {"yes": True}, False), ("score", {"other": 1}, False),
        ("choice", None, False),
    ],
)  # fmt: skip
def test_choices_that_are_none_are_refused(method: str, choice: Any, fine: bool) -> None:
    assert (check_choice(method, choice, ["yes", "no"]) == "") is fine


@pytest.mark.parametrize(
    "spec",
    [
        {}, {"conditions": []}, {"conditions": ["x"]}, {"conditions": [{"of": "heads", "part": "yes", "over": "roll"}]},
        {"conditions": [{"of": "area", "part": "yes", "over": "roll", "at_least": "1/2"}]},
        {"conditions": [{"of": "heads", "part": "yes", "over": "roll", "at_least": "3/2"}]},
        {"conditions": [{"of": "heads", "part": "yes", "over": "roll", "at_least": "half"}]},
        {"conditions": [{"of": "heads", "part": "yes", "over": "roll", "at_least": "1/2"}], "proxy_limit": -1},
        {"conditions": [{"of": "heads", "part": "yes", "over": "roll", "at_least": "1/2"}], "silence": "yes"},
    ],
)  # fmt: skip
def test_rules_that_are_none_are_refused_in_words(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"[一-鿿]"):
        parse_rule(spec)
