"""The API describes itself, in a page and in OpenAPI."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
def test_every_operation_stands_on_the_page(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    page = client.get("/api/v1/docs").content.decode()
    assert len(schema["paths"]) > 30
    for path in schema["paths"]:
        assert path in page
