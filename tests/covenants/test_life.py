"""The life of a covenant up to its vote: each step, what is refused, and that nothing is half-done (D7)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from linli.core.matters.models import Entry
from linli.kit.models import Outbox
from linli.kit.rates import TooOften
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound, Refused
from linli.offices.covenants import actions, queries, trail
from linli.offices.covenants.actions import Answering
from linli.offices.covenants.models import Answer, Comment, Covenant, Support, Version
from linli.offices.covenants.text import Article, digest
from tests.cast import DISTRICT
from tests.covenants.cast import ARTICLES, DAY, Quarter

pytestmark = [pytest.mark.django_db, pytest.mark.system("D7")]
TODAY = timezone.localdate


def fresh(covenant: Covenant) -> Covenant:
    return Covenant.objects.select_related("place").get(pk=covenant.pk)


def revised(quarter: Quarter, covenant: Covenant, *articles: Article, **more: Any) -> Version:
    last = queries.version(covenant, fresh(covenant).newest, upto=99)
    given: dict[str, Any] = {"title": last.title, "preamble": last.said.preamble, "why": "晚归的人多", **more}
    return actions.revise(actor=quarter.host, covenant=covenant, articles=articles or last.said.articles, **given)


# ── drafting ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_draft_is_the_hosts_alone_and_sent_twice_is_one(quarter: Quarter) -> None:
    made = quarter.draft()
    assert quarter.draft().pk == made.pk
    assert Covenant.objects.count() == Version.objects.count() == 1
    assert made.number.startswith("TS-G")
    assert made.matter.kind == "topic"
    assert [c.pk for c in queries.hosted(quarter.host)] == [made.pk]
    assert not queries.public(DISTRICT).exists()
    for name in ("community2", "grid", "resident"):
        assert not queries.hosted(quarter.who(name)).exists()


def test_only_who_convenes_there_drafts(quarter: Quarter) -> None:
    for name in ("grid", "resident", "community2"):
        drafting = actions.Drafting("quarter", "公约", quarter.node("quarter"), articles=ARTICLES)
        with pytest.raises(Forbidden):
            actions.start(actor=quarter.who(name), drafting=drafting, retry="r" * 32)
    assert not Covenant.objects.exists()


def test_a_draft_that_is_refused_leaves_no_topic_behind(quarter: Quarter) -> None:
    before = quarter.votes.topic().number
    for wrong in (
        {"articles": ()},
        {"kind": "law"},
        {"title": " "},
        {"matter": "TS-2611-9999"},
        {"replaces": uuid.uuid4()},
    ):
        with pytest.raises(Refused):
            quarter.draft(**wrong)
    assert not Covenant.objects.exists()
    assert quarter.draft(matter=before).matter.number == before


def test_versions_are_only_added_and_chained(quarter: Quarter) -> None:
    made = quarter.draft()
    one = Version.objects.get()
    two = revised(quarter, made, *one.said.articles[:2], Article("", "", "车棚里不充手机。"))
    assert two.number == 2
    assert two.previous == one.digest
    for v in Version.objects.all():
        assert v.digest == digest(made.number, v.number, v.title, v.said, v.previous)
    with pytest.raises(Conflict, match="一个字也不差"):
        revised(quarter, made)
    assert Version.objects.count() == 2
    assert [a.key for a in two.said.articles[:2]] == [a.key for a in one.said.articles[:2]]


def test_a_key_of_another_covenant_is_given_out_anew(quarter: Quarter) -> None:
    other = quarter.draft(retry="o" * 32, title="养犬公约")
    made = quarter.draft()
    foreign = queries.version(other, 1, upto=1).said.articles[0].key
    kept = revised(quarter, made, Article(foreign, "", "别人的一条。")).said.articles[0].key
    assert kept != foreign


def test_a_page_that_is_older_than_the_text_is_told(quarter: Quarter) -> None:
    made = quarter.draft()
    old = made.version
    revised(quarter, made, Article("", "", "甲。"), version=old)
    with pytest.raises(Conflict, match="刚被别人改过"):
        revised(quarter, made, Article("", "", "乙。"), version=old)


# ── comments ────────────────────────────────────────────────────────────────────────────────────────────────
def test_open_for_comment_needs_time_and_is_sealed(quarter: Quarter) -> None:
    made = quarter.draft()
    for days in (2, -1, 400):
        with pytest.raises(Invalid):
            actions.open_for_comment(actor=quarter.host, covenant=made, closes_on=TODAY() + timedelta(days=days))
    actions.open_for_comment(actor=quarter.host, covenant=made, closes_on=TODAY() + 3 * DAY)
    entry = Entry.objects.filter(matter=made.matter, act="consult").get()
    assert entry.data["digest"] == Version.objects.get().digest
    assert queries.public(DISTRICT).get().pk == made.pk
    with pytest.raises(Invalid):
        actions.extend(actor=quarter.host, covenant=made, closes_on=TODAY() + 2 * DAY)
    assert actions.extend(actor=quarter.host, covenant=made, closes_on=TODAY() + 9 * DAY).closes_on == TODAY() + 9 * DAY


def test_anybody_may_say_something_and_finds_it_again_by_receipt(quarter: Quarter) -> None:
    made = quarter.asking()
    key = queries.version(made, 1, upto=1).said.articles[2].key
    said = [
        actions.say(actor=quarter.who("anybody"), covenant=made, text=" 十点太早，我十一点下班。 ", article=key,
                    retry="a" * 32, source="10.0.0.1")
        for _twice in range(2)
    ]  # fmt: skip
    assert said[0].comment.pk == said[1].comment.pk
    assert said[0].receipt == said[1].receipt
    found = trail.of_receipt(said[0].receipt)
    assert found is not None
    assert (found.comment.text, found.article) == ("十点太早，我十一点下班。", "第三条　时间")
    kept = {str(v) for row in Comment.objects.values() for v in row.values()}
    assert said[0].receipt not in kept
    assert said[0].comment.author_id is None
    with pytest.raises(Invalid):
        actions.say(actor=quarter.who("anybody"), covenant=made, text="短", retry="a")
    with pytest.raises(NotFound):
        actions.say(actor=quarter.who("anybody"), covenant=made, text="没有这一条", article="none", retry="b" * 32)


def test_a_neighbour_writes_for_a_neighbour(quarter: Quarter) -> None:
    made = quarter.asking()
    row = quarter.say(made, 1, helper="王禾苗")
    assert (row.author_id, row.recorded_by_id, row.helper) == (None, quarter.owner(1).user_id, "王禾苗")
    assert trail.of_actor(quarter.owner(1)) == []


def test_comments_end_with_their_days(quarter: Quarter) -> None:
    made = quarter.asking()
    with pytest.raises(Conflict, match="截止"):
        quarter.say(made, now=quarter.now + 9 * DAY)
    with pytest.raises(Conflict):
        quarter.say(quarter.draft(retry="d" * 32, title="另一份"))
    assert not Comment.objects.exists()


def test_one_address_does_not_flood(quarter: Quarter) -> None:
    made = quarter.asking()
    one = {"actor": quarter.who("anybody"), "covenant": made, "text": "嗯", "source": "10.0.0.9"}
    for n in range(20):
        actions.say(retry=f"{n:032d}", **one)
    with pytest.raises(TooOften):
        actions.say(retry="x" * 32, **one)
    assert Comment.objects.count() == 20


def test_support_counts_once_and_names_nobody(quarter: Quarter) -> None:
    row = quarter.say(quarter.asking(), 0)
    row = queries.comment(fresh(row.covenant), row.pk)
    for _again in range(2):
        assert actions.support(actor=quarter.owner(1), comment=row) == 1
    assert actions.support(actor=quarter.owner(2), comment=row) == 2
    with pytest.raises(Conflict):
        actions.support(actor=quarter.owner(0), comment=row)
    with pytest.raises(Forbidden):
        actions.support(actor=quarter.who("anybody"), comment=row)
    kept = {str(v) for each in Support.objects.values() for v in each.values()}
    assert not kept & {str(x) for n in (1, 2) for x in (quarter.owner(n).user_id, quarter.owner(n).person_id)}
    assert Support.given(quarter.owner(2), row.district_id, [row.pk]) == {row.pk}
    assert actions.support(actor=quarter.owner(2), comment=row, on=False) == 1


def test_each_comment_gets_its_answer_and_the_earlier_one_stays(quarter: Quarter) -> None:
    made = quarter.asking()
    one, two = quarter.say(made, 0), quarter.say(made, 1, "同意，太早。")
    with pytest.raises(Invalid, match="第几稿"):
        quarter.answer(made, one, two, outcome="taken", number=1)  # what was read cannot have taken it over
    quarter.answer(made, one, two)
    revised(
        quarter, made, *queries.version(made, 1, upto=1).said.articles[:2], Article("", "时间", "十一点以后不进车。")
    )
    quarter.answer(made, two, outcome="taken", number=2)
    told = trail.of_actor(quarter.owner(1))[0]
    assert [(a.outcome, a.number) for a in told.answers] == [("taken", 2), ("not", 0)]
    assert Answer.objects.count() == 3
    assert queries.tally(made) == {"all": 2, "not": 1, "taken": 1}
    told_to = Outbox.objects.filter(topic="account", payload__user=str(quarter.owner(1).user_id))
    assert [r.payload["url"] for r in told_to].count("/covenant/words/") == 2


def test_answers_are_the_hosts_and_stay_inside_one_covenant(quarter: Quarter) -> None:
    made, other = quarter.asking(), quarter.asking(retry="o" * 32, title="养犬公约")
    row = quarter.say(other)
    said = Answering("not", "不行。")
    for actor, covenant in ((quarter.host, made), (quarter.who("grid"), other), (quarter.who("community2"), other)):
        with pytest.raises(NotFound):
            actions.answer(actor=actor, covenant=covenant, ids=[row.pk], answering=said)
    for wrong in (Answering("waiting", "嗯"), Answering("maybe", "嗯"), Answering("not", " ")):
        with pytest.raises(Invalid):
            actions.answer(actor=quarter.host, covenant=other, ids=[row.pk], answering=wrong)
    assert not Answer.objects.exists()
