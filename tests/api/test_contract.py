"""What outside programs rely on: shapes, codes and manners of the API, tried as they would."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.api.test_smoke import sign_in
from tests.cast import LAT, LON, Town

JSON = "application/json"
HERE = {"kind": "appeal", "text": "楼道灯坏了。", "lon": LON + 0.005, "lat": LAT + 0.005}


def post(client: Client, url: str, body: Any, **headers: Any) -> Any:
    return client.post(f"/api/v1{url}", body, content_type=JSON, **headers)


def opened(client: Client, **change: Any) -> dict[str, Any]:
    made = post(client, "/matters", {**HERE, **change})
    assert made.status_code == 201, made.content.decode()
    return dict(made.json())


def is_error(response: Any, status: int, code: str = "") -> bool:
    body = response.json()["error"]
    assert response.status_code == status, response.content.decode()
    assert set(body) == {"code", "message", "fields"}
    return not code or body["code"] == code


@pytest.mark.system("M1")
def test_a_receipt_is_crockford_in_groups_of_four_and_appears_once(client: Client, town: Town) -> None:
    made = opened(client)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", made["receipt"])
    detail = client.get(f"/api/v1/matters/{made['number']}", {"receipt": made["receipt"].lower()})
    assert made["receipt"] not in detail.content.decode()
    grid = sign_in(client, "grid")
    assert made["receipt"] not in client.get(f"/api/v1/matters/{made['number']}", **grid).content.decode()
    assert {c["stage"] for c in made["clocks"]} == {"accept", "reply", "act", "result"}
    assert [p["level"] for p in made["place"]["path"]] == ["district", "street", "community", "quarter", "grid"]
    assert made["suggestion"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  \n"}, "text"),
        ({"text": "长" * 10_001}, "text"),
        ({"kind": "nonsense"}, "kind"),
        ({"kind": None}, "kind"),
        ({"lon": 0, "lat": 0}, "lon"),
        ({"lon": "east"}, "lon"),
        ({"lon": None}, "place"),
        ({"lon": None, "lat": None, "place": "nowhere"}, "place"),
        ({"door": "AAAA-BBBB-CCCC"}, "door"),
        ({"channel": "pigeon"}, "channel"),
        ({"contact": {"phone": "123"}}, "contact.phone"),
        ({"happened_at": "yesterday"}, "happened_at"),
        ({"happened_at": "2999-01-01T00:00:00+08:00"}, "happened_at"),
        ({"attachments": ["nonsense"]}, "attachments"),
    ],
)
def test_bad_words_are_named_by_field_and_nothing_is_kept(
    client: Client, town: Town, change: dict[str, Any], field: str
) -> None:
    response = post(client, "/matters", {**HERE, **change})
    assert is_error(response, 422)
    assert field in response.json()["error"]["fields"]
    assert client.get("/api/v1/matters", **sign_in(client, "district")).json()["items"] == []


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(client: Client, town: Town, body: Any) -> None:
    response = client.post("/api/v1/matters", body, content_type=JSON)
    assert response.status_code in (400, 422)
    assert set(response.json()) == {"error"}


def test_who_may_call(client: Client, town: Town) -> None:
    assert is_error(client.get("/api/v1/matters"), 401)
    assert is_error(client.get("/api/v1/matters", HTTP_AUTHORIZATION="Bearer nonsense"), 401)
    assert is_error(client.get("/api/v1/matters", HTTP_AUTHORIZATION="Basic x"), 401)
    assert is_error(post(client, "/tokens", {"username": "grid", "password": "wrong"}), 401)
    assert is_error(post(client, "/tokens", {"username": "grid"}), 422)
    assert client.get("/api/v1/me", **sign_in(client, "grid")).json()["posts"][0]["role"] == "grid_worker"


def test_a_deactivated_account_is_nobody(client: Client, town: Town) -> None:
    grid = sign_in(client, "grid")
    town.users["grid"].is_active = False
    town.users["grid"].save()
    assert is_error(client.get("/api/v1/matters", **grid), 401)
    assert is_error(post(client, "/tokens", {"username": "grid", "password": "linli-demo"}), 401)


def test_anonymous_intake_is_limited_to_sixty_a_minute_and_a_token_is_not(client: Client, town: Town) -> None:
    for _ in range(60):
        opened(client)
    limited = post(client, "/matters", HERE)
    assert is_error(limited, 429)
    assert 0 < int(limited["Retry-After"]) <= 60
    assert post(client, "/matters", HERE, **sign_in(client, "resident")).status_code == 201
    assert post(client, "/matters", HERE, REMOTE_ADDR="10.0.0.9").status_code == 201


def test_tokens_tolerate_twenty_a_minute(client: Client, town: Town) -> None:
    answers = [post(client, "/tokens", {"username": "x", "password": "y"}).status_code for _ in range(21)]
    assert answers == [401] * 20 + [429]


@pytest.mark.system("M7")
def test_a_resident_follows_rates_and_contests_by_receipt(client: Client, town: Town) -> None:
    made = opened(client, text="井盖松了")
    url, receipt = f"/matters/{made['number']}", made["receipt"]
    grid, community = sign_in(client, "grid"), sign_in(client, "community")
    for act, body in (
        ("accept", {}),
        ("progress", {"text": "围上了"}),
        ("resolve", {"text": "换了", "cause": "设施老化"}),
    ):
        assert post(client, f"{url}/{act}", body, **grid).status_code == 200
    assert is_error(post(client, f"{url}/rate?receipt={receipt}", {"score": 5}), 409)
    assert is_error(post(client, f"{url}/verify", {"passed": True, "text": "我看了"}, **grid), 403)
    assert post(client, f"{url}/verify", {"passed": True, "text": "看过"}, **community).json()["state"] == "verified"
    assert is_error(post(client, f"{url}/rate", {"score": 5}, **community), 403)
    assert is_error(post(client, f"{url}/rate?receipt={receipt}", {"score": 9}), 422)
    assert post(client, f"{url}/rate?receipt={receipt}", {"score": 2}).json()["state"] == "closed"
    assert is_error(post(client, f"{url}/rate?receipt={receipt}", {"score": 5}), 403)
    contested = post(client, f"{url}/contest?receipt={receipt}", {"text": "又松了"}).json()
    assert (contested["state"], contested["score"]) == ("contested", 2)
    street = sign_in(client, "street")
    judged = post(client, f"{url}/judge", {"upheld": True, "text": "是松的"}, **street).json()
    assert judged["state"] == "in_progress"
    stages = [(c["stage"], c["round"], c["state"]) for c in judged["clocks"] if c["stage"] == "result"]
    assert stages == [("result", 1, "met"), ("result", 2, "running")]
    wrong = opened(client)
    assert is_error(client.get(f"/api/v1{url}", {"receipt": wrong["receipt"]}), 404)
    assert is_error(client.get(f"/api/v1{url}", {"receipt": "nonsense"}), 404)


def test_a_stale_version_is_a_conflict_and_changes_nothing(client: Client, town: Town) -> None:
    made, grid = opened(client), sign_in(client, "grid")
    url = f"/matters/{made['number']}"
    version = client.get(f"/api/v1{url}", **grid).json()["version"]
    post(client, f"{url}/accept", {"version": version}, **grid)
    assert is_error(post(client, f"{url}/reply", {"text": "在路上", "version": version}, **grid), 409, "stale")
    assert client.get(f"/api/v1{url}", **grid).json()["state"] == "accepted"


@pytest.mark.system("M3")
def test_scopes_hide_and_nested_ids_look_like_not_found(client: Client, town: Town) -> None:
    here, there = opened(client), opened(client, lat=LAT + 0.015)
    grid, grid2, resident2 = (sign_in(client, n) for n in ("grid", "grid2", "resident2"))
    for who, own, other in ((grid, here, there), (grid2, there, here)):
        assert [m["number"] for m in client.get("/api/v1/matters", **who).json()["items"]] == [own["number"]]
        assert is_error(client.get(f"/api/v1/matters/{other['number']}", **who), 404)
        assert is_error(post(client, f"/matters/{other['number']}/accept", {}, **who), 404)
    assert client.get("/api/v1/matters", **resident2).json()["items"] == []
    community = sign_in(client, "community")
    body = {"into": there["number"], "reason": "同一件"}
    assert is_error(post(client, f"/matters/{here['number']}/merge", body, **community), 422)
    assert post(client, f"/matters/{here['number']}/escalate", {"reason": "大"}, **grid).status_code == 200
    assert client.get(f"/api/v1/matters/{here['number']}", **community).json()["handler"]["name"] == "柳荫社区居委会"


@pytest.mark.system("M4")
def test_a_whistle_by_codes_or_names_and_reports(client: Client, town: Town) -> None:
    made, street = opened(client), sign_in(client, "street")
    url = f"/matters/{made['number']}"
    grid, power, department = (sign_in(client, n) for n in ("grid", "power", "department"))
    call = {"units": ["O-power", "T-chengguan_unit"], "reason": "断电改线", "kind": "joint"}
    assert is_error(post(client, f"{url}/whistle", call, **grid), 403)
    assert is_error(client.get(f"/api/v1{url}", **power), 404)
    assert is_error(post(client, f"{url}/whistle", {**call, "units": ["nobody"]}, **street), 422)
    assert is_error(post(client, f"{url}/whistle", {**call, "kind": "x"}, **street), 422)
    assert post(client, f"{url}/whistle", call, **street).json()["state"] == "dispatched"
    assert "report" in client.get(f"/api/v1{url}", **power).json()["allowed"]
    arrived = {"unit": "O-power", "state": "arrived"}
    assert post(client, f"{url}/report", arrived, **power).status_code == 200
    assert is_error(post(client, f"{url}/report", arrived, **department), 403)
    assert is_error(post(client, f"{url}/report", {"unit": "O-chengguan", "state": "refused"}, **department), 422)
    done = {"unit": "O-power", "state": "done", "text": "改好了"}
    assert post(client, f"{url}/report", done, **power).json()["calls_open"] == 1


def test_lists_filter_and_page_by_cursor(client: Client, town: Town) -> None:
    district = sign_in(client, "district")
    numbers = [opened(client, text=f"第 {i} 件灯的事")["number"] for i in range(7)][::-1]
    first = client.get("/api/v1/matters", {"limit": 3}, **district).json()
    second = client.get("/api/v1/matters", {"limit": 3, "cursor": first["next"]}, **district).json()
    third = client.get("/api/v1/matters", {"limit": 3, "cursor": second["next"]}, **district).json()
    got = [m["number"] for page in (first, second, third) for m in page["items"]]
    assert (got, third["next"]) == (numbers, None)
    assert len(client.get("/api/v1/matters", {"q": "第 3 件"}, **district).json()["items"]) == 1
    assert client.get("/api/v1/matters", {"state": "closed"}, **district).json()["items"] == []
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    assert client.get("/api/v1/matters", {"since": later}, **district).json()["items"] == []
    assert len(client.get("/api/v1/matters", {"until": later, "limit": 200}, **district).json()["items"]) == 7
    place = town.places["community2"].code
    assert client.get("/api/v1/matters", {"place": place}, **district).json()["items"] == []
    for bad in ({"limit": 201}, {"limit": 0}, {"cursor": "x"}, {"state": "x"}, {"place": "x"}, {"since": "x"}):
        assert is_error(client.get("/api/v1/matters", bad, **district), 422)


def test_a_picture_is_re_encoded_and_only_for_those_who_see_the_matter(client: Client, town: Town) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(buffer, "JPEG", exif=b"Exif\0\0secret")
    buffer.seek(0)
    buffer.name = "x.jpg"
    made = client.post("/api/v1/attachments", {"file": buffer})
    assert made.status_code == 201, made.content.decode()
    picture = made.json()["id"]
    matter = opened(client, attachments=[picture])
    assert is_error(post(client, "/matters", {**HERE, "attachments": [picture]}), 422)
    assert is_error(client.get(f"/api/v1/attachments/{picture}"), 404)
    shown = client.get(f"/api/v1/attachments/{picture}", {"receipt": matter["receipt"]})
    assert shown.status_code == 200
    assert b"secret" not in b"".join(shown.streaming_content)
    assert is_error(client.get(f"/api/v1/attachments/{picture}", **sign_in(client, "grid2")), 404)
    text = io.BytesIO(b"<script>alert(1)</script>")
    text.name = "x.jpg"
    assert is_error(client.post("/api/v1/attachments", {"file": text}), 415)
    assert is_error(client.post("/api/v1/attachments", {}), 422)


def test_places_answer_in_both_coordinate_systems(client: Client, town: Town) -> None:
    found = client.get("/api/v1/places/locate", {"lon": LON + 0.005, "lat": LAT + 0.005}).json()
    assert found["grid"]["code"] == town.places["grid"].code
    assert found["path"][-1] == found["grid"]
    assert is_error(client.get("/api/v1/places/locate", {"lon": 0, "lat": 0}), 404)
    assert is_error(client.get("/api/v1/places/locate", {"lon": "x", "lat": 0}), 422)
    code = town.places["community"].code
    assert client.get(f"/api/v1/places/{code}").json()["level"] == "community"
    assert [p["name"] for p in client.get(f"/api/v1/places/{code}/children").json()["items"]] == ["柳荫里"]
    assert is_error(client.get("/api/v1/places/nowhere"), 404)
    roster = client.get(f"/api/v1/places/{town.places['unit'].code}/roster").json()["items"]
    assert {"王禾苗", "陆长亭", "赵长亭"} <= {p["name"] for p in roster}
    shapes = client.get("/api/v1/places.geojson", {"level": "grid"}).json()
    assert len(shapes["features"]) == 3
    assert is_error(client.get("/api/v1/places.geojson", {"level": "x"}), 422)


@pytest.mark.system("E4")
def test_figures_of_a_district_count_what_was_opened_at_once(client: Client, town: Town) -> None:
    opened(client)
    opened(client, lat=LAT + 0.015)
    answer = client.get("/api/v1/stats/matters", {"by": "place"}).json()
    assert [(g["name"], g["received"]) for g in answer["groups"]] == [("柳荫社区", 1), ("石榴社区", 1)]
    assert answer["formula"]
    for by in ("kind", "state", "channel", "day", "hour"):
        groups = client.get("/api/v1/stats/matters", {"by": by}).json()["groups"]
        assert sum(g["received"] for g in groups) == 2
    place = town.places["community"].code
    assert client.get("/api/v1/stats/matters", {"by": "kind", "place": place}).json()["groups"][0]["received"] == 1
    assert is_error(client.get("/api/v1/stats/matters", {"by": "colour"}), 422)
    assert is_error(client.get("/api/v1/stats/matters", {"place": "nowhere"}), 404)
    assert is_error(client.get("/api/v1/stats/matters", {"since": "x"}), 422)


def test_a_unit_that_a_complaint_was_handed_to_never_sees_who_complained(client: Client, town: Town) -> None:
    contact = {"name": "李冬梅", "phone": "13812345678"}
    complaint, order = opened(client, contact=contact), opened(client, kind="order", contact=contact)
    community, firm = sign_in(client, "community"), sign_in(client, "property")
    url = f"/matters/{complaint['number']}"
    assert client.get(f"/api/v1{url}", **community).json()["contact"]["mask"] == "李** 138****5678"
    handed = post(client, f"{url}/dispatch", {"to": "O-firm"}, **community)
    assert handed.json()["handler"]["name"] == "柳荫物业"
    seen = client.get(f"/api/v1{url}", **firm)
    assert (seen.status_code, seen.json()["contact"]) == (200, None)
    text = seen.content.decode()
    assert "****5678" not in text
    assert contact["phone"] not in text
    assert client.get(f"/api/v1/matters/{order['number']}", **firm).json()["contact"]["mask"] == "李** 138****5678"


def test_a_confidential_reporter_is_hidden_from_the_offices(client: Client, town: Town) -> None:
    made = opened(client, contact={"name": "李冬梅", "phone": "13812345678"}, confidential=True)
    for who, mask in (("community", ""), ("street", ""), ("grid", "李** 138****5678")):
        assert client.get(f"/api/v1/matters/{made['number']}", **sign_in(client, who)).json()["contact"]["mask"] == mask


def test_a_contact_opens_only_to_who_must_call_back_and_is_erased_by_its_owner(client: Client, town: Town) -> None:
    made = opened(client, contact={"name": "李冬梅", "phone": "13812345678"})
    url, reason = f"/matters/{made['number']}", {"reason": "约时间上门"}
    assert is_error(post(client, f"{url}/contact", reason, **sign_in(client, "community")), 403)
    assert is_error(post(client, f"{url}/contact", {"reason": " "}, **sign_in(client, "grid")), 422)
    shown = post(client, f"{url}/contact", reason, **sign_in(client, "grid")).json()
    assert shown == {"name": "李冬梅", "phone": "13812345678"}
    log = client.get(f"/api/v1{url}", {"receipt": made["receipt"]}).json()["timeline"]
    assert (log[-1]["act"], log[-1]["actor"]) == ("reveal", "王禾苗 网格员")
    assert is_error(post(client, f"{url}/erase", reason, **sign_in(client, "grid")), 403)
    gone = post(client, f"{url}/erase?receipt={made['receipt']}", {"reason": "本人要求"}).json()
    assert gone["contact"]["erased"] is True
    assert is_error(post(client, f"{url}/contact", reason, **sign_in(client, "grid")), 409, "erased")


def test_a_matter_recorded_for_somebody_is_rated_by_slip_or_by_another_persons_call_back(
    client: Client, town: Town
) -> None:
    steward, grid = sign_in(client, "steward"), sign_in(client, "grid")
    made = post(client, "/matters", {**HERE, "channel": "desk"}, **steward).json()
    url = f"/matters/{made['number']}"
    for act, body in (("accept", {}), ("progress", {"text": "看了"}), ("resolve", {"text": "好了", "cause": "aging"})):
        assert post(client, f"{url}/{act}", body, **grid).status_code == 200
    post(client, f"{url}/verify", {"passed": True, "text": "看过"}, **sign_in(client, "community"))
    slip = f"{url}/rate?receipt={made['receipt']}"
    for who in (steward, grid):
        assert is_error(post(client, slip, {"score": 5}, **who), 403)
        assert is_error(post(client, f"{url}/rate", {"score": 5}, **who), 403)
    rated = post(client, f"{url}/rate", {"score": 4, "text": "电话里说挺好"}, **sign_in(client, "community_b")).json()
    assert (rated["score"], rated["timeline"][-1]["data"]["called_back"]) == (4, True)
