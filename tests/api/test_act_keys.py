"""An act sent twice because its answer was lost is done once: the Idempotency-Key of acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Entry, Matter
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.models import Answered
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("M1")


def opened(town: Town) -> actions.Opened:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    return actions.open_matter(actor=Actor(kind="anonymous"), asked=Asked("appeal", "灯坏了。", DISTRICT, place))


def send(town: Town, who: str, path: str, body: dict[str, Any], key: str = "k1") -> Any:
    client = Client()
    client.force_login(town.users[who])
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1/matters/{path}", orjson.dumps(body), content_type="application/json", headers=headers)


def said(matter: Matter, act: str) -> int:
    return Entry.objects.filter(matter=matter, act=act).count()


def test_the_same_act_again_is_answered_alike_and_done_once(town: Town) -> None:
    matter = opened(town).matter
    first, again = (send(town, "grid", f"{matter.number}/reply", {"text": "上午到。"}) for _n in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert said(matter, "reply") == 1
    send(town, "grid", f"{matter.number}/reply", {"text": "上午到。"}, key="k2")
    send(town, "grid", f"{matter.number}/reply", {"text": "上午到。"}, key="")
    assert said(matter, "reply") == 3


def test_it_is_answered_alike_where_the_state_would_refuse_it_by_now(town: Town) -> None:
    matter = opened(town).matter
    assert send(town, "grid", f"{matter.number}/accept", {}).json()["state"] == "accepted"
    assert send(town, "grid", f"{matter.number}/accept", {}).status_code == 200
    assert send(town, "grid", f"{matter.number}/accept", {}, key="k2").status_code == 409
    assert said(matter, "accept") == 1


def test_another_body_or_act_under_the_key_is_a_conflict(town: Town) -> None:
    matter = opened(town).matter
    send(town, "grid", f"{matter.number}/reply", {"text": "上午到。"})
    for path, body in (("reply", {"text": "下午到。"}), ("accept", {})):
        answer = send(town, "grid", f"{matter.number}/{path}", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "key_reused")
    assert said(matter, "reply") == 1


def test_a_refused_act_leaves_its_key_free(town: Town) -> None:
    matter = opened(town).matter
    stale = send(town, "grid", f"{matter.number}/reply", {"text": "上午到。", "version": 99})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale")
    assert not Answered.objects.exists()
    fresh = send(town, "grid", f"{matter.number}/reply", {"text": "上午到。", "version": matter.version})
    assert fresh.status_code == 200


def test_somebody_elses_key_is_no_way_to_read_a_matter(town: Town) -> None:
    matter = opened(town).matter
    send(town, "grid", f"{matter.number}/reply", {"text": "上午到。"})
    assert send(town, "grid2", f"{matter.number}/reply", {"text": "上午到。"}).status_code == 404
    assert send(town, "resident2", f"{matter.number}/reply", {"text": "上午到。"}).status_code == 404


def test_a_browser_without_its_token_learns_nothing_from_a_key(town: Town) -> None:
    matter = opened(town).matter
    send(town, "grid", f"{matter.number}/reply", {"text": "上午到。"})
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.users["grid"])
    answer = client.post(f"/api/v1/matters/{matter.number}/reply", orjson.dumps({"text": "上午到。"}),
                         content_type="application/json", headers={"Idempotency-Key": "k1"})  # fmt: skip
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")


def test_the_receipts_own_acts_take_a_key_too(town: Town, act_as: ActAs) -> None:
    made = opened(town)
    ids = {"district_id": DISTRICT, "matter_id": made.matter.pk}
    actions.accept(actor=act_as("grid"), **ids)
    actions.resolve(actor=act_as("grid"), text="亮了。", cause="设施老化", **ids)
    actions.verify(actor=act_as("community"), passed=True, text="看过。", **ids)
    path = f"/api/v1/matters/{made.matter.number}/rate?receipt={made.receipt}"
    answers = [
        Client().post(path, orjson.dumps({"score": 5}), content_type="application/json",
                      headers={"Idempotency-Key": "r1"})
        for _n in range(2)
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [200, 200]
    assert said(made.matter, "rate") == 1
