"""Rotation: every sealed value moves to the first key, and the old key can go."""

from __future__ import annotations

import os
from typing import Any

import pytest

from linli.config import rotation
from linli.config.rotation import rotate_keys
from linli.core.matters.models import Contact
from linli.core.people.models import Person
from linli.kit import crypto
from linli.kit.models import Answered
from tests.cast import DISTRICT, Town
from tests.matters.test_walk import opened

OLD, NEW = {"k1": os.urandom(32)}, {"k2": os.urandom(32)}


@pytest.fixture
def sealed(town: Town, act_as: Any, settings: Any) -> Person:
    """A person and three contacts (one without a name) under the old key alone; then the new key stands in front."""
    settings.LINLI_KEYS = OLD
    for number in range(3):
        opened(town, act_as("resident"), f"第 {number} 件")
    Contact.objects.filter(pk=Contact.objects.order_by("pk")[0].pk).update(name=None)
    person = Person.objects.get(shown="王禾苗")
    person.name = crypto.seal("王禾苗", context="person.name")
    person.phone = crypto.seal("13900000000", context="person.phone")
    person.phone_index = crypto.blind_index("13900000000", purpose="phone")
    person.save()
    settings.LINLI_KEYS = NEW | OLD
    return person


def test_after_a_rotation_the_old_key_is_needed_no_more(sealed: Person, settings: Any) -> None:
    told: list[str] = []
    root = crypto.index_root()
    assert rotate_keys(told.append) == 0
    assert [line for line in told if "换了 5 处" in line and "Contact" in line]
    assert [line for line in told if "换了 2 处" in line and "Person" in line]
    assert [line for line in told if "k1" in line and "LINLI_INDEX_KEY" in line]
    settings.LINLI_KEYS, settings.LINLI_INDEX_KEY = NEW, root
    for contact in Contact.objects.all():
        assert crypto.unseal(contact.phone or b"", context="contact.phone") == "13800000000"
    assert Contact.objects.filter(name=None).count() == 1
    person = Person.objects.get(pk=sealed.pk)
    assert crypto.unseal(person.name or b"", context="person.name") == "王禾苗"
    assert person.phone_index == crypto.blind_index("13900000000", purpose="phone") == sealed.phone_index


def test_cut_off_it_is_run_again_and_does_only_the_rest(
    sealed: Person, monkeypatch: pytest.MonkeyPatch, town: Town
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    original, calls = rotation._reseal, []

    def stop(*args: Any) -> bool:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*args)

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_reseal", stop)
        with pytest.raises(KeyboardInterrupt):
            rotate_keys(lambda line: None)
    left = [c for c in Contact.objects.order_by("pk") if crypto.needs_rotation(c.phone or b"")]
    assert len(left) == 1
    told: list[str] = []
    assert rotate_keys(told.append) == 0
    assert [line for line in told if "换了 2 处" in line and "Contact" in line]
    told.clear()
    assert rotate_keys(told.append) == 0
    assert len([line for line in told if "换了 0 处" in line]) == 2


def test_a_value_that_no_key_opens_is_counted_and_left_as_it_is(sealed: Person, settings: Any) -> None:
    strange = bytes([1, 2]) + b"k9" + bytes(40)
    Person.objects.filter(pk=sealed.pk).update(phone=strange)
    told: list[str] = []
    assert rotate_keys(told.append) == 1
    assert bytes(Person.objects.get(pk=sealed.pk).phone or b"") == strange
    assert any("有 1 处打不开" in line for line in told)
    assert not any(crypto.needs_rotation(c.phone or b"") for c in Contact.objects.all())


def test_stored_replies_under_the_old_key_are_told_and_left(sealed: Person, settings: Any) -> None:
    settings.LINLI_KEYS = OLD
    reply = crypto.seal_with("secret", b"{}")
    Answered.objects.create(district_id=DISTRICT, key_hash="a", body_hash="b", reply=reply)
    settings.LINLI_KEYS = NEW | OLD
    told: list[str] = []
    assert rotate_keys(told.append) == 0
    assert any("1 条幂等答复" in line for line in told)
    assert bytes(Answered.objects.get().reply) == reply
