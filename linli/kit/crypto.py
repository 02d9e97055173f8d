"""Sealing what the database must not tell: contact details, stored replies, and the look-ups over them.

What lies in the database, and which key opens it:

===============  ================================  ================================================
function         kept in the database as           opened or made with
===============  ================================  ================================================
``seal``         1 · kid · nonce · AES-256-GCM     the key ``kid`` of the ring, and the context
``seal_with``    2 · kid · nonce · AES-256-GCM     that key *and* the secret of whoever asked
``blind_index``  HMAC-SHA-256, hex                 the index root (below)
``hash_secret``  SHA-256, hex                      nothing: the secret has ≥ 80 random bits
===============  ================================  ================================================

**The ring** is ``settings.LINLI_KEYS`` (``{kid: 32 bytes}``): the first key writes, every key reads. To
rotate, put a new key in front, let the worker run ``rotate`` over the rows for which ``needs_rotation``
holds, then drop the old.

**The index root** must outlive rotation, or every look-up by telephone would miss. It is, in this order:
``settings.LINLI_INDEX_KEY`` (bytes, at least 32), if set; otherwise derived by HKDF from the ring's key named
``settings.LINLI_INDEX_KID``; otherwise from the *last* key of the ring, which is the oldest as new ones go in
front. Adding keys and rotating therefore changes no index. Only dropping the key that the root comes from
would: before that, put ``index_root()`` into ``LINLI_INDEX_KEY`` and every index stays what it was.

A random 96-bit nonce is safe for some 2^32 writes under one key; a district writes a few million a year.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

_SEALED: Final = 1
_SEALED_WITH: Final = 2
_NONCE: Final = 12
_TAG: Final = 16

# What a BinaryField gives back differs between the two databases.
Blob = bytes | bytearray | memoryview


class UnsealError(Exception):
    """A sealed value cannot be opened. ``reason`` is one of ``format``, ``key`` and ``tag``."""

    _WORDS = {
        "format": "not a sealed value of this kind (empty, cut short or another version)",
        "key": "the key it was sealed with is not in LINLI_KEYS",
        "tag": "altered, or sealed for another context or under another secret",
    }

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(self._WORDS[reason] + (f": {detail}" if detail else ""))


# ── Sealing ───────────────────────────────────────────────────────────────────────────────────────────────


def seal(plaintext: str, *, context: str) -> bytes:
    """Encrypt under the ring's first key.

    ``context`` says whose value this is (table, column and row id): it is authenticated but not stored, so
    that a blob copied into another row, where it would show one person's telephone as another's, does not
    open there. The length of the text stays visible.
    """
    kid, key = _writing_key()
    return _encrypt(_cipher(key), _head(_SEALED, kid), plaintext.encode(), context.encode())


def unseal(blob: Blob, *, context: str) -> str:
    """The text again, or ``UnsealError``."""
    head, kid, nonce, body = _parse(blob, _SEALED)
    return _decrypt(_cipher(_reading_key(kid)), head, nonce, body, context.encode()).decode()


def needs_rotation(blob: Blob) -> bool:
    """True when another key than the ring's first sealed it, by ``seal`` or by ``seal_with``."""
    return _parse(blob, None)[1] != _writing_key()[0]


def rotate(blob: Blob, context: str) -> bytes:
    """The same text under the ring's first key; a blob that already is comes back as it was."""
    if not needs_rotation(blob):
        return bytes(blob)
    return seal(unseal(blob, context=context), context=context)


def seal_with(secret: str, body: bytes) -> bytes:
    """Seal a stored reply so that it opens only for whoever sent ``secret`` (idempotency key and body).

    A reply to a create holds a receipt, which nobody on the staff may read again. The key is made of a ring
    key *and* the secret: the database alone opens nothing, and neither does the database with the ring as
    long as the secret itself is not stored (store its ``blind_index``).
    """
    kid, key = _writing_key()
    return _encrypt(AESGCM(_reply_key(key, secret)), _head(_SEALED_WITH, kid), body, b"")


def unseal_with(secret: str, blob: Blob) -> bytes:
    """The reply again for the holder of the same secret, or ``UnsealError``."""
    head, kid, nonce, body = _parse(blob, _SEALED_WITH)
    return _decrypt(AESGCM(_reply_key(_reading_key(kid), secret)), head, nonce, body, b"")


# ── Looking up without reading ────────────────────────────────────────────────────────────────────────────


def blind_index(value: str, *, purpose: str) -> str:
    """A keyed hash to find equal values by: 64 hex characters, the same for the same value and purpose.

    Keyed, because there are only some 10^10 telephone numbers: anybody could try all of them against a plain
    hash. The purpose keeps one person's rows in two tables from being joined by their indexes. Normalise
    first (``normal_phone``), or one telephone has as many indexes as spellings.
    """
    label = purpose.encode()
    return hmac.digest(index_root(), len(label).to_bytes(2, "big") + label + value.encode(), "sha256").hex()


def index_root() -> bytes:
    """The 32 bytes that every blind index hangs on; see the head of this file."""
    own: bytes | None = getattr(settings, "LINLI_INDEX_KEY", None)
    if own:
        if len(own) < 32:
            raise ImproperlyConfigured("LINLI_INDEX_KEY must have at least 32 bytes")
        return own
    ring = _ring()
    kid = getattr(settings, "LINLI_INDEX_KID", "") or next(reversed(ring))
    if kid not in ring:
        raise ImproperlyConfigured(f"LINLI_INDEX_KID names {kid!r}, which is not in LINLI_KEYS")
    return _derive(ring[kid], b"linli.index.v1")


def hash_secret(code: str, purpose: str) -> str:
    """How a receipt or a token is stored: 64 hex characters.

    Plain SHA-256 with the purpose in front, without a key and without stretching, on purpose. A receipt has
    80 random bits: trying 2^80 hashes is out of reach, so neither a key nor slowness would add anything,
    while a key would mean that losing or changing it turns every receipt in residents' hands into waste
    paper. Never use this for passwords, six-digit codes or telephone numbers, which can be tried out: those
    need Argon2 or ``blind_index``.
    """
    label = purpose.encode()
    return hashlib.sha256(b"linli.secret.v1" + len(label).to_bytes(2, "big") + label + code.encode()).hexdigest()


# ── Telephones and names ──────────────────────────────────────────────────────────────────────────────────

_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
# 010 and 02x have eight digits behind them, the other area codes seven or eight; no number begins with 0 or
# 1.
_LANDLINE: Final = re.compile(r"(0(?:10|2\d)(?=[2-9]\d{7}$)|0[3-9]\d{2}(?=[2-9]\d{6,7}$))\d+")
_SERVICE: Final = re.compile(r"[48]00\d{7}")
_FORMS: Final = (_MOBILE, _LANDLINE, _SERVICE)
# Surnames of two characters, so that nobody is addressed by half a surname.
_LONG: Final = "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐宇文长孙司徒夏侯轩辕端木百里东郭南宫呼延独孤拓跋澹台公冶"
_LONG_SURNAMES: Final = frozenset(_LONG[at : at + 2] for at in range(0, len(_LONG), 2))


def normal_phone(text: str) -> str:
    """One spelling of a Chinese telephone number, digits only: a mobile, or area code and landline.

    Takes full-width digits, +86 and 0086, spaces, dashes and brackets, and the 0 once dialled before a
    mobile. Raises ValueError, in words for the person who typed it.
    """
    typed = "".join(c for c in unicodedata.normalize("NFKC", text[:64]) if not _is_filler(c))
    for spelling in _spellings(typed):
        if spelling.isascii() and any(form.fullmatch(spelling) for form in _FORMS):
            return spelling
    raise ValueError(_("电话号码不对：请填11位手机号，或带区号的座机号，不要填分机号。"))


def _spellings(typed: str) -> list[str]:
    """What may be meant, likeliest first (abroad one dials 86 20 …, at home 020 …); no foreign numbers."""
    for prefix in ("+86", "0086"):
        if typed.startswith(prefix):
            rest = typed.removeprefix(prefix)
            return [rest, "0" + rest]
    if typed.startswith(("+", "00")):
        return []
    if typed.startswith("86"):
        return [typed[2:], "0" + typed[2:]]
    return [typed, typed.removeprefix("0")]


def mask_phone(phone: str) -> str:
    """``13812345678`` → ``138****5678``, ``02087654321`` → ``020****321``. For display: never raises."""
    if _MOBILE.fullmatch(phone):
        return f"{phone[:3]}****{phone[-4:]}"
    if found := _LANDLINE.fullmatch(phone):
        return f"{found[1]}****{phone[-3:]}"
    return f"****{phone[-2:]}" if len(phone) >= 7 else "*" * len(phone)


def mask_name(name: str) -> str:
    """``孙晴川`` → ``孙**``: the surname and at most three stars, so that the length tells little."""
    shown = _surname(name.strip())
    return shown + "*" * min(len(name.strip()) - len(shown), 3)


def _surname(name: str) -> str:
    return name[:2] if len(name) > 2 and name[:2] in _LONG_SURNAMES else name[:1]


def _is_filler(char: str) -> bool:
    return char in "()[]._~/·" or unicodedata.category(char) in {"Pd", "Zs", "Cc", "Cf", "Zl", "Zp"}


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _ring() -> dict[str, bytes]:
    ring: dict[str, bytes] = settings.LINLI_KEYS
    if not ring:
        raise ImproperlyConfigured("LINLI_KEYS is empty: contact details can be neither sealed nor read")
    return ring


def _writing_key() -> tuple[str, bytes]:
    return next(iter(_ring().items()))


def _reading_key(kid: str) -> bytes:
    try:
        return _ring()[kid]
    except KeyError:
        raise UnsealError("key", kid) from None


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    """Expanding an AES key costs as much as using it; the ring has a handful."""
    return AESGCM(key)


@lru_cache(maxsize=64)
def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def _reply_key(key: bytes, secret: str) -> bytes:
    # Not cached: a cache would keep in memory what only the sender should hold.
    return hmac.digest(_derive(key, b"linli.reply.v1"), secret.encode(), "sha256")


@lru_cache(maxsize=64)
def _head(version: int, kid: str) -> bytes:
    name = kid.encode()
    if not 0 < len(name) < 256:
        raise ImproperlyConfigured("LINLI_KEYS: a key's name has 1 to 255 bytes")
    return bytes((version, len(name))) + name


def _encrypt(cipher: AESGCM, head: bytes, body: bytes, context: bytes) -> bytes:
    # The head is authenticated too; it carries its own length, so it splits off in one way only.
    nonce = os.urandom(_NONCE)
    return head + nonce + cipher.encrypt(nonce, body, head + context)


def _decrypt(cipher: AESGCM, head: bytes, nonce: bytes, body: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, body, head + context)
    except InvalidTag:
        raise UnsealError("tag") from None


def _parse(blob: Blob, version: int | None) -> tuple[bytes, str, bytes, bytes]:
    """(head, kid, nonce, ciphertext); ``version`` None takes either kind."""
    data = bytes(blob)
    if len(data) < 2 or data[0] not in ((_SEALED, _SEALED_WITH) if version is None else (version,)):
        raise UnsealError("format")
    end = 2 + data[1]
    if data[1] == 0 or len(data) < end + _NONCE + _TAG:
        raise UnsealError("format")
    try:
        kid = data[2:end].decode()
    except UnicodeDecodeError:
        raise UnsealError("format") from None
    return data[:end], kid, data[end : end + _NONCE], data[end + _NONCE :]
