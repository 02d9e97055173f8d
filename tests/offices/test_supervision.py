"""M14: orders with owner and date, key tasks, chasing, and bulletins that nobody can change once they are out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from linli.core.matters import actions as matters
from linli.core.matters import telling
from linli.core.matters.models import Clock, Entry, Kind, Matter
from linli.core.matters.sweep import sweep
from linli.core.people import notices
from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.kit import memory, outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.supervision import actions, orders, queries
from linli.offices.supervision.models import Bulletin, Issue
from linli.offices.supervision.orders import Asked
from tests.cast import DISTRICT, Town
from tests.doors.desk_cast import ids, opened

ActAs = Callable[[str], Actor]
HANDLING = (notices, telling)  # imported for the topics that they register
pytestmark = pytest.mark.system("M14")


def kind(town: Town) -> None:
    Kind.objects.create(
        district=town.district, code="key_task", name="重点任务", public=False, residents=False, order=9
    )
    memory.forget()


def task(town: Town, act_as: ActAs, *, by: str = "street", days: float = 7, key: str = "") -> Matter:
    kind(town) if not Kind.objects.filter(code="key_task").exists() else None
    due_at = timezone.now() + timedelta(days=days)
    return actions.give_task(
        actor=act_as(by), text="背街小巷的路灯全部修好。月底前逐条核查。", place=town.places["community"].code,
        to="O-chengguan", due_at=due_at, key=key,
    )  # fmt: skip


def today() -> Any:
    return timezone.localdate()


def drafted(town: Town, act_as: ActAs, place: str = "street", by: str = "street") -> Bulletin:
    return actions.draft(
        actor=act_as(by), place=town.places[place].code, since=today() - timedelta(days=6), until=today()
    )


def issued(town: Town, act_as: ActAs, **more: Any) -> Issue:
    made = drafted(town, act_as, **more)
    said = {"title": made.title, "lead": "这一周总的平稳。", "good": "", "asks": "", "public": False}
    actions.edit(actor=act_as(more.get("by", "street")), number=made.number, **said)
    return actions.issue(actor=act_as(more.get("by", "street")), number=made.number)


# ── key tasks ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_key_task_is_a_matter_with_owner_and_date_and_its_owner_sees_it(town: Town, act_as: ActAs) -> None:
    made = task(town, act_as)
    assert (made.kind, made.state) == ("key_task", "dispatched")
    assert made.handler_id == town.posts["chengguan_unit"].pk
    assert made.first_id == town.posts["street"].pk
    clock = Clock.objects.get(matter=made, stage="supervise")
    assert clock.state == "running" and clock.warn_at is not None  # noqa: PT018
    acts = list(Entry.objects.filter(matter=made).values_list("act", flat=True))
    assert acts == ["open", "dispatch", "supervise"]
    own = orders.listing(act_as("department"), Asked("tasks")).orders
    assert [o.matter.number for o in own] == [made.number]
    assert own[0].owner is not None and own[0].owner.name == "示范区城管局"  # noqa: PT018
    assert orders.listing(act_as("community2"), Asked("open")).orders == []


def test_the_same_form_twice_gives_one_task(town: Town, act_as: ActAs) -> None:
    first, again = task(town, act_as, key="k1"), task(town, act_as, key="k1")
    assert first.pk == again.pk
    assert Matter.objects.filter(kind="key_task").count() == 1


def test_a_task_needs_the_duty_a_known_owner_and_a_date_to_come(town: Town, act_as: ActAs) -> None:
    kind(town)
    said = {"text": "修灯", "place": town.places["community"].code, "to": "O-chengguan",
            "due_at": timezone.now() + timedelta(days=3)}  # fmt: skip
    with pytest.raises(Forbidden):
        actions.give_task(actor=act_as("grid"), **said)
    with pytest.raises(Forbidden):
        actions.give_task(actor=act_as("street2"), **said)
    with pytest.raises(Invalid) as wrong:
        actions.give_task(actor=act_as("street"), **{**said, "to": "没有这一家"})
    assert "to" in wrong.value.fields
    with pytest.raises(Invalid) as late:
        actions.give_task(actor=act_as("street"), **{**said, "due_at": timezone.now() - timedelta(hours=1)})
    assert "due_at" in late.value.fields
    assert not Matter.objects.filter(kind="key_task").exists()


def test_an_order_is_warned_of_before_its_date_and_chased_after_it(town: Town, act_as: ActAs) -> None:
    made = task(town, act_as, days=4)
    clock = Clock.objects.get(matter=made, stage="supervise")
    assert clock.warn_at is not None
    Clock.objects.filter(matter=made).exclude(pk=clock.pk).update(next_at=None)
    assert sweep(clock.warn_at + timedelta(seconds=1)).warned == 1
    after = clock.due_at + timedelta(minutes=1)
    assert sweep(after).breached == 1
    assert sweep(after + timedelta(hours=20)).chased == 0
    assert sweep(after + timedelta(hours=25)).chased == 1
    assert sweep(after + timedelta(hours=26)).chased == 0
    assert sweep(after + timedelta(days=3)).chased == 1
    outbox.drain(now=after + timedelta(days=4))
    told = Notice.objects.filter(post=town.posts["chengguan_unit"], text__contains="还欠着").count()
    assert told == 2
    matters.accept(actor=act_as("department"), **ids(made))
    matters.resolve(actor=act_as("department"), text="都修好了", cause="aging", **ids(made))
    matters.verify(actor=act_as("street"), passed=True, text="看过", now=after + timedelta(days=4), **ids(made))
    assert sweep(after + timedelta(days=30)).chased == 0
    assert orders.listing(act_as("street"), Asked("done")).orders[0].state(timezone.now()) == "late"


def test_lists_by_owner_and_state_stay_within_the_scope_and_few_questions(
    town: Town, act_as: ActAs, django_assert_max_num_queries: Any
) -> None:
    made = task(town, act_as)
    other = opened(town, act_as("resident2"), place="grid2")
    matters.supervise(actor=act_as("district"), text="抓紧", due_at=timezone.now() + timedelta(days=1), **ids(other))
    street, district = act_as("street"), act_as("district")
    assert [o.matter.pk for o in orders.listing(street, Asked("open")).orders] == [made.pk]
    assert [o.matter.pk for o in orders.listing(district, Asked("open")).orders] == [other.pk, made.pk]
    assert [o.matter.pk for o in orders.listing(district, Asked("open", owner="O-chengguan")).orders] == [made.pk]
    assert orders.tally(district, Asked()) == {"open": 2, "overdue": 0, "soon": 1, "tasks": 1, "done": 0}
    assert ("T-chengguan_unit", "示范区城管局", 1, 0) in orders.owners(district)
    with django_assert_max_num_queries(6):
        orders.listing(district, Asked("open"))
    page = orders.listing(district, Asked("open"), limit=1)
    assert page.next is not None
    assert [o.matter.pk for o in orders.listing(district, Asked("open", cursor=page.next), limit=1).orders] == [made.pk]


# ── bulletins ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_figures_are_counted_and_open_their_cases(town: Town, act_as: ActAs) -> None:
    done, late = opened(town, act_as("resident"), hours_ago=2), opened(town, act_as("resident"), hours_ago=9)
    matters.accept(actor=act_as("grid"), now=timezone.now() - timedelta(minutes=100), **ids(done))
    matters.resolve(actor=act_as("grid"), text="好了", cause="aging", now=timezone.now() - timedelta(minutes=99),
                    **ids(done))  # fmt: skip
    opened(town, act_as("resident2"), place="grid2")  # another street's
    task(town, act_as)  # an order is no appeal: it counts among the orders
    made = drafted(town, act_as)
    figures = made.gathered["figures"]
    assert figures["whole"]["received"] == 2
    assert figures["late_now"] == 1
    assert late.number not in str(made.gathered["orders"])
    assert figures["cases"]["place"] == town.places["street"].code
    assert made.gathered["counts"] == {"done": 0, "late": 0, "open": 1, "overdue": 0}
    assert made.gathered["orders"][0]["owner"] == "示范区城管局"


def test_an_issue_is_numbered_frozen_and_told_to_whom_it_concerns(town: Town, act_as: ActAs) -> None:
    task(town, act_as)
    first = issued(town, act_as)
    assert (first.version, first.bulletin.serial) == (1, 1)
    assert actions.digest(first.content) == first.digest
    with pytest.raises(Conflict):
        actions.edit(actor=act_as("street"), number=first.bulletin.number, title="改", lead="改", good="", asks="",
                     public=True)  # fmt: skip
    for change in ({"reason": "改"}, {"content": {}}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Issue.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Issue.objects.filter(pk=first.pk).delete()
    outbox.drain()
    told = set(Notice.objects.filter(text__contains="第 1 期").values_list("post__code", flat=True))
    assert told == {"T-street_office_unit", "T-committee_office_unit", "T-chengguan_unit"}
    assert queries.bulletin(act_as("department"), first.bulletin.number).pk == first.bulletin_id
    assert queries.bulletin(act_as("community"), first.bulletin.number).pk == first.bulletin_id
    for stranger in ("community2", "power", "street2"):
        with pytest.raises(NotFound):
            queries.bulletin(act_as(stranger), first.bulletin.number)


def test_a_draft_is_nobody_elses_and_without_a_word_it_does_not_go_out(town: Town, act_as: ActAs) -> None:
    made = drafted(town, act_as)
    with pytest.raises(NotFound):
        queries.bulletin(act_as("community"), made.number)
    with pytest.raises(Invalid) as empty:
        actions.issue(actor=act_as("street"), number=made.number)
    assert "lead" in empty.value.fields
    assert not Issue.objects.exists()
    actions.drop(actor=act_as("street"), number=made.number)
    with pytest.raises(Conflict):
        actions.issue(actor=act_as("street"), number=made.number)


def test_a_correction_is_another_version_with_its_reason_and_the_first_stays(town: Town, act_as: ActAs) -> None:
    first = issued(town, act_as)
    number, street = first.bulletin.number, act_as("street")
    actions.correct(actor=street, number=number)
    actions.edit(actor=street, number=number, title="通报（更正）", lead="数错了一处。", good="", asks="", public=True)
    with pytest.raises(Invalid):
        actions.issue(actor=street, number=number)
    second = actions.issue(actor=street, number=number, reason="漏了一件")
    assert (second.version, second.bulletin.serial, second.reason) == (2, 1, "漏了一件")
    assert queries.issue(street, number, 1).content["lead"] == "这一周总的平稳。"
    assert [i.version for i in queries.published(DISTRICT)] == [2]
    actions.correct(actor=street, number=number)
    actions.edit(actor=street, number=number, title="不要的", lead="不要的", good="", asks="", public=False)
    back = actions.drop(actor=street, number=number)
    assert (back.state, back.title, back.public) == ("issued", "通报（更正）", True)


def test_what_is_still_owed_climbs_into_the_next_bulletin_by_itself(town: Town, act_as: ActAs) -> None:
    task(town, act_as)
    issued(town, act_as)
    again = drafted(town, act_as)
    assert [o["times"] for o in again.gathered["orders"]] == [2]
    assert again.gathered["carried"] == 1


def test_no_shows_stand_in_it_by_unit_and_nothing_of_a_confidential_matter(town: Town, act_as: ActAs) -> None:
    matter = opened(town, act_as("resident"), "邻居吵架。电话 13812345678", kind="dispute", hours_ago=3)
    matters.whistle(
        actor=act_as("street"), units=["O-power"], reason="来看电", kind="joint",
        now=timezone.now() - timedelta(hours=2), **ids(matter),
    )  # fmt: skip
    sweep()
    misses = drafted(town, act_as).gathered["misses"]
    assert [(m["unit"], m["came"], m["title"]) for m in misses] == [("示范区供电所", "", "（保密）")]
    assert "13812345678" not in str(drafted(town, act_as).gathered)


def test_a_period_must_be_one(town: Town, act_as: ActAs) -> None:
    place = town.places["street"].code
    for since, until in ((today(), today() - timedelta(days=1)), (today() + timedelta(days=1), today())):
        with pytest.raises(Invalid):
            actions.draft(actor=act_as("street"), place=place, since=since, until=until)
    with pytest.raises(Forbidden):
        actions.draft(actor=act_as("community"), place=place, since=today(), until=today())
