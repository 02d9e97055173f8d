"""A picture that waits belongs to the account that sent it; and what a paused matter says of its clocks."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters.models import Attachment, Clock
from linli.kit import files
from linli.kit.models import Upload
from linli.kit.refusal import Invalid
from tests.api.test_contract import HERE, opened, post
from tests.api.test_smoke import sign_in
from tests.cast import Town
from tests.permissions.scene import jpeg

pytestmark = pytest.mark.system("M1")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent(client: Client, **headers: Any) -> str:
    taken = client.post("/api/v1/attachments", {"file": jpeg()}, **headers)
    assert taken.status_code == 201, taken.content.decode()
    return str(taken.json()["id"])


def test_anothers_picture_looks_like_one_that_is_not_there(client: Client, town: Town) -> None:
    own, other = sign_in(client, "resident"), sign_in(client, "resident2")
    picture = sent(client, **other)
    refused = post(client, "/matters", {**HERE, "attachments": [picture]}, **own)
    missing = post(client, "/matters", {**HERE, "attachments": [str(uuid.uuid4())]}, **own)
    assert refused.status_code == missing.status_code == 422
    told = [r.json()["error"]["message"] for r in (refused, missing)]
    assert told[0] == told[1]
    assert post(client, "/matters", {**HERE, "attachments": [picture]}).status_code == 422, "nor without an account"
    assert not Attachment.objects.exists()
    assert Upload.objects.get().used_at is None
    taken = post(client, "/matters", {**HERE, "attachments": [picture]}, **other)
    assert taken.status_code == 201, taken.content.decode()


def test_what_was_sent_without_an_account_goes_with_whoever_knows_it(client: Client, town: Town) -> None:
    """A phone changes its address between two pages, and somebody signs in between them."""
    first, second = sent(client), sent(client)
    made = post(client, "/matters", {**HERE, "attachments": [first]}, REMOTE_ADDR="203.0.113.9")
    assert made.status_code == 201
    own = sign_in(client, "resident")
    assert post(client, "/matters", {**HERE, "attachments": [second]}, **own).status_code == 201


def test_an_act_takes_no_picture_of_another_account_either(client: Client, town: Town) -> None:
    number = opened(client)["number"]
    grid = sign_in(client, "grid")
    assert post(client, f"/matters/{number}/accept", {}, **grid).status_code == 200
    picture = sent(client, **sign_in(client, "resident"))
    body = {"text": "看过了。", "attachments": [picture]}
    assert post(client, f"/matters/{number}/progress", body, **grid).status_code == 422
    body["attachments"] = [sent(client, **grid)]
    assert post(client, f"/matters/{number}/progress", body, **grid).status_code == 200


def test_whoever_acts_with_a_receipt_takes_the_picture_that_their_account_sent(client: Client, town: Town) -> None:
    picture = sent(client, **sign_in(client, "resident"))
    account, other = (town.users[name].pk for name in ("resident", "resident2"))
    assert [str(one.pk) for one in files.waiting([picture], None, account)] == [picture]
    with pytest.raises(Invalid):
        files.waiting([picture], None, other)


def test_a_contest_by_receipt_takes_the_picture_sent_while_signed_in_and_no_strangers(
    client: Client, town: Town
) -> None:
    made = opened(client)
    url, receipt = f"/matters/{made['number']}", made["receipt"]
    grid, community = sign_in(client, "grid"), sign_in(client, "community")
    own, other = sign_in(client, "resident"), sign_in(client, "resident2")
    for act, body in (
        ("accept", {}),
        ("progress", {"text": "看了"}),
        ("resolve", {"text": "换了", "cause": "设施老化"}),
    ):
        assert post(client, f"{url}/{act}", body, **grid).status_code == 200
    assert post(client, f"{url}/verify", {"passed": True, "text": "看过"}, **community).status_code == 200
    assert post(client, f"{url}/rate?receipt={receipt}", {"score": 2}).status_code == 200
    said = {"text": "又坏了", "attachments": [sent(client, **own)]}
    for stranger in (other, {}):
        assert post(client, f"{url}/contest?receipt={receipt}", said, **stranger).status_code == 422
    assert post(client, f"{url}/contest?receipt={receipt}", said, **own).status_code == 200
    assert Attachment.objects.count() == 1


def test_owners_of_accounts_and_addresses_are_never_alike() -> None:
    account = uuid.uuid4()
    assert files.owner(account) == files.owner(account, "203.0.113.9") != files.owner(None, str(account))
    assert files.owner(None, "a") != files.owner(None, "b")


def test_a_paused_matter_lists_its_promises_as_paused_and_no_clock_of_the_pause(client: Client, town: Town) -> None:
    number = opened(client)["number"]
    grid = sign_in(client, "grid")
    post(client, f"/matters/{number}/accept", {}, **grid)
    until = (timezone.now() + timedelta(hours=20)).isoformat()
    paused = post(client, f"/matters/{number}/pause", {"reason": "material", "until": until}, **grid)
    assert paused.status_code == 200, paused.content.decode()
    assert Clock.objects.filter(stage="pause", state="running").exists(), "the sweep still has to look"
    for told in (paused.json(), client.get(f"/api/v1/matters/{number}", **grid).json()):
        assert {c["stage"]: c["state"] for c in told["clocks"]} == {
            "reply": "paused", "act": "paused", "result": "paused", "accept": "met",
        }  # fmt: skip
    listed = client.get("/api/v1/matters", {"mine": "true"}, **grid).json()["items"]
    assert "pause" not in {c["stage"] for item in listed for c in item["clocks"]}
    again = post(client, f"/matters/{number}/resume", {}, **grid).json()
    assert {c["stage"]: c["state"] for c in again["clocks"] if c["stage"] != "accept"} == {
        "reply": "running", "act": "running", "result": "running",
    }  # fmt: skip
