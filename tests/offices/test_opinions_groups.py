"""Grouping: nothing is lost or doubled by any order of acts; from a round to a topic with every speaker told."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from linli.core.matters.models import Entry, Kind, Matter
from linli.core.people import notices
from linli.core.people.actor import Actor, for_user
from linli.core.people.models import Notice
from linli.insight import working
from linli.kit import memory, outbox
from linli.kit.refusal import Conflict, Invalid, NotFound
from linli.offices.opinions import actions, jobs, queries
from linli.offices.opinions.actions import Heard
from linli.offices.opinions.actions.recording import Kept
from linli.offices.opinions.models import Group, Hint, Move, Opinion, Round
from tests import cast
from tests.cast import DISTRICT, Town
from tests.doors.test_field_inbox import as_, read
from tests.offices.test_opinions import asked, heard

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("D5")
HANDLING = (notices, working)


def said(town: Town, act_as: ActAs, row: Round, *texts: str) -> list[Opinion]:
    return [heard(town, act_as, row, text, n).opinion for n, text in enumerate(texts)]


# ── whatever is done, in whatever order ─────────────────────────────────────────────────────────────────────────
STEPS = st.lists(
    st.tuples(st.sampled_from(["gather", "new", "out", "merge", "rename"]), st.integers(0, 11), st.integers(0, 11)),
    max_size=25,
)


class AnyOrder(TestCase):
    """Opinions, their words, receipts and replies after any sequence of acts."""

    def setUp(self) -> None:
        memory.forget()
        self.town = cast.build()
        self.host = for_user(self.town.users["community"].pk)
        self.row = asked(self.town, self.act_as)
        self.opinions = said(self.town, self.act_as, self.row, *(f"第 {n % 7} 种话。" for n in range(12)))

    def act_as(self, name: str) -> Actor:
        return for_user(self.town.users[name].pk)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
    @given(STEPS)
    def test_no_order_of_acts_loses_or_doubles_an_opinion(self, steps: list[tuple[str, int, int]]) -> None:
        before = {(o.pk, o.text, o.receipt_hash, o.reply) for o in Opinion.objects.filter(round=self.row)}
        where: dict[uuid.UUID, uuid.UUID | None] = {o.pk: None for o in self.opinions}
        living: list[uuid.UUID] = []
        for step in steps:
            self._do(step, where, living)
        rows = Opinion.objects.filter(round=self.row)
        assert {(o.pk, o.text, o.receipt_hash, o.reply) for o in rows} == before
        assert {o.pk: o.group_id for o in rows} == where
        groups = queries.groups(self.row)
        assert sum(g.n for g in groups) + rows.filter(group=None).count() == len(self.opinions)
        assert {g.pk: g.n for g in groups} == {pk: Counter(where.values())[pk] for pk in living}
        for one in rows:  # the way of each, replayed from its rows, ends where it lies
            at = None
            for move in Move.objects.filter(opinion=one).order_by("pk"):
                assert move.source_id == at
                at = move.target_id
            assert at == one.group_id

    def _do(self, step: tuple[str, int, int], where: dict[Any, Any], living: list[uuid.UUID]) -> None:
        """The act, and what a plain dictionary says should be so afterwards."""
        name, a, b = step
        ids: dict[str, Any] = {"actor": self.host, "row": self.row}
        one = self.opinions[a].pk
        pair = list(dict.fromkeys([one, self.opinions[b].pk]))
        group = living[b % len(living)] if living else None
        if name == "new":
            made = actions.gather(**ids, opinions=pair, title=f"组 {a}")
            living.append(made.pk)
            where.update(dict.fromkeys(pair, made.pk))
        elif name == "gather" and group:
            actions.gather(**ids, opinions=pair, group_id=group)
            where.update(dict.fromkeys(pair, group))
        elif name == "out":
            actions.take_out(**ids, opinion_id=one)
            where[one] = None
        elif name == "rename" and group:
            actions.rename(**ids, group_id=group, title=f"名 {a}")
        elif name == "merge" and len(living) > 1 and group != living[a % len(living)]:
            into = living[a % len(living)]
            actions.merge(**ids, group_id=group, into_id=into)
            living.remove(group)
            where.update({pk: into for pk, at in where.items() if at == group})


# ── one by one ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_rounds_words_and_merged_groups_are_refused_and_nothing_is_half_done(town: Town, act_as: ActAs) -> None:
    row, other = asked(town, act_as), asked(town, act_as, title="另一次")
    host = act_as("community")
    (mine,) = said(town, act_as, row, "建。")
    theirs = heard(town, act_as, other, "不建。", 7).opinion
    with pytest.raises(NotFound):
        actions.gather(actor=host, row=row, opinions=[mine.pk, theirs.pk], title="混的")
    assert not Group.objects.exists()
    with pytest.raises(Invalid):
        actions.gather(actor=host, row=row, opinions=[], title="空的")
    with pytest.raises(NotFound):
        actions.gather(actor=act_as("community2"), row=row, opinions=[mine.pk], title="别处的")
    a = actions.gather(actor=host, row=row, opinions=[mine.pk], title="甲")
    b = actions.gather(actor=host, row=row, opinions=[mine.pk], title="乙")
    actions.merge(actor=host, row=row, group_id=a.pk, into_id=b.pk)
    with pytest.raises(Conflict):
        actions.gather(actor=host, row=row, opinions=[mine.pk], group_id=a.pk)
    with pytest.raises(Conflict, match="已经并到"):
        actions.rename(actor=host, row=row, group_id=a.pk, title="x")
    moved = as_(town, "community").get(f"/desk/opinions/{row.code}/groups/{a.pk}/")
    assert moved["Location"].endswith(f"/groups/{b.pk}/")


def test_each_keeps_their_own_reply_when_a_group_is_answered(town: Town, act_as: ActAs) -> None:
    row, host = asked(town, act_as), act_as("community")
    a, b, c = said(town, act_as, row, "灯暗。", "灯不亮。", "灯坏。")
    group = actions.gather(actor=host, row=row, opinions=[a.pk, b.pk, c.pk], title="灯")
    actions.answer(actor=host, row=row, opinion_id=a.pk, text="您门口的明天换。")
    assert actions.answer_group(actor=host, row=row, group_id=group.pk, text="这周都换。") == 2
    assert [o.reply for o in Opinion.objects.order_by("pk")] == ["您门口的明天换。", "这周都换。", "这周都换。"]


def test_the_machine_suggests_a_person_decides_and_a_no_is_kept(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    words = said(town, act_as, row, "充电棚离窗户太近，夜里太吵。", "充电棚离我家窗户太近了，吵得睡不着。",
                 "希望多栽几棵树。", "充电棚离窗户近，晚上太吵了。")  # fmt: skip
    while outbox.drain():
        pass
    (cluster,) = queries.clusters(row)
    assert {o.pk for o in cluster.opinions} == {words[0].pk, words[1].pk, words[3].pk}
    assert not Group.objects.exists()  # nothing is decided by itself
    client = as_(town, "community")
    page = f"/desk/opinions/{row.code}/alike/"
    assert "3 条像一回事" in read(client, page)
    unnamed = client.post(page, {"cluster": cluster.key, "pick": [words[0].pk, words[1].pk], "title": ""})
    assert unnamed.status_code == 422
    client.post(page, {"cluster": cluster.key, "pick": [words[0].pk, words[1].pk], "title": "离窗户太近"})
    assert [(g.title, g.n) for g in queries.groups(row)] == [("离窗户太近", 2)]
    actions.take_out(actor=act_as("community"), row=row, opinion_id=words[1].pk)
    while outbox.drain():
        pass
    near = queries.clusters(row)
    assert {c.group.title for c in near if c.group} == {"离窗户太近"}
    client.post(page, {"cluster": near[0].key, "answer": "no"})
    assert Hint.objects.filter(refused=True).count() == len(near[0].opinions)
    while outbox.drain():
        pass
    assert not {o.pk for c in queries.clusters(row) for o in c.opinions} & {o.pk for o in near[0].opinions}


# ── from a round to a topic ─────────────────────────────────────────────────────────────────────────────────────
def test_from_the_question_to_the_topic_and_every_speaker_is_told(client: Client, town: Town, act_as: ActAs) -> None:
    Kind.objects.create(district=town.district, code="topic", name="议题")
    memory.forget()
    row, staff = asked(town, act_as), as_(town, "community")
    slips = [heard(town, act_as, row, f"棚子离窗户远点，第 {n} 家。电话 13800138000。", n) for n in range(5)]
    said = {"text": "离窗户远一点就行。", "retry": "r" * 32}
    assert as_(town, "resident").post(f"/opinions/{row.code}/", said).status_code == 200
    lonely = heard(town, act_as, row, "我家孩子要考试。", 90)
    said_ids = list(Opinion.objects.exclude(pk=lonely.opinion.pk).values_list("pk", flat=True))
    staff.post(f"/desk/opinions/{row.code}/words/", {"pick": said_ids, "title": "离窗户远一点"})
    staff.post(f"/desk/opinions/{row.code}/words/", {"pick": [lonely.opinion.pk], "title": "孩子考试那家"})
    matter = _raised(staff, row)
    _published(client, staff, row, matter)
    _told_when_done(client, town, matter, slips[0])


def _raised(staff: Client, row: Round) -> Matter:
    """The group becomes a topic, once."""
    group = Group.objects.get(title="离窗户远一点")
    at = f"/desk/opinions/{row.code}/groups/{group.pk}/do/raise/"
    assert staff.post(at, {"kind": "topic", "text": ""}).status_code == 302
    matter = Matter.objects.get(kind="topic")
    group.refresh_from_db()
    assert group.matter == matter
    assert "车棚建在哪里" in Entry.objects.get(matter=matter, act="canvass").text
    assert "离窗户远一点" in read(staff, f"/desk/m/{matter.number}/")
    assert staff.post(at, {"kind": "topic"}).status_code == 422
    assert Matter.objects.filter(kind="topic").count() == 1
    return matter


def _published(client: Client, staff: Client, row: Round, matter: Matter) -> None:
    """Ended, published by the owner's own act, and only then there for everybody."""
    assert client.get(f"/open/opinions/{row.code}/").status_code == 404
    staff.post(f"/desk/opinions/{row.code}/do/end/")
    staff.post(f"/desk/opinions/{row.code}/do/publish/")
    public = read(client, f"/open/opinions/{row.code}/")
    assert "离窗户远一点" in public
    assert matter.number in public
    assert "13800138000" not in public
    assert "考试" not in public  # one of a kind: neither its title nor its words
    table = b"".join(client.get(f"/open/opinions/{row.code}/result.csv").streaming_content).decode()
    assert "离窗户远一点,6" in table
    assert "考试" not in table


def _told_when_done(client: Client, town: Town, matter: Matter, slip: Kept) -> None:
    """Whoever has an account is told, whoever has a slip reads it there."""
    Matter.objects.filter(pk=matter.pk).update(state="closed")
    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    while outbox.drain():
        pass
    told = list(Notice.objects.filter(user_id=town.users["resident"].pk).order_by("pk").values_list("text", flat=True))
    assert len(told) == 3
    assert "立了事" in told[0]
    assert "公布" in told[1]
    assert "办完了" in told[2]
    trail = read(client, f"/t/{slip.receipt}/")
    assert "离窗户远一点" in trail
    assert matter.number in trail
    assert slip.opinion.text.split("，")[0] in trail


def test_the_quiet_are_counted_and_not_quoted(client: Client, town: Town, act_as: ActAs) -> None:
    row, host = asked(town, act_as), act_as("community")
    rows = [heard(town, act_as, row, "", n, heard=Heard(f"要多装灯，{n}。", quiet=n < 5)).opinion for n in range(6)]
    actions.gather(actor=host, row=row, opinions=[o.pk for o in rows], title="多装灯")
    actions.end(actor=host, row=row)
    row.refresh_from_db()
    (line,) = queries.result(row).lines
    assert (line.count, line.said) == (6, ["要多装灯，5。"])


def test_words_are_listed_searched_narrowed_paged_and_exported(town: Town, act_as: ActAs) -> None:
    row, client = asked(town, act_as), as_(town, "community")
    said(town, act_as, row, *(f"第 {n} 句。" for n in range(60)), "=1+1 想要电梯。")
    page = f"/desk/opinions/{row.code}/words/"
    first = read(client, page)
    assert "cursor=" in first
    assert first.count('name="pick"') == 50
    assert read(client, f"{page}?q=电梯").count('name="pick"') == 1
    assert "没有找到" in read(client, f"{page}?q=没人说过")
    assert (
        read(client, f"{page}?group=none&building={town.places['building'].code}&via=door").count('name="pick"') == 50
    )
    assert "没有找到" in read(client, f"{page}?via=self")
    table = b"".join(client.get(f"/desk/opinions/{row.code}/words.csv?q=电梯").streaming_content).decode()
    assert "'=1+1 想要电梯。" in table
    assert table.count("\n") == 2


def test_a_whole_district_is_listed_by_its_own_offices_only(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    assert "车棚" in read(as_(town, "street"), "/desk/opinions/")
    assert "车棚" not in read(as_(town, "community2"), "/desk/opinions/")
    for path in ("", "words/", "progress/", "alike/", "words.csv"):
        assert as_(town, "community2").get(f"/desk/opinions/{row.code}/{path}").status_code == 404
    assert queries.around(DISTRICT, None) == []
    assert row.ends_on - row.starts_on == timedelta(days=7)
    assert timezone.localdate() == row.starts_on
