"""A topic and the round it came from know one another: by the topic's own ledger, on every page of either."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linli.core.matters import actions as matters
from linli.core.matters.actions.opening import Asked
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Entry, Kind, Matter
from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.kit import memory, outbox
from linli.kit.refusal import Conflict, Invalid
from linli.offices.councils import loop
from linli.offices.opinions import actions, jobs
from linli.offices.opinions.models import Group, Round
from tests.cast import DISTRICT, Town
from tests.doors.test_field_inbox import as_, read
from tests.offices.test_opinions import asked, heard, node

ActAs = Callable[[str], Actor]
pytestmark = [pytest.mark.system("D1"), pytest.mark.system("D5")]


@pytest.fixture
def topic(town: Town, act_as: ActAs) -> Matter:
    Kind.objects.create(district=town.district, code="topic", name="议题")
    memory.forget()
    words = Asked(kind="topic", text="空地建不建车棚？", district_id=DISTRICT, place=node(town, "quarter"))
    return matters.open_matter(actor=act_as("resident"), asked=words).matter


def group_of(town: Town, act_as: ActAs, row: Round, title: str, count: int, since: int = 0) -> Group:
    ids = [heard(town, act_as, row, f"{title}，第 {n} 家。", since + n).opinion.pk for n in range(count)]
    return actions.gather(actor=act_as("community"), row=row, opinions=ids, title=title)


def pages(town: Town, client: Client, topic: Matter) -> dict[str, str]:
    """The topic as everybody, a resident and its host read it."""
    return {
        "open": read(client, f"/open/council/t/{topic.number}/"),
        "own": read(as_(town, "resident"), f"/council/t/{topic.number}/"),
        "desk": read(as_(town, "community"), f"/desk/councils/topics/{topic.number}/"),
    }


def test_the_topic_shows_its_round_with_figures_once_they_are_published(
    client: Client, town: Town, act_as: ActAs, topic: Matter
) -> None:
    host, row = act_as("community"), asked(town, act_as, matter=topic.number)
    before = pages(town, client, topic)
    assert all(row.title in text for text in before.values())
    assert f'href="/opinions/{row.code}/"' in before["open"]  # still open: whoever reads may answer
    assert f'href="/desk/opinions/{row.code}/"' in before["desk"]
    assert not any("收到" in text for text in before.values())
    many = group_of(town, act_as, row, "建，楼道里别再放车", 6)
    few = group_of(town, act_as, row, "离窗户远一点", 2, since=50)
    for group in (many, few):
        actions.tie(actor=host, row=row, group_id=group.pk, number=topic.number.lower())
    actions.end(actor=host, row=row)
    actions.publish(actor=host, row=row)
    after = pages(town, client, topic)
    for text in after.values():
        assert "收到 8 条意见" in text
        assert "其中 8 条说的是这件事" in text
    assert f'href="/open/opinions/{row.code}/"' in after["open"]
    assert f'href="/open/opinions/{row.code}/"' in after["own"]
    assert f'href="/desk/opinions/{row.code}/"' in after["desk"]
    # and back
    assert f'href="/open/council/t/{topic.number}/"' in read(client, f"/open/opinions/{row.code}/")
    assert row.title in read(client, f"/open/m/{topic.number}/")
    staff = as_(town, "community")
    for page in (f"/desk/opinions/{row.code}/", f"/desk/opinions/{row.code}/groups/{many.pk}/"):
        assert f'href="/desk/councils/topics/{topic.number}/"' in read(staff, page)
    assert f'href="/desk/councils/topics/{topic.number}/"' in read(staff, f"/desk/m/{topic.number}/")
    assert not verify(DISTRICT).broken


def test_so_few_are_not_counted_where_strangers_read(client: Client, town: Town, act_as: ActAs, topic: Matter) -> None:
    host, row = act_as("community"), asked(town, act_as)
    few = group_of(town, act_as, row, "离窗户远一点", 2)
    actions.tie(actor=host, row=row, group_id=few.pk, number=topic.number)
    told = pages(town, client, topic)
    assert "其中 2 条说的是这件事" in told["desk"]
    assert "其中不足 5 条说的是这件事" in told["open"]
    assert "其中 2 条" not in told["open"] + told["own"]


def test_a_group_is_tied_once_and_to_what_is_there(town: Town, act_as: ActAs, topic: Matter) -> None:
    host, row = act_as("community"), asked(town, act_as)
    group = group_of(town, act_as, row, "建，楼道里别再放车", 3)
    staff, url = as_(town, "community"), f"/desk/opinions/{row.code}/groups/{group.pk}/do/tie/"
    wrong = staff.post(url, {"number": "QX-20990101-0001"})
    assert wrong.status_code == 422
    assert "没有找到这件事" in wrong.content.decode()
    assert not Entry.objects.filter(matter=topic, act="canvass").exists()
    assert staff.post(url, {"number": topic.number}).status_code == 302
    with pytest.raises(Conflict):
        actions.tie(actor=host, row=row, group_id=group.pk, number=topic.number)
    elsewhere = Asked(kind="topic", text="别处的事", district_id=DISTRICT, place=node(town, "quarter2"))
    other = matters.open_matter(actor=act_as("resident2"), asked=elsewhere).matter
    second = group_of(town, act_as, row, "另一组", 1, since=50)
    with pytest.raises(Invalid):
        actions.tie(actor=host, row=row, group_id=second.pk, number=other.number)
    Matter.objects.filter(pk=topic.pk).update(confidential=True)
    with pytest.raises(Invalid):
        actions.tie(actor=host, row=row, group_id=second.pk, number=topic.number)


def test_speakers_of_a_tied_group_are_told_and_hear_the_end(town: Town, act_as: ActAs, topic: Matter) -> None:
    host, row = act_as("community"), asked(town, act_as)
    resident = as_(town, "resident")
    assert resident.post(f"/opinions/{row.code}/", {"text": "建吧。", "retry": "r" * 32}).status_code == 200
    group = actions.gather(
        actor=host, row=row, opinions=list(row.opinions.values_list("pk", flat=True)), title="建，快建"
    )  # fmt: skip
    actions.tie(actor=host, row=row, group_id=group.pk, number=topic.number)
    Matter.objects.filter(pk=topic.pk).update(state="closed")
    assert jobs.run_due() == 1
    while outbox.drain():
        pass
    told = " ".join(Notice.objects.filter(user_id=town.users["resident"].pk).values_list("text", flat=True))
    assert "您说的有人在办了：建，快建" in told
    assert "办完了" in told


def test_many_rounds_cost_a_topic_no_more_questions(town: Town, act_as: ActAs, topic: Matter) -> None:
    def price() -> int:
        with CaptureQueriesContext(connection) as told:
            made = loop.of(Matter.objects.get(pk=topic.pk), public=True)
        assert len([x for x in made.stages[0].lines if "征求" in x.who]) == Round.objects.count()
        return len(told)

    asked(town, act_as, matter=topic.number)
    first = price()
    for _n in range(4):
        asked(town, act_as, matter=topic.number)
    assert price() == first
    assert re.search("开始逐户问", Entry.objects.filter(matter=topic, act="canvass").latest("seq").text)
