"""Sealing, blind indexes and masking: what opens with what, and what must not."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from linli.kit import crypto
from linli.kit.crypto import UnsealError

OLD, NEW = b"old-key-of-thirty-two-bytes-long", b"new-key-of-thirty-two-bytes-long"
PHONE = "13812345678"
HERE = "people.contact:phone:1"


@pytest.fixture(autouse=True)
def ring(settings: Settings) -> Settings:
    settings.LINLI_KEYS = {"k1": OLD}
    settings.LINLI_INDEX_KEY = b""
    settings.LINLI_INDEX_KID = ""
    return settings


def add_key(settings: Settings) -> None:
    settings.LINLI_KEYS = {"k2": NEW, "k1": OLD}


# ── seal ──


@pytest.mark.parametrize("text", ["", PHONE, "孙晴川，住三单元", "x" * 10_000])
def test_what_is_sealed_opens_again(text: str) -> None:
    assert crypto.unseal(crypto.seal(text, context=HERE), context=HERE) == text


def test_sealing_twice_gives_two_blobs_and_neither_shows_the_text() -> None:
    first, second = (crypto.seal(PHONE, context=HERE) for _ in range(2))
    assert first != second
    assert PHONE.encode() not in first


def test_the_layout_is_version_kid_nonce_ciphertext() -> None:
    blob = crypto.seal(PHONE, context=HERE)
    assert blob[:4] == b"\x01\x02k1"
    assert len(blob) == 4 + 12 + len(PHONE) + 16


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_both_databases_way_of_giving_bytes_is_taken(kind: type) -> None:
    assert crypto.unseal(kind(crypto.seal(PHONE, context=HERE)), context=HERE) == PHONE


def test_a_blob_moved_to_another_row_does_not_open() -> None:
    blob = crypto.seal(PHONE, context=HERE)
    with pytest.raises(UnsealError) as refused:
        crypto.unseal(blob, context="people.contact:phone:2")
    assert refused.value.reason == "tag"


def test_every_altered_byte_is_noticed() -> None:
    blob = crypto.seal(PHONE, context=HERE)
    for at in range(len(blob)):
        altered = bytearray(blob)
        altered[at] ^= 1
        with pytest.raises(UnsealError):
            crypto.unseal(altered, context=HERE)


def test_a_cut_blob_says_so() -> None:
    blob = crypto.seal("", context=HERE)
    for length in range(len(blob)):
        with pytest.raises(UnsealError) as refused:
            crypto.unseal(blob[:length], context=HERE)
        assert refused.value.reason == "format"


@pytest.mark.parametrize("blob", [b"\x07\x02k1" + bytes(40), b"\x01\x00" + bytes(40), b"\x01\x01\xff" + bytes(40)])
def test_another_version_or_a_broken_head_says_so(blob: bytes) -> None:
    with pytest.raises(UnsealError) as refused:
        crypto.unseal(blob, context=HERE)
    assert refused.value.reason == "format"


def test_a_key_taken_out_of_the_ring_is_named(ring: Settings) -> None:
    blob = crypto.seal(PHONE, context=HERE)
    ring.LINLI_KEYS = {"k2": NEW}
    with pytest.raises(UnsealError, match="k1") as refused:
        crypto.unseal(blob, context=HERE)
    assert refused.value.reason == "key"


def test_another_key_under_the_same_name_does_not_open(ring: Settings) -> None:
    blob = crypto.seal(PHONE, context=HERE)
    ring.LINLI_KEYS = {"k1": NEW}
    with pytest.raises(UnsealError) as refused:
        crypto.unseal(blob, context=HERE)
    assert refused.value.reason == "tag"


def test_an_empty_ring_is_a_fault_of_the_configuration(ring: Settings) -> None:
    ring.LINLI_KEYS = {}
    with pytest.raises(ImproperlyConfigured, match="LINLI_KEYS"):
        crypto.seal(PHONE, context=HERE)


@pytest.mark.parametrize("kid", ["", "k" * 256])
def test_a_key_whose_name_does_not_fit_is_refused(ring: Settings, kid: str) -> None:
    ring.LINLI_KEYS = {kid: OLD}
    with pytest.raises(ImproperlyConfigured, match="name"):
        crypto.seal(PHONE, context=HERE)


# ── rotation ──


def test_rotation_moves_a_blob_to_the_new_key_which_then_suffices(ring: Settings) -> None:
    blob = crypto.seal(PHONE, context=HERE)
    assert not crypto.needs_rotation(blob)
    add_key(ring)
    assert crypto.unseal(blob, context=HERE) == PHONE
    assert crypto.needs_rotation(blob)
    turned = crypto.rotate(blob, HERE)
    assert not crypto.needs_rotation(turned)
    ring.LINLI_KEYS = {"k2": NEW}
    assert crypto.unseal(turned, context=HERE) == PHONE


def test_rotating_what_is_current_changes_nothing() -> None:
    blob = crypto.seal(PHONE, context=HERE)
    assert crypto.rotate(memoryview(blob), HERE) == blob


def test_rotation_cannot_move_a_blob_to_another_row(ring: Settings) -> None:
    blob = crypto.seal(PHONE, context=HERE)
    add_key(ring)
    with pytest.raises(UnsealError):
        crypto.rotate(blob, "people.contact:phone:2")


# ── replies ──


def test_a_stored_reply_opens_for_the_same_secret_only() -> None:
    blob = crypto.seal_with("key-1|body-1", b'{"receipt": "\x00"}')
    assert crypto.unseal_with("key-1|body-1", blob) == b'{"receipt": "\x00"}'
    with pytest.raises(UnsealError) as refused:
        crypto.unseal_with("key-1|body-2", blob)
    assert refused.value.reason == "tag"


def test_a_stored_reply_does_not_open_with_the_secret_but_another_ring(ring: Settings) -> None:
    blob = crypto.seal_with("key-1", b"reply")
    ring.LINLI_KEYS = {"k1": NEW}
    with pytest.raises(UnsealError):
        crypto.unseal_with("key-1", blob)


def test_a_stored_reply_outlives_a_new_key(ring: Settings) -> None:
    blob = crypto.seal_with("key-1", b"reply")
    add_key(ring)
    assert crypto.unseal_with("key-1", blob) == b"reply"
    assert crypto.needs_rotation(blob)


def test_a_reply_and_a_contact_are_not_taken_for_one_another() -> None:
    with pytest.raises(UnsealError):
        crypto.unseal(crypto.seal_with("key-1", b"reply"), context="")
    with pytest.raises(UnsealError):
        crypto.unseal_with("", crypto.seal("reply", context=""))


# ── blind indexes ──


def test_an_index_is_the_same_for_the_same_value_and_purpose_only() -> None:
    index = crypto.blind_index(PHONE, purpose="contact")
    assert re.fullmatch("[0-9a-f]{64}", index)
    assert index == crypto.blind_index(PHONE, purpose="contact")
    assert index != crypto.blind_index(PHONE, purpose="login")
    assert index != crypto.blind_index("13812345679", purpose="contact")
    # The border between purpose and value is part of what is hashed.
    assert crypto.blind_index("bc", purpose="a") != crypto.blind_index("c", purpose="ab")


def test_adding_a_key_and_rotating_changes_no_index(ring: Settings) -> None:
    before = crypto.blind_index(PHONE, purpose="contact")
    blob = crypto.seal(PHONE, context=HERE)
    add_key(ring)
    crypto.rotate(blob, HERE)
    assert crypto.blind_index(PHONE, purpose="contact") == before
    ring.LINLI_KEYS = {"k3": bytes(32), "k2": NEW, "k1": OLD}
    assert crypto.blind_index(PHONE, purpose="contact") == before


def test_an_index_depends_on_the_ring(ring: Settings) -> None:
    before = crypto.blind_index(PHONE, purpose="contact")
    ring.LINLI_KEYS = {"k1": NEW}
    assert crypto.blind_index(PHONE, purpose="contact") != before


def test_keeping_the_root_lets_the_oldest_key_go(ring: Settings) -> None:
    before = crypto.blind_index(PHONE, purpose="contact")
    root = crypto.index_root()
    ring.LINLI_KEYS = {"k2": NEW}
    assert crypto.blind_index(PHONE, purpose="contact") != before
    ring.LINLI_INDEX_KEY = root
    assert crypto.blind_index(PHONE, purpose="contact") == before


def test_a_named_key_serves_wherever_it_stands(ring: Settings) -> None:
    before = crypto.blind_index(PHONE, purpose="contact")
    ring.LINLI_INDEX_KID = "k1"
    ring.LINLI_KEYS = {"k1": OLD, "k2": NEW}
    assert crypto.blind_index(PHONE, purpose="contact") == before


def test_a_broken_index_configuration_is_refused(ring: Settings) -> None:
    ring.LINLI_INDEX_KID = "k9"
    with pytest.raises(ImproperlyConfigured, match="k9"):
        crypto.index_root()
    ring.LINLI_INDEX_KEY = b"short"
    with pytest.raises(ImproperlyConfigured, match="LINLI_INDEX_KEY"):
        crypto.index_root()


def test_settings_that_say_nothing_about_indexes_will_do(ring: Settings) -> None:
    before = crypto.index_root()
    del ring.LINLI_INDEX_KEY
    del ring.LINLI_INDEX_KID
    assert crypto.index_root() == before


def test_a_secret_is_hashed_alike_whatever_the_keys(ring: Settings) -> None:
    before = crypto.hash_secret("3ZMF-C1RT", "receipt")
    assert before == hashlib.sha256(b"linli.secret.v1\x00\x07receipt3ZMF-C1RT").hexdigest()
    ring.LINLI_KEYS = {"k2": NEW}
    ring.SECRET_KEY = "another"
    assert crypto.hash_secret("3ZMF-C1RT", "receipt") == before
    assert crypto.hash_secret("3ZMF-C1RT", "token") != before
    assert crypto.hash_secret("c", "ab") != crypto.hash_secret("bc", "a")


# ── telephones and names ──


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        " 138 1234 5678 ",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "+86 138-1234-5678",
        "＋８６１３８１２３４５６７８",
        "008613812345678",
        "8613812345678",
        "013812345678",
        "(+86)138–1234—5678",
        "138\u200b1234\u00a05678",
    ],
)
def test_every_way_of_writing_a_mobile_is_one_number(typed: str) -> None:
    assert crypto.normal_phone(typed) == PHONE


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("020-8765 4321", "02087654321"),
        ("（０２０）８７６５４３２１", "02087654321"),
        ("+86 20 87654321", "02087654321"),
        ("+86 (0)20 8765 4321", "02087654321"),
        ("86 20 87654321", "02087654321"),
        ("0999-2345678", "09992345678"),
        ("0999-22345678", "099922345678"),
        ("010 6234 5678", "01062345678"),
        ("400-812-3456", "4008123456"),
    ],
)
def test_landlines_keep_their_area_code(typed: str, number: str) -> None:
    assert crypto.normal_phone(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "孙晴川",
        "12812345678",  # no such mobile
        "1381234567",
        "138123456789",
        "3812345678",  # a mobile without its first digit is not a landline
        "23456789",  # no area code
        "020-87654321-801",
        "020-7654321",  # 020 has eight digits behind it
        "+1 382 123 4567",  # another country's number is not one of ours with its + left out
        "001 382 123 4567",
        "١٣٨١٢٣٤٥٦٧٨",
        "+",
        "1" * 5000,
    ],
)
def test_what_is_no_number_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match="电话号码不对"):
        crypto.normal_phone(typed)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("02087654321", "020****321"),
        ("09992345678", "0999****678"),
        ("4008123456", "****56"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_masked_number(phone: str, shown: str) -> None:
    assert crypto.mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("孙晴川", "孙**"),
        ("李雷", "李*"),
        ("欧阳晴川", "欧阳**"),
        ("欧阳", "欧*"),
        (" 李雷 ", "李*"),
        ("阿依古丽·热合曼", "阿***"),
        ("李", "李"),
        ("", ""),
    ],
)
def test_a_masked_name(name: str, shown: str) -> None:
    assert crypto.mask_name(name) == shown
