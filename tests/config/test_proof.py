"""``linli verify`` names whatever somebody with a database shell changed of what residents were told or counted in.

One prepared district with a matter of everything in it, and one table: each row changes something by hand, and the
finding must name the matter, the vote, the sitting or the round that it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from linli.core.decisions.models import Amendment, Member, Question, RollEntry, RuleVersion
from linli.core.gatherings import actions as gatherings
from linli.core.gatherings.models import AgendaItem, Attendance, Gathering, Minutes, Resolution
from linli.core.matters import actions, records, triggers
from linli.core.matters.actions import admissions
from linli.core.matters.ledger.sealing import seal
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import (
    Admission,
    Attachment,
    Call,
    Clock,
    Fact,
    Involvement,
    Link,
    Matter,
    Record,
    Whistle,
)
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from linli.offices.councils import actions as council
from linli.offices.councils import queries as councils
from linli.offices.councils.models import Dissent, Opinion, Support
from linli.offices.covenants import actions as covenants
from linli.offices.covenants.actions.commenting import Answering
from linli.offices.covenants.models import Answer, Comment, Covenant, Event, Version
from linli.offices.covenants.models import Support as Agreed
from linli.offices.opinions import actions as rounds
from linli.offices.opinions.models import Group, Round, Stretch
from linli.offices.opinions.models import Opinion as Voice
from tests.cast import DISTRICT, Town
from tests.matters.test_walk import opened
from tests.permissions import councils_scene, covenants_scene, opinions_scene, scene, voting_scene

ActAs = Callable[[str], Actor]
Made = dict[str, Any]
pytestmark = pytest.mark.system("M6")


@pytest.fixture
def story(town: Town, act_as: ActAs, tmp_path: Path, settings: Any) -> Made:
    """Everything that the table changes, each thing under the name that a finding must tell."""
    settings.MEDIA_ROOT = tmp_path
    made: Made = _matters(town, act_as) | _room(town, act_as)
    made["vote"] = voting_scene.question(town, act_as("community"), "community", made["matter"])
    made["round"] = _round(town, act_as)
    made["covenant"] = _covenant(town, act_as)
    seal(DISTRICT)
    return made


def _matters(town: Town, act_as: ActAs) -> Made:
    """One that was done and checked, with a picture and a whistle; another one merged into a third."""
    one, _receipt = scene.opened(town, act_as("resident"), "unit", uploads=[scene.upload(act_as("resident"))])
    ids: dict[str, Any] = {"district_id": DISTRICT, "matter_id": one.pk}
    actions.accept(actor=act_as("grid"), **ids)
    unit = town.posts["department"].code
    actions.whistle(actor=act_as("community"), units=[unit], reason="请来看线。", kind="joint", **ids)
    actions.report(actor=act_as("department"), state="arrived", text="到了。", unit=unit, **ids)
    actions.resolve(actor=act_as("grid"), text="换好了。", cause="设施老化", **ids)
    actions.verify(actor=act_as("community"), passed=True, text="看过了。", **ids)
    member, job = opened(town, act_as("resident2"), "同一盏灯").matter, opened(town, act_as("resident"), "灯").matter
    actions.merge(
        actor=act_as("community"), district_id=DISTRICT, matter_id=member.pk, into_id=job.pk, reason="同一盏。"
    )
    today = timezone.localdate()
    leave = admissions.apply(
        actor=act_as("department"), title="入户登记", basis="有依据", place=town.places["community"].code, since=today,
        until=today + timedelta(days=30),
    )  # fmt: skip
    admissions.decide(actor=act_as("street"), number=leave.number, approved=True)
    return {"matter": one, "number": one.number, "member": member.number, "admission": leave.number}


def _room(town: Town, act_as: ActAs) -> Made:
    """A sitting that was minuted, with a resolution, an opinion, a supporter and somebody against it."""
    held = councils_scene.council(town, act_as("resident"), act_as("community"), "community")
    topic = Matter.objects.get(number=held.topic)
    host, sitting = act_as("community"), Gathering.objects.get(number=held.gathering)
    source = opened(town, act_as("resident"), "没处充电").matter
    council.raise_topic(actor=host, sources=[source], place=_place(town, "community"), text="充电怎么办")
    spoken = council.speak(actor=act_as("resident"), topic=topic, text="建在北边。", retry="o" * 44)
    council.answer(actor=host, opinion_id=spoken.opinion.pk, text="记下了。")
    council.support(actor=act_as("resident"), topic=topic)
    item = councils.item(sitting, AgendaItem.objects.get(pk=held.item).pk)
    council.dissent(actor=host, item=item, text="太近了。", retry="d" * 32, label="三楼的")
    ids: dict[str, Any] = {"actor": host, "district_id": DISTRICT, "gathering_id": sitting.pk}
    gatherings.end(**ids)
    gatherings.publish(text="议了充电棚，建。", **ids)
    return {"topic": held.topic, "sitting": held.gathering}


def _place(town: Town, name: str) -> Any:
    return tree(DISTRICT).by_id[town.places[name].pk]


def _round(town: Town, act_as: ActAs) -> str:
    asked = opinions_scene.asked(town, act_as("community"), "community")
    row, host = Round.objects.get(code=asked.code), act_as("community")
    rounds.answer(actor=host, row=row, opinion_id=Voice.objects.get(pk=asked.opinion).pk, text="好，声控。")
    rounds.end(actor=host, row=row)
    rounds.publish(actor=host, row=row)
    return asked.code


def _covenant(town: Town, act_as: ActAs) -> str:
    asked = covenants_scene.covenant(town, act_as("resident"), act_as("community"), "community")
    row, comment = Covenant.objects.get(number=asked.number), Comment.objects.get(pk=asked.comment)
    covenants.support(actor=act_as("grid"), comment=comment)
    covenants.answer(actor=act_as("community"), covenant=row, ids=[comment.pk], answering=Answering("noted", "谢谢。"))
    return asked.number


LATER = timedelta(hours=3)
# Which rows, what is changed in them, what the finding must be called and whose name it must tell.
TABLE: list[tuple[type[Model], str, dict[str, Any], str, str]] = [
    # ── the matter's own row ──
    (Matter, "number", {"opened_by": None}, "row.whom", "number"),
    (Matter, "number", {"recorded_by": "grid"}, "row.whom", "number"),
    (Matter, "number", {"lon": 114.4}, "row.where", "number"),
    (Matter, "number", {"lat": 36.6}, "row.where", "number"),
    (Matter, "number", {"opened_path": "zzzz"}, "row.where", "number"),
    (Matter, "number", {"place": "street"}, "row.where", "number"),
    (Matter, "number", {"first": None}, "row.first", "number"),
    (Matter, "number", {"resolver": "community"}, "row.resolver", "number"),
    (Matter, "number", {"resolver_person": None}, "row.resolver", "number"),
    (Matter, "number", {"verifier": None}, "row.verifier", "number"),
    (Matter, "number", {"verifier_person": None}, "row.verifier", "number"),
    (Matter, "number", {"decliner_person": "id"}, "row.decliner", "number"),
    (Matter, "number", {"before": "closed"}, "row.back", "number"),
    (Matter, "number", {"paused_until": "now"}, "row.back", "number"),
    (Matter, "number", {"rated_round": 1}, "row.rated_round", "number"),
    (Matter, "number", {"calls_open": 0}, "row.calls_open", "number"),
    (Matter, "number", {"kind": "consult"}, "row.kind", "number"),
    (Matter, "number", {"category": "03"}, "row.category", "number"),
    (Matter, "number", {"urgency": "urgent"}, "row.urgency", "number"),
    (Matter, "number", {"channel": "desk"}, "row.channel", "number"),
    (Matter, "number", {"anonymous": True}, "row.anonymous", "number"),
    (Matter, "number", {"confidential": True}, "row.confidential", "number"),
    (Matter, "number", {"title": "别的"}, "row.title", "number"),
    (Matter, "number", {"text": "别的"}, "row.text", "number"),
    (Matter, "number", {"state": "closed"}, "row.state", "number"),
    (Matter, "number", {"handler": None}, "row.handler", "number"),
    (Matter, "number", {"cause": "other"}, "row.cause", "number"),
    (Matter, "number", {"score": 5}, "row.score", "number"),
    (Matter, "number", {"rounds": 2}, "row.rounds", "number"),
    (Matter, "number", {"resolved_at": F("resolved_at") - LATER}, "row.resolved_at", "number"),
    (Matter, "member", {"job": None}, "row.job__number", "member"),
    # ── beside it ──
    (Involvement, "number", {"how": "asked"}, "involved", "number"),
    (Involvement, "number", {"post": "property"}, "involved", "number"),
    (Link, "member", {"reason": "不同。"}, "link", "member"),
    (Link, "member", {"ended_at": "now"}, "link", "member"),
    (Attachment, "number", {"sha256": "0" * 64}, "pictures", "number"),
    (Attachment, "number", {"path": "2026/other.jpg"}, "pictures", "number"),
    (Attachment, "number", {"path": ""}, "pictures", "number"),
    (Attachment, "number", {"mime": "image/gif"}, "pictures", "number"),
    (Attachment, "number", {"shown_path": "x.jpg", "shown_sha256": "0" * 64}, "pictures", "number"),
    (Attachment, "number", {"hidden": True}, "pictures", "number"),
    (Attachment, "number", {"covered": [[0.1, 0.1, 0.2, 0.2]]}, "pictures", "number"),
    (Call, "number", {"due_at": F("due_at") + LATER}, "call", "number"),
    (Whistle, "number", {"by": "street"}, "whistle", "number"),
    (Clock, "rating", {"due_at": F("due_at") + LATER}, "clocks", "number"),
    (Link, "raised", {"type": "matched_to"}, "link", ""),
    (Admission, "", {"until": F("until") + timedelta(days=99)}, "admission", "admission"),
    (Admission, "", {"state": "refused"}, "admission", "admission"),
    (Admission, "", {"scope_path": "0001"}, "admission", "admission"),
    (Admission, "", {"basis": "另一份"}, "admission", "admission"),
    # ── votes ──
    (Question, "", {"title": "拆不拆"}, "vote.terms", "number"),
    (Question, "", {"text": "换了说法"}, "vote.terms", "number"),
    (Question, "", {"options": [{"code": "yes", "name": "不同意"}]}, "vote.terms", "number"),
    (Question, "", {"binding": True}, "vote.terms", "number"),
    (Question, "", {"method": "approval"}, "vote.terms", "number"),
    (Question, "", {"objections_until": F("objections_until") + LATER}, "vote.terms", "number"),
    (Question, "", {"review_on": None}, "vote.terms", "number"),
    (Question, "", {"sample_seed": "0" * 32}, "vote.terms", "number"),
    (Question, "", {"made_at": F("made_at") - LATER}, "vote.terms", "number"),
    (Question, "", {"result": {"outcome": "adopted"}}, "vote.count", "number"),
    (Question, "", {"decided_at": "now"}, "vote.count", "number"),
    (Question, "", {"imported": {"source": "别处"}}, "vote.count", "number"),
    (RuleVersion, "", {"spec": {"conditions": []}}, "vote.terms", "number"),
    (RuleVersion, "", {"name": "另一版"}, "vote.terms", "number"),
    (RollEntry, "", {"label": "别家"}, "vote.roll", "number"),
    (RollEntry, "", {"holder": "别人"}, "vote.roll", "number"),
    (RollEntry, "", {"units": []}, "vote.roll", "number"),
    (RollEntry, "", {"reason": "说不清"}, "vote.roll", "number"),
    # ── sittings ──
    (Gathering, "", {"title": "别的会"}, "gathering", "sitting"),
    (Gathering, "", {"ended_at": None}, "gathering", "sitting"),
    (AgendaItem, "", {"title": "别的议题"}, "gathering", "sitting"),
    (AgendaItem, "", {"outcome": "heard"}, "gathering", "sitting"),
    (Minutes, "", {"text": "没议成。"}, "minutes", "sitting"),
    (Minutes, "", {"by": "别人"}, "minutes", "sitting"),
    (Resolution, "", {"due_on": F("due_on") - timedelta(days=1)}, "resolution", "sitting"),
    (Resolution, "", {"owner": "grid"}, "resolution", "sitting"),
    (Resolution, "", {"satisfied": 50}, "resolution", "sitting"),
    # ── councils ──
    (Opinion, "", {"text": "建在南边。"}, "opinion", "topic"),
    (Opinion, "", {"reply": "没听见。"}, "opinion", "topic"),
    (Opinion, "", {"author": None}, "opinion", "topic"),
    (Support, "", {"mark": "0" * 64}, "support", "topic"),
    (Dissent, "", {"text": "很好。"}, "dissent", "sitting"),
    (Dissent, "", {"content": True, "asked_at": "now"}, "dissent", "sitting"),
    # ── opinion rounds ──
    (Round, "", {"title": "别的"}, "round", "round"),
    (Round, "", {"questions": ["别的？"]}, "round", "round"),
    (Stretch, "", {"nobody": 40}, "round", "round"),
    (Voice, "", {"text": "不要灯。"}, "voice", "round"),
    (Voice, "", {"group": None}, "voice", "round"),
    (Voice, "", {"reply": "不办。"}, "voice", "round"),
    (Voice, "", {"quiet": True}, "voice", "round"),
    (Group, "", {"title": "不要灯"}, "group", "round"),
    # ── covenants ──
    (Covenant, "", {"closes_on": F("closes_on") + timedelta(days=9)}, "covenant", "covenant"),
    (Covenant, "", {"state": "settled"}, "covenant", "covenant"),
    (Version, "", {"text": {"preamble": "改了", "articles": []}}, "covenant", "covenant"),
    (Event, "", {"text": "改了"}, "covenant", "covenant"),
    (Comment, "", {"text": "不好。"}, "comment", "covenant"),
    (Comment, "", {"outcome": "not"}, "comment", "covenant"),
    (Answer, "", {"text": "不采纳。"}, "comment", "covenant"),
    (Agreed, "", {"mark": "0" * 64}, "comment", "covenant"),
]
# The same for rows taken away: whole, and with all that would refuse it.
TAKEN: list[tuple[type[Model], str, str]] = [
    (Involvement, "involved", "number"), (Attachment, "pictures", "number"), (Minutes, "minutes", "sitting"),
    (Opinion, "opinion", "topic"), (Support, "support", "topic"), (Dissent, "dissent", "sitting"),
    (Voice, "voice", "round"), (Answer, "comment", "covenant"), (Agreed, "comment", "covenant"),
    (Event, "covenant", "covenant"), (Member, "vote.roll", "number"), (Admission, "admission", "admission"),
]  # fmt: skip


def _rows(model: type[Model], which: str, made: Made) -> Any:
    rows = model._default_manager.all()
    if model is Matter:
        return rows.filter(number=made[which])
    if model is Link:
        return rows.filter(type="merged_into") if which == "member" else rows.exclude(type="merged_into")
    if model is Clock:
        return rows.filter(stage=which)
    if model is Involvement:
        return rows.filter(matter__number=made["number"], how="call")
    return rows.filter(matter__number=made["number"]) if which == "number" else rows


_POSTS = ("post", "by", "owner", "resolver", "recorded_by")


def _value(town: Town, name: str, value: Any) -> Any:
    """A post or a place by its name in the town, a time, an id of nobody."""
    if value in ("now", "id"):
        return timezone.now() if value == "now" else new_id()
    if name == "place":
        return town.places[value]
    return town.posts.get(value, value) if isinstance(value, str) and name in _POSTS else value


def _found() -> set[tuple[str, str]]:
    return {(finding.reason, finding.number) for finding in verify().broken}


def _named(found: set[tuple[str, str]], reason: str, name: str) -> bool:
    return any(why == reason and name in told for why, told in found)


# Books whose rows are judged in tests of their own rooms.
_ELSEWHERE = {"verdict", "issue", "service", "summary"}


def test_an_untouched_story_holds(story: Made) -> None:
    report = verify()
    assert report.ok, [str(finding) for finding in report.broken]
    assert report.counts["records"] >= 12
    assert set(records.BOOKS) == set(Record.objects.values_list("book", flat=True)) | _ELSEWHERE


def test_each_thing_changed_by_hand_is_named(story: Made, town: Town) -> None:
    missed = []
    for model, which, changed, reason, name in TABLE:
        with transaction.atomic():
            values = {column: _value(town, column, value) for column, value in changed.items()}
            rows = _rows(model, which, story)
            assert rows.update(**values), (model, changed)
            if not _named(_found(), reason, story.get(name, "")):
                missed.append((model.__name__, changed, reason, _found()))
            transaction.set_rollback(True)
    assert not missed
    assert not _found()


def test_each_thing_taken_away_is_named(story: Made) -> None:
    missed = []
    for model, reason, name in TAKEN:
        with transaction.atomic():
            rows = model._default_manager.all()
            assert rows.exists(), model
            rows._raw_delete(rows.db)
            if not _named(_found(), reason, story[name]):
                missed.append((model.__name__, reason, _found()))
            transaction.set_rollback(True)
    assert not missed


_OTHER = {"retry": "x", "receipt_hash": "x"}


def test_what_is_put_in_by_hand_is_named(story: Made) -> None:
    """A copy of a row under an id of its own: an opinion that nobody said, minutes that nobody published."""
    for model, changed, reason in (
        (Opinion, _OTHER, "opinion"), (Voice, _OTHER, "voice"), (Minutes, {"version": 2}, "minutes"),
        (Support, {"mark": "1" * 64}, "support"), (Amendment, None, "vote.terms"),
    ):  # fmt: skip
        with transaction.atomic():
            if changed is None:
                asked = Question.objects.get()
                Amendment.objects.create(id=new_id(), district_id=DISTRICT, question=asked, seq=1, what="closes_at",
                                         reason="改了", before="", after="", by="某人")  # fmt: skip
            else:
                row: Any = model._default_manager.first()
                row.pk, row._state.adding = new_id(), True
                for name, value in changed.items():
                    setattr(row, name, value)
                row.save(force_insert=True)
            assert _named(_found(), reason, ""), (model, _found())
            transaction.set_rollback(True)


def test_a_record_computed_anew_after_its_root_was_published_is_named(story: Made) -> None:
    """Somebody careful changes the words and every fact of them; the seal that took them in knows better."""
    row = Opinion.objects.get()
    Opinion.objects.filter(pk=row.pk).update(text="建在南边。")
    record = Record.objects.get(book="opinion")
    with triggers.lifted():
        Fact.objects.filter(record=record).delete()
    Record.objects.filter(pk=record.pk).update(seq=0, head="", last="", sealed_seq=0)
    records.keep("opinion", DISTRICT, [row.pk])
    found = _found()
    assert _named(found, "record.sealed", story["topic"]), found
    with triggers.lifted():
        Fact.objects.filter(record=record).delete()
    Record.objects.filter(pk=record.pk).update(seq=0, head="", last="")
    assert _named(_found(), "record.sealed", story["topic"])


def test_attendance_is_held_once_the_sitting_has_ended(story: Made) -> None:
    Attendance.objects.create(
        id=new_id(), district_id=DISTRICT, gathering=Gathering.objects.get(), label="多出来的人", evidence="host",
        state="present",
    )  # fmt: skip
    assert _named(_found(), "gathering", story["sitting"])
