"""Bounds of the one who spoke up, and what must not be in a handler's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from linli.core.matters import actions, allowed, seeing
from linli.core.matters.actions import picturing
from linli.core.matters.actions.opening import Asked, Opened
from linli.core.matters.actions.rights import must_not_have_served
from linli.core.matters.models import Attachment, Matter
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.posts import roster
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit import memory
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]


def opened(town: Town) -> Opened:
    asked = Asked("appeal", "楼道灯坏了。", DISTRICT, tree(DISTRICT).by_id[town.places["unit"].pk])
    return actions.open_matter(actor=ANONYMOUS, asked=asked)


def done(act_as: ActAs, matter: Matter, *, close: bool = True) -> Matter:
    ids: dict[str, Any] = {"district_id": DISTRICT, "matter_id": matter.pk}
    if matter.state == "dispatched":
        actions.accept(actor=act_as("grid"), **ids)
    actions.resolve(actor=act_as("grid"), text="换好了。", cause="aging", **ids)
    made = actions.verify(actor=act_as("community"), passed=True, text="看过。", **ids)
    return actions.close(actor=act_as("community"), text="回访过。", **ids) if close else made


@pytest.mark.system("M7")
@pytest.mark.parametrize("most", [None, 1])
def test_the_reporter_has_it_done_anew_so_often_and_an_office_may_still(
    town: Town, act_as: ActAs, most: int | None
) -> None:
    if most:
        District.objects.filter(pk=DISTRICT).update(settings={**town.district.settings, "most_reopenings": most})
        memory.forget()
    new = opened(town)
    holder, matter = seeing.with_receipt(new.receipt)
    matter = done(act_as, matter)
    for _ in range(most or 2):
        matter = actions.reopen(actor=holder, district_id=DISTRICT, matter_id=matter.pk, reason="又坏了。")
        matter = done(act_as, matter)
    assert "reopen" not in allowed.allowed(matter, holder, roster(DISTRICT))
    with pytest.raises(Conflict) as refused:
        actions.reopen(actor=holder, district_id=DISTRICT, matter_id=matter.pk, reason="又坏了。")
    assert refused.value.code == "reopened_enough"
    assert str(most or 2) in refused.value.message
    matter.refresh_from_db()
    assert matter.state == "closed"
    assert "reopen" in allowed.allowed(matter, act_as("street"), roster(DISTRICT))
    actions.reopen(actor=act_as("street"), district_id=DISTRICT, matter_id=matter.pk, reason="居民来说又坏了。")


@pytest.mark.system("M7")
def test_a_contest_is_no_reopening(town: Town, act_as: ActAs) -> None:
    new = opened(town)
    holder, matter = seeing.with_receipt(new.receipt)
    matter = done(act_as, matter)
    ids: dict[str, Any] = {"district_id": DISTRICT, "matter_id": matter.pk}
    actions.contest(actor=holder, text="没好。", **ids)
    matter = done(act_as, actions.judge(actor=act_as("street"), upheld=True, text="是没好。", **ids))
    for _ in range(2):
        matter = done(act_as, actions.reopen(actor=holder, reason="又坏了。", **ids))
    with pytest.raises(Conflict):
        actions.reopen(actor=holder, reason="又坏了。", **ids)


@pytest.mark.system("M7")
@pytest.mark.parametrize("who", ["grid", "community"])
def test_a_receipt_in_the_hands_of_who_took_part_rates_nothing_at_either_door(
    client: Client, town: Town, act_as: ActAs, who: str
) -> None:
    new = opened(town)
    done(act_as, new.matter, close=False)
    client.force_login(town.users[who])
    api = client.post(
        f"/api/v1/matters/{new.matter.number}/rate?receipt={new.receipt}", {"score": 5}, content_type="application/json"
    )
    page = client.post(f"/t/{new.receipt}/rate/", {"score": "5"})
    assert (api.status_code, page.status_code) == (403, 422)
    assert "经手的人不能替居民评价" in page.content.decode()
    assert Matter.objects.get(pk=new.matter.pk).score is None
    assert Client().post(f"/t/{new.receipt}/rate/", {"score": "5"}).status_code == 302
    assert Matter.objects.get(pk=new.matter.pk).score == 5


@pytest.mark.system("M2")
def test_masking_a_photo_conflicts_no_pending_act(town: Town, act_as: ActAs) -> None:
    new = opened(town)
    holder, matter = seeing.with_receipt(new.receipt)
    shot = Attachment.objects.create(
        id=new_id(), district=town.district, matter=matter, seq=1, sha256="0" * 64, mime="image/jpeg", size=1, width=9,
        height=9, path="a.jpg", shown_path="b.jpg", shown_sha256="1" * 64,
    )  # fmt: skip
    seen = matter.version
    ids: dict[str, Any] = {"district_id": DISTRICT, "matter_id": matter.pk}
    picturing.cover(actor=holder, attachment=shot.pk, x=0.1, y=0.1, w=0.2, h=0.2, **ids)
    picturing.hide(actor=holder, attachment=shot.pk, **ids)
    matter.refresh_from_db()
    assert (matter.version, matter.seq > 2) == (seen, True)
    actions.accept(actor=act_as("grid"), version=seen, **ids)
    with pytest.raises(Conflict):
        actions.progress(actor=act_as("grid"), text="换灯。", version=seen, **ids)


def test_the_one_who_recorded_it_for_somebody_may_not_rate_it(town: Town, act_as: ActAs) -> None:
    asked = Asked("appeal", "灯坏了。", DISTRICT, tree(DISTRICT).by_id[town.places["unit"].pk], channel="desk")
    made = actions.open_matter(actor=act_as("community"), asked=asked).matter
    with pytest.raises(Forbidden):
        must_not_have_served(act_as("community"), made)
    must_not_have_served(act_as("resident2"), made)
    must_not_have_served(ANONYMOUS, made)
