"""What stands beside a body: a parameter that nobody knows is named, and a body that is no JSON is not guessed at."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from linli.core.matters.models import Matter
from linli.core.places.geo import gcj
from tests.cast import LAT, LON, Town

JSON = "application/json"
URL = "/api/v1/matters"


def bearer(client: Client, who: str) -> dict[str, Any]:
    said = client.post("/api/v1/tokens", {"username": who, "password": "linli-demo"}, JSON).json()
    return {"HTTP_AUTHORIZATION": f"Bearer {said['token']}"}


def said(town: Town) -> bytes:
    return orjson.dumps({"kind": "appeal", "text": "楼道灯坏了。", "place": town.places["unit"].code})


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("matters?stat=open", "state"), ("stats/matters?by=kind&plase=99", "place"), ("questions?states=open", "state"),
        ("facilities?kinds=x", "kind"), ("places.geojson?levels=grid", "level"), ("matters?LIMIT=5&limits=5", "limit"),
    ],
)  # fmt: skip
def test_a_misspelt_parameter_is_named_and_does_not_answer_with_everything(
    client: Client, town: Town, url: str, known: str
) -> None:
    answer = client.get(f"/api/v1/{url}", **bearer(client, "district"))
    assert answer.status_code == 422, answer.content.decode()
    wrong = url.partition("?")[2].split("&")[-1].partition("=")[0]
    assert answer.json()["error"]["fields"] == {wrong: f"没有这一项，是不是想写 {known}？"}


def test_what_is_like_no_parameter_is_passed_over(client: Client, town: Town) -> None:
    """A stamp against caches, a language: nobody meant a filter by it."""
    place = town.places["district"].code
    for url in ("matters?_=1764300000&lang=zh", f"places/{place}?crs=gcj02", "stats/matters?by=kind&x="):
        assert client.get(f"/api/v1/{url}", **bearer(client, "district")).status_code == 200, url


def test_every_list_takes_the_two_manners_of_lists(client: Client, town: Town) -> None:
    headers = bearer(client, "district")
    for url in ("opinions", "checkins", f"places/{town.places['district'].code}/children", "matters", "rounds"):
        assert client.get(f"/api/v1/{url}?limit=5", **headers).status_code == 200, url


def test_the_head_of_a_list_is_refused_like_the_list(client: Client, town: Town) -> None:
    headers = bearer(client, "district")
    assert client.head(f"{URL}?stat=open", **headers).status_code == 422
    assert client.head(f"{URL}?state=open", **headers).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; charset=utf-8", "application/xml", "image/jpeg", "nonsense"]
)
def test_a_body_of_another_kind_is_415_and_files_nothing(client: Client, town: Town, kind: str) -> None:
    for url, who in ((URL, {}), (f"{URL}/TS-0000-0000/accept", bearer(client, "grid")), ("/api/v1/tokens", {})):
        answer = client.generic("POST", url, said(town), kind, **who)
        assert answer.status_code == 415, (url, answer.content.decode())
        assert "application/json" in answer.json()["error"]["message"]
    assert not Matter.objects.exists()


@pytest.mark.parametrize(
    "kind", ["", JSON, f"{JSON}; charset=utf-8", "application/vnd.api+json", "application/x-www-form-urlencoded"]
)
def test_json_is_read_as_programs_send_it(client: Client, town: Town, kind: str) -> None:
    """Without a kind, or with the one that curl and urllib write by themselves."""
    assert client.generic("POST", URL, said(town), kind).status_code == 201
    other = client.generic("POST", URL, b"kind=appeal&text=x", kind)
    assert (other.status_code, other.json()["error"]["message"]) == (400, "发来的不是 JSON 对象。")


def test_an_act_without_a_body_needs_no_kind(client: Client, town: Town) -> None:
    number = client.generic("POST", URL, said(town), JSON).json()["number"]
    answer = client.generic("POST", f"{URL}/{number}/accept", b"", "text/plain", **bearer(client, "grid"))
    assert answer.status_code == 200, answer.content.decode()


def test_a_point_of_the_other_system_is_converted_wherever_it_is_said(client: Client, town: Town) -> None:
    lon, lat = gcj.wgs84_to_gcj02(LON + 0.005, LAT + 0.005)
    body = {"kind": "appeal", "text": "楼道灯坏了。", "lon": lon, "lat": lat}
    for url, also in ((f"{URL}?crs=gcj02", {}), (URL, {"crs": "gcj02"})):
        made = client.post(url, {**body, **also}, JSON)
        assert made.status_code == 201, made.content.decode()
        matter = Matter.objects.get(number=made.json()["number"])
        assert (matter.lon, matter.lat) == (pytest.approx(LON + 0.005, abs=1e-6), pytest.approx(LAT + 0.005, abs=1e-6))
    assert client.post(f"{URL}?crs=bd09", body, JSON).status_code == 422
