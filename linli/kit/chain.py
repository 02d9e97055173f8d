"""The ledger's arithmetic: hash chains over timelines, a Merkle tree over their heads. SHA-256 throughout.

Written so that a stranger can check our books with other software. ``a ‖ b`` joins bytes; ``len4``/``len2``
is a length as 4 or 2 bytes, ``u64`` a number as 8 bytes, big-endian; digests are written as 64 lower-case hex
characters.

**Canonical JSON.** UTF-8, object keys sorted by code point, no spaces, nothing escaped but ``"``, ``\\`` and
control characters (``\\b \\t \\n \\f \\r``, otherwise ``\\u00xx``): Python's ``json.dumps(value,
sort_keys=True, separators=(",", ":"), ensure_ascii=False)``. Made by orjson with OPT_SORT_KEYS, for speed.
Admitted are only values of which every database and language has one spelling: text, true, false, null, whole
numbers of 64 bits, lists, objects with text keys, and fractions of 0.0001 ≤ abs(x) < 10^15 or 0.0 (outside,
``1e-05`` and ``1e-5`` would begin to differ, and PostgreSQL's jsonb rewrites them); anything else raises
ValueError when the row is written.

**digest** of a row's words, what the chain commits to::

    digest = SHA256("linli.timeline.digest.v1" ‖ len4 salt ‖ salt ‖ len4 text ‖ text ‖ len4 private ‖ private)

``salt`` is 16 random bytes, ``text`` UTF-8, ``private`` the canonical JSON of what is kept apart (contact),
or empty if there is none. Without the salt nobody can try out what the words were; erasing words and salt
leaves a digest that tells nothing and a chain that still verifies.

**chain** of a row::

    chain = SHA256(canonical JSON of {"act", "actor", "at", "data", "digest", "district_id",
                                      "form", "matter_id", "previous", "seq"})

``form`` is "linli.timeline.v1"; ``at`` is UTC with six decimals, ``2026-03-05T01:02:03.000004Z``; a UUID is
its 36-character text; ``previous`` is the chain of row ``seq - 1``, and for the first row (``seq`` 1) the
genesis::

    genesis = SHA256(canonical JSON of {"district_id", "form": "linli.timeline.genesis.v1", "matter_id"})

so that rows of one matter cannot be passed off as another's.

**Merkle tree** over heads (RFC 6962 section 2.1, 0x00 before a leaf, 0x01 before a node)::

    leaf = SHA256(0x00 ‖ len2 number ‖ number ‖ u64 seq ‖ head)        node = SHA256(0x01 ‖ left ‖ right)

``number`` is the matter's number in UTF-8, ``head`` the 32 bytes of the chain of its row ``seq``. A list of n
> 1 leaves splits at the largest power of two below n; the root of no leaves is SHA256 of nothing.

What it does not prove: that a *redaction* was lawful (``verify`` lists the redacted rows; each must have its
own entry saying who ordered it), or anything about rows younger than the newest published root.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson

ALGORITHM: Final = "sha256"
FIRST_SEQ: Final = 1
_FORM: Final = "linli.timeline.v1"
_GENESIS: Final = "linli.timeline.genesis.v1"
_DIGEST: Final = b"linli.timeline.digest.v1"
# Passthrough: a date inside ``data`` must fail here and not be spelt by orjson one way and by the database
# another.
_PLAIN = frozenset((str, int, bool, type(None)))  # most of what there is, with nothing to ask about it
_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_hash = getattr(hashlib, ALGORITHM)

Id = int | str | UUID
Row = Mapping[str, Any]


class Broken(StrEnum):
    """Why a timeline does not verify."""

    ALTERED = "altered"  # text, salt, private part or digest are not what was written
    CHAIN = "chain"  # another field, or the chain value itself, was altered
    MISSING = "missing"  # a row is not there
    ORDER = "order"  # rows are repeated or stand in the wrong order
    FOREIGN = "foreign"  # a row of another matter stands among them
    TAIL = "tail"  # shorter than the published head says
    HEAD = "head"  # as long as it should be, but not what was published: re-hashed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: ``seq`` is the first failing row, ``redacted`` those whose words were erased."""

    ok: bool
    seq: int | None = None
    reason: Broken | None = None
    redacted: list[int] = field(default_factory=list)


# ── Writing a timeline ────────────────────────────────────────────────────────────────────────────────────


def new_salt() -> str:
    """16 random bytes in hex."""
    return secrets.token_hex(16)


def genesis(district_id: Id, matter_id: Id) -> str:
    """What the first row of a matter's timeline links to."""
    return str(_hash(_canonical({"district_id": district_id, "form": _GENESIS, "matter_id": matter_id})).hexdigest())


def digest(salt: str, text: str, private: Mapping[str, Any] | None = None) -> str:
    """The salted digest of a row's words; see the head of this file."""
    words = text.encode()
    grains = bytes.fromhex(salt)
    hidden = b"" if private is None else _checked(dict(private))
    parts = (_DIGEST, _len4(grains), grains, _len4(words), words, _len4(hidden), hidden)
    return str(_hash(b"".join(parts)).hexdigest())


def link(
    previous: str,
    *,
    district_id: Id,
    matter_id: Id,
    seq: int,
    at: datetime,
    act: str,
    actor: Id | None,
    data: Any,
    digest: str,
) -> str:
    """The chain value of a row, given the chain value of the row before (``genesis`` for the first)."""
    _admit(data)
    row = {
        "act": act,
        "actor": actor,
        "at": instant(at),
        "data": data,
        "digest": digest,
        "district_id": district_id,
        "form": _FORM,
        "matter_id": matter_id,
        "previous": previous,
        "seq": seq,
    }
    return str(_hash(_canonical(row)).hexdigest())


def fingerprint(value: Any) -> str:
    """SHA-256 of a value's canonical JSON: by which an entry's ``data`` commits to rows that stand elsewhere."""
    return str(_hash(_checked(value)).hexdigest())


# ── Checking a timeline ───────────────────────────────────────────────────────────────────────────────────


def verify(rows: Sequence[Row], *, head: str | None = None, head_seq: int | None = None) -> Verdict:
    """Recompute one matter's timeline, oldest row first, and name the first row that does not hold.

    1. Each row must be the next one of the same matter.
    2. Its words must match its digest, or be redacted: text and salt empty, no private part, ``redacted_at``
       set.
    3. Its chain must follow from the row before.
    4. With a published ``head``, the row ``head_seq`` (the last one, if not given) must carry it; rows after
       it are younger than the publication.

    A row has the keys of ``link`` besides ``text``, ``salt`` and ``chain``; ``private`` and ``redacted_at``
    count as None where absent.
    """
    redacted: list[int] = []
    chains: dict[int, str] = {}
    previous = genesis(rows[0]["district_id"], rows[0]["matter_id"]) if rows else ""
    for place, row in enumerate(rows):
        reason = _misplaced(rows, place) or _misworded(row, redacted) or _unlinked(row, previous)
        if reason is not None:
            return Verdict(False, _expected(place) if reason is Broken.MISSING else row["seq"], reason, redacted)
        previous = chains[row["seq"]] = row["chain"]
    return _against_head(chains, redacted, head, head_seq)


def _expected(place: int) -> int:
    return FIRST_SEQ + place


def _misplaced(rows: Sequence[Row], place: int) -> Broken | None:
    row, first = rows[place], rows[0]
    if (row["district_id"], row["matter_id"]) != (first["district_id"], first["matter_id"]):
        return Broken.FOREIGN
    if row["seq"] == _expected(place):
        return None
    # Only now, when something is wrong anyway, is it worth looking through the rest.
    repeated = row["seq"] < _expected(place)
    return Broken.ORDER if repeated or any(r["seq"] == _expected(place) for r in rows) else Broken.MISSING


def _misworded(row: Row, redacted: list[int]) -> Broken | None:
    private = row.get("private")
    if row.get("redacted_at") is not None:
        # Half an erasure is none: words without their salt cannot be checked, so they may be anybody's.
        if row["text"] or row["salt"] or private:
            return Broken.ALTERED
        redacted.append(row["seq"])
        return None
    try:
        holds = digest(row["salt"], row["text"], private) == row["digest"]
    except (ValueError, TypeError, AttributeError):
        return Broken.ALTERED
    return None if holds and row["salt"] else Broken.ALTERED


def _unlinked(row: Row, previous: str) -> Broken | None:
    fields = ("district_id", "matter_id", "seq", "at", "act", "actor", "data", "digest")
    try:
        holds = link(previous, **{name: row[name] for name in fields}) == row["chain"]
    except (ValueError, TypeError, AttributeError):
        return Broken.CHAIN
    return None if holds else Broken.CHAIN


def _against_head(chains: dict[int, str], redacted: list[int], head: str | None, head_seq: int | None) -> Verdict:
    last = max(chains, default=0)
    if head_seq is None:
        head_seq = last or FIRST_SEQ
    if head is None or chains.get(head_seq) == head:
        return Verdict(True, redacted=redacted)
    return Verdict(False, head_seq, Broken.TAIL if head_seq > last else Broken.HEAD, redacted)


# ── The tree over all heads ───────────────────────────────────────────────────────────────────────────────


def leaf(number: str, seq: int, head: str) -> bytes:
    """The leaf of one matter: its number, how long its timeline is and the chain value of the last row."""
    name, end = number.encode(), bytes.fromhex(head)
    if len(end) != 32:
        raise ValueError("a head has 64 hex characters")
    return bytes(_hash(b"\0" + len(name).to_bytes(2, "big") + name + seq.to_bytes(8, "big") + end).digest())


def root(leaves: Iterable[bytes]) -> bytes:
    """The tree's root; takes a stream of leaves and holds only one node a level in memory."""
    peaks: list[tuple[int, bytes]] = []  # complete subtrees, (leaves, hash), each smaller than the one before
    for one in leaves:
        size, top = 1, one
        while peaks and peaks[-1][0] == size:
            top = _node(peaks.pop()[1], top)
            size *= 2
        peaks.append((size, top))
    if not peaks:
        return bytes(_hash(b"").digest())
    top = peaks.pop()[1]
    while peaks:
        top = _node(peaks.pop()[1], top)
    return top


def proof(leaves: Sequence[bytes], i: int) -> list[bytes]:
    """The siblings from leaf ``i`` up to the root: what one needs to check it without the other leaves."""
    if not 0 <= i < len(leaves):
        raise IndexError(i)
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        if i ^ 1 < len(level):
            path.append(level[i ^ 1])
        # A last node without a partner goes up as it is; that is the same tree as splitting at powers of two.
        level = [_node(*level[at : at + 2]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
        i //= 2
    return path


def check_proof(one: bytes, i: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """True when leaf ``one`` is number ``i`` (from 0) of the ``size`` leaves whose root is ``expected``."""
    if not 0 <= i < size:
        return False
    top, rest, last = one, iter(path), size - 1
    while last > 0:
        if i & 1 or i < last:
            sibling = next(rest, None)
            if sibling is None:
                return False
            top = _node(sibling, top) if i & 1 else _node(top, sibling)
        i, last = i // 2, last // 2
    return next(rest, None) is None and top == expected


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _node(left: bytes, right: bytes) -> bytes:
    return bytes(_hash(b"\1" + left + right).digest())


def _len4(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big")


def instant(at: datetime) -> str:
    """A time as the chain spells it."""
    if at.tzinfo is None:
        raise ValueError("a row's time needs a time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _checked(value: Any) -> bytes:
    _admit(value)
    return _canonical(value)


def _canonical(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:  # orjson's own error is a TypeError with a good message
        raise ValueError(f"no canonical JSON: {error}") from error


def _admit(value: Any) -> None:
    """Refuse fractions that two programs may spell differently; orjson refuses all other strangers itself."""
    if isinstance(value, float):
        # -0.0 loses its sign in PostgreSQL; NaN fails every comparison.
        if not (1e-4 <= abs(value) < 1e15) and repr(value) != "0.0":
            raise ValueError(f"no canonical JSON: the fraction {value!r}")
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            if type(inner) not in _PLAIN:
                _admit(inner)
