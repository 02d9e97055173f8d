"""``linli outbox``: what stopped is shown with its reason, and sent again."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import pytest

from linli.config.commands import Told
from linli.config.commands import outbox as command
from linli.kit import outbox
from linli.kit.models import Change, Outbox

LONG_AGO = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def parked(topic: str = "notice", district: int = 130703) -> Outbox:
    return Outbox.objects.create(
        district_id=district,
        topic=topic,
        payload={},
        at=LONG_AGO,
        next_at=outbox.PARKED,
        tries=12,
        error="Gone (a.py:1)",
    )


def asked(topic: str = "") -> argparse.Namespace:
    return argparse.Namespace(topic=topic)


@pytest.mark.django_db
def test_nothing_stuck_is_said_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.show(asked()) == 0
    assert command.retry(asked()) == 0
    assert capsys.readouterr().out.splitlines() == ["没有办不成的。", "没有停下的。"]


@pytest.mark.django_db
def test_what_stopped_is_listed_with_its_reason_and_the_exit_code_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    parked()
    parked()
    parked("mask")
    assert command.show(asked()) == 1
    told = capsys.readouterr()
    assert "130703  notice" in told.out
    assert "停下 2，重试中 0，最早 2026-03-02 09:00  Gone (a.py:1)" in told.out
    assert "停下 3 件" in told.err


@pytest.mark.django_db
def test_one_topic_is_sent_again_and_the_districts_history_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [parked(), parked(district=130702), parked("mask")]
    assert command.retry(asked("notice")) == 0
    assert capsys.readouterr().out == "2 件交回后台，再做一遍。\n"
    for row in rows:
        row.refresh_from_db()
    assert [row.next_at == outbox.PARKED for row in rows] == [False, False, True]
    assert sorted(Change.objects.values_list("district_id", "sentence")) == [
        (130702, "停下的后台任务再做一遍：1 件（notice）"), (130703, "停下的后台任务再做一遍：1 件（notice）"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_topic_that_did_not_stop_is_told_with_those_that_did() -> None:
    parked("mask")
    with pytest.raises(Told, match="停下的有：mask") as told:
        command.retry(asked("notices"))
    assert told.value.code == 2
