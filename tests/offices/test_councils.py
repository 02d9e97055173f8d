"""The council: a topic from a neighbour's words to the residents' review, and what is refused on the way (D1 D6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.gatherings import actions as core
from linli.core.gatherings import briefing
from linli.core.gatherings.actions import Planned
from linli.core.gatherings.models import Attendance, Gathering, GatheringKind, Resolution
from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.models import Kind, Matter
from linli.core.people.actor import SYSTEM, Actor, for_user
from linli.kit import memory
from linli.kit.refusal import Conflict, Forbidden, NotFound
from linli.offices.councils import actions, loop, queries, words
from linli.offices.councils.models import Dissent, Support
from tests.cast import DISTRICT, Town

pytestmark = [pytest.mark.django_db, pytest.mark.system("D1")]
SPEC: dict[str, Any] = {
    "roles": [{"role": "community_worker"}, {"role": "grid_worker", "reach": "below"}], "residents": True,
    "notice_days": 3, "quorum": {"least": 2},
    "outcomes": ["settled", "split", "vote", "decided", "heard", "no_consensus"],
}  # fmt: skip


@pytest.fixture
def council(town: Town) -> Town:
    Kind.objects.get_or_create(district=town.district, code="topic", defaults={"name": "议题"})
    core.add_kind(actor=SYSTEM, district_id=DISTRICT, code="council", name="居民议事会", spec=SPEC)
    memory.forget()
    return town


def who(town: Town, name: str) -> Actor:
    return for_user(town.users[name].pk)


def browser(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name])
    return client


def node(town: Town, key: str) -> Any:
    from linli.core.places.tree import tree

    return tree(DISTRICT).by_id[town.places[key].pk]


def topic(town: Town) -> Matter:
    words = "想在小区东头建个电动车充电棚，张三 13912345678"
    return actions.propose(actor=who(town, "resident"), place=node(town, "quarter"), text=words).matter


def test_support_counts_once_and_names_nobody(council: Town) -> None:
    one = topic(council)
    for _again in range(2):
        assert actions.support(actor=who(council, "resident"), topic=one) == 1
    assert actions.support(actor=who(council, "grid"), topic=one) == 2
    kept = {str(v) for row in Support.objects.values() for v in row.values()}
    assert not kept & {str(council.users["resident"].pk), str(council.users["grid"].pk)}
    assert actions.support(actor=who(council, "grid"), topic=one, on=False) == 1


def test_a_topic_of_what_people_said_keeps_their_words(council: Town) -> None:
    said = open_matter(actor=who(council, "resident"), asked=Asked(
        kind="appeal", text="车没地方充电，楼道里拉线。", district_id=DISTRICT, place=node(council, "building"),
    )).matter  # fmt: skip
    host = who(council, "community")
    made = actions.raise_topic(actor=host, sources=[said], place=node(council, "quarter"), text="要不要建充电棚")
    assert queries.sources(made) == [said]
    assert actions.link_sources(actor=host, topic=made, sources=[said]) == 0
    assert (said.number, made) in [(s.number, s.topic) for s in words.of_actor(who(council, "resident"))]
    with pytest.raises(Forbidden):
        actions.raise_topic(actor=who(council, "grid"), sources=[said], place=node(council, "quarter"), text="不行")
    with pytest.raises(Conflict):
        actions.raise_topic(actor=host, sources=[made], place=node(council, "quarter"), text="再立一次")


def test_the_public_loop_is_masked(council: Town) -> None:
    one = topic(council)
    page = Client().get(f"/open/council/t/{one.number}/?district={DISTRICT}")
    assert page.status_code == 200
    assert "13912345678" not in page.content.decode()
    assert "充电棚" in page.content.decode()


def _called(town: Town, one: Matter) -> Gathering:
    """Through the host's own pages."""
    host = browser(town, "community")
    starts = timezone.localtime() + timedelta(days=5)
    sent = host.post("/desk/councils/new/", {
        "kind": "council", "place": town.places["community"].code, "title": "十一月议事会", "where": "红灯笼活动室",
        "starts_at": f"{starts:%Y-%m-%dT%H:%M}", "ends_at": f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    })  # fmt: skip
    assert sent.status_code == 302, sent.content.decode()
    g = Gathering.objects.get()
    assert g.brief["received"] >= 0
    at = f"/desk/councils/g/{g.number}/"
    host.post(f"{at}do/add/", {"topic": one.number})
    host.post(f"{at}do/call/")
    g.refresh_from_db()
    assert g.state == "called"
    return g


def test_the_whole_way(council: Town) -> None:
    one = topic(council)
    g = _called(council, one)
    assert [s.state for s in loop.of(one, public=False).stages][:2] == ["done", "done"]
    base = _discussed(council, g)
    row = _settled(council, g, base)
    _reviewed(council, g, row)
    told = loop.of(one, public=True)
    assert [s.state for s in told.stages] == ["done"] * 5
    assert "李" not in " ".join(x.who for s in told.stages for x in s.lines if x.against)
    _every_page_stands(council, g, row, one)


def _discussed(town: Town, g: Gathering) -> str:
    """It begins, a second one is vouched for, the point is split and somebody is against it; its address."""
    at, host, other = f"/desk/councils/g/{g.number}/", browser(town, "community"), browser(town, "resident")
    host.post(f"{at}do/begin/")
    code = core.show_code(actor=who(town, "community"), district_id=DISTRICT, gathering_id=g.pk).code
    other.post(f"/council/g/{g.number}/do/attend/", {"code": code})
    item = g.items.get()
    base = f"{at}items/{item.pk}/"
    early = host.post(f"{base}do/discuss/", {"outcome": "split", "text": "建一个棚"})
    assert early.status_code == 422  # one is not enough: nobody vouched yet
    host.post(f"{at}do/vouch/", {"who": Attendance.objects.get(state="waiting").pk})
    assert host.post(f"{base}do/discuss/", {"outcome": "split", "text": "建一个棚"}).status_code == 302
    against_it = {"item": item.pk, "text": "挡了一楼的光", "retry": "r" * 32}
    for _twice in range(2):
        other.post(f"/council/g/{g.number}/do/dissent/", against_it)
    host.post(f"{at}do/end/")
    g.refresh_from_db()
    assert g.state == "sitting"  # what is split needs a resolution first
    return base


def _settled(town: Town, g: Gathering, base: str) -> Resolution:
    """A resolution with owner and days, a matter of it, the end and the minutes."""
    at, host = f"/desk/councils/g/{g.number}/", browser(town, "community")
    day = timezone.localdate() + timedelta(days=10)
    bare = host.post(f"{base}resolve/", {"text": "建棚", "owner": "", "due_on": "", "review_on": ""})
    assert "建棚" in bare.content.decode()
    assert bare.status_code == 422
    owner = town.posts["property"].code
    whole = {"text": "建 240 平方米的棚", "owner": owner, "due_on": day, "review_on": day, "retry": "k" * 32}
    made = host.post(f"{base}resolve/", whole)
    assert made.status_code == 302, made.content.decode()
    row = Resolution.objects.get()
    for _twice in range(2):  # the key in the form makes a repeat harmless
        parted = {"text": "棚子打地基，搭顶。", "to": owner, "retry": "s" * 32}
        host.post(f"/desk/councils/r/{row.pk}/split/", parted)
    host.post(f"{at}do/end/")
    text = host.get(f"{at}minutes/").context["form"]["text"].value()
    assert host.post(f"{at}minutes/", {"text": text}).status_code == 302
    assert "不同意见：挡了一楼的光" in g.minutes.get().text
    return row


def _reviewed(town: Town, g: Gathering, row: Resolution) -> None:
    """Not before the objector was asked, and not before the work is done."""
    host, there = browser(town, "community"), f"/desk/councils/r/{row.pk}/"
    yes = {"upheld": "yes", "text": "棚子好用", "satisfied": "12", "dissatisfied": "1"}
    assert host.post(f"{there}review/", yes).status_code == 422  # the objector was not asked
    against = Dissent.objects.get()
    host.post(f"{there}objectors/{against.pk}/", {"content": "yes", "answer": "退了两米，不挡了"})
    assert host.post(f"{there}review/", yes).status_code == 422  # the matter is still under way
    Matter.objects.filter(pk=row.matters.get().matter_id).update(state="closed")
    assert host.post(f"{there}review/", yes).status_code == 302
    row.refresh_from_db()
    assert row.state == "closed"


def _every_page_stands(town: Town, g: Gathering, row: Resolution, one: Matter) -> None:
    at, host, other = f"/desk/councils/g/{g.number}/", browser(town, "community"), browser(town, "resident")
    for page in ("/council/", "/council/words/", f"/council/t/{one.number}/", f"/council/g/{g.number}/"):
        assert other.get(page).status_code == 200, page
    for page in (at, f"{at}run/", f"{at}live/", f"{at}paper/", f"/desk/councils/r/{row.pk}/",
                 f"/desk/councils/topics/{one.number}/", "/desk/councils/", "/desk/councils/topics/",
                 "/desk/councils/topics/new/"):  # fmt: skip
        assert host.get(page).status_code == 200, page
    assert Client().get(f"/open/council/g/{g.number}/?district={DISTRICT}").status_code == 200
    assert "第 1 版" in host.get(f"{at}paper/").content.decode()


def test_another_community_finds_nothing(council: Town) -> None:
    one = topic(council)
    g = _called(council, one)
    item = g.items.get()
    away = browser(council, "community2")
    at = f"/desk/councils/g/{g.number}/"
    for page in (at, f"{at}run/", f"{at}minutes/", f"{at}items/{item.pk}/do/discuss/",
                 f"/desk/councils/topics/{one.number}/"):  # fmt: skip
        assert away.get(page).status_code == 404, page
    assert away.post(f"{at}do/begin/").status_code == 404
    with pytest.raises(NotFound):
        actions.ask_objector(actor=who(council, "community2"), dissent_id=g.pk, content=True)


def test_speaking_order(council: Town) -> None:
    g = _called(council, topic(council))
    host, item = who(council, "community"), queries.item(g, g.items.get().pk)
    with pytest.raises(Conflict):
        actions.queue(actor=host, item=item, label="陆长亭")
    core.begin(actor=host, district_id=DISTRICT, gathering_id=g.pk)
    item = queries.item(g, item.pk)
    item.gathering.refresh_from_db()
    for name in ("陆长亭", "苗青"):
        actions.queue(actor=host, item=item, label=name)
    first = actions.next_speaker(actor=host, item=item)
    second = actions.next_speaker(actor=host, item=item)
    assert [t.label for t in (first, second) if t] == ["陆长亭", "苗青"]
    assert first is not None
    first.refresh_from_db()
    assert first.ended_at is not None
    assert actions.next_speaker(actor=host, item=item) is None


def test_figures_of_a_period_count_rows(council: Town) -> None:
    before = briefing.brief(DISTRICT, council.places["community"].path, timezone.now() + timedelta(minutes=1), 30)
    open_matter(actor=who(council, "resident"), asked=Asked(
        kind="appeal", text="路灯不亮。", district_id=DISTRICT, place=node(council, "building")))  # fmt: skip
    after = briefing.brief(DISTRICT, council.places["community"].path, timezone.now() + timedelta(minutes=1), 30)
    assert after["received"] == before["received"] + 1


def test_the_board_asks_the_same_of_one_sitting_and_many(council: Town) -> None:
    host = browser(council, "community")
    _called(council, topic(council))
    host.get("/desk/councils/")
    counts = []
    for _round in range(2):
        for path in ("/desk/councils/", "/desk/councils/topics/", "/open/council/"):
            with CaptureQueriesContext(connection) as asked:
                assert host.get(path).status_code == 200
            counts.append(len(asked))
        for n in range(3):
            starts = timezone.now() + timedelta(days=6 + n)
            kind = GatheringKind.objects.get().pk
            planned = Planned(
                f"第{n}次", node(council, "community"), starts, starts + timedelta(hours=1), None, "活动室"
            )
            core.draft(actor=who(council, "community"), district_id=DISTRICT, kind_id=kind, planned=planned)
            topic(council)
    assert counts[:3] == counts[3:]
    assert max(counts) <= 25
