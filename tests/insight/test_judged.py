"""Likely duplicates among real messages, against pairs that were read and judged by hand (ids only)."""

from __future__ import annotations

import os

import pytest

from bench.judged import judged, measure
from bench.messages import FILE
from linli.insight.duplicates import likeness

pytestmark = [pytest.mark.realdata, pytest.mark.system("T4")]


def test_the_list_is_long_enough_and_holds_near_misses() -> None:
    pairs = judged()
    assert len(pairs) >= 300
    assert len({pair[:2] for pair in pairs}) == len(pairs)
    assert sum(not same for _, _, same in pairs) >= 60


def test_what_is_called_sure_is_right_in_ninety_five_of_a_hundred() -> None:
    if not FILE.is_file():
        told = "the real messages are not beside the checkout"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    told_apart = measure(likeness.SURE)
    precision, recall = told_apart.precision, told_apart.recall
    assert precision >= 0.95
    assert recall >= 0.55
