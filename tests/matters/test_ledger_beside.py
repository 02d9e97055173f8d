"""``linli verify`` names the matter whose whistles, looks, exclusions or objections were changed by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Model

from linli.core.matters import actions
from linli.core.matters.actions import reckoning as acts
from linli.core.matters.ledger.erasing import reveal
from linli.core.matters.models import Call, Clock, Entry, Exclusion, Matter, Objection, Reveal, Whistle
from linli.core.matters.sweep import sweep
from linli.core.people.actor import Actor
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from tests.cast import DISTRICT, Town
from tests.matters.test_ledger_verifying import opened, reasons, worked

__all__ = ["worked"]
ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("M6")


@pytest.fixture
def whistled(town: Town, act_as: ActAs, worked: Matter) -> Matter:
    """Two units called: one came and is judged, one did not."""
    ids = {"district_id": DISTRICT, "matter_id": worked.pk}
    units = [town.posts[name].code for name in ("department", "property")]
    actions.whistle(actor=act_as("community"), units=units, reason="请来看线。", kind="joint", **ids)
    actions.report(actor=act_as("department"), state="arrived", text="到了。", unit=units[0], **ids)
    actions.report(actor=act_as("department"), state="done", text="查完了。", unit=units[0], **ids)
    actions.appraise(actor=act_as("community"), unit=units[0], verdict="partly", text="只查了一层。", **ids)
    sweep(Call.objects.get(state="called").due_at + timedelta(minutes=1))
    assert Call.objects.get(state="called").late
    return worked


@pytest.mark.parametrize(
    ("model", "changed", "reason"),
    [
        (Whistle, {"reason": "没事。"}, "whistle"),
        (Whistle, {"kind": "problem"}, "whistle"),
        (Whistle, {"at": F("at") - timedelta(hours=1)}, "whistle"),
        (Call, {"late": False}, "call"),
        (Call, {"state": "done"}, "call"),
        (Call, {"arrived_at": None}, "call"),
        (Call, {"ended_at": F("at")}, "call"),
        (Call, {"work": "good"}, "call"),
        (Call, {"work_text": ""}, "call"),
        (Call, {"need": "needless"}, "call"),
        (Call, {"text": "都好。"}, "call"),
    ],
)
def test_a_whistle_changed_by_hand_is_named(
    whistled: Matter, model: type[Model], changed: dict[str, Any], reason: str
) -> None:
    assert reasons() == {}
    if "ended_at" in changed:
        changed = {"ended_at": F("arrived_at") + timedelta(hours=9)}
    model._default_manager.update(**changed)
    assert reasons() == {whistled.number: {reason}}
    assert reasons(number=whistled.number) == {whistled.number: {reason}}


def test_a_unit_called_twice_keeps_both_calls_apart(town: Town, act_as: ActAs, whistled: Matter) -> None:
    unit = town.posts["department"].code
    ids = {"district_id": DISTRICT, "matter_id": whistled.pk}
    actions.whistle(actor=act_as("community"), units=[unit], reason="再来一趟。", kind="problem", **ids)
    assert reasons() == {}
    actions.report(actor=act_as("department"), state="refused", reason="上回查过了。", unit=unit, **ids)
    assert reasons() == {}
    Call.objects.filter(state="refused").update(state="done")
    assert reasons() == {whistled.number: {"call"}}


def test_a_call_or_a_whistle_taken_away_is_named(whistled: Matter) -> None:
    Clock.objects.filter(call__isnull=False).update(call=None)
    Call.objects.filter(state="called").delete()
    assert "call" in reasons()[whistled.number]
    Call.objects.all().delete()
    Whistle.objects.all().delete()
    assert "whistle" in reasons()[whistled.number]


def test_a_call_hung_on_another_whistle_is_named(town: Town, act_as: ActAs, whistled: Matter) -> None:
    ids = {"district_id": DISTRICT, "matter_id": whistled.pk}
    actions.whistle(
        actor=act_as("community"), units=[town.posts["department"].code], reason="再来。", kind="problem", **ids
    )
    first, second = Whistle.objects.order_by("id")
    assert reasons() == {}
    Call.objects.filter(whistle=first, late=True).update(whistle=second)
    assert reasons() == {whistled.number: {"call"}}


def test_a_look_taken_out_of_the_log_is_named(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident2"))
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=made.matter.pk)
    for why in ("回电话", "再回一次"):
        reveal(actor=act_as("grid"), district_id=DISTRICT, matter_id=made.matter.pk, reason=why)
    assert reasons() == {}
    Reveal.objects.filter(reason="再回一次").update(reason="看看")
    assert reasons() == {made.matter.number: {"reveal"}}
    Reveal.objects.filter(reason="看看").delete()
    assert reasons() == {made.matter.number: {"reveal"}}


# ── exclusions and objections ──


def leave_out(act_as: ActAs, matter: Matter) -> Exclusion:
    return acts.exclude(actor=act_as("street"), district_id=DISTRICT, matter_id=matter.pk, figure="answered_in_time",
                        ground="outage", basis="停电公告第 3 号。")  # fmt: skip


def told(matter: Matter) -> list[tuple[str, str, str]]:
    return [(e.act, e.actor, e.text) for e in Entry.objects.filter(matter=matter, seq__gt=4).order_by("seq")]


def heard(matter: Matter) -> list[tuple[str, str]]:
    """Whom the outbox will tell what, in the order that it was left."""
    rows = Outbox.objects.filter(topic__in=["notice", "tell"], payload__matter=str(matter.pk)).order_by("id")
    return [(row.payload.get("post", "reporter"), row.payload["text"]) for row in rows]


def test_every_step_of_the_reckoning_stands_in_the_timeline_and_is_told(
    town: Town, act_as: ActAs, worked: Matter
) -> None:
    before, version = len(heard(worked)), Matter.objects.get(pk=worked.pk).version
    leave_out(act_as, worked)
    made = acts.object_(actor=act_as("grid"), district_id=DISTRICT, matter_id=worked.pk, text="那天没有停电。")
    acts.answer(actor=act_as("district"), district_id=DISTRICT, objection_id=made.pk, upheld=True, words="查了记录。")
    assert [(act, text) for act, _actor, text in told(worked)] == [
        ("exclude", "停电公告第 3 号。"), ("object", "那天没有停电。"), ("answer", "查了记录。"),
        ("include", "查了记录。"),
    ]  # fmt: skip
    assert Matter.objects.get(pk=worked.pk).version == version, "a handler's act is not called stale by it"
    posts = {str(post.pk): name for name, post in town.posts.items()}
    now = [(posts.get(to, to), text) for to, text in heard(worked)[before:]]
    assert [to for to, _text in now] == ["grid", "reporter", "centre_unit", "grid"]
    assert "查了记录。" in now[-1][1]
    assert reasons() == {}


def test_the_reporter_s_own_objection_is_answered_to_the_reporter(town: Town, act_as: ActAs, worked: Matter) -> None:
    made = acts.object_(actor=act_as("resident"), district_id=DISTRICT, matter_id=worked.pk, text="没按时。",
                        figure="acted_in_time")  # fmt: skip
    assert told(worked)[-1][1] == "一位居民"
    acts.answer(actor=act_as("street"), district_id=DISTRICT, objection_id=made.pk, upheld=False, words="按时了。")
    assert heard(worked)[-1][0] == "reporter"
    assert reasons() == {}


@pytest.mark.parametrize(
    ("model", "changed", "reason"),
    [
        (Exclusion, {"basis": "另一份公告。"}, "exclusion"),
        (Exclusion, {"figure": "all"}, "exclusion"),
        (Exclusion, {"ended_at": None, "ended_by": None, "ended_why": ""}, "exclusion"),
        (Exclusion, {"at": F("at") - timedelta(days=1)}, "exclusion"),
        (Objection, {"text": "停了。"}, "objection"),
        (Objection, {"state": "refused"}, "objection"),
        (Objection, {"answer": "别的话。"}, "objection"),
        (Objection, {"post": None}, "objection"),
        (Exclusion, {"person": None}, "exclusion"),
        (Exclusion, {"person": new_id()}, "exclusion"),
        (Objection, {"person": None}, "objection"),
        (Objection, {"person": new_id()}, "objection"),
    ],
)
def test_a_reckoning_changed_by_hand_is_named(
    town: Town, act_as: ActAs, worked: Matter, model: type[Model], changed: dict[str, Any], reason: str
) -> None:
    leave_out(act_as, worked)
    made = acts.object_(actor=act_as("grid"), district_id=DISTRICT, matter_id=worked.pk, text="那天没有停电。")
    acts.answer(actor=act_as("district"), district_id=DISTRICT, objection_id=made.pk, upheld=True, words="查了记录。")
    assert reasons() == {}
    model._default_manager.update(**changed)
    assert reasons() == {worked.number: {reason}}


def test_an_exclusion_smuggled_in_or_taken_away_is_named(town: Town, act_as: ActAs, worked: Matter) -> None:
    made = leave_out(act_as, worked)
    acts.lift(actor=act_as("district"), district_id=DISTRICT, exclusion_id=made.pk, why="公告写的是别处。")
    assert reasons() == {}
    Exclusion.objects.all().delete()
    assert reasons() == {worked.number: {"exclusion"}}
