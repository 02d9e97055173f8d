"""M16: without an admission a department's task does not reach a community."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.api.test_smoke import sign_in
from tests.cast import Town

JSON = "application/json"


@pytest.mark.system("M16")
def test_a_task_reaches_a_community_only_with_an_admission_in_scope_and_time(client: Client, town: Town) -> None:
    officer, street, community = (sign_in(client, n) for n in ("department", "street", "community"))
    task = {"kind": "task", "text": "请社区填一张门前三包统计表。", "place": town.places["community"].code}
    made = client.post("/api/v1/matters", task, content_type=JSON, **officer).json()
    number = made["number"]
    assert made["state"] == "open"
    assert client.get(f"/api/v1/matters/{number}", **community).status_code == 404
    district = sign_in(client, "district")
    url = f"/api/v1/matters/{number}/dispatch"
    refused = client.post(url, {"to": "O-committee_office"}, content_type=JSON, **district)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "admission_required")
    body = {"title": "门前三包", "basis": "示范区城管局 2026 年第 3 号", "place": town.places["street"].code,
            "since": "2020-01-01", "until": "2020-06-30"}  # fmt: skip
    expired = client.post("/api/v1/admissions", body, content_type=JSON, **officer).json()
    approve = f"/api/v1/admissions/{expired['number']}/approve"
    assert client.post(approve, {}, content_type=JSON, **community).status_code == 403
    assert client.post(approve, {}, content_type=JSON, **street).json()["state"] == "approved"
    assert client.post(url, {"to": "O-committee_office"}, content_type=JSON, **district).status_code == 409
    from datetime import timedelta

    from django.utils import timezone

    today = timezone.localdate()
    body |= {"since": today.isoformat(), "until": (today + timedelta(days=30)).isoformat()}
    good = client.post("/api/v1/admissions", body, content_type=JSON, **officer).json()
    client.post(f"/api/v1/admissions/{good['number']}/approve", {}, content_type=JSON, **street)
    done = client.post(url, {"to": "O-committee_office"}, content_type=JSON, **district)
    assert done.json()["state"] == "dispatched"
    assert done.json()["timeline"][-1]["data"]["admission"] == good["number"]
    assert client.get(f"/api/v1/matters/{number}", **community).status_code == 200
    other = {**task, "place": town.places["community2"].code}
    assert client.post("/api/v1/matters", other, content_type=JSON, **officer).json()["state"] == "open"
    again = client.post("/api/v1/matters", task, content_type=JSON, **officer).json()
    assert again["handler"]["post"] == "T-committee_office_unit"
    resident = client.post("/api/v1/matters", task, content_type=JSON, **sign_in(client, "resident"))
    assert resident.status_code == 403
