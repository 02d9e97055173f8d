from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import LAT, LON, Town


def sign_in(client: Client, name: str) -> dict[str, str]:
    made = client.post("/api/v1/tokens", {"username": name, "password": "linli-demo"}, content_type="application/json")
    return {"HTTP_AUTHORIZATION": f"Bearer {made.json()['token']}"}


@pytest.mark.system("M1")
def test_an_anonymous_appeal_by_point_is_dispatched_and_read_by_receipt(client: Client, town: Town) -> None:
    body = {"kind": "appeal", "text": "灯坏了。", "lon": LON + 0.005, "lat": LAT + 0.005}
    headers = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    made = client.post("/api/v1/matters", body, content_type="application/json", **headers)
    assert made.status_code == 201, made.content.decode()
    again = client.post("/api/v1/matters", body, content_type="application/json", **headers)
    assert (again.status_code, again.json()) == (200, made.json())
    other = client.post("/api/v1/matters", {**body, "text": "x"}, content_type="application/json", **headers)
    assert other.status_code == 409
    out = made.json()
    assert (out["state"], out["handler"]["name"]) == ("dispatched", "王禾苗")
    seen = client.get(f"/api/v1/matters/{out['number']}", {"receipt": out["receipt"]})
    assert seen.status_code == 200, seen.content.decode()
    assert [e["act"] for e in seen.json()["timeline"]] == ["open", "dispatch"]
    assert client.get(f"/api/v1/matters/{out['number']}").status_code == 401
    grid, other_grid = sign_in(client, "grid"), sign_in(client, "grid2")
    assert client.get(f"/api/v1/matters/{out['number']}", **other_grid).status_code == 404
    listed = client.get("/api/v1/matters", {"state": "dispatched"}, **grid).json()
    assert [m["number"] for m in listed["items"]] == [out["number"]]
    done = client.post(f"/api/v1/matters/{out['number']}/accept", {}, content_type="application/json", **grid)
    assert done.json()["state"] == "accepted"
    bad = client.post(f"/api/v1/matters/{out['number']}/verify", {}, content_type="application/json", **grid)
    assert bad.status_code == 409
    assert client.get("/api/v1/openapi.json").status_code == 200
