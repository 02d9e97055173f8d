"""A covenant is voted on, published, filed, looked at again and ended: each step, and what is refused (D7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from linli.core.decisions import actions as decisions
from linli.core.decisions.actions.drafting import add_rule
from linli.core.decisions.models import Question
from linli.core.matters.models import Entry
from linli.core.places.models import Dwelling
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Invalid
from linli.offices.covenants import actions, queries, standing
from linli.offices.covenants.models import Answer, Covenant, Event, Passage, Version
from linli.offices.covenants.text import Article
from tests.cast import DISTRICT
from tests.covenants.cast import DAY, Quarter
from tests.covenants.test_life import TODAY, fresh, revised

pytestmark = [pytest.mark.django_db, pytest.mark.system("D7")]


# ── the vote ────────────────────────────────────────────────────────────────────────────────────────────────
def test_not_before_everybody_was_heard_and_answered(quarter: Quarter) -> None:
    with pytest.raises(Conflict, match="还没截止"):
        quarter.put(quarter.asking())
    with pytest.raises(Conflict, match="起草"):
        quarter.put(quarter.draft(retry="d" * 32, title="另一份"))
    made = quarter.asked(retry="e" * 32, title="又一份")
    row = quarter.say(made, now=quarter.now - 3 * DAY)
    with pytest.raises(Conflict, match="还有 1 条"):
        quarter.put(made)
    quarter.answer(made, row)
    assert quarter.put(made).question.state == "open"


def test_what_is_voted_on_is_frozen(quarter: Quarter) -> None:
    made = quarter.asked()
    passage = quarter.put(made)
    version = Version.objects.get()
    assert version.digest in passage.question.text
    assert "第一条　充电：电动自行车在棚里充电" in passage.question.text
    with pytest.raises(Conflict):
        revised(quarter, made, Article("", "", "趁投票改一条。"))
    with pytest.raises(Conflict):
        decisions.edit(actor=quarter.host, district_id=DISTRICT, question_id=passage.question_id,
                       asking=quarter.votes.asking())  # fmt: skip


def test_adopted_is_published_by_itself_on_its_day(quarter: Quarter) -> None:
    made = quarter.asked()
    passage = quarter.put(made)
    question = quarter.vote(passage, ["yes"] * 7 + ["no"])
    assert (question.result or {})["outcome"] == "adopted"
    assert actions.settle_due() == 1
    assert actions.settle_due() == 0
    passage.refresh_from_db()
    assert passage.outcome == "adopted"
    assert fresh(made).state == "settled"
    assert not passage.holds(TODAY())
    assert passage.holds(passage.since)
    entry = Entry.objects.filter(matter=made.matter, act="publish").get()
    assert (entry.data["version"], entry.data["digest"]) == (1, passage.digest)
    assert [e.act for e in Event.objects.order_by("seq")] == ["start", "open", "vote", "adopted"]


def test_rejected_goes_back_to_the_desk_and_is_asked_about_again(quarter: Quarter) -> None:
    made = quarter.asked()
    quarter.vote(quarter.put(made), ["no"] * 8 + ["yes"])
    actions.settle_due()
    back = fresh(made)
    assert (back.state, back.closes_on) == ("draft", None)
    with pytest.raises(Conflict):
        quarter.put(back)
    assert "起草" in standing.of(back, None, TODAY()).now


def test_a_vote_taken_back_sends_the_text_back(quarter: Quarter) -> None:
    made = quarter.asked()
    passage = quarter.put(made)
    decisions.withdraw(actor=quarter.host, district_id=DISTRICT, question_id=passage.question_id, reason="写错了")
    actions.settle_due()
    passage.refresh_from_db()
    assert (passage.outcome, fresh(made).state) == ("withdrawn", "draft")


def test_too_few_is_no_quorum(quarter: Quarter) -> None:
    made = quarter.asked()
    quarter.vote(quarter.put(made), ["yes"] * 3)
    actions.settle_due()
    assert (Passage.objects.get().outcome, fresh(made).state) == ("no_quorum", "draft")


def test_consensus_records_objections(quarter: Quarter) -> None:
    made = quarter.asked()
    quarter.vote(quarter.put(made, "consensus"), ["consent"] * 6 + ["objection"])
    actions.settle_due()
    assert Passage.objects.get().outcome == "rejected"
    again = quarter.asked(retry="c" * 32, title="另一份")
    quarter.vote(quarter.put(again, "consensus"), ["consent"] * 6)
    actions.settle_due()
    assert fresh(again).state == "settled"


def test_a_text_that_was_changed_behind_the_vote_is_not_published(quarter: Quarter) -> None:
    made = quarter.asked()
    passage = quarter.put(made)
    quarter.vote(passage, ["yes"] * 9)
    Version.objects.update(digest="0" * 64)
    assert actions.settle_due() == 0
    with pytest.raises(Conflict, match="对不上"), transaction.atomic():
        actions.settle(passage=passage)
    passage.refresh_from_db()
    assert (passage.outcome, fresh(made).state) == ("", "voting")


# ── Civil Code 278 ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_owners_covenant_goes_by_the_civil_code_and_no_other_way(quarter: Quarter) -> None:
    made = quarter.asked(kind="management", title="管理规约")
    with pytest.raises(Invalid):
        quarter.put(made, "household")
    passage = quarter.put(made, "cc278")
    assert passage.question.roll_kind == "owners"
    assert passage.question.weighted
    quarter.vote(passage, ["yes"] * 8)
    actions.settle_due()
    assert fresh(made).state == "settled"
    with pytest.raises(Invalid):
        quarter.put(quarter.asked(retry="q" * 32, title="小区公约"), "cc278")


def test_a_newer_version_of_the_rule_is_the_one_that_counts(quarter: Quarter) -> None:
    from linli.core.decisions.ready import READY
    from linli.core.people.actor import SYSTEM

    rule = add_rule(actor=SYSTEM, district_id=DISTRICT, **next(r for r in READY if r["code"] == "household"))
    made = quarter.asked()
    with pytest.raises(Invalid):
        quarter.put(made)
    assert quarter.put(made, rule_id=rule.pk).question.rule.version == 2


def test_a_roll_with_holes_leaves_nothing_half_done(quarter: Quarter) -> None:
    made = quarter.asked(kind="management", title="管理规约")
    Dwelling.objects.filter(pk=quarter.votes.homes[0].pk).update(area_m2=None)
    with pytest.raises(Invalid, match="没有面积"):
        quarter.put(made, "cc278")
    assert fresh(made).state == "comment"
    assert not Passage.objects.exists()
    assert not Question.objects.exists()


# ── fines ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_words_like_fines_need_a_person_and_a_reason(quarter: Quarter) -> None:
    made = quarter.asked(articles=(Article("", "", "公约不罚款，靠邻居互相提醒。"),))
    for more in ({}, {"confirmed": True}, {"why": "说的是不罚款"}):
        with pytest.raises(Invalid, match="先看过"):
            quarter.put(made, **more)
    passage = quarter.put(made, confirmed=True, why="说的就是不罚款")
    assert passage.cautions == [{"article": 1, "word": "罚款", "ground": "fine"}]
    assert (passage.by, passage.why) == ("赵长亭 社区书记", "说的就是不罚款")


# ── after the vote ──────────────────────────────────────────────────────────────────────────────────────────
def test_the_old_version_holds_until_the_new_one_does(quarter: Quarter) -> None:
    made = quarter.in_force()
    first = Passage.objects.get()
    assert queries.holding(DISTRICT, [made.pk])[made.pk].pk == first.pk
    actions.amend(actor=quarter.host, covenant=made, reason="冬天天黑得早")
    revised(quarter, made, Article("", "", "全改了。"))
    assert "施行中，第 1 稿" in standing.of(fresh(made), first, TODAY()).holds
    at = quarter.now - 9 * DAY
    actions.open_for_comment(actor=quarter.host, covenant=made, closes_on=TODAY(at) + 8 * DAY, now=at)
    second = quarter.put(made, since=TODAY() + 30 * DAY)
    quarter.vote(second, ["yes"] * 9)
    actions.settle_due()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.until == second.since
    assert queries.holding(DISTRICT, [made.pk])[made.pk].number == 1
    assert (first.holds(second.since - DAY), first.holds(second.since), second.holds(second.since)) == (
        True,
        False,
        True,
    )


def test_given_up_the_amendment_leaves_what_held(quarter: Quarter) -> None:
    made = quarter.in_force()
    actions.amend(actor=quarter.host, covenant=made, reason="想改")
    actions.drop(actor=quarter.host, covenant=made, reason="大家说不用改")
    assert fresh(made).state == "settled"
    assert Passage.objects.get().until is None
    draft = quarter.draft(retry="z" * 32, title="另一份")
    assert actions.drop(actor=quarter.host, covenant=draft, reason="不定了").state == "ended"


def test_one_takes_the_place_of_another(quarter: Quarter) -> None:
    old = quarter.in_force()
    new = quarter.asked(retry="n" * 32, title="停放充电公约", replaces=old.pk)
    quarter.vote(quarter.put(new), ["yes"] * 9)
    actions.settle_due()
    assert fresh(old).state == "ended"
    assert Passage.objects.get(covenant=old).until == Passage.objects.get(covenant=new).since
    assert Event.objects.filter(covenant=old, act="replaced").get().data["by"] == new.number


def test_a_covenant_and_its_heir_are_not_voted_on_at_once(quarter: Quarter) -> None:
    old = quarter.in_force()
    new = quarter.asked(retry="n" * 32, title="停放充电公约", replaces=old.pk)
    quarter.put(new)
    actions.amend(actor=quarter.host, covenant=old, reason="想改")
    revised(quarter, old, Article("", "", "甲。"))
    at = quarter.now - 9 * DAY
    actions.open_for_comment(actor=quarter.host, covenant=old, closes_on=TODAY(at) + 8 * DAY, now=at)
    with pytest.raises(Conflict, match="只能留一份"):
        quarter.put(old)


def test_filed_looked_at_again_and_ended(quarter: Quarter) -> None:
    made = quarter.in_force()
    with pytest.raises(Invalid):
        actions.file(actor=quarter.host, covenant=made, filed_with="东桥街道", filed_on=TODAY() + 2 * DAY)
    actions.file(actor=quarter.host, covenant=made, filed_with="东桥街道", filed_on=TODAY(), filed_as="东桥备 3 号")
    with pytest.raises(Invalid):
        actions.review(actor=quarter.host, covenant=made, text="守得好", review_on=TODAY())
    actions.review(actor=quarter.host, covenant=made, text="守得好", review_on=TODAY() + 90 * DAY)
    with pytest.raises(Invalid):
        actions.end(actor=quarter.host, covenant=made, reason="不用了", day=TODAY())
    actions.end(actor=quarter.host, covenant=made, reason="棚子拆了", day=TODAY() + DAY)
    passage = Passage.objects.get()
    assert (passage.filed_as, passage.review_on, passage.until) == ("东桥备 3 号", TODAY() + 90 * DAY, TODAY() + DAY)
    assert passage.holds(TODAY())
    with pytest.raises(Conflict):
        actions.amend(actor=quarter.host, covenant=made, reason="再改")


def test_followers_and_speakers_are_told_once_each(quarter: Quarter) -> None:
    made = quarter.asked()
    row = quarter.say(made, 0, now=quarter.now - 3 * DAY)
    for _again in range(2):
        actions.follow(actor=quarter.owner(0), covenant=made)
        actions.follow(actor=quarter.owner(1), covenant=made)
    quarter.answer(made, row)
    Outbox.objects.all().delete()
    quarter.put(made)
    told = [r.payload["user"] for r in Outbox.objects.filter(topic="account")]
    assert sorted(told) == sorted(str(quarter.owner(n).user_id) for n in (0, 1))
    actions.follow(actor=quarter.owner(1), covenant=made, on=False)
    assert not queries.follows(quarter.owner(1), made)


def test_the_database_itself_refuses_what_must_not_be(quarter: Quarter) -> None:
    made = quarter.asking()
    row = quarter.say(made)
    wrong: tuple[Any, ...] = (
        lambda: Covenant.objects.filter(pk=made.pk).update(closes_on=None),
        lambda: Covenant.objects.filter(pk=made.pk).update(shown=9),
        lambda: Answer.objects.create(district_id=DISTRICT, comment=row, outcome="taken", text="好", by="x",
                                      at=quarter.now),
        lambda: Version.objects.create(district_id=DISTRICT, covenant=made, number=1, title="又一个", text={},
                                       digest="", by="x", at=quarter.now),
    )  # fmt: skip
    for each in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            each()
