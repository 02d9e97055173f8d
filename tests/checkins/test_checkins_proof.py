"""Hours that were certified and what was certified to a unit: changed by hand, ``linli verify`` names them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from linli.core.matters.ledger.sealing import seal
from linli.core.matters.ledger.verifying import main, verify
from linli.core.matters.models import Fact, Record
from linli.core.matters.triggers import lifted
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from linli.offices.checkins import actions
from linli.offices.checkins.actions import Reporting
from linli.offices.checkins.models import CheckIn, Service, Summary
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]
Made = dict[str, str]
pytestmark = pytest.mark.system("M6")


@pytest.fixture
def work(town: Town, act_as: ActAs) -> Made:
    """One service that was certified, one that was not, one that waits; and a paper for the unit."""
    place, keeper, member = tree(DISTRICT).by_id[town.places["community"].pk], act_as("community"), act_as("resident")
    sign = actions.renew_sign(actor=keeper, place=place)
    said = Reporting("unit", "李冬梅", unit="示范区城管局")
    row = actions.check_in(actor=member, code=sign.code, said=said)
    for yes in (True, False, None):
        item = actions.offer(actor=keeper, place=place, title="清雪", what="扫", times="周六", needed=1)
        service = actions.choose(actor=member, item_id=item.pk)
        for name in ("start", "finish"):
            actions.act(actor=member, service_id=service.pk, name=name)
        if yes is not None:
            actions.certify(actor=keeper, service_id=service.pk, yes=yes, reason="没来", minutes=60)
    today = timezone.localdate()
    actions.record(actor=keeper, checkin_id=row.pk, what="发传单", on=today, minutes=30)
    paper = actions.sum_up(actor=keeper, place=place, since=today, until=today,
                           organisation_id=town.organisations["chengguan"].pk)  # fmt: skip
    return {"service": f"{place.code} {today}", "summary": paper.code}


@pytest.fixture
def served(work: Made) -> Made:
    seal(DISTRICT)
    return work


def found() -> set[tuple[str, str]]:
    return {(finding.reason, finding.number) for finding in verify().broken}


def told(reason: str, name: str) -> bool:
    return any(why == reason and name in number for why, number in found())


CHANGED: list[tuple[type[Model], dict[str, Any], str]] = [
    (Service, {"minutes": F("minutes") + 600}, "service"),
    (Service, {"state": "done"}, "service"),
    (Service, {"state": "refused"}, "service"),
    (Service, {"what": "别的"}, "service"),
    (Service, {"certified_by": "别人"}, "service"),
    (Service, {"on": F("on") - timedelta(days=40)}, "service"),
    (Summary, {"figures": {"people": 99}}, "summary"),
    (Summary, {"until": F("until") + timedelta(days=9)}, "summary"),
    (Summary, {"made_by": "别人"}, "summary"),
]


def test_what_was_answered_holds_and_what_waits_is_nobodys(served: Made, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify().ok, verify().broken
    assert Record.objects.filter(book="service").count() == 3
    Service.objects.filter(state="done").update(minutes=5)
    assert not found()
    assert main(served["summary"]) == 0
    assert f"核对的是 {served['summary']}：给单位的情况 1 份" in capsys.readouterr().out


@pytest.mark.parametrize(("model", "change", "book"), CHANGED)
def test_what_is_changed_by_hand_is_named(served: Made, model: type[Model], change: dict[str, Any], book: str) -> None:
    answered = {"state": "certified", "what": "清雪"} if model is Service else {}
    assert model._default_manager.filter(**answered).update(**change) == 1
    assert told(book, served[book])


def test_hours_given_to_somebody_else_or_put_in_or_taken_out_are_named(served: Made, town: Town) -> None:
    with transaction.atomic():
        CheckIn.objects.update(person=town.posts["grid"].person_id)
        assert told("service", served["service"])
        transaction.set_rollback(True)
    forged = Service.objects.filter(state="certified").earliest("pk")
    for pk in (new_id(), None):
        with transaction.atomic():
            if pk:
                forged.pk = pk
                forged.save(force_insert=True)
            else:
                Service.objects.filter(state="certified").delete()
            assert told("service", served["service"])
            transaction.set_rollback(True)


def test_services_from_before_their_book_are_taken_over_once(work: Made) -> None:
    """A database of an earlier version: the first seal takes them as they stand, none after that."""
    with lifted():
        Fact.objects.filter(record__book="service").delete()
        Record.objects.filter(book="service").delete()
    assert verify().ok, verify().broken
    seal(DISTRICT)
    assert Record.objects.filter(book="service").count() == 3
    forged = Service.objects.filter(state="certified").earliest("pk")
    forged.pk = new_id()
    forged.save(force_insert=True)
    seal(DISTRICT)
    assert Record.objects.filter(book="service").count() == 3
    assert told("service", work["service"])
