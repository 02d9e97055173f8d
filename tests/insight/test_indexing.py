"""``linli insight index``: fills what is missing, may run again, leaves out what is erased or too old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from linli.config import cli
from linli.insight.indexing import index
from linli.insight.models import Commonness, Posting, Trace
from tests.cast import DISTRICT, Town
from tests.insight.said import LAMP, LIFT, say

pytestmark = pytest.mark.system("T4")


def test_it_fills_what_was_there_before_and_may_run_again(town: Town) -> None:
    say(town, LIFT, "unit")
    say(town, LAMP, "grid")
    say(town, LAMP, "grid", now=timezone.now() - timedelta(days=600))
    assert Trace.objects.count() == 0
    heard: list[int] = []
    assert index(DISTRICT, progress=heard.append) == 2
    assert heard == [2]
    assert Commonness.objects.get(district_id=DISTRICT).documents == 3
    before = (Trace.objects.count(), Posting.objects.count())
    assert index(DISTRICT) == 2
    assert (Trace.objects.count(), Posting.objects.count()) == before == (2, before[1])


def test_the_command_says_what_it_did(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    say(town, LIFT, "unit")
    assert cli.main(["insight", "index"]) == 0
    assert f"{DISTRICT}：1 件" in capsys.readouterr().out
    assert cli.main(["insight", "index", "--district", "1"]) != 0
