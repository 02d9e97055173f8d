"""Lawful erasure leaves a proof, and every look at a contact leaves a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.ledger.erasing import erase, reveal
from linli.core.matters.ledger.sealing import seal
from linli.core.matters.ledger.verifying import main, verify
from linli.core.matters.models import Contact, Entry, Matter, Reveal
from linli.core.matters.models.matter import ERASED_TEXT, ERASED_TITLE
from linli.core.people.actor import Actor
from linli.kit import crypto
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from tests.cast import DISTRICT, Town
from tests.matters.test_walk import opened

ActAs = Callable[[str], Actor]


@pytest.mark.system("M2")
def test_the_reporter_has_his_contact_erased(town: Town, act_as: ActAs, capsys: pytest.CaptureFixture[str]) -> None:
    made = opened(town, act_as("resident")).matter
    seal(DISTRICT)
    ids = {"district_id": DISTRICT, "matter_id": made.pk}
    for other in ("resident2", "grid", "community", "district", "auditor"):
        with pytest.raises(Forbidden):
            erase(actor=act_as(other), reason="不要了", **ids)
    with pytest.raises(Forbidden):
        erase(actor=act_as("resident"), reason="不要了", text=True, **ids)
    with pytest.raises(Invalid):
        erase(actor=act_as("resident"), reason=" ", **ids)
    erase(actor=act_as("resident"), reason="不用再联系", **ids)
    contact = Contact.objects.get(matter=made)
    assert (contact.name, contact.phone, contact.phone_index, contact.mask, contact.salt) == (None, None, "", "", "")
    assert contact.erased_at is not None
    entry = Entry.objects.get(matter=made, act="erase")
    assert (entry.actor, entry.data["erased"], entry.data["seqs"]) == ("一位居民", ["contact"], [1])
    assert "第四十七条" in entry.text
    report = verify()
    assert (report.ok, report.redacted) == (True, [made.number])
    assert main(None) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"依法抹去：{made.number}"
    with pytest.raises(Conflict):
        erase(actor=act_as("resident"), reason="再来", **ids)


def test_the_words_are_erased_by_who_configures(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), "王某住 301，电话 13800000000").matter
    seal(DISTRICT)
    Matter.objects.filter(pk=made.pk).update(suggestion={"words": "王某"})
    erase(actor=act_as("admin"), district_id=DISTRICT, matter_id=made.pk, reason="文中有他人隐私", text=True)
    stored, first = Matter.objects.get(pk=made.pk), Entry.objects.get(matter=made, seq=1)
    assert (stored.title, stored.text, stored.suggestion) == (ERASED_TITLE, ERASED_TEXT, None)
    assert (first.text, first.salt) == ("", "")
    assert first.redacted_at is not None
    assert Entry.objects.get(matter=made, act="erase").data["erased"] == ["contact", "words"]
    report = verify()
    assert (report.ok, report.redacted) == (True, [made.number])
    seal(DISTRICT)
    assert verify(number=made.number).ok
    Matter.objects.filter(pk=made.pk).update(text="换成别的话")
    assert [f.reason for f in verify().broken] == ["row.text"]


def test_an_erased_contact_that_comes_back_is_broken(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident")).matter
    kept = Contact.objects.filter(matter=made).values("name", "phone", "phone_index", "mask", "salt").get()
    erase(actor=act_as("admin"), district_id=DISTRICT, matter_id=made.pk, reason="本人要求")
    Contact.objects.filter(matter=made).update(**kept, erased_at=None)
    assert [f.reason for f in verify().broken] == ["contact"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"erased_at": timezone.now()}, "contact.shown"),
        ({"mask": "王** 139****0000"}, "contact.shown"),
        ({"phone_index": "0" * 64}, "contact.index"),
        ({"salt": "0" * 32}, "contact"),
    ],
)
def test_a_contact_changed_by_hand_is_named(town: Town, act_as: ActAs, changed: dict[str, Any], reason: str) -> None:
    made = opened(town, act_as("resident")).matter
    assert verify().ok
    Contact.objects.filter(matter=made).update(**changed)
    assert [(f.number, f.reason) for f in verify().broken] == [(made.number, reason)]


def test_without_its_key_a_contact_is_not_called_altered(town: Town, act_as: ActAs, settings: Any) -> None:
    made = opened(town, act_as("resident")).matter
    settings.LINLI_INDEX_KEY = crypto.index_root()
    settings.LINLI_KEYS = {"other": b"o" * 32}
    assert [(f.number, f.reason) for f in verify().broken] == [(made.number, "contact.key")]


def test_only_the_handler_sees_the_contact_and_the_look_is_logged(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident")).matter
    ids = {"district_id": DISTRICT, "matter_id": made.pk}
    for other in ("gridb", "community", "street", "district", "admin", "auditor", "resident", "volunteer"):
        with pytest.raises(Forbidden):
            reveal(actor=act_as(other), reason="看看", **ids)
    with pytest.raises(Invalid):
        reveal(actor=act_as("grid"), reason="", **ids)
    assert not Reveal.objects.exists()
    assert reveal(actor=act_as("grid"), reason="约时间上门", **ids) == {"name": "李冬", "phone": "13800000000"}
    look = Reveal.objects.get()
    assert (look.matter_id, look.post_id, look.reader, look.reason) == (
        made.pk, town.posts["grid"].pk, "王禾苗 网格员", "约时间上门",
    )  # fmt: skip
    entry = Entry.objects.get(matter=made, act="reveal")
    assert (entry.actor, entry.text) == ("王禾苗 网格员", "约时间上门")
    assert "13800000000" not in str(entry.data) + entry.text
    assert verify().ok


def test_a_confidential_contact_opens_to_the_unit_that_handles_it(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident"), "邻居吵", kind="dispute").matter
    ids = {"district_id": DISTRICT, "matter_id": made.pk}
    with pytest.raises(Forbidden):
        reveal(actor=act_as("community"), reason="回电话", **ids)
    actions.dispatch(actor=act_as("street"), to="O-committee_office", **ids)
    for other in ("street", "grid", "community2"):
        with pytest.raises(Forbidden):
            reveal(actor=act_as(other), reason="回电话", **ids)
    assert reveal(actor=act_as("community_b"), reason="回电话", **ids)["name"] == "李冬"


def test_nothing_to_reveal(town: Town, act_as: ActAs) -> None:
    made = opened(town, act_as("resident")).matter
    ids = {"district_id": DISTRICT, "matter_id": made.pk}
    erase(actor=act_as("resident"), reason="不用了", **ids)
    with pytest.raises(Conflict):
        reveal(actor=act_as("grid"), reason="回电话", **ids)
    Contact.objects.all().delete()
    with pytest.raises(NotFound):
        reveal(actor=act_as("grid"), reason="回电话", **ids)
    assert not Reveal.objects.exists()
