"""The host's page of the room: a ballot of those present, the sheet checked at once, the agenda, who is asked."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from linli.core.decisions import actions as decisions
from linli.core.decisions.models import PaperEntry, Question
from linli.core.decisions.ready import READY
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Planned
from linli.core.gatherings.models import AgendaItem, Attendance, Gathering, GatheringKind, Resolution
from linli.core.matters import seeing
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Clock, Entry, Matter
from linli.core.people.actor import SYSTEM
from linli.core.people.models import Holding, Person
from linli.core.places.models import Dwelling
from linli.kit import files
from linli.kit.models import Upload
from linli.kit.refusal import Conflict
from linli.offices.councils import actions, loop, minuting
from tests.cast import DISTRICT, SINCE, Town
from tests.offices.test_councils import browser, council, node, topic, who
from tests.offices.test_councils_acts import due_today, fresh, going, resolved

__all__ = ["council"]
pytestmark = [pytest.mark.django_db, pytest.mark.system("D1")]
KEY = "k" * 32


@pytest.fixture
def rules(council: Town) -> Town:
    for each in READY:
        decisions.add_rule(actor=SYSTEM, district_id=DISTRICT, **each)
    return council


def at(item: AgendaItem, act: str = "") -> str:
    base = f"/desk/councils/g/{item.gathering.number}/items/{item.pk}/"
    return f"{base}do/{act}/" if act else base


def asked(town: Town, item: AgendaItem, **more: Any) -> Any:
    rule = next(r for r in decisions_rules() if r.code == "present")
    day = (timezone.localdate() + timedelta(days=1)).isoformat()
    return browser(town, "community").post(
        at(item, "ask"), {"title": "建不建？", "way": "hands", "rule": rule.pk, "review_on": day, **more}
    )


def decisions_rules() -> Any:
    from linli.core.decisions import queries

    return queries.rules(DISTRICT)


def test_the_room_is_asked_on_one_screen(rules: Town) -> None:
    item, host = going(rules), browser(rules, "community")
    assert asked(rules, item, title="").status_code == 422
    assert asked(rules, item).status_code == 302
    screen = host.get(f"/desk/councils/g/{item.gathering.number}/run/").content.decode()
    assert "建不建？" in screen
    assert "记举手" in screen
    form = host.get(f"{at(item)}hands/").content.decode()
    assert "一楼住户" in form
    empty = host.post(f"{at(item)}hands/", {"retry": KEY})
    assert empty.status_code == 422
    assert "一位也没有记" in empty.content.decode()
    ended = host.post(f"/desk/councils/g/{item.gathering.number}/do/end/")
    assert ended.status_code == 422
    assert "还没有数完票" in ended.content.decode()
    assert host.post(f"{at(item)}hands/", {"rest": "yes", "hand1": "no", "retry": KEY}).status_code == 302
    assert host.post(at(item, "count")).status_code == 302
    made = Question.objects.get(roll_kind="present")
    assert made.state == "decided"
    screen = host.get(f"/desk/councils/g/{item.gathering.number}/run/").content.decode()
    assert "能投的 2 人" in screen
    written = host.get(at(item, "discuss")).content.decode()
    assert "会场表决“建不建？”：能投的 2 人，同意 1 票，不同意 1 票" in written
    assert f"/open/votes/{made.number}/" in screen
    assert "会场表决" in minuting.text(Gathering.objects.get())
    lines = [x.who for s in loop.of(item.matter or topic(rules), public=True).stages for x in s.lines]
    assert any("到会的人投的" in who for who in lines)
    assert host.get(f"{at(item)}hands/").status_code == 302  # counted: there is nothing to record


def test_what_the_room_adopted_is_offered_as_decided(rules: Town) -> None:
    item, host = going(rules), browser(rules, "community")
    asked(rules, item)
    host.post(f"{at(item)}hands/", {"rest": "yes", "retry": KEY})
    host.post(at(item, "count"))
    form = host.get(at(item, "discuss")).content.decode()
    assert 'value="decided" ' in form
    assert "checked" in form[form.index('value="decided"') : form.index('value="decided"') + 120]
    assert host.post(at(item, "discuss"), {"outcome": "decided", "text": "建。"}).status_code == 302
    assert host.get(f"{at(item)}resolve/").status_code == 200


def test_those_present_vote_on_their_own_phone(rules: Town) -> None:
    item = going(rules)
    g = item.gathering
    code = core.show_code(actor=who(rules, "community"), district_id=DISTRICT, gathering_id=g.pk).code
    phone = browser(rules, "resident")
    phone.post(f"/council/g/{g.number}/do/attend/", {"code": code})
    row = Attendance.objects.get(state="waiting")
    core.vouch(actor=who(rules, "community"), district_id=DISTRICT, gathering_id=g.pk, attendance_id=row.pk)
    asked(rules, item)
    made = Question.objects.get(roll_kind="present")
    assert f"/vote/{made.number}/" in phone.get(f"/council/g/{g.number}/").content.decode()
    page = phone.get(f"/vote/{made.number}/").content.decode()
    assert "您家" not in page.split("怎样才算")[0]
    sure = phone.post(f"/vote/{made.number}/cast/", {"step": "confirm", "choice": "no"})
    assert sure.status_code == 200
    sent = phone.post(f"/vote/{made.number}/cast/", {"step": "send", "choice": "no", "key": KEY})
    assert sent.status_code == 302
    host = browser(rules, "community")
    form = host.get(f"{at(item)}hands/").content.decode()
    assert row.label not in form  # who voted is no row any more
    host.post(f"{at(item)}hands/", {"rest": "yes", "retry": KEY})
    host.post(at(item, "count"))
    made.refresh_from_db()
    assert made.result is not None
    assert made.result["options"]["no"]["heads"] == 1


def test_a_secret_one_waits_for_its_keys_on_the_screen(rules: Town) -> None:
    item, host = going(rules), browser(rules, "community")
    assert asked(rules, item, way="secret").status_code == 302
    made = Question.objects.get(roll_kind="present")
    screen = host.get(f"/desk/councils/g/{item.gathering.number}/run/").content.decode()
    assert f"/vote/{made.number}/key/" in screen
    assert host.post(at(item, "open")).status_code == 422  # no keys, too few
    assert host.get(f"/desk/votes/{made.number}/").status_code == 200
    assert host.get(f"/desk/votes/{made.number}/roll/").status_code == 200
    assert host.get(f"/desk/votes/{made.number}/edit/").status_code == 404
    assert host.post(at(item, "take-back"), {"reason": "改举手。"}).status_code == 302
    assert asked(rules, item).status_code == 302


def test_the_screen_asks_as_often_however_many_ballots(rules: Town) -> None:
    item, host = going(rules), browser(rules, "community")
    url = f"/desk/councils/g/{item.gathering.number}/run/"
    host.get(url)
    counts = []
    for n in range(2):
        asked(rules, item, title=f"第 {n} 问")
        host.post(f"{at(item)}hands/", {"rest": "yes", "retry": f"{n}" * 32})
        host.post(at(item, "count"))
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert host.get(url).status_code == 200
        counts.append(len(told))
    assert counts[0] == counts[1]
    assert counts[1] <= 30


def test_a_part_that_the_host_may_not_open_is_named_without_a_link(
    council: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = resolved(council, going(council), parts=["搭一个车棚"])
    host = browser(council, "community")
    part = row.matters.get().matter
    link = f'href="/desk/m/{part.number}/"'
    assert link in host.get(f"/desk/councils/r/{row.pk}/").content.decode()
    for role in ("community", "property", "grid", "community2", "department", "district", "resident"):
        actor = who(council, role)
        assert (part.pk in seeing.seen_among(actor, [part.pk])) == seeing.may_see(actor, part), role
    monkeypatch.setattr(seeing, "branches", lambda actor: [])  # a committee runs a sitting and handles nothing
    page = host.get(f"/desk/councils/r/{row.pk}/").content.decode()
    assert link not in page
    assert part.title in page


# ── the topic ends with its review ──────────────────────────────────────────────────────────────────────────
def test_a_topic_closes_with_the_review_that_passed(council: Town) -> None:
    item = going(council)
    row = resolved(council, item)
    assert item.matter is not None
    host = browser(council, "community")
    sent = host.post(f"/desk/councils/r/{row.pk}/review/", {"upheld": "yes", "text": "棚子好用。", "satisfied": 3,
                                                            "dissatisfied": 0})  # fmt: skip
    assert sent.status_code == 302, sent.content.decode()
    done = Matter.objects.get(pk=item.matter.pk)
    assert done.state == "closed"
    assert done.closed_at is not None
    last = Entry.objects.filter(matter=done).order_by("seq").last()
    assert last is not None
    assert last.act == "conclude"
    assert "棚子好用" in last.text
    assert not Clock.objects.filter(matter_id=done.pk, state__in=("running", "warned", "breached", "paused")).exists()
    assert loop.of(done, public=True).ended
    assert not [fault for fault in verify(DISTRICT, done.number).broken if fault.number == done.number]


def test_a_topic_with_anything_owed_stays_open(rules: Town) -> None:
    item = going(rules)
    first = resolved(rules, item)
    host, said = who(rules, "community"), due_today(rules.posts["property"].pk)
    second = actions.resolve(actor=host, item=fresh(item), text="装灯", retry="s" * 32, **said)
    assert item.matter is not None

    def pass_(row: Resolution) -> str:
        row = Resolution.objects.select_related("item__matter", "owner").get(pk=row.pk)
        actions.review(actor=host, resolution=row, upheld=True, text="办成了。", satisfied=2)
        return str(Matter.objects.get(pk=item.matter_id).state)

    assert pass_(first) != "closed"  # the other resolution is not reviewed
    asked(rules, item)
    assert pass_(second) != "closed"  # a ballot is not counted


def test_a_review_that_fails_closes_nothing(council: Town) -> None:
    item = going(council)
    row = resolved(council, item)
    again = due_today(None)
    actions.review(actor=who(council, "community"), resolution=row, upheld=False, text="没办成。", dissatisfied=3,
                   again=again["charge"], now=again["now"])  # fmt: skip
    assert Matter.objects.get(pk=item.matter_id).state != "closed"


# ── the sheet ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_sheet_is_checked_at_once_by_another(council: Town) -> None:
    item = going(council)
    g = item.gathering
    names = "二楼住户、三楼住户、没来的"
    browser(council, "community").post(f"/desk/councils/g/{g.number}/do/sheet/", {"guests": names})
    own = browser(council, "community").post(f"/desk/councils/g/{g.number}/do/check/", {"agreed": []})
    assert own.status_code == 422
    assert "另一个人" in own.content.decode()
    other = browser(council, "street")
    page = other.get(f"/desk/councils/g/{g.number}/do/check/").content.decode()
    assert page.count("checked") == 3
    rows = {a.label: a for a in g.attendances.filter(state="waiting")}
    ticked = [rows["二楼住户"].pk, rows["三楼住户"].pk]
    sent = other.post(f"/desk/councils/g/{g.number}/do/check/", {"agreed": ticked, "gone": "on"})
    assert sent.status_code == 302
    states = dict(g.attendances.values_list("label", "state"))
    assert (states["二楼住户"], states["三楼住户"], states["没来的"]) == ("present", "present", "refused")


def test_somebody_present_checks_the_sheet_and_nobody_else(council: Town) -> None:
    item = going(council)
    g = item.gathering
    browser(council, "community").post(f"/desk/councils/g/{g.number}/do/sheet/", {"guests": "二楼住户"})
    row = g.attendances.get(label="二楼住户")
    assert browser(council, "resident").post(
        f"/council/g/{g.number}/do/check/", {"agreed": [row.pk]}
    ).status_code == 422  # fmt: skip
    code = core.show_code(actor=who(council, "community"), district_id=DISTRICT, gathering_id=g.pk).code
    browser(council, "resident").post(f"/council/g/{g.number}/do/attend/", {"code": code})
    waiting = g.attendances.get(evidence="code", state="waiting")
    core.vouch(actor=who(council, "community"), district_id=DISTRICT, gathering_id=g.pk, attendance_id=waiting.pk)
    assert "核对签到表" in browser(council, "resident").get(f"/council/g/{g.number}/").content.decode()
    assert browser(council, "resident").post(
        f"/council/g/{g.number}/do/check/", {"agreed": [row.pk]}
    ).status_code == 302  # fmt: skip
    row.refresh_from_db()
    assert row.state == "present"


def test_the_sheets_picture_stands_beside_its_lines_for_hosts_alone(
    council: Town, settings: Any, tmp_path: Any, django_assert_max_num_queries: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    g = going(council).gathering
    host, other = browser(council, "community"), browser(council, "street")
    sheet, check = f"/desk/councils/g/{g.number}/do/sheet/", f"/desk/councils/g/{g.number}/do/check/"
    refused = host.post(sheet, {"guests": "字" * 90, "scan_files": shot()})
    kept = Upload.objects.get()
    assert refused.status_code == 422
    assert f'name="scan" value="{kept.pk}"' in refused.content.decode(), "it need not be chosen again"
    assert host.post(sheet, {"guests": "二楼住户、三楼住户", "scan": str(kept.pk)}).status_code == 302
    assert files.purge(older_than=timedelta(0)) == 0
    Upload.objects.update(used_at=None)  # killed before it was marked
    assert (files.purge(older_than=timedelta(0)), Upload.objects.count()) == (1, 1), "the lines hold it"
    row = g.attendances.filter(scan=kept.pk).first()
    assert row is not None
    at = f"/desk/councils/g/{g.number}/sheet/{row.pk}/"
    with django_assert_max_num_queries(20):
        page = other.get(check).content.decode()
    assert page.count(f'src="/desk/councils/g/{g.number}/sheet/') == 1, "one picture, two lines"
    assert other.get(at)["Content-Type"] == kept.mime
    assert browser(council, "community2").get(at).status_code == 404
    assert browser(council, "resident").get(at).status_code in (302, 403, 404)
    assert other.post(sheet, {"guests": "四楼住户", "scan": str(kept.pk)}).status_code == 422, "used is used"
    assert other.post(sheet, {"guests": "四楼住户", "scan_files": no_picture()}).status_code == 422


def shot() -> io.BytesIO:
    made = no_picture()
    made.seek(0)
    made.truncate()
    Image.new("RGB", (30, 20), "white").save(made, "JPEG")
    made.seek(0)
    return made


def no_picture() -> io.BytesIO:
    made = io.BytesIO(b"not a picture")
    made.name = "sheet.jpg"
    return made


# ── the agenda, its classes, who is asked ───────────────────────────────────────────────────────────────────
@pytest.mark.system("D4")
def test_points_change_places_and_classes_from_the_page(council: Town) -> None:
    spec = {"roles": [{"role": "community_worker"}], "residents": True, "outcomes": ["settled", "decided"],
            "agenda": {"classes": [{"code": "vital", "name": "要事共决", "needs_decision": True},
                                   {"code": "urgent", "name": "急事共商", "needs_no_session": True}]}}  # fmt: skip
    five = core.add_kind(actor=SYSTEM, district_id=DISTRICT, code="five", name="五事联办", spec=spec)
    starts = timezone.now() + timedelta(days=2)
    planned = Planned("五事", node(council, "community"), starts, starts + timedelta(hours=1), None, "活动室")
    ids: dict[str, Any] = {"actor": who(council, "community"), "district_id": DISTRICT}
    g = core.draft(kind_id=five.pk, planned=planned, **ids)
    items = [core.add_item(gathering_id=g.pk, matter_id=topic(council).pk, procedure="vital", **ids) for _n in range(2)]
    g.refresh_from_db()
    host = browser(council, "community")
    base = f"/desk/councils/g/{g.number}/items/{items[1].pk}/do/"
    assert host.post(f"{base}up/").status_code == 302
    assert [i.pk for i in sittings.agenda(g)] == [items[1].pk, items[0].pk]
    host.post(f"{base}up/")  # the first stays the first
    host.post(f"{base}down/")
    assert [i.pk for i in sittings.agenda(g)] == [items[0].pk, items[1].pk]
    page = host.get(f"/desk/councils/g/{g.number}/").content.decode()
    assert "要事共决" in page
    assert "先议定" not in page
    assert host.post(f"{base}classify/", {"procedure": "nothing"}).status_code == 422
    assert host.post(f"{base}classify/", {"procedure": "urgent"}).status_code == 302
    page = host.get(f"/desk/councils/g/{g.number}/").content.decode()
    assert "急事共商" in page
    assert "先议定" in page
    assert host.post(f"{base}discuss/", {"outcome": "settled", "text": "今晚就修。"}).status_code == 302


def test_more_people_are_asked_by_tick_and_by_name(council: Town) -> None:
    item = going(council, begin=False)
    g, host = item.gathering, browser(council, "community")
    before = g.invitations.count()
    url = f"/desk/councils/g/{g.number}/do/invite/"
    unknown = host.post(url, {"others": "查无此人"})
    assert unknown.status_code == 422
    assert "查无此人" in unknown.content.decode()
    steward = council.posts["steward"]
    assert host.post(url, {"others": steward.code}).status_code == 302
    assert g.invitations.filter(post=steward).count() == 1
    ticked = council.posts["property"]
    assert host.post(url, {"who": [ticked.pk]}).status_code == 302
    assert g.invitations.count() == before + 2
    assert str(ticked.pk) not in host.get(url).content.decode()


def test_the_notice_goes_to_whoever_was_added(council: Town) -> None:
    one = topic(council)
    starts = timezone.now() + timedelta(days=9)
    planned = Planned("会", node(council, "community"), starts, starts + timedelta(hours=1), None, "活动室")
    ids: dict[str, Any] = {"actor": who(council, "community"), "district_id": DISTRICT}
    g = core.draft(kind_id=GatheringKind.objects.get().pk, planned=planned, **ids)
    core.add_item(gathering_id=g.pk, matter_id=one.pk, **ids)
    g.refresh_from_db()
    ticked = council.posts["property"]
    assert browser(council, "community").post(
        f"/desk/councils/g/{g.number}/do/call/", {"who": [ticked.pk]}
    ).status_code == 302  # fmt: skip
    assert g.invitations.filter(post=ticked).exists()


# ── papers ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("D5")
def test_a_grid_worker_types_papers_of_the_grid_and_runs_nothing(rules: Town) -> None:
    unit = rules.places["unit"]
    home = Dwelling.objects.create(district=rules.district, place=unit, number="101")
    owner = Person.objects.create(district=rules.district, shown="业**", fictional=True)
    Holding.objects.create(district=rules.district, dwelling=home, person=owner, kind="owner", since=SINCE)
    ids: dict[str, Any] = {"actor": who(rules, "community"), "district_id": DISTRICT}
    rule = next(r for r in decisions_rules() if r.code == "household")
    closes = timezone.now() + timedelta(days=3)
    asking = decisions.Asking("换灯？", node(rules, "building"), closes, rule.pk, review_on=closes.date())
    made = decisions.draft(matter_id=topic(rules).pk, asking=asking, **ids)
    url = f"/desk/votes/{made.number}/paper/"
    grid = browser(rules, "grid")
    assert grid.get(url).status_code == 404  # nothing is open yet
    decisions.open_question(question_id=made.pk, **ids)
    assert url in grid.get(f"/vote/{made.number}/").content.decode()
    assert grid.get(url).status_code == 200
    assert grid.post(url, {"entry": 1, "choice": "yes"}).status_code == 302
    assert PaperEntry.objects.get().state == "first"
    browser(rules, "community").post(url, {"entry": 1, "choice": "yes"})
    assert PaperEntry.objects.get().state == "taken"
    assert grid.get(f"/desk/votes/{made.number}/").status_code == 404
    assert browser(rules, "resident").get(url).status_code in (302, 404)
    with pytest.raises(Conflict):
        decisions.finish(question_id=made.pk, **ids)  # a vote of households is never ended in a room


# ── a point that is no topic ────────────────────────────────────────────────────────────────────────────────
def heading(town: Town) -> AgendaItem:
    """A point that is no topic, only a heading."""
    item = going(town)
    AgendaItem.objects.filter(pk=item.pk).update(matter=None, title="物业说收支")
    return fresh(item)


def test_a_point_without_a_topic_becomes_one_when_the_room_is_asked(rules: Town) -> None:
    item, host = heading(rules), browser(rules, "community")
    screen = host.get(f"/desk/councils/g/{item.gathering.number}/run/").content.decode()
    assert at(item, "ask") in screen
    before = Matter.objects.count()
    assert asked(rules, item, title="").status_code == 422
    assert Matter.objects.count() == before  # refused: no topic is left behind
    assert asked(rules, item).status_code == 302
    item = fresh(item)
    assert item.matter is not None
    assert (item.matter.kind, item.matter.text) == ("topic", "物业说收支")
    host.post(f"{at(item)}hands/", {"rest": "yes", "retry": KEY})
    host.post(at(item, "count"))
    made = Question.objects.get(roll_kind="present")
    assert (made.matter_id, made.state) == (item.matter.pk, "decided")
    acts = list(Entry.objects.filter(matter=item.matter).order_by("seq").values_list("act", flat=True))
    assert acts[:2] == ["open", "table"] or "table" in acts
    assert "count" in acts or "decide" in acts
    assert verify(DISTRICT).ok
    assert asked(rules, item, title="再问一次？").status_code == 302  # it is a topic now, and stays the one it is
    assert Matter.objects.count() == before + 1


def test_a_sitting_behind_doors_makes_no_topic_by_a_ballot(rules: Town) -> None:
    item = heading(rules)
    Gathering.objects.update(public=False)
    before = Matter.objects.count()
    refused = asked(rules, item)
    assert refused.status_code == 422
    assert "先请有权的人立一个议题" in refused.content.decode()
    assert Matter.objects.count() == before
    assert not Question.objects.exists()
