"""What a careless or hostile program sends: every answer has the one error shape and none is a 500."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from tests.api.test_smoke import sign_in
from tests.cast import LAT, LON, Town

JSON = "application/json"
HERE = {"kind": "appeal", "text": "楼道灯坏了。", "lon": LON + 0.005, "lat": LAT + 0.005}
FAR_PAST, FAR_FUTURE = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"


def shaped(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content.decode()
    assert set(response.json()["error"]) == {"code", "message", "fields"}
    return dict(response.json()["error"])


def test_half_a_surrogate_pair_is_refused_and_not_half_stored(client: Client, town: Town) -> None:
    body = '{"kind": "appeal", "text": "灯 \\ud800", "lon": 1, "lat": 1}'
    shaped(client.post("/api/v1/matters", body, content_type=JSON), 400)


def test_a_contact_that_is_no_object_is_refused(client: Client, town: Town) -> None:
    told = shaped(client.post("/api/v1/matters", {**HERE, "contact": "张三"}, content_type=JSON), 422)
    assert list(told["fields"]) == ["contact"]
    fine = {**HERE, "contact": {"name": "张三", "phone": "13800000000"}}
    assert client.post("/api/v1/matters", fine, content_type=JSON).status_code == 201


@pytest.mark.parametrize("when", [FAR_PAST, FAR_FUTURE])
def test_a_time_that_no_calendar_has_is_refused_everywhere(client: Client, town: Town, when: str) -> None:
    told = shaped(client.post("/api/v1/matters", {**HERE, "happened_at": when}, content_type=JSON), 422)
    assert list(told["fields"]) == ["happened_at"]
    grid: Any = sign_in(client, "grid")
    for name in ("since", "until"):
        assert name in shaped(client.get("/api/v1/matters", {name: when}, **grid), 422)["fields"]
        assert name in shaped(client.get("/api/v1/stats/matters", {name: when}), 422)["fields"]


def test_figures_since_the_last_year_that_a_date_has_are_refused(client: Client, town: Town) -> None:
    for by in ("kind", "place", "hour"):
        shaped(client.get("/api/v1/stats/matters", {"by": by, "since": "9999-12-31"}), 422)


def test_a_list_of_no_states_is_refused(client: Client, town: Town) -> None:
    grid: Any = sign_in(client, "grid")
    for asked in (",", " "):
        assert "state" in shaped(client.get("/api/v1/matters", {"state": asked}, **grid), 422)["fields"]


def test_a_point_that_is_none_is_refused_beside_a_place_too(client: Client, town: Town) -> None:
    sent = {"kind": "appeal", "text": "灯", "place": town.places["community"].code, "lon": 1e9, "lat": 0}
    assert "lon" in shaped(client.post("/api/v1/matters", sent, content_type=JSON), 422)["fields"]


def test_a_wrong_method_answers_in_the_one_shape_and_names_the_right_ones(client: Client, town: Town) -> None:
    answer = client.put("/api/v1/matters", {}, content_type=JSON)
    shaped(answer, 405)
    assert {m.strip() for m in answer["Allow"].split(",")} == {"GET", "POST"}


@pytest.mark.parametrize("text", ["\u200b\u200c\u200d\ufeff\u2060", "\u3164", " \u00ad\u202e\n"])
def test_words_that_nobody_can_see_are_no_words(client: Client, town: Town, text: str) -> None:
    told = shaped(client.post("/api/v1/matters", {**HERE, "text": text}, content_type=JSON), 422)
    assert list(told["fields"]) == ["text"]
    fine = {**HERE, "text": "灯\u200b坏了👨‍👩‍👧"}
    assert client.post("/api/v1/matters", fine, content_type=JSON).status_code == 201


def test_what_can_be_read_answers_head_without_a_body(client: Client, town: Town) -> None:
    grid: Any = sign_in(client, "grid")
    for path in ("/api/v1/matters", "/api/v1/openapi.json", f"/api/v1/places/{town.places['unit'].code}"):
        whole, head = client.get(path, **grid), client.head(path, **grid)
        assert (head.status_code, head.content, head["Content-Type"]) == (200, b"", whole["Content-Type"])
        assert head["Content-Length"] == str(len(whole.content))
    assert client.head("/api/v1/tokens").status_code == 405
    assert client.head("/api/v1/matters").status_code == 401


@pytest.mark.parametrize("lon", ["nan", "inf", "1e400"])
def test_a_place_is_not_sought_at_what_is_no_number(client: Client, town: Town, lon: str) -> None:
    assert "lon" in shaped(client.get("/api/v1/places/locate", {"lon": lon, "lat": "40"}), 422)["fields"]


def test_polygons_of_the_grid_are_what_locate_calls_so(client: Client, town: Town) -> None:
    there = client.get("/api/v1/places/locate", {"lon": str(LON + 0.005), "lat": str(LAT + 0.005)}).json()["grid"]
    found = client.get("/api/v1/places.geojson", {"level": "grid"}).json()["features"]
    assert there["code"] in {f["properties"]["code"] for f in found}


def test_a_body_over_the_limit_is_413(client: Client, town: Town) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        shaped(client.post("/api/v1/matters", {**HERE, "text": "长" * 1000}, content_type=JSON), 413)


def test_a_small_window_deep_inside_a_polygon_still_finds_it(client: Client, town: Town) -> None:
    point = (LON + 0.001, LAT + 0.001)
    path = client.get("/api/v1/places/locate", {"lon": str(point[0]), "lat": str(point[1])}).json()["path"]
    box = f"{point[0]},{point[1]},{point[0] + 1e-7},{point[1] + 1e-7}"
    found = client.get("/api/v1/places.geojson", {"level": path[-1]["level"], "bbox": box}).json()
    assert [f["id"] for f in found["features"]] == [path[-1]["code"]]
    assert "truncated" not in found
    away = client.get("/api/v1/places.geojson", {"bbox": "0,0,1,1"}).json()
    assert away["features"] == []
    shaped(client.get("/api/v1/places.geojson", {"bbox": "nan,0,1,1"}), 422)
    shaped(client.get("/api/v1/places.geojson", {"bbox": "2,0,1,1"}), 422)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=q"]
)
def test_an_upload_without_its_form_is_refused(client: Client, town: Town, kind: str) -> None:
    answer = client.generic("POST", "/api/v1/attachments", b"not a form", content_type=kind)
    assert answer.status_code in (400, 422)
    assert set(answer.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize("score", [True, "5", 4.0, 0, 6, 10**30, None])
def test_only_a_whole_number_from_one_to_five_is_a_mark(client: Client, town: Town, score: Any) -> None:
    made = client.post("/api/v1/matters", HERE, content_type=JSON).json()
    matter = town.district.matter_set.get(number=made["number"])
    matter.state = "verified"
    matter.save(update_fields=["state"])
    url = f"/api/v1/matters/{made['number']}/rate?receipt={made['receipt']}"
    assert "score" in shaped(client.post(url, {"score": score}, content_type=JSON), 422)["fields"]
    matter.refresh_from_db()
    assert (matter.score, matter.state) == (None, "verified")
