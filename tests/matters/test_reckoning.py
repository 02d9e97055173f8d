"""How published figures are reckoned: versions as rows, exclusions beside the rates, objections with their answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.matters import actions, figures, reckoning, seeing, stats
from linli.core.matters.actions import reckoning as acts
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Exclusion, Formula, Matter, Objection
from linli.core.matters.reckonforms import counts_for
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.places.tree import tree
from linli.kit import memory
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound, Refused
from linli.profiles.catalogue.formulas import formula_rows, read_formulas
from linli.profiles.reading import ProfileError
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("E4")


def say(town: Town, place: str = "unit", **more: Any) -> Matter:
    asked = Asked("appeal", "楼道灯坏了。", DISTRICT, tree(DISTRICT).by_id[town.places[place].pk], **more)
    return actions.open_matter(actor=ANONYMOUS, asked=asked).matter


def leave_out(
    act_as: ActAs, matter: Matter, who: str = "street", figure: str = "answered_in_time", **more: Any
) -> Exclusion:
    given = {"ground": "outage", "basis": "11 月 20 日停电公告第 3 号。", **more}
    return acts.exclude(actor=act_as(who), district_id=DISTRICT, matter_id=matter.pk, figure=figure, **given)


def shares(by: str = "place", figure: str = "answered_in_time") -> dict[str, stats.Share]:
    found = stats.query(district_id=DISTRICT, by=by)
    return {g.name: found.share(g, figure) for g in [*found.groups, found.total] if g.received}


# ── versions ──


def test_a_district_without_versions_has_the_programme_s_own(town: Town) -> None:
    found = stats.current(DISTRICT)
    assert (found.version, found.minimum_sample, found.since) == ("三率 2", 30, None)


def test_the_version_in_force_is_the_newest_that_has_begun_and_sets_the_minimum(town: Town) -> None:
    today = timezone.localdate()
    for name, since, minimum in (
        ("甲", date(2020, 1, 1), 10), ("乙", today - timedelta(days=1), 5), ("丙", today + timedelta(days=9), 99),
    ):  # fmt: skip
        Formula.objects.create(district=town.district, version=name, counting="三率 2", since=since,
                               minimum_sample=minimum, rates=[], changed="改了")  # fmt: skip
    memory.forget()
    assert [v.version for v in stats.every_version(DISTRICT)] == ["丙", "乙", "甲"]
    assert stats.current(DISTRICT).version == "乙"
    said = stats.query(district_id=DISTRICT, by="place").formula
    assert (said["version"], said["minimum_sample"]) == ("乙", 5)
    assert "5" in said["sample"]
    assert [v.until for v in stats.every_version(DISTRICT)] == [
        None,
        today + timedelta(days=9),
        today - timedelta(days=1),
    ]


def test_two_versions_never_begin_on_one_day(town: Town) -> None:
    given = {"district": town.district, "counting": "三率 2", "since": date(2026, 1, 1), "minimum_sample": 30,
             "rates": [], "changed": "改了"}  # fmt: skip
    Formula.objects.create(version="甲", **given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Formula.objects.create(version="乙", **given)


def test_the_shipped_versions_name_every_rate_and_a_way_of_counting_that_the_code_knows() -> None:
    rows = formula_rows()
    assert [row.version for row in rows] == ["三率 1", "三率 2", "三率 3"]
    assert rows[-1].counting == figures.FORMULA
    assert all({rate["figure"] for rate in row.rates} == set(stats.RATES) for row in rows)


def test_a_file_of_versions_is_refused_with_every_fault_named(tmp_path: Any) -> None:
    file = tmp_path / "formulas.toml"
    file.write_text('[[formulas]]\nversion = "甲"\ncounting = "x"\nsince = "soon"\nminimum_sample = 0\nchanged = "y"\n'
                    'rates = []\nwrong = 1\n', encoding="utf-8")  # fmt: skip
    with pytest.raises(ProfileError) as refused:
        read_formulas(file)
    assert [word in str(refused.value) for word in ("since", "minimum_sample", "rates", "wrong")] == [True] * 4


# ── exclusions ──


def test_an_exclusion_leaves_the_counts_whole_and_the_rate_without_it(town: Town, act_as: ActAs) -> None:
    kept, left = say(town), say(town)
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=kept.pk)
    actions.reply(actor=act_as("grid"), district_id=DISTRICT, matter_id=kept.pk, text="中午到。")
    before = shares()["柳荫社区"]
    assert (before.part, before.sample, before.excluded) == (1, 2, 0)
    leave_out(act_as, left)
    after = shares()["柳荫社区"]
    assert (after.part, after.sample, after.excluded) == (1, 1, 1)
    assert shares()["合计"] == after
    assert (shares(figure="acted_in_time")["柳荫社区"].sample, shares(figure="satisfied")["合计"].excluded) == (2, 0)
    assert next(g for g in stats.query(district_id=DISTRICT, by="place").groups if g.received).received == 2
    assert stats.check(DISTRICT) == []


def test_one_that_was_kept_leaves_both_sides(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    actions.accept(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk)
    actions.reply(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk, text="中午到。")
    leave_out(act_as, matter, figure="all")
    for by in ("place", "kind", "state", "channel", "day", "month"):
        found = shares(by)["合计"]
        assert (found.part, found.sample, found.excluded) == (0, 0, 1), by
    assert shares(figure="resolved")["合计"].excluded == 1
    assert shares(figure="satisfied")["合计"].excluded == 0  # never rated: it was in no sample


def test_matters_of_older_books_are_not_taken_off_twice(town: Town, act_as: ActAs) -> None:
    from linli.core.matters.models import Book

    Book.objects.create(district=town.district, source="old", name="旧平台", columns=[])
    matter = say(town)
    Matter.objects.filter(pk=matter.pk).update(imported="open")
    leave_out(act_as, matter, figure="all")
    found = stats.query(district_id=DISTRICT, by="place")
    share = found.share(found.total, "answered_in_time")
    assert (share.sample, share.excluded, found.imported_of(found.total)) == (0, 0, 1)
    assert found.share(found.total, "resolved_in_time") == stats.Share(0, 0, 1)


def test_only_an_upper_office_without_a_hand_in_it_leaves_a_matter_out(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    for who in ("grid", "community", "department", "auditor", "admin", "resident", "street2"):
        with pytest.raises(Forbidden):
            leave_out(act_as, matter, who)
    actions.escalate(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk, reason="管不了")
    Matter.objects.filter(pk=matter.pk).update(handler_id=town.posts["street"].pk)
    with pytest.raises(Forbidden):
        leave_out(act_as, matter, "street")
    assert leave_out(act_as, matter, "district").by_id == town.posts["district"].pk


def test_an_exclusion_needs_its_basis_and_a_known_ground(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    for wrong in ({"basis": " "}, {"ground": "mood"}, {"ground": "objection"}, {"figure": "received"}):
        with pytest.raises(Invalid):
            leave_out(act_as, matter, **wrong)
    assert not Exclusion.objects.exists()


def test_a_matter_is_left_out_once_at_a_time_and_can_be_taken_in_again(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    first = leave_out(act_as, matter)
    with pytest.raises(Conflict):
        leave_out(act_as, matter, figure="all")
    acts.lift(actor=act_as("district"), district_id=DISTRICT, exclusion_id=first.pk, why="公告写的是别的小区。")
    with pytest.raises(Conflict):
        acts.lift(actor=act_as("district"), district_id=DISTRICT, exclusion_id=first.pk, why="再撤一次。")
    assert shares()["合计"].excluded == 0
    leave_out(act_as, matter, figure="all")
    found = reckoning.of_matter(matter)
    assert found.in_force is not None
    assert [row.ended_why for row in found.ended] == ["公告写的是别的小区。"]


def test_what_lies_in_another_district_is_not_there(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    with pytest.raises(NotFound):
        acts.exclude(actor=act_as("street"), district_id=DISTRICT, matter_id=uuid.uuid4(), figure="all",
                     ground="test", basis="演练")  # fmt: skip
    strange = Actor(kind="staff", district_id=1, posts=act_as("street").posts, post_ids=act_as("street").post_ids)
    with pytest.raises(NotFound):
        acts.exclude(
            actor=strange, district_id=DISTRICT, matter_id=matter.pk, figure="all", ground="test", basis="演练"
        )


def test_the_share_costs_two_more_questions_however_many_groups(town: Town, act_as: ActAs) -> None:
    for place in ("unit", "grid2", "gridb"):
        leave_out(act_as, say(town, place), "district")
    found = stats.query(district_id=DISTRICT, by="place")
    with CaptureQueriesContext(connection) as caught:
        for group in found.groups:
            for figure in stats.RATES:
                found.share(group, figure)
    assert len(caught) == 2


def test_the_programs_figures_say_what_is_left_out(town: Town, act_as: ActAs) -> None:
    leave_out(act_as, say(town))
    told = stats.query(district_id=DISTRICT, by="kind").as_json()
    assert told["formula"]["exclusions"]["matters"] == 1
    assert told["formula"]["exclusions"]["groups"]["appeal"]["answered_in_time"] == {"sample": 1, "counted": 0}
    assert told["groups"][0]["received"] == 1


# ── objections ──


def objection(actor: Actor, matter: Matter, figure: str = "answered_in_time") -> Objection:
    return acts.object_(actor=actor, district_id=DISTRICT, matter_id=matter.pk, text="那天没有停电。", figure=figure)


def settle(actor: Actor, one: Objection, *, upheld: bool = True) -> Objection:
    return acts.answer(actor=actor, district_id=DISTRICT, objection_id=one.pk, upheld=upheld, words="查了记录。")


def test_the_handling_unit_and_the_holder_of_the_receipt_may_object_and_nobody_else(town: Town, act_as: ActAs) -> None:
    opened = actions.open_matter(
        actor=ANONYMOUS, asked=Asked("appeal", "灯坏了。", DISTRICT, tree(DISTRICT).by_id[town.places["unit"].pk])
    )
    for who in ("street2", "grid2", "resident", "admin", "auditor"):
        with pytest.raises(Forbidden):
            objection(act_as(who), opened.matter)
    assert objection(act_as("grid"), opened.matter).post_id == town.posts["grid"].pk
    holder, _matter = seeing.with_receipt(opened.receipt)
    assert objection(holder, opened.matter).post_id is None
    with pytest.raises(Conflict):
        objection(holder, opened.matter)


def test_a_unit_that_gave_the_matter_on_may_still_object(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    actions.escalate(actor=act_as("grid"), district_id=DISTRICT, matter_id=matter.pk, reason="管不了")
    assert objection(act_as("grid"), matter).post_id == town.posts["grid"].pk


def test_an_upheld_objection_against_an_exclusion_takes_the_matter_in_again(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    excluded = leave_out(act_as, matter, "street")
    one = objection(act_as("grid"), matter, figure="")
    assert (one.exclusion_id, one.figure) == (excluded.pk, "answered_in_time")
    with pytest.raises(Forbidden):
        settle(act_as("street"), one)  # it was the street that left it out
    done = settle(act_as("district"), one)
    excluded.refresh_from_db()
    assert (done.state, excluded.ended_why) == ("upheld", "查了记录。")
    assert shares()["合计"].excluded == 0
    with pytest.raises(Conflict):
        settle(act_as("district"), one, upheld=False)


def test_a_refused_one_changes_nothing_and_keeps_its_reason(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    leave_out(act_as, matter, "street")
    done = settle(act_as("district"), objection(act_as("grid"), matter), upheld=False)
    assert (done.state, done.answer, shares()["合计"].excluded) == ("refused", "查了记录。", 1)


def test_an_upheld_objection_against_a_count_leaves_the_matter_out_of_it(town: Town, act_as: ActAs) -> None:
    matter = say(town)
    settle(act_as("street"), objection(act_as("grid"), matter, "acted_in_time"))
    made = Exclusion.objects.get()
    assert (made.figure, made.ground, made.basis) == ("acted_in_time", "objection", "查了记录。")
    assert shares(figure="acted_in_time")["合计"].excluded == 1


@pytest.mark.parametrize("who", ["grid", "community", "street2", "auditor", "resident"])
def test_nobody_answers_who_has_not_the_duty_there(town: Town, act_as: ActAs, who: str) -> None:
    one = objection(act_as("grid"), say(town))
    with pytest.raises(Refused):
        settle(act_as(who), one)
    one.refresh_from_db()
    assert one.state == "open"


def test_an_answer_needs_words(town: Town, act_as: ActAs) -> None:
    one = objection(act_as("grid"), say(town))
    with pytest.raises(Invalid):
        acts.answer(actor=act_as("street"), district_id=DISTRICT, objection_id=one.pk, upheld=True, words="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=one.pk).update(state="refused")


def test_nobody_is_told_of_a_failure_before_the_time_has_come(town: Town) -> None:
    matter = Matter.objects.get(pk=say(town).pk)
    assert {told["word"] for told in counts_for(matter, None)[:3]} == {"还没到时候，眼下没算做到"}
    past = (timezone.now() - timedelta(minutes=1)).isoformat()
    matter.clocks = [clock | {"due_at": past} for clock in matter.clocks]
    assert {told["word"] for told in counts_for(matter, None)[:3]} == {"算没做到的"}
    matter.clocks = [clock | {"state": "met"} for clock in matter.clocks]
    assert {told["word"] for told in counts_for(matter, None)[:3]} == {"算做到的"}
