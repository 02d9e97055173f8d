"""Codes that people hold in their hands: receipts, door codes, notice-board codes.

All are Crockford base 32 (``0-9 A-Z`` without I, L, O, U) in groups of four, so that they survive handwriting
and the telephone. A receipt and a door code begin with four characters of the district's six-digit code (999
999 < 2^20 = 4 × 5 bits): whoever looks one up knows the shard before asking the database.

===========  ========================  ====================================================================
code         shape                     what it is
===========  ========================  ====================================================================
receipt      DDDD-RRRR-RRRR-RRRR-RRRR  80 random bits: the bearer may track and rate one matter. A secret.
door code    DDDD-RRRR-RRRC            35 random bits and a check: a place, on a printed sign. No secret.
board code   3F9A-C1E7                 32 bits of a salted hash: compares paper with screen. Public.
===========  ========================  ====================================================================
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from linli.kit.ids import new_id

__all__ = [
    "KINDS",
    "board_code",
    "id_time",
    "new_code",
    "new_id",
    "new_receipt",
    "read_code",
    "read_receipt",
    "receipt_of",
]

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {char: value for value, char in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_DISTRICT: Final = 4
_RECEIPT: Final = 20
_CODE: Final = 12
# Longer than any way of writing a code down; what is longer is not looked at.
_LONGEST: Final = 80
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# What a door code stands on. The kind goes into the check symbol: a grid's sign does not pass for a door's.
KINDS: Final = {"door": 1, "grid": 2, "post": 3, "thing": 4}


def new_receipt(district: int) -> str:
    """A receipt of ``district`` with 80 random bits: ``3ZN7-…``. Store only ``crypto.hash_secret`` of it."""
    return _grouped(_district_part(district) + _encode(secrets.randbits(80), _RECEIPT - _DISTRICT))


def receipt_of(district: int, bits: int) -> str:
    """A receipt with bits that were made elsewhere (80 of them): where the same receipt must come out again."""
    return _grouped(_district_part(district) + _encode(bits & (1 << 80) - 1, _RECEIPT - _DISTRICT))


def read_receipt(text: str) -> tuple[str, int]:
    """(canonical receipt, district) of what a person typed; ValueError says in plain words what is wrong."""
    values = _read(text, _RECEIPT, _("回执码"))
    return _grouped(_spell(values)), _district_of(values, _("回执码"))


def new_code(district: int, kind: str) -> str:
    """A short code for a sign: ``DDDD-RRRR-RRRC``; ``kind`` is one of ``KINDS``."""
    body = _district_part(district) + _encode(secrets.randbits(35), _CODE - _DISTRICT - 1)
    values = [_VALUES[char] for char in body]
    return _grouped(body + _ALPHABET[_check(values, KINDS[kind])])


def read_code(text: str, kind: str) -> tuple[str, int]:
    """(canonical code, district) of a typed or scanned door code of this kind; ValueError with the reason."""
    values = _read(text, _CODE, _("门牌码"))
    if _check(values[:-1], KINDS[kind]) != values[-1]:
        raise ValueError(_("门牌码的校验位不对，请照着牌子再看一遍。"))
    return _grouped(_spell(values)), _district_of(values, _("门牌码"))


def board_code(head_hex: str, salt: str) -> str:
    """``3F9A-C1E7``: what the notice board prints beside a matter's number.

    Made from the head of the matter's hash chain and a salt, never from the receipt: from the paper on the
    wall nobody can reach a matter, and anybody holding the chain's head can check that it is the one on the
    wall.
    """
    material = b"linli.board.v1\0" + bytes.fromhex(head_hex) + b"\0" + salt.encode()
    short = hashlib.sha256(material).hexdigest()[:8].upper()
    return f"{short[:4]}-{short[4:]}"


def id_time(key: uuid.UUID) -> datetime:
    """When ``new_id`` made this id, to the millisecond (the first 48 bits of a UUIDv7)."""
    if key.version != 7:
        raise ValueError(f"not a UUIDv7: {key}")
    return _EPOCH + timedelta(milliseconds=key.int >> 80)


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _encode(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def _spell(values: list[int]) -> str:
    return "".join(_ALPHABET[value] for value in values)


def _grouped(code: str) -> str:
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _district_part(district: int) -> str:
    if not 100_000 <= district <= 999_999:
        raise ValueError(f"not a six-digit district code: {district}")
    return _encode(district, _DISTRICT)


def _district_of(values: list[int], what: str) -> int:
    district = 0
    for value in values[:_DISTRICT]:
        district = district << 5 | value
    if not 100_000 <= district <= 999_999:
        raise ValueError(_("%(what)s的前四位不对，请核对。") % {"what": what})
    return district


def _read(text: str, length: int, what: str) -> list[int]:
    """The symbols' values: full-width and lower case folded, spaces and dashes of any sort dropped."""
    kept = [c for c in unicodedata.normalize("NFKC", text[:_LONGEST]).upper() if not _is_filler(c)]
    wrong = next((c for c in kept if c not in _VALUES), None)
    if wrong is not None:
        raise ValueError(_("%(what)s里没有“%(char)s”这个字符，请核对。") % {"what": what, "char": wrong})
    if len(kept) != length or len(text) > _LONGEST:
        given = len(kept) if len(text) <= _LONGEST else len(text)
        raise ValueError(
            _("%(what)s应是%(length)d位，您填了%(given)d位。") % {"what": what, "length": length, "given": given}
        )
    return [_VALUES[c] for c in kept]


def _is_filler(char: str) -> bool:
    # Chat programs add invisible characters (Cf) to what is copied out of them; printers turn - into a real
    # dash.
    return char in "_.·−" or unicodedata.category(char) in {"Pd", "Zs", "Cc", "Cf", "Zl", "Zp"}


def _check(values: list[int], kind: int) -> int:
    """The check symbol: a sum over GF(32) with a different weight for each position, the kind standing first.

    Different, non-zero weights in a field find every single wrong symbol and every swap of two symbols,
    wherever they stand; a plain sum would miss swaps.
    """
    total = 0
    for value in [kind, *values]:
        total = _double(total ^ value)
    return total


def _double(value: int) -> int:
    """Times x in GF(32) = GF(2)[x]/(x^5 + x^2 + 1), where x generates all 31 non-zero elements."""
    return (value << 1) ^ (37 if value & 16 else 0)
