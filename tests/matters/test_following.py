"""Following a matter: one's own receipt, reply and rating, and not a word about anybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client

from linli.core.matters import actions, seeing
from linli.core.matters.actions import following
from linli.core.matters.actions.opening import Asked, Opened
from linli.core.matters.ledger import sealing, verifying
from linli.core.matters.models import Clock, Contact, Entry, Link, Matter
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.models import Notice
from linli.core.places.tree import tree
from linli.kit.refusal import Conflict, NotFound
from tests.cast import DISTRICT, Town
from tests.insight.said import LIFT, say, work

pytestmark = pytest.mark.system("T4", "M1")
ActAs = Callable[[str], Actor]


def join(town: Town, job: Matter, who: Actor = ANONYMOUS, text: str = "我家也一样。", **more: Any) -> Opened:
    asked = Asked(kind="", text=text, district_id=DISTRICT, place=tree(DISTRICT).by_id[town.places["unitb"].pk], **more)
    return actions.follow(actor=who, asked=asked, job=following.followed(job.number))


def send(number: str, body: dict[str, Any], key: str = "") -> Any:
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return Client().post(f"/api/v1/matters/{number}/follow", orjson.dumps(body), "application/json", **headers)


def test_the_follower_has_a_matter_of_their_own_inside_the_job(town: Town) -> None:
    job = say(town, LIFT, "unit")
    made = join(town, job, name="李冬梅", phone="13812345678")
    job.refresh_from_db()
    assert (job.households, job.state) == (2, "dispatched")
    member = Matter.objects.get(pk=made.matter.pk)
    assert (member.state, member.job_id, member.before, member.handler_id) == ("merged", job.pk, "open", None)
    assert made.receipt
    assert Link.objects.get(source=member).target_id == job.pk
    assert set(Clock.objects.filter(matter=member).values_list("state", flat=True)) == {"paused"}
    assert [entry.act for entry in Entry.objects.filter(matter=member)] == ["open", "merge"]
    last = Entry.objects.filter(matter=job).last()
    assert last is not None
    assert (last.act, last.actor, last.text) == ("member", "一位居民", "")
    assert Contact.objects.get(matter=member).phone


def test_the_ledger_verifies_and_an_office_may_take_it_out_again(town: Town, act_as: ActAs) -> None:
    job = say(town, LIFT, "unit")
    made = join(town, job)
    sealing.seal(DISTRICT)
    assert verifying.verify().ok
    back = actions.unmerge(actor=act_as("community"), district_id=DISTRICT, matter_id=made.matter.pk, reason="是另一部")
    assert back.state == "open"
    job.refresh_from_db()
    assert job.households == 1
    assert "running" in set(Clock.objects.filter(matter=back).values_list("state", flat=True))
    assert verifying.verify().ok


def test_the_follower_rates_for_themselves_once_the_job_is_verified(town: Town, act_as: ActAs) -> None:
    job = say(town, LIFT, "unit")
    made = join(town, job)
    grid = act_as("grid")
    own = {"district_id": DISTRICT, "matter_id": job.pk}
    actions.accept(actor=grid, **own)
    actions.resolve(actor=grid, text="修好了。", cause="aging", **own)
    actions.verify(actor=act_as("community"), passed=True, text="看过了。", **own)
    holder, matter = seeing.with_receipt(made.receipt)
    actions.rate(actor=holder, district_id=DISTRICT, matter_id=matter.pk, score=2)
    job.refresh_from_db()
    assert job.score is None
    assert Matter.objects.get(pk=made.matter.pk).score == 2


def test_the_follower_hears_what_is_said_to_the_members(town: Town, act_as: ActAs) -> None:
    job = say(town, LIFT, "unit")
    join(town, job, act_as("resident"))
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=job.pk)
    actions.resolve(actor=act_as("grid"), district_id=DISTRICT, matter_id=job.pk, text="修好了。", cause="aging")
    actions.verify(actor=act_as("community"), district_id=DISTRICT, matter_id=job.pk, passed=True, text="看过了。")
    work()
    assert Notice.objects.filter(user=town.users["resident"]).exists()


def test_nobody_follows_what_is_not_public_and_it_looks_like_nothing(town: Town) -> None:
    secret = say(town, LIFT, "unit", confidential=True, name="孙某", phone="13912345678")
    quarrel = say(town, LIFT, "unit", kind="dispute")
    for matter in (secret, quarrel):
        assert send(matter.number, {}).status_code == 404
        with pytest.raises(NotFound):
            join(town, matter)
    assert send("TS-2601-9999", {}).status_code == 404
    assert send("nonsense", {}).json() == send(secret.number, {}).json()


def test_what_has_ended_is_not_followed(town: Town, act_as: ActAs) -> None:
    job = say(town, LIFT, "unit")
    own = {"district_id": DISTRICT, "matter_id": job.pk}
    actions.accept(actor=act_as("grid"), **own)
    actions.resolve(actor=act_as("grid"), text="修好了。", cause="aging", **own)
    with pytest.raises(Conflict) as refused:
        join(town, job)
    assert refused.value.code == "ended"
    assert Matter.objects.count() == 1


def test_a_merged_one_leads_to_its_job(town: Town, act_as: ActAs) -> None:
    job, other = say(town, LIFT, "unit"), say(town, LIFT, "unit")
    actions.merge(actor=act_as("community"), district_id=DISTRICT, matter_id=other.pk, into_id=job.pk, reason="同一件")
    made = join(town, other)
    assert made.matter.job_id == job.pk
    job.refresh_from_db()
    assert job.households == 3


def test_one_account_counts_as_one_household(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    job = say(town, LIFT, "unit", actor=resident)
    with pytest.raises(Conflict):
        join(town, job, resident)
    another = say(town, LIFT, "unit")
    join(town, another, resident)
    with pytest.raises(Conflict):
        join(town, another, resident)
    another.refresh_from_db()
    assert another.households == 2


def test_the_fifth_household_is_told_to_who_holds_it(town: Town) -> None:
    job = say(town, LIFT, "unit")
    for _ in range(4):
        join(town, job)
    work()
    told = Notice.objects.filter(post=town.posts["grid"], text__contains="五户")
    assert told.count() == 1


def test_the_same_key_follows_once_and_answers_alike(town: Town) -> None:
    key = "k-1"
    job = say(town, LIFT, "unit")
    first, again = send(job.number, {"text": "我家也是。"}, key), send(job.number, {"text": "我家也是。"}, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert send(job.number, {"text": "换了一句。"}, key).status_code == 409
    job.refresh_from_db()
    assert job.households == 2
    assert (first.json()["job"], first.json()["households"]) == (job.number, 2)


def test_the_answer_says_nothing_of_where_the_other_one_lives(town: Town) -> None:
    job = say(town, LIFT + "我住502室。", "unit")
    body = send(job.number, {}).json()
    assert body["place"]["code"] == town.places["building"].code
    assert "502室" not in orjson.dumps(body).decode()
    assert body["state"] == "merged"


def test_a_place_in_another_district_is_refused(town: Town) -> None:
    job = say(town, LIFT, "unit")
    assert send(job.number, {"place": "NOWHERE"}).status_code == 422
    assert Matter.objects.count() == 1
