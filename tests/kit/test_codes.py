"""Receipts, door codes, board codes and ids: what people type, and what must not pass."""

from __future__ import annotations

import hashlib
import os
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from timeit import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kit import codes
from linli.kit.codes import KINDS, new_code, new_receipt, read_code, read_receipt

DISTRICT = 130703
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPT = "3ZMF-0123-4567-89AB-CDEF"
districts = st.integers(100_000, 999_999)


# ── receipts ──


@given(districts)
def test_a_new_receipt_reads_back_with_its_district(district: int) -> None:
    receipt = new_receipt(district)
    assert [len(group) for group in receipt.split("-")] == [4] * 5
    assert set(receipt) <= set(ALPHABET + "-")
    assert read_receipt(receipt) == (receipt, district)


def test_a_receipt_has_eighty_bits_that_all_move() -> None:
    tails = [new_receipt(DISTRICT).replace("-", "")[4:] for _ in range(2000)]
    assert len(set(tails)) == 2000
    for place in range(16):
        assert len({tail[place] for tail in tails}) == 32


@pytest.mark.parametrize("district", [0, 99_999, 1_000_000, -1])
def test_only_six_digit_districts_have_receipts(district: int) -> None:
    with pytest.raises(ValueError, match="district"):
        new_receipt(district)


@pytest.mark.parametrize(
    "typed",
    [
        RECEIPT,
        RECEIPT.lower(),
        RECEIPT.replace("-", ""),
        RECEIPT.replace("-", " "),
        RECEIPT.replace("-", " — "),
        RECEIPT.replace("-", "－"),
        RECEIPT.replace("-", "−"),
        f"  {RECEIPT}\r\n",
        RECEIPT.replace("0", "O").replace("1", "I"),
        RECEIPT.replace("0", "o").replace("1", "l"),
        "３ＺＭＦ０１２３４５６７８９ａｂｃｄｅｆ",
        "3ZMF\u200b-0123\u00ad-4567-89AB\ufeff-CDEF",
    ],
)
def test_every_way_of_writing_it_is_one_receipt(typed: str) -> None:
    assert read_receipt(typed) == (RECEIPT, DISTRICT)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "应是20位，您填了0位"),
        (RECEIPT[:-1], "应是20位，您填了19位"),
        (RECEIPT + "A", "应是20位，您填了21位"),
        (RECEIPT + " " * 100, "应是20位，您填了124位"),
        (RECEIPT.replace("A", "U"), "没有“U”这个字符"),
        (RECEIPT.replace("A", "回"), "没有“回”这个字符"),
        (RECEIPT.replace("A", "*"), "没有“\\*”这个字符"),
        ("0000" + RECEIPT[4:], "前四位不对"),
        ("ZZZZ" + RECEIPT[4:], "前四位不对"),
    ],
)
def test_a_wrong_receipt_is_refused_in_words(typed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_receipt(typed)


@given(st.text(max_size=100))
def test_whatever_is_typed_is_either_read_or_refused(typed: str) -> None:
    try:
        canonical, district = read_receipt(typed)
    except ValueError:
        return
    assert read_receipt(canonical) == (canonical, district)


# ── door codes ──


@given(districts, st.sampled_from(sorted(KINDS)))
def test_a_door_code_reads_back_for_its_own_kind_only(district: int, kind: str) -> None:
    code = new_code(district, kind)
    assert [len(group) for group in code.split("-")] == [4] * 3
    assert read_code(code.lower().replace("-", " "), kind) == (code, district)
    for other in KINDS.keys() - {kind}:
        with pytest.raises(ValueError, match="校验位不对"):
            read_code(code, other)


def test_every_single_slip_of_the_pen_is_noticed() -> None:
    code = new_code(DISTRICT, "door").replace("-", "")
    for place in range(len(code)):
        for wrong in set(ALPHABET) - {code[place]}:
            with pytest.raises(ValueError, match="校验位不对"):
                read_code(code[:place] + wrong + code[place + 1 :], "door")


def test_every_swap_of_two_symbols_is_noticed() -> None:
    code = new_code(DISTRICT, "door").replace("-", "")
    for one in range(len(code)):
        for two in range(one):
            if code[one] == code[two]:
                continue
            swapped = list(code)
            swapped[one], swapped[two] = code[two], code[one]
            with pytest.raises(ValueError, match="校验位不对"):
                read_code("".join(swapped), "door")


def test_a_receipt_is_no_door_code() -> None:
    with pytest.raises(ValueError, match="应是12位"):
        read_code(new_receipt(DISTRICT), "door")


# ── board codes ──


def test_a_board_code_is_short_and_comes_from_head_and_salt() -> None:
    head = "ab" * 32
    code = codes.board_code(head, "salt")
    digest = hashlib.sha256(b"linli.board.v1\0" + bytes.fromhex(head) + b"\0salt").hexdigest().upper()
    assert code == f"{digest[:4]}-{digest[4:8]}"
    assert codes.board_code(head, "other") != code
    assert codes.board_code("cd" * 32, "salt") != code
    # The head itself is not what is printed.
    assert code.replace("-", "").lower() not in head


# ── ids ──


def test_an_id_is_a_uuid7_of_the_standard_library_that_tells_its_time() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    key = codes.new_id()
    assert type(key) is uuid.UUID
    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert before <= codes.id_time(key) <= datetime.now(UTC)


def test_the_time_of_a_known_id() -> None:
    key = uuid.UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")  # the example of RFC 9562
    assert codes.id_time(key) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    with pytest.raises(ValueError, match="UUIDv7"):
        codes.id_time(uuid.UUID(int=0))


def test_ids_rise_within_a_process() -> None:
    keys = [codes.new_id() for _ in range(50_000)]
    assert all(one < two for one, two in pairwise(keys))
    assert [key.hex for key in keys] == sorted(key.hex for key in keys)


def test_two_processes_do_not_make_the_same_ids() -> None:
    codes.new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - the other process
        os.write(writing, b"".join(codes.new_id().bytes for _ in range(200)))
        os._exit(0)
    mine = {codes.new_id().bytes for _ in range(200)}
    os.waitpid(child, 0)
    theirs = os.read(reading, 3200)
    os.close(reading)
    os.close(writing)
    assert len(theirs) == 3200
    assert not mine & {theirs[at : at + 16] for at in range(0, 3200, 16)}


def test_an_id_costs_about_a_microsecond() -> None:
    # 1 µs on an idle core; ten times that leaves room for a busy machine and still tells a slow library.
    assert min(repeat(codes.new_id, number=2000, repeat=5)) / 2000 < 10e-6
