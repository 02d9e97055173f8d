"""A receipt typed into a room's page: whoever tries many has to wait, in every room alike."""

from __future__ import annotations

import pytest
from django.test import Client

from linli.core.matters.byreceipt import TRIES
from tests.cast import Town

pytestmark = pytest.mark.django_db
NOBODYS = "0000-0000-0000-0000-0000"


@pytest.mark.parametrize("url", ["/council/said/", "/covenant/said/", "/opinions/said/"])
def test_wrong_receipts_keep_what_was_typed_and_many_have_to_wait(url: str, client: Client, town: Town) -> None:
    for _ in range(TRIES):
        wrong = client.post(url, {"receipt": NOBODYS})
        assert wrong.status_code == 422
    assert NOBODYS in wrong.content.decode()
    waits = client.post(url, {"receipt": NOBODYS})
    assert waits.status_code == 429
    assert int(waits["Retry-After"]) > 0
    assert client.post(url, {}).status_code == 429
