"""Real messages of residents go in through the API as appeals, find their handler by rule, and the ledger verifies.

A sample, spread over the file; ``make bench`` takes all of them. Nothing here prints what people wrote: not in an
assertion, not in a failure's introspection.
"""

from __future__ import annotations

import json
import os

import pytest
from django.test import Client

from bench.messages import FILE, texts
from linli.core.matters.ledger import sealing, verifying
from linli.core.matters.models import Entry, Matter
from linli.core.people import identify
from linli.core.people.models import User
from tests.cast import DISTRICT, LAT, LON, Town

SAMPLE = 60
POINTS = ((0.005, 0.005), (0.015, 0.005), (0.005, 0.015))  # one in each grid of the town
HANDLERS = {"T-grid", "T-gridb", "T-grid2"}

pytestmark = [pytest.mark.realdata, pytest.mark.system("M1")]


@pytest.fixture
def sample() -> list[str]:
    if not FILE.is_file():
        told = "the real messages are not beside the checkout"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    everything = list(texts())
    count = len(everything)  # a bare len() in an assertion would show the words where it fails
    assert count == 4326
    # Every 72nd, and the longest of all, which no form of ours may cut off.
    return [*everything[:: len(everything) // (SAMPLE - 1)][: SAMPLE - 1], max(everything, key=len)]


@pytest.fixture
def channel(town: Town) -> dict[str, str]:
    """The headers of a hotline, which files for others and is not held up by the limit on anonymous callers."""
    account = User.objects.create_user("hotline", district=town.district)
    token = identify.give_token(account, channel="phone")
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def send(client: Client, headers: dict[str, str], n: int, text: str) -> tuple[int, dict[str, str]]:
    east, north = POINTS[n % len(POINTS)]
    body = json.dumps({"kind": "appeal", "text": text, "lon": LON + east, "lat": LAT + north})
    made = client.post(
        "/api/v1/matters", body, content_type="application/json", HTTP_IDEMPOTENCY_KEY=f"real-{n}", **headers
    )  # type: ignore[arg-type]
    return made.status_code, made.json()


def test_every_real_message_becomes_a_matter_that_says_the_same(
    client: Client, channel: dict[str, str], sample: list[str]
) -> None:
    answers = [send(client, channel, n, text) for n, text in enumerate(sample)]
    assert [n for n, (status, _) in enumerate(answers) if status != 201] == []
    assert {answer["state"] for _, answer in answers} == {"dispatched"}
    by_number = {m.number: m for m in Matter.objects.filter(district_id=DISTRICT)}
    sent, kept = len(sample), len(by_number)
    assert kept == sent
    changed = [n for n, (_, answer) in enumerate(answers) if by_number[answer["number"]].text != sample[n].strip()]
    assert changed == [], "these messages (by their place in the sample) were kept otherwise than they were sent"


def test_all_are_dispatched_by_rule_and_the_ledger_verifies(
    client: Client, channel: dict[str, str], sample: list[str]
) -> None:
    for n, text in enumerate(sample):
        send(client, channel, n, text)
    entries = Entry.objects.filter(district_id=DISTRICT, act="dispatch").values_list("seq", "data")
    sent = len(sample)
    assert [seq for seq, _ in entries] == [2] * sent
    assert all(data["rule"] for _, data in entries)
    assert {data["to"] for _, data in entries} == HANDLERS
    assert sealing.seal(DISTRICT) is not None
    report = verifying.verify(DISTRICT)
    assert [(found.number, found.reason) for found in report.broken] == []
    assert report.counts["matters"] == sent
    assert report.counts["entries"] == 2 * sent


def test_one_altered_word_of_a_real_message_is_found(
    client: Client, channel: dict[str, str], sample: list[str]
) -> None:
    _, answer = send(client, channel, 0, sample[0])
    send(client, channel, 1, sample[1])
    altered = Matter.objects.get(number=answer["number"])
    Matter.objects.filter(pk=altered.pk).update(text=altered.text + "？")
    report = verifying.verify(DISTRICT)
    assert {found.number for found in report.broken} == {answer["number"]}


def test_a_message_that_is_too_long_is_refused_whole(client: Client, channel: dict[str, str]) -> None:
    status, _ = send(client, channel, 0, "一" * 10_001)
    assert status == 422
    assert Matter.objects.count() == 0
