"""The ledger's arithmetic: recomputed here by other means, then attacked field by field."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from timeit import repeat
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linli.kit import chain
from linli.kit.chain import Broken, Verdict, verify

DISTRICT = 100001
MATTER = UUID("019a0000-0000-7000-8000-000000000001")
OTHER = UUID("019a0000-0000-7000-8000-000000000002")
START = datetime(2026, 3, 5, 1, 2, 3, 4, tzinfo=UTC)
Rows = list[dict[str, Any]]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(1e-4, 1e14) | st.just(0.0)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
datas = st.dictionaries(texts, values, max_size=3)


def timeline(count: int, data: dict[str, Any] | None = None, matter: UUID = MATTER) -> Rows:
    """``count`` rows as an action would write them; the second has a private part."""
    rows: Rows = []
    previous = chain.genesis(DISTRICT, matter)
    for seq in range(1, count + 1):
        private = {"phone": "13812345678"} if seq == 2 else None
        text, salt = f"第{seq}步", f"{seq:032x}"
        row: dict[str, Any] = {
            "district_id": DISTRICT,
            "matter_id": matter,
            "seq": seq,
            "at": START + timedelta(minutes=seq),
            "act": "note",
            "actor": "网格员王",
            "data": {"n": seq} if data is None else data,
            "digest": chain.digest(salt, text, private),
        }
        previous = chain.link(previous, **row)
        rows.append(row | {"text": text, "salt": salt, "private": private, "chain": previous, "redacted_at": None})
    return rows


def redact(row: dict[str, Any]) -> None:
    row.update(text="", salt="", private=None, redacted_at=START + timedelta(days=400))


def plain_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# ── Re-implemented from the words in chain.py, without its code ──


def test_a_stranger_gets_the_same_digest() -> None:
    salt, text, private = bytes(range(16)), "路灯不亮".encode(), '{"name":"孙","phone":"1"}'.encode()
    material = b"linli.timeline.digest.v1"
    for part in (salt, text, private):
        material += len(part).to_bytes(4, "big") + part
    ours = chain.digest(salt.hex(), "路灯不亮", {"phone": "1", "name": "孙"})
    assert ours == hashlib.sha256(material).hexdigest()


@given(datas, texts, st.none() | texts)
def test_a_stranger_gets_the_same_chain(data: dict[str, Any], act: str, actor: str | None) -> None:
    start = plain_json({"district_id": DISTRICT, "form": "linli.timeline.genesis.v1", "matter_id": str(MATTER)})
    previous = hashlib.sha256(start.encode()).hexdigest()
    assert chain.genesis(DISTRICT, MATTER) == previous
    row: dict[str, Any] = {
        "act": act,
        "actor": actor,
        "data": data,
        "digest": "ab" * 32,
        "district_id": DISTRICT,
        "seq": 1,
    }
    words = row | {
        "at": "2026-03-05T01:02:03.000004Z",
        "form": "linli.timeline.v1",
        "matter_id": str(MATTER),
        "previous": previous,
    }
    ours = chain.link(previous, matter_id=MATTER, at=START, **row)
    assert ours == hashlib.sha256(plain_json(words).encode()).hexdigest()


def test_the_same_instant_links_alike_in_any_zone() -> None:
    row = {key: timeline(1)[0][key] for key in ("district_id", "matter_id", "seq", "act", "actor", "data", "digest")}
    here = chain.link("00", at=START.replace(microsecond=0), **row)
    there = START.replace(microsecond=0).astimezone(timezone(timedelta(hours=8)))
    assert chain.link("00", at=there, **row) == here
    with pytest.raises(ValueError, match="time zone"):
        chain.link("00", at=datetime(2026, 3, 5), **row)


@pytest.mark.parametrize(
    "odd",
    [
        1e-5,
        1e15,
        -1e16,
        -0.0,
        float("nan"),
        float("inf"),
        2**64,
        {1: "key"},
        START,
        b"bytes",
        {"a"},
        object(),
        "\ud800",
    ],
)
def test_what_has_two_spellings_is_refused_when_written(odd: Any) -> None:
    with pytest.raises(ValueError, match="no canonical JSON"):
        timeline(1, {"deep": [{"odd": odd}]})
    with pytest.raises(ValueError, match="no canonical JSON"):
        chain.digest("00", "text", {"odd": odd})


def test_borders_between_parts_are_part_of_the_digest() -> None:
    assert chain.digest("aabb", "") != chain.digest("aa", "")
    assert chain.digest("00", "", {}) != chain.digest("00", "")
    assert chain.digest("00", "{}") != chain.digest("00", "", {})
    assert len({chain.new_salt() for _ in range(100)}) == 100
    assert len(bytes.fromhex(chain.new_salt())) == 16


# ── verify ──


@given(st.integers(0, 6), datas)
def test_what_was_written_verifies(count: int, data: dict[str, Any]) -> None:
    assert verify(timeline(count, data)) == Verdict(True)


@given(st.data())
def test_any_change_in_any_field_of_any_row_is_found(draw: st.DataObject) -> None:
    rows = timeline(4)
    at = draw.draw(st.integers(0, 3), "row")
    name = draw.draw(st.sampled_from(sorted(rows[0].keys() - {"redacted_at"})), "field")
    changes: dict[str, st.SearchStrategy[Any]] = {
        "district_id": st.integers(1, 10**6),
        "matter_id": st.uuids(),
        "seq": st.integers(-3, 9),
        "at": st.datetimes(timezones=st.just(UTC)),
        "data": datas,
        "private": st.none() | datas,
        "salt": st.text("0123456789abcdef", max_size=32),
        "digest": st.text("0123456789abcdef", min_size=64, max_size=64),
        "chain": st.text("0123456789abcdef", min_size=64, max_size=64),
    }
    new = draw.draw(changes.get(name, texts), "value")
    assume(new != rows[at][name])
    rows[at][name] = new
    verdict = verify(rows)
    assert not verdict.ok
    # A foreign first row makes its successors the strangers; everything else is found where it was done.
    assert verdict.seq in {at + 1, rows[at]["seq"]}
    if name in {"text", "salt", "private", "digest"}:
        assert verdict.reason is Broken.ALTERED
    if name in {"at", "act", "actor", "data", "chain"}:
        assert verdict.reason is Broken.CHAIN


def test_altered_words_are_named() -> None:
    rows = timeline(4)
    rows[2]["text"] = "另一句"
    assert verify(rows) == Verdict(False, 3, Broken.ALTERED)


def test_a_salt_that_is_no_hex_is_an_alteration_and_no_crash() -> None:
    for salt in ("zz", None, ""):
        rows = timeline(2)
        rows[1]["salt"] = salt
        assert verify(rows).reason is Broken.ALTERED


def test_data_that_cannot_be_spelt_is_a_broken_chain_and_no_crash() -> None:
    rows = timeline(2)
    rows[1]["data"] = {"x": float("nan")}
    assert verify(rows) == Verdict(False, 2, Broken.CHAIN)
    rows = timeline(2)
    rows[1]["at"] = None
    assert verify(rows) == Verdict(False, 2, Broken.CHAIN)


@given(st.integers(0, 3))
def test_a_row_taken_out_of_the_middle_is_missed(at: int) -> None:
    rows = timeline(5)
    del rows[at]
    assert verify(rows) == Verdict(False, at + 1, Broken.MISSING)


@given(st.permutations(range(5)))
def test_another_order_is_found(order: list[int]) -> None:
    assume(order != sorted(order))
    rows = timeline(5)
    verdict = verify([rows[at] for at in order])
    assert (verdict.ok, verdict.reason) == (False, Broken.ORDER)


def test_a_row_twice_is_found() -> None:
    rows = timeline(3)
    assert verify([*rows, rows[2]]) == Verdict(False, 3, Broken.ORDER)


def test_a_row_of_another_matter_is_found() -> None:
    rows, others = timeline(3), timeline(3, matter=OTHER)
    assert verify([rows[0], others[1], rows[2]]) == Verdict(False, 2, Broken.FOREIGN)


def test_a_whole_timeline_cannot_be_passed_off_as_another_matters() -> None:
    rows = timeline(3)
    for row in rows:
        row["matter_id"] = OTHER
    assert verify(rows) == Verdict(False, 1, Broken.CHAIN)


# ── published heads ──


@given(st.integers(1, 5), st.integers(0, 4))
def test_a_cut_tail_is_found_by_the_published_head(count: int, left: int) -> None:
    assume(left < count)
    rows = timeline(count)
    head = rows[-1]["chain"]
    assert verify(rows, head=head, head_seq=count).ok
    assert verify(rows[:left]).ok  # the chain alone cannot know
    assert verify(rows[:left], head=head, head_seq=count) == Verdict(False, count, Broken.TAIL)
    assert not verify(rows[:left], head=head).ok


def test_a_timeline_that_has_grown_since_still_carries_the_head() -> None:
    rows = timeline(5)
    assert verify(rows, head=rows[2]["chain"], head_seq=3).ok
    assert verify(rows, head=rows[2]["chain"]).reason is Broken.HEAD


def test_a_rehashed_timeline_verifies_but_not_against_the_head() -> None:
    published = timeline(4)[-1]["chain"]
    forged = timeline(4, {"n": "forged"})
    assert verify(forged).ok
    assert verify(forged, head=published, head_seq=4) == Verdict(False, 4, Broken.HEAD)


# ── redaction ──


@given(st.sets(st.integers(1, 4)))
def test_redacted_rows_are_listed_and_the_rest_verifies(gone: set[int]) -> None:
    rows = timeline(4)
    head = rows[-1]["chain"]
    for seq in gone:
        redact(rows[seq - 1])
    assert verify(rows, head=head, head_seq=4) == Verdict(True, redacted=sorted(gone))


def test_emptied_words_without_the_mark_are_an_alteration() -> None:
    rows = timeline(3)
    redact(rows[1])
    rows[1]["redacted_at"] = None
    assert verify(rows) == Verdict(False, 2, Broken.ALTERED)


@pytest.mark.parametrize("kept", ["text", "salt", "private"])
def test_half_a_redaction_is_an_alteration(kept: str) -> None:
    rows = timeline(3)
    whole = copy.deepcopy(rows[1])
    redact(rows[1])
    rows[1][kept] = whole[kept]
    assert verify(rows) == Verdict(False, 2, Broken.ALTERED)


@pytest.mark.parametrize("name", ["act", "actor", "data", "digest", "at", "chain"])
def test_what_a_redaction_leaves_is_still_guarded(name: str) -> None:
    rows = timeline(3)
    redact(rows[1])
    rows[1][name] = rows[2][name] if rows[2][name] != rows[1][name] else "changed"
    verdict = verify(rows)
    assert (verdict.ok, verdict.seq, verdict.reason) == (False, 2, Broken.CHAIN)


# ── Merkle tree ──


def leaves(count: int) -> list[bytes]:
    return [chain.leaf(f"AB-2026-{n:06d}", n + 1, hashlib.sha256(bytes([n])).hexdigest()) for n in range(count)]


def by_the_book(nodes: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(nodes) <= 1:
        return nodes[0] if nodes else hashlib.sha256(b"").digest()
    split = 1 << ((len(nodes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + by_the_book(nodes[:split]) + by_the_book(nodes[split:])).digest()


def test_a_leaf_is_what_the_words_say() -> None:
    head = hashlib.sha256(b"head").digest()
    number = "号-1"  # five bytes
    material = b"\0" + b"\x00\x05" + number.encode() + (7).to_bytes(8, "big") + head
    assert chain.leaf(number, 7, head.hex()) == hashlib.sha256(material).digest()
    with pytest.raises(ValueError, match="64 hex"):
        chain.leaf(number, 7, "abcd")


def test_every_part_of_a_leaf_counts() -> None:
    head = "ab" * 32
    made = {
        chain.leaf("A1", 1, head),
        chain.leaf("A", 1, head),
        chain.leaf("A1", 2, head),
        chain.leaf("A1", 1, "cd" * 32),
    }
    assert len(made) == 4


@pytest.mark.parametrize("count", range(40))
def test_roots_are_the_rfcs_and_every_proof_holds(count: int) -> None:
    all_of_them = leaves(count)
    top = chain.root(iter(all_of_them))
    assert top == by_the_book(all_of_them)
    for i, one in enumerate(all_of_them):
        path = chain.proof(all_of_them, i)
        assert len(path) <= max(0, (count - 1).bit_length())
        assert chain.check_proof(one, i, count, path, top)


@given(st.integers(1, 70), st.data())
def test_a_proof_holds_for_nothing_else(count: int, draw: st.DataObject) -> None:
    all_of_them = leaves(count)
    top = chain.root(all_of_them)
    i = draw.draw(st.integers(0, count - 1))
    path, one = chain.proof(all_of_them, i), all_of_them[i]
    stranger = hashlib.sha256(b"stranger").digest()
    assert not chain.check_proof(stranger, i, count, path, top)
    assert not chain.check_proof(one, i, count, path, stranger)
    assert not chain.check_proof(one, i, count, [*path, stranger], top)
    assert not chain.check_proof(one, -1, count, path, top)
    assert not chain.check_proof(one, count, count, path, top)
    if path:
        at = draw.draw(st.integers(0, len(path) - 1))
        assert not chain.check_proof(one, i, count, [*path[:at], stranger, *path[at + 1 :]], top)
        assert not chain.check_proof(one, i, count, path[:-1], top)
        other = draw.draw(st.integers(0, count - 1).filter(lambda n: n != i))
        assert not chain.check_proof(one, other, count, path, top)
        assert not chain.check_proof(all_of_them[other], i, count, path, top)


@given(st.integers(2, 40), st.data())
def test_the_root_depends_on_every_leaf_and_their_order(count: int, draw: st.DataObject) -> None:
    all_of_them = leaves(count)
    top = chain.root(all_of_them)
    i = draw.draw(st.integers(0, count - 1))
    assert chain.root([*all_of_them[:i], bytes(32), *all_of_them[i + 1 :]]) != top
    assert chain.root(all_of_them[:i] + all_of_them[i + 1 :]) != top
    assert chain.root(all_of_them[::-1]) != top


def test_an_inner_node_does_not_pass_for_a_leaf() -> None:
    four = leaves(4)
    inner = [chain.root(four[:2]), chain.root(four[2:])]
    # The tree of two inner nodes has the same root by arithmetic; only whoever makes leaves with ``leaf`` is safe,
    # because 0x00 stands before every leaf and a node can never come out of it.
    assert chain.root(inner) == chain.root(four)
    assert not {chain.leaf("A", seq, inner[0].hex()) for seq in range(9)} & set(inner)


def test_there_is_no_proof_for_a_leaf_that_is_not_there() -> None:
    for i in (-1, 3):
        with pytest.raises(IndexError):
            chain.proof(leaves(3), i)


def test_a_link_costs_microseconds() -> None:
    row = {
        key: timeline(1)[0][key] for key in ("district_id", "matter_id", "seq", "at", "act", "actor", "data", "digest")
    }
    cost = min(repeat(lambda: chain.link("ab" * 32, **row), number=1000, repeat=5)) / 1000
    # About 6 µs on an idle core; an intake writes two rows and may spend 15 µs on each.
    assert cost < 60e-6
