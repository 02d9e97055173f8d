"""Committees with part-time members: who is on one, how often it sat, how many came, what came of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.gatherings import actions as core
from linli.core.gatherings.actions import Planned
from linli.core.gatherings.models import Gathering, GatheringKind
from linli.core.people.actor import SYSTEM
from linli.core.people.models import Person, Post
from linli.kit import memory
from linli.offices.councils import actions
from tests.cast import DISTRICT, SINCE, Town
from tests.offices.test_councils import browser, council, node, topic, who
from tests.offices.test_councils_acts import due_today, fresh

__all__ = ["council"]
pytestmark = [pytest.mark.django_db, pytest.mark.system("D1"), pytest.mark.system("D3")]
NAMES = ("刘**", "赵**", "钱**")


def committee(town: Town) -> GatheringKind:
    """A kind of sitting whose members are three part-time ones of the community."""
    spec = {"roles": [{"role": "part_time_member"}], "public": False, "quorum": {"share": "1/2"},
            "outcomes": ["settled", "split"]}  # fmt: skip
    kind = core.add_kind(actor=SYSTEM, district_id=DISTRICT, code="party_committee", name="大党委会议", spec=spec)
    where = town.places["community"]
    for n, name in enumerate(NAMES):
        person = Person.objects.create(district=town.district, shown=name, fictional=True)
        Post.objects.create(district=town.district, code=f"PT{n}", role="part_time_member", title="大党委兼职委员",
                            place=where, scope_path=where.path, person=person, since=SINCE)  # fmt: skip
    memory.forget()
    return kind


def drafted(town: Town, kind: GatheringKind, title: str, in_: timedelta) -> Gathering:
    starts = timezone.now() + in_
    planned = Planned(title, node(town, "community"), starts, starts + timedelta(hours=1), None, "会议室")
    return core.draft(kind_id=kind.pk, planned=planned, actor=who(town, "community"), district_id=DISTRICT)


def sat(town: Town, kind: GatheringKind) -> None:
    """Three were asked, two came; one resolution of two matters."""
    g = drafted(town, kind, "大党委", timedelta(hours=1))
    ids: dict[str, Any] = {"actor": who(town, "community"), "district_id": DISTRICT, "gathering_id": g.pk}
    item = core.add_item(matter_id=topic(town).pk, **ids)
    core.call(waive="急。", **ids)
    core.begin(**ids)
    invited = list(g.invitations.order_by("pk"))
    rows = core.enter_sheet(lines=[core.SheetLine(invitation_id=i.pk) for i in invited[:2]], **ids)
    core.agree_sheet(actor=who(town, "street"), district_id=DISTRICT, gathering_id=g.pk,
                     agreed=[r.pk for r in rows])  # fmt: skip
    core.discuss(item_id=item.pk, outcome="split", text="共驻共建", **ids)
    said = due_today(town.posts["property"].pk)
    actions.resolve(
        actor=ids["actor"], item=fresh(item), text="夜里开放车位", parts=["开门", "划线"], retry="k" * 32, **said
    )
    actions.end_sitting(actor=ids["actor"], sitting=Gathering.objects.get(pk=g.pk))


def test_a_committee_shows_its_members_its_sittings_and_how_many_came(council: Town) -> None:
    sat(council, committee(council))
    host = browser(council, "community")
    listed = host.get("/desk/councils/members/").content.decode()
    assert "大党委" in listed
    assert "大党委兼职委员" not in listed
    assert "没有找到" in host.get("/desk/councils/members/?q=没有的地方").content.decode()
    url = f"/desk/councils/members/{council.places['community'].code}/"
    with CaptureQueriesContext(connection) as told:
        page = host.get(url).content.decode()
    assert len(told) <= 22
    assert all(name in page for name in NAMES)
    numbers = re.findall(r'<td class="num" data-label="[^"]+">\s*(\d+)', page)
    assert numbers == ["3", "2", "1", "2"]  # asked, came, resolutions, matters
    csv = b"".join(host.get("/desk/councils/members.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.count("大党委") == 3
    assert browser(council, "resident").get(url).status_code in (302, 404)
    assert browser(council, "grid").get(url).status_code == 404


def test_what_is_not_through_its_review_stands_in_front_of_the_next_sitting(council: Town) -> None:
    kind = committee(council)
    sat(council, kind)
    later = drafted(council, kind, "下一次", timedelta(days=3))
    assert "夜里开放车位" in browser(council, "community").get(f"/desk/councils/g/{later.number}/").content.decode()
