"""Corners of the flow that a sceptical reading found open: each of these once went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from linli.config.worker import outbox
from linli.core.matters import actions, succession, telling
from linli.core.matters.actions import admissions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.allowed import allowed
from linli.core.matters.models import Attachment, Call, Matter
from linli.core.matters.present import Presenter
from linli.core.matters.sweep import sweep
from linli.core.people import notices
from linli.core.people.actor import Actor
from linli.core.people.models import Notice, Post
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.kit import files, memory
from linli.kit.models import Outbox, Upload
from linli.kit.refusal import Conflict, Forbidden, Invalid
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]
HANDLING = (notices, succession, telling)  # imported for the topics that they register
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fe"
    "dccc59e70000000049454e44ae426082"
)


def opened(town: Town, actor: Actor, text: str = "楼道灯坏了。", kind: str = "appeal", **more: Any) -> Matter:
    place = tree(DISTRICT).by_id[town.places["unit"].pk]
    return actions.open_matter(actor=actor, asked=Asked(kind, text, DISTRICT, place, **more)).matter


def ids(matter: Matter) -> dict[str, Any]:
    return {"district_id": DISTRICT, "matter_id": matter.pk}


def finish(matter: Matter, act_as: ActAs, *, now: Any = None, begin: bool = True) -> None:
    """From the grid worker's hands to verified by the community."""
    if begin:
        actions.accept(actor=act_as("grid"), now=now, **ids(matter))
    actions.resolve(actor=act_as("grid"), text="好了。", cause="aging", now=now, **ids(matter))
    actions.verify(actor=act_as("community"), passed=True, text="李家门口亮着。", now=now, **ids(matter))


# ── contest and judgement ───────────────────────────────────────────────────────────────────────────────────
def test_a_second_verification_may_be_contested_however_long_ago_the_first_was(town: Town, act_as: ActAs) -> None:
    resident, start = act_as("resident"), timezone.now()
    matter = opened(town, resident)
    finish(matter, act_as, now=start)
    actions.contest(actor=resident, text="没好", now=start + timedelta(days=1), **ids(matter))
    actions.judge(actor=act_as("street"), upheld=True, text="确实", now=start + timedelta(days=2), **ids(matter))
    later = start + timedelta(days=60)
    finish(matter, act_as, now=later, begin=False)
    done = actions.contest(actor=resident, text="还是没好", now=later + timedelta(days=1), **ids(matter))
    assert (done.state, done.rounds) == ("contested", 3)


def test_a_closed_one_is_contested_inside_the_window_only(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    actions.rate(actor=resident, score=2, **ids(matter))
    with pytest.raises(Conflict) as refused:
        actions.contest(actor=resident, text="晚了", now=timezone.now() + timedelta(days=31), **ids(matter))
    assert refused.value.code == "window_over"


def test_a_unit_stays_involved_when_the_post_that_resolved_has_ended(town: Town, act_as: ActAs) -> None:
    resident, street = act_as("resident"), act_as("street")
    matter = opened(town, resident)
    actions.dispatch(actor=act_as("community"), to="T-street", **ids(matter))
    actions.accept(actor=street, **ids(matter))
    actions.resolve(actor=street, text="好了。", cause="aging", **ids(matter))
    actions.verify(actor=act_as("community"), passed=True, text="看过。", **ids(matter))
    actions.contest(actor=resident, text="没好", **ids(matter))
    colleague = Post.objects.create(
        district=town.district, code="T-street-b", role="street_cadre", title="接任的", scope_path="00010001",
        place=town.places["street"], organisation=town.organisations["street_office"], since=date(2020, 1, 1),
        person=Post.objects.get(pk=town.posts["volunteer"].pk).person,
    )  # fmt: skip
    Post.objects.filter(pk=town.posts["street"].pk).update(until=timezone.localdate())
    memory.forget()
    heir = act_as("volunteer")
    assert colleague.pk in heir.post_ids
    stored = Matter.objects.get(pk=matter.pk)
    assert "judge" not in allowed(stored, heir, roster(DISTRICT))
    with pytest.raises(Forbidden) as refused:
        actions.judge(actor=heir, upheld=False, text="没问题", **ids(matter))
    assert refused.value.code == "different_unit"
    assert actions.judge(actor=act_as("district"), upheld=True, text="确实", **ids(matter)).state == "in_progress"


def test_who_confirmed_a_decline_does_not_judge_the_contest_of_it(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident, kind="dispute", text="邻居噪音")
    actions.decline(actor=act_as("community"), basis="条例第三条", redirect="派出所", **ids(matter))
    actions.confirm(actor=act_as("street"), agreed=True, **ids(matter))
    actions.contest(actor=resident, text="该你们管", **ids(matter))
    assert "judge" not in allowed(Matter.objects.get(pk=matter.pk), act_as("street"), roster(DISTRICT))
    with pytest.raises(Forbidden):
        actions.judge(actor=act_as("street"), upheld=False, text="不归", **ids(matter))
    done = actions.judge(actor=act_as("district"), upheld=True, text="归", **ids(matter))
    assert done.handler_id in roster(DISTRICT).by_id


def test_taken_up_again_it_goes_to_somebody_who_still_serves(town: Town, act_as: ActAs) -> None:
    resident = act_as("resident")
    matter = opened(town, resident)
    finish(matter, act_as)
    actions.rate(actor=resident, score=2, **ids(matter))
    Post.objects.filter(pk=town.posts["grid"].pk).update(until=timezone.localdate())
    memory.forget()
    again = actions.reopen(actor=resident, reason="又坏了", **ids(matter))
    assert again.handler_id == town.posts["committee_office_unit"].pk


def test_who_resolved_does_not_close_it_either(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident"))
    actions.dispatch(actor=act_as("community"), to="O-committee_office", **ids(matter))
    actions.accept(actor=act_as("community"), **ids(matter))
    actions.resolve(actor=act_as("community"), text="好了。", cause="aging", **ids(matter))
    actions.verify(actor=act_as("community_b"), passed=True, text="看过。", **ids(matter))
    assert "close" not in allowed(Matter.objects.get(pk=matter.pk), act_as("community"), roster(DISTRICT))
    with pytest.raises(Forbidden):
        actions.close(actor=act_as("community"), text="回访过", **ids(matter))
    assert actions.close(actor=act_as("community_b"), text="回访过", **ids(matter)).state == "closed"


# ── merged ──────────────────────────────────────────────────────────────────────────────────────────────────
def merged(town: Town, act_as: ActAs, *, confidential: bool = False) -> tuple[Matter, Matter]:
    job = opened(town, act_as("resident"))
    member = opened(town, act_as("resident2"), "我家门口也黑。", confidential=confidential)
    actions.merge(actor=act_as("community"), into_id=job.pk, reason="同一盏灯", **ids(member))
    return job, member


def test_a_member_hears_that_the_job_is_done_and_not_what_was_said_to_another(town: Town, act_as: ActAs) -> None:
    job, member = merged(town, act_as)
    finish(job, act_as)
    outbox.drain()
    told = [n.text for n in Notice.objects.filter(user_id=town.users["resident2"].pk)]
    assert any(member.number in text and "怎么样" in text for text in told)
    assert not any("李家门口" in text for text in told)
    assert actions.rate(actor=act_as("resident2"), score=4, **ids(member)).score == 4


def test_what_a_confidential_member_says_stays_in_its_own_thread(town: Town, act_as: ActAs) -> None:
    job, member = merged(town, act_as, confidential=True)
    finish(job, act_as)
    actions.contest(actor=act_as("resident2"), text="我是302的，还是黑", **ids(member))
    stored = Matter.objects.get(pk=job.pk)
    assert stored.state == "contested"
    assert "302的" not in json.dumps(Presenter(DISTRICT, act_as("resident")).one(stored), ensure_ascii=False)
    assert "302的" in json.dumps(Presenter(DISTRICT, act_as("resident2")).one(member), ensure_ascii=False)


def test_a_jobs_reporter_does_not_learn_the_members_numbers(town: Town, act_as: ActAs) -> None:
    job, member = merged(town, act_as)
    stored = Matter.objects.get(pk=job.pk)
    assert member.number not in json.dumps(Presenter(DISTRICT, act_as("resident")).one(stored))
    assert member.number in json.dumps(Presenter(DISTRICT, act_as("community")).one(stored))


# ── who speaks up ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_volunteer_speaks_of_home_as_a_resident(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("volunteer"), confidential=True)
    assert matter.timeline.get(seq=1).actor == "一位居民"
    assert (matter.opened_by_id, matter.channel) == (town.users["volunteer"].pk, "web")
    recorded = opened(town, act_as("community"))
    assert recorded.opened_by_id is None
    assert "赵长亭" in recorded.timeline.get(seq=1).actor


def test_erased_words_stand_in_no_notice_either(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident"), "我是302的孙晴川", phone="13800000000")
    outbox.drain()
    assert Notice.objects.filter(text__contains="孙晴川").exists()
    actions.erase(actor=act_as("admin"), reason="本人要求", text=True, **ids(matter))
    assert not Notice.objects.filter(text__contains="孙晴川").exists()
    assert not any("孙晴川" in str(row.payload) for row in Outbox.objects.all())


def test_an_erased_contact_joins_no_notice_to_its_phone(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("community"), name="李冬", phone="13800000000")
    actions.reply(actor=act_as("grid"), text="马上来", **ids(matter))
    outbox.drain()
    assert Notice.objects.exclude(phone_index="").exists()
    actions.erase(actor=act_as("admin"), reason="本人要求", **ids(matter))
    assert not Notice.objects.exclude(phone_index="").exists()


# ── whistles and tasks ──────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_late_for_a_whistle_whose_work_is_done(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident"))
    actions.accept(actor=act_as("grid"), **ids(matter))
    actions.whistle(actor=act_as("community"), units=["O-power"], reason="断电", **ids(matter))
    actions.resolve(actor=act_as("grid"), text="好了。", cause="aging", **ids(matter))
    swept = sweep(timezone.now() + timedelta(hours=2))
    assert swept.missed == 0
    assert not Call.objects.get(matter_id=matter.pk).late


def test_a_whistle_is_no_way_round_the_admission(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("department"), "填一张表", kind="task")
    with pytest.raises(Conflict) as refused:
        actions.whistle(actor=act_as("district"), units=["O-committee_office"], reason="来填", **ids(matter))
    assert refused.value.code == "admission_required"


def test_a_task_handed_down_with_an_admission_lies_in_the_community(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("department"), "填一张表", kind="task")
    today, place = timezone.localdate(), town.places["community"]
    asked = admissions.apply(
        actor=act_as("department"), title="填表", basis="文", place=place.code, since=today, until=today
    )
    admissions.decide(actor=act_as("street"), number=asked.number, approved=True, reason="可\0以")
    down = actions.hand_down(actor=act_as("district"), to="O-committee_office", reason="已准入", **ids(matter))
    assert down.scope_path.startswith(place.path)


# ── words, pictures, requests ───────────────────────────────────────────────────────────────────────────────
def test_optional_words_fit_the_books_of_both_databases(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident"))
    actions.accept(actor=act_as("grid"), **ids(matter))
    actions.whistle(actor=act_as("community"), units=["O-power"], reason="断电", **ids(matter))
    power = act_as("power")
    with pytest.raises(Invalid):
        actions.report(actor=power, state="arrived", text="长" * 2001, **ids(matter))
    with pytest.raises(Invalid):
        actions.report(actor=power, state="done", text="好", reason="长" * 501, **ids(matter))
    actions.report(actor=power, state="done", text="好\0了", **ids(matter))
    until = timezone.now() + timedelta(days=1)
    actions.pause(actor=act_as("grid"), reason="weather", until=until, text="下\0雨", **ids(matter))
    actions.resume(actor=act_as("grid"), **ids(matter))
    finish(matter, act_as, begin=False)
    actions.rate(actor=act_as("resident"), score=5, text="谢\0谢", **ids(matter))
    assert not any("\0" in entry.text for entry in matter.timeline.all())


def test_nul_breaks_no_question(town: Town, client: Client) -> None:
    client.raise_request_exception = False
    said = {"username": "community", "password": "linli-demo"}
    token = client.post("/api/v1/tokens", said, content_type="application/json").json()["token"]
    mine = {"Authorization": f"Bearer {token}"}
    for name in ("q", "kind", "channel", "category", "urgency"):
        assert client.get(f"/api/v1/matters?{name}=%00", headers=mine).status_code == 200
    for path in ("matters/%00", "admissions/%00", "places/%00"):
        assert client.get(f"/api/v1/{path}", headers=mine).json()["error"]["code"] == "not_found"
    assert client.get("/api/v1/stats/matters?kind=%00").status_code == 200
    wrong = client.post("/api/v1/tokens", {"username": "\0", "password": "x"}, content_type="application/json")
    assert wrong.status_code == 401
    body = {"kind": "appeal", "text": "灯\0坏了", "place": town.places["unit"].code,
            "contact": {"name": "\0李", "phone": "13800000000"}}  # fmt: skip
    assert client.post("/api/v1/matters", body, content_type="application/json").status_code == 201
    assert Matter.objects.get().text == "灯坏了"


def test_misses_by_token_count_for_the_account(town: Town, client: Client) -> None:
    told = []
    for n in range(22):
        said = {"username": "grid", "password": f"wrong-{n}"}
        told.append(client.post("/api/v1/tokens", said, content_type="application/json", REMOTE_ADDR=f"10.0.0.{n}"))
    assert [r.status_code for r in told] == [401] * 20 + [429] * 2
    fine = client.post("/api/v1/tokens", {"username": "gridb", "password": "linli-demo"},
                       content_type="application/json")  # fmt: skip
    assert fine.status_code == 200


def test_a_picture_whose_act_was_killed_before_it_was_marked_keeps_its_file(
    town: Town, act_as: ActAs, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    made = [files.take(SimpleUploadedFile(f"{n}.png", PICTURE, "image/png"), owner="x") for n in range(2)]
    matter = opened(town, act_as("resident"), uploads=[made[0]])
    Upload.objects.update(used_at=None, at=timezone.now() - timedelta(days=2))
    files.purge()
    assert default_storage.exists(Attachment.objects.get(matter_id=matter.pk).path)
    assert not default_storage.exists(made[1].path)
    assert list(Upload.objects.values_list("pk", flat=True)) == [made[0].pk]


def test_a_picture_already_used_is_refused_in_words(town: Town, act_as: ActAs, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = files.take(SimpleUploadedFile("a.png", PICTURE, "image/png"), owner="x")
    matter = opened(town, act_as("resident"), uploads=[picture])
    actions.accept(actor=act_as("grid"), **ids(matter))
    with pytest.raises(Invalid):
        actions.progress(actor=act_as("grid"), text="看过", uploads=[picture], **ids(matter))


def test_a_broken_request_is_logged_without_what_was_in_it(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = f"138{0:08d}"

    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError(f"Failing row contains ({phone})")

    monkeypatch.setattr("linli.core.matters.api.to_ask", fail)
    client.raise_request_exception = False
    answer = client.post("/api/v1/matters", {"kind": "appeal", "text": "x"}, content_type="application/json")
    logged = capsys.readouterr().out
    assert answer.status_code == 500
    assert "RuntimeError" in logged
    assert phone not in logged
