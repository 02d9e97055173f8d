"""What a body may hold and how it may be sent: a misspelt field is told, a body in chunks is read."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from linli.config.wsgi import MOST, measured
from linli.core.decisions.models import Question
from linli.core.matters.models import Matter
from linli.core.people.actor import for_user
from linli.offices.pairing import actions as pairing
from linli.offices.pairing.models import Visit
from tests.api.test_smoke import sign_in
from tests.cast import LAT, LON, Town
from tests.decisions.cast import Votes
from tests.decisions.conftest import votes
from tests.pairing.pairing_cast import prepare

__all__ = ["votes"]
JSON = "application/json"
HERE = {"kind": "appeal", "text": "楼道灯坏了。", "lon": LON + 0.005, "lat": LAT + 0.005}


@pytest.mark.system("M1")
@pytest.mark.parametrize(
    ("more", "field"),
    [({"confidental": True}, "confidental"), ({"contact": {"phon": "13800000000"}}, "contact.phon"),
     ({"Text": "x"}, "Text"), ({"payload": {}}, "payload")],
)  # fmt: skip
def test_a_field_that_nobody_knows_is_named_and_nothing_is_filed(
    client: Client, town: Town, more: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/v1/matters", {**HERE, **more}, content_type=JSON)
    assert answer.status_code == 422, answer.content.decode()
    assert answer.json()["error"]["fields"] == {field: "没有这一项，看看是不是写错了。"}
    assert not Matter.objects.exists()


@pytest.mark.system("M1")
def test_an_act_passes_over_what_it_does_not_need_and_misses_what_it_needs(client: Client, town: Town) -> None:
    number = client.post("/api/v1/matters", HERE, content_type=JSON).json()["number"]
    grid = sign_in(client, "grid")

    def act(name: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/matters/{number}/{name}", body, content_type=JSON, **grid)

    assert act("accept", {"text": "好的"}).status_code == 200
    wrong = act("reply", {"txet": "马上去"})
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["text"])


def test_every_create_says_in_openapi_that_it_takes_nothing_else(client: Client, town: Town) -> None:
    told = client.get("/api/v1/openapi.json").json()
    shapes, open_ = told["components"]["schemas"], []
    for path, operations in told["paths"].items():
        shape = operations.get("post", {}).get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
        shape = shapes[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
        if shape and shape.get("additionalProperties") is not False:
            open_.append(path)
    acts = ("matters/{number}/", "questions/{number}/", "admissions/{number}/", "attachments/{attachment_id}/")
    assert [path for path in open_ if not path.startswith(tuple(f"/api/v1/{act}" for act in acts))] == []


# ── in chunks ───────────────────────────────────────────────────────────────────────────────────────────────────
class Endless(io.RawIOBase):
    """More bytes than anybody takes."""

    def read(self, size: int = -1) -> bytes:
        return b" " * size


def sent(body: Any, **environ: str) -> dict[str, Any]:
    """What the application is given."""
    got: dict[str, Any] = {}

    def application(env: dict[str, Any], _start: Any) -> Iterable[bytes]:
        got.update(env, body=env["wsgi.input"].read(200))
        return [b""]

    measured(application)({"wsgi.input": body, **environ}, None)  # type: ignore[arg-type]
    return got


def test_a_body_in_chunks_is_measured() -> None:
    got = sent(io.BytesIO(b'{"a": 1}'), HTTP_TRANSFER_ENCODING="chunked")
    assert (got["CONTENT_LENGTH"], got["body"]) == ("8", b'{"a": 1}')
    got = sent(io.BytesIO(b'{"a": 1}'), HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert got["CONTENT_LENGTH"] == "8"


def test_a_body_with_its_length_goes_through_untouched() -> None:
    body = io.BytesIO(b"12345678")
    assert sent(body, CONTENT_LENGTH="8")["wsgi.input"] is body
    assert "CONTENT_LENGTH" not in sent(io.BytesIO(b""))


def test_chunks_without_end_are_cut_where_nothing_is_taken_any_more() -> None:
    assert int(sent(Endless(), HTTP_TRANSFER_ENCODING="chunked")["CONTENT_LENGTH"]) > MOST


# ── sent again ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("D5")
def test_a_question_sent_again_is_drafted_once(client: Client, votes: Votes) -> None:
    host = sign_in(client, "community")
    soon = timezone.localtime() + timedelta(days=7)
    body = {"matter": votes.topic().number, "title": "建不建充电棚", "place": votes.town.places["quarter"].code,
            "rule": votes.rules["household"].code, "closes_at": soon.isoformat(),
            "review_on": f"{soon + timedelta(days=60):%Y-%m-%d}"}  # fmt: skip
    key = {"HTTP_IDEMPOTENCY_KEY": "draft-1"}
    first, again = (client.post("/api/v1/questions", body, content_type=JSON, **host, **key) for _n in range(2))
    assert (first.status_code, again.status_code) == (201, 200), first.content.decode()
    assert first.json() == again.json()
    other = client.post("/api/v1/questions", {**body, "title": "别的"}, content_type=JSON, **host, **key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    assert Question.objects.count() == 1


@pytest.mark.system("P6")
def test_a_day_on_site_sent_again_is_one_day_and_another_one_under_its_key_is_told(client: Client, town: Town) -> None:
    prepare(town)
    today = timezone.localdate()
    made = pairing.assign(
        actor=for_user(town.users["district"].pk), role="leader", place_id=town.places["community"].pk,
        post_id=town.posts["leader"].pk, since=today - timedelta(days=60),
    )  # fmt: skip
    leader, path = sign_in(client, "leader"), f"/api/v1/pairings/{made.pk}/visits"
    long = "k" * 80

    def visit(key: str, **body: str) -> Any:
        return client.post(path, orjson.dumps({"on": today.isoformat(), **body}), content_type=JSON, **leader,
                           HTTP_IDEMPOTENCY_KEY=key)  # fmt: skip

    first, again = visit(long + "1", note="看了车棚。"), visit(long + "1", note="看了车棚。")
    assert (first.status_code, again.status_code) == (201, 200), first.content.decode()
    assert first.json() == again.json()
    assert visit(long + "1", note="看了楼道。").json()["error"]["code"] == "key_reused"
    assert visit(long + "2", note="看了楼道。").status_code == 201, "a key counts to its end"
    assert Visit.objects.count() == 2
