"""What the council's acts refuse and keep: objections, withdrawal, ballots, opinions with receipts, the review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from linli.core.decisions import actions as decisions
from linli.core.decisions.models import Question, RuleVersion
from linli.core.decisions.ready import READY
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Charge, Planned
from linli.core.gatherings.models import AgendaItem, Gathering, GatheringKind, Resolution
from linli.core.matters.models import Matter
from linli.core.people.actor import SYSTEM
from linli.core.people.models import Holding, Person
from linli.core.places.models import Dwelling
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.councils import actions, forms, loop, queries, words
from linli.offices.councils.models import Dissent, Opinion, Support, Turn, Verdict
from tests.cast import DISTRICT, SINCE, Town
from tests.offices.test_councils import browser, council, node, topic, who

__all__ = ["council"]
pytestmark = [pytest.mark.django_db, pytest.mark.system("D1")]
KEY = "k" * 32


def going(town: Town, *, begin: bool = True) -> AgendaItem:
    """The one point of a sitting that is going on, with two there."""
    one, host = topic(town), who(town, "community")
    starts = timezone.now() + timedelta(hours=1)
    planned = Planned("议事会", node(town, "community"), starts, starts + timedelta(hours=2), None, "活动室")
    ids: dict[str, Any] = {"actor": host, "district_id": DISTRICT}
    made = core.draft(kind_id=GatheringKind.objects.get().pk, planned=planned, **ids)
    ids["gathering_id"] = made.pk
    item = core.add_item(matter_id=one.pk, **ids)
    core.call(waive="急。", **ids)
    if begin:
        core.begin(**ids)
        rows = core.enter_sheet(lines=[core.SheetLine(label="一楼住户")], **ids)
        core.agree_sheet(actor=who(town, "street"), district_id=DISTRICT, gathering_id=made.pk, agreed=[rows[0].pk])
    made.refresh_from_db()
    return queries.item(made, item.pk)


def resolved(town: Town, item: AgendaItem, owner: str = "property", parts: list[str] | None = None) -> Resolution:
    host = who(town, "community")
    ids: dict[str, Any] = {"actor": host, "district_id": DISTRICT, "gathering_id": item.gathering_id}
    core.discuss(item_id=item.pk, outcome="split", text="建一个棚", **ids)
    said = due_today(town.posts[owner].pk)
    return actions.resolve(actor=host, item=fresh(item), text="建棚", parts=parts, retry=KEY, **said)


def due_today(owner: Any) -> dict[str, Any]:
    """A day and the moment of the act it is given with: midnight between the two would make it too late."""
    now = timezone.now()
    return {"charge": Charge(owner, timezone.localdate(now), timezone.localdate(now)), "now": now}


def fresh(item: AgendaItem) -> AgendaItem:
    return queries.item(type(item.gathering).objects.get(pk=item.gathering_id), item.pk)


def test_two_who_object_in_the_same_words_are_two_and_one_form_is_one(council: Town) -> None:
    item, host = going(council), who(council, "community")
    for label, key in (("一楼住户", "a" * 32), ("二楼住户", "b" * 32), ("二楼住户", "b" * 32)):
        actions.dissent(actor=host, item=item, text="挡光", label=label, retry=key)
    assert list(Dissent.objects.order_by("at").values_list("label", "text")) == [
        ("一楼住户", "挡光"),
        ("二楼住户", "挡光"),
    ]


def test_a_refusal_keeps_what_was_typed(council: Town) -> None:
    item = going(council)
    at = f"/desk/councils/g/{item.gathering.number}/items/{item.pk}/do"
    sent = browser(council, "community").post(f"{at}/dissent/", {"label": "", "text": "棚子挡光", "retry": KEY})
    assert sent.status_code == 422
    assert "棚子挡光" in sent.content.decode()
    sent = browser(council, "community").post(f"{at}/turn/", {"label": "一楼住户", "minutes": "99"})
    assert sent.status_code == 422
    assert "一楼住户" in sent.content.decode()


def test_a_withdrawn_point_leaves_nothing_half_done_and_says_why(council: Town) -> None:
    item, host = going(council), who(council, "community")
    for label in ("一楼住户", "二楼住户"):
        actions.queue(actor=host, item=item, label=label)
    actions.next_speaker(actor=host, item=item)
    voted = actions.put_to_vote(actor=host, item=item, vote=_vote(council))
    Outbox.objects.all().delete()
    with pytest.raises(Conflict):  # put to the vote is talked about; its outcome comes with the count
        actions.withdraw(actor=host, item=fresh(item), reason="太急")
    assert Question.objects.get(pk=voted.pk).state == "open"
    AgendaItem.objects.filter(pk=item.pk).update(state="listed", outcome="", discussed_at=None)
    actions.withdraw(actor=host, item=fresh(item), reason="缺图纸")
    assert Question.objects.get(pk=voted.pk).state == "withdrawn"
    assert not Turn.objects.filter(ended_at=None).exists()
    told = Outbox.objects.filter(topic="account", payload__user=str(council.users["resident"].pk))
    assert "缺图纸" in told.get().payload["text"]
    assert item.matter is not None
    way = loop.of(item.matter, public=True)
    assert way.withdrawn == "缺图纸"
    assert [s.state for s in way.stages][:2] == ["now", "next"]
    page = browser(council, "resident").get(f"/council/t/{item.matter.number}/").content.decode()
    assert "这次不议了：缺图纸" in page
    assert item.matter in sittings.topics_to_table(host, node(council, "community").path)


def _vote(town: Town) -> actions.Vote:
    """A ballot of one household of the community."""
    rule = RuleVersion.objects.first() or decisions.add_rule(actor=SYSTEM, district_id=DISTRICT, **READY[0])
    home = Dwelling.objects.create(district=town.district, place=town.places["building"], number="9901", area_m2=80)
    person = Person.objects.create(district=town.district, shown="业**", fictional=True)
    Holding.objects.create(district=town.district, dwelling=home, person=person, kind="owner", since=SINCE)
    day = timezone.localdate() + timedelta(days=60)
    return actions.Vote("建不建", rule.pk, "households", timezone.now() + timedelta(days=2), day)


@pytest.mark.system("D5")
def test_a_point_is_put_to_the_vote_once(council: Town) -> None:
    item, host, vote = going(council), who(council, "community"), _vote(council)
    made = actions.put_to_vote(actor=host, item=item, vote=vote)
    assert made.state == "open"
    assert fresh(item).outcome == "vote"
    with pytest.raises(Conflict) as refused:
        actions.put_to_vote(actor=host, item=fresh(item), vote=vote)
    assert refused.value.code == "voting"
    with pytest.raises(Forbidden):
        actions.put_to_vote(actor=who(council, "grid"), item=item, vote=vote)
    assert Question.objects.count() == 1
    assert made.number in browser(council, "community").get(
        f"/desk/councils/g/{item.gathering.number}/run/").content.decode()  # fmt: skip


def test_a_resolution_needs_owner_deadline_and_review(council: Town) -> None:
    item, host = going(council), who(council, "community")
    ids: dict[str, Any] = {"actor": host, "district_id": DISTRICT, "gathering_id": item.gathering_id}
    core.discuss(item_id=item.pk, outcome="split", text="建", **ids)
    today, owner = timezone.localdate(), council.posts["property"].pk
    for charge in (Charge(None, today, today), Charge(owner, None, today), Charge(owner, today, None)):
        with pytest.raises(Invalid):
            actions.resolve(actor=host, item=fresh(item), text="建棚", charge=charge)
    assert not Resolution.objects.exists()
    loose = core.resolve(item_id=item.pk, text="建棚", charge=Charge(), **ids)
    for state in ("set", "closed"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Resolution.objects.filter(pk=loose.pk).update(state=state)
    with pytest.raises(Conflict) as refused:
        actions.end_sitting(actor=host, sitting=item.gathering)
    assert refused.value.code == "resolution_open"


def test_a_sitting_ends_only_when_what_is_split_lies_in_matters(council: Town) -> None:
    item, host = going(council), who(council, "community")
    row = resolved(council, item)
    with pytest.raises(Conflict) as refused:
        actions.end_sitting(actor=host, sitting=item.gathering)
    assert refused.value.code == "not_split"
    part = core.Part(retry="p" * 32, kind="appeal", text="打地基。", place=node(council, "building"))
    core.split(actor=host, district_id=DISTRICT, resolution_id=row.pk, parts=[part])
    assert actions.end_sitting(actor=host, sitting=item.gathering).state == "ended"


def test_a_resolution_sent_twice_is_one_with_its_matters(council: Town) -> None:
    item = going(council)
    first = resolved(council, item, parts=["打地基。", "装桩。"])
    again = actions.resolve(
        actor=who(council, "community"), item=fresh(item), text="建棚", parts=["打地基。", "装桩。"], retry=KEY,
        **due_today(council.posts["property"].pk),
    )  # fmt: skip
    assert again.pk == first.pk
    assert first.matters.count() == 2


def test_residents_review_for_themselves_and_are_not_named(council: Town) -> None:
    item = going(council)
    row = resolved(council, item, parts=["打地基。"])
    with pytest.raises(Forbidden):
        actions.judge(actor=who(council, "property"), resolution=row, satisfied=True)
    for satisfied in (True, False):
        actions.judge(actor=who(council, "resident"), resolution=row, satisfied=satisfied, text="还差灯")
    assert queries.verdicts(row) == (0, 1)
    kept = {
        str(v) for values in (Verdict.objects.values(), Support.objects.values()) for r in values for v in r.values()
    }
    assert str(council.users["resident"].pk) not in kept
    Matter.objects.filter(kind="appeal").update(state="closed")
    review: dict[str, Any] = {"actor": who(council, "community"), "resolution": row, "upheld": True, "text": "好"}
    with pytest.raises(Conflict) as refused:
        actions.review(**review)
    assert refused.value.code == "not_satisfied"
    done = actions.review(**review, satisfied=3)
    assert (done.state, done.satisfied, done.dissatisfied) == ("closed", 3, 1)
    with pytest.raises(Conflict):
        actions.judge(actor=who(council, "resident"), resolution=done, satisfied=True)


def test_nobody_reviews_before_its_day(council: Town) -> None:
    row = resolved(council, going(council), parts=["打地基。"])
    Resolution.objects.filter(pk=row.pk).update(review_on=timezone.localdate() + timedelta(days=3))
    row.refresh_from_db()
    with pytest.raises(Conflict):
        actions.judge(actor=who(council, "resident"), resolution=row, satisfied=True)
    Matter.objects.filter(kind="appeal").update(state="verified")
    assert actions.judge(actor=who(council, "resident"), resolution=row, satisfied=True).satisfied


def test_an_opinion_has_a_receipt_and_an_answer(council: Town) -> None:
    one = topic(council)
    said = [actions.speak(actor=who(council, "grid"), topic=one, text="离窗户远点", retry=KEY) for _twice in range(2)]
    assert said[0] == said[1]
    helped = actions.speak(actor=who(council, "grid"), topic=one, text="我妈说要亮灯", retry="h" * 32, helper="女儿")
    assert (helped.opinion.author_id, Opinion.objects.count()) == (None, 2)
    assert [x.text for x in words.of_actor(who(council, "grid"))] == ["离窗户远点"]
    page = Client().post("/council/said/", {"receipt": helped.receipt}).content.decode()
    assert "我妈说要亮灯" in page
    assert Client().post("/council/said/", {"receipt": "0000-0000-0000-0000-0000"}).status_code == 422
    Outbox.objects.all().delete()
    actions.answer(actor=who(council, "community"), opinion_id=said[0].opinion.pk, text="退两米")
    assert Outbox.objects.get(topic="account").payload["user"] == str(council.users["grid"].pk)
    assert "退两米" in browser(council, "grid").get("/council/words/").content.decode()
    with pytest.raises(NotFound):
        actions.answer(actor=who(council, "community2"), opinion_id=said[0].opinion.pk, text="不归我")


def test_who_belongs_to_several_places_is_asked_where(council: Town) -> None:
    places = [n.name for n in queries.halls(who(council, "resident"))]
    assert places == ["柳荫里", "柳荫社区"]
    sent = browser(council, "resident").post(
        "/council/propose/", {"text": "修路", "place": council.places["community"].code, "retry": KEY}
    )  # fmt: skip
    assert sent.status_code == 200
    made = Matter.objects.get(kind="topic")
    assert made.place_id == council.places["community"].pk
    again = browser(council, "resident").post("/council/propose/", {"text": "", "retry": KEY})
    assert again.status_code == 422


def test_the_export_is_the_list(council: Town) -> None:
    one = topic(council)
    sent: Any = browser(council, "community").get("/desk/councils/topics.csv?q=充电棚")
    assert one.number in b"".join(sent.streaming_content).decode()


def test_who_carries_out_a_resolution_reads_it_without_having_been_asked(council: Town) -> None:
    """The notice about it leads there; the sitting itself stays closed to the firm."""
    row = resolved(council, going(council))
    Gathering.objects.update(public=False)
    page = f"/gatherings/{row.gathering.number}/"
    told = browser(council, "property").get(page)
    assert told.status_code == 200
    assert "建棚" in told.content.decode()
    assert browser(council, "property").get(f"/council/g/{row.gathering.number}/").status_code == 404
    for nobody in ("resident2", "steward", "department"):
        assert browser(council, nobody).get(page).status_code == 404
    Resolution.objects.update(state="closed", reviewed_at=timezone.now())
    assert browser(council, "property").get(page).status_code == 200


def test_an_agenda_says_how_many_topics_it_does_not_list_and_takes_them_by_number(
    council: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, host = going(council, begin=False).gathering, browser(council, "community")
    first, liked, last = (topic(council) for _n in range(3))
    actions.support(actor=who(council, "resident"), topic=liked)
    monkeypatch.setattr(forms, "MOST_TOPICS", 1)
    url = f"/desk/councils/g/{made.number}/do/add/"
    page = host.get(url).content.decode()
    assert f'value="{liked.number}"' in page  # what most people ask for, however late it came
    assert f'value="{first.number}"' not in page
    assert "上面是附议最多的 1 个，还有 2 个没列。" in page
    wrong = host.post(url, {"number": "TS-9999-0001"})
    assert wrong.status_code == 422
    assert "没有这个议题" in wrong.content.decode()
    assert host.post(url, {"number": last.number.lower()}).status_code == 302
    assert made.items.filter(matter=last).exists()
    assert host.post(url, {}).status_code == 422
    monkeypatch.setattr(forms, "MOST_TOPICS", 100)
    assert "没列" not in host.get(url).content.decode()


def test_what_is_not_everybodys_to_read_is_told_without_a_link(council: Town) -> None:
    """A resolution leads a resident to its page only where that page opens; a draft is not told of at all."""
    item = going(council)
    row, me = resolved(council, item), browser(council, "resident")
    assert item.matter is not None
    page, there = f"/council/t/{item.matter.number}/", f"/council/r/{row.pk}/"
    assert there in me.get(page).content.decode()
    assert me.get(there).status_code == 200
    Gathering.objects.filter(pk=item.gathering_id).update(public=False)
    closed = me.get(page).content.decode()
    assert me.get(there).status_code == 404
    assert there not in closed
    assert item.gathering.number not in closed
    assert "建棚" in closed
    host = browser(council, "community").get(f"/desk/councils/topics/{item.matter.number}/").content.decode()
    assert f"/desk{there.replace('/council/', '/councils/')}" in host
    Resolution.objects.filter(pk=row.pk).update(state="draft")
    assert "建棚" not in me.get(page).content.decode()


def test_ones_own_words_carry_the_topics_number_once(council: Town) -> None:
    one = topic(council)
    page = browser(council, "resident").get("/council/words/").content.decode()
    assert page.count(f"　{one.number}") + page.count(f">{one.number}<") == 1
