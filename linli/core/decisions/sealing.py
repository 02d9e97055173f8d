"""The double envelope: a ballot encrypted to the second teller, and that again to the first (limits, rule 7).

Each layer is an X25519 sealed box: an ephemeral key, HKDF-SHA-256 over both public keys, AES-256-GCM. A ballot is
padded to a fixed size first, so that its length says nothing. A teller's private key lies in the database under a
passphrase that the teller alone knows (scrypt); the server has no copy: a lost passphrase means that the vote is held
again.

Associated data names the question and never the voter: bound to a roll entry, a ballot could not be unlinked from it.
"""

from __future__ import annotations

import os
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

PADDED: Final = 1024
_LABEL: Final = b"linli.ballot.v1"
_KEY: Final = 32
_NONCE: Final = 12
_SALT: Final = 16
# 64 MiB and about a quarter of a second: a stolen database must not be guessed at quickly.
_COST: Final = 2**10 if settings.TESTING else 2**16
_RAW: Final = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class WrongPassphraseError(Exception):
    """The passphrase does not open this teller's key."""


def new_teller(passphrase: str) -> tuple[bytes, bytes]:
    """A teller's public key, and the private one under the passphrase."""
    private = X25519PrivateKey.generate()
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    sealed = AESGCM(_stretch(passphrase, salt)).encrypt(nonce, private.private_bytes_raw(), _LABEL)
    return private.public_key().public_bytes(*_RAW), salt + nonce + sealed


def unlock(private: bytes, passphrase: str) -> X25519PrivateKey:
    """The private key again; WrongPassphraseError where the passphrase is another."""
    salt, nonce, sealed = private[:_SALT], private[_SALT : _SALT + _NONCE], private[_SALT + _NONCE :]
    try:
        raw = AESGCM(_stretch(passphrase, salt)).decrypt(nonce, sealed, _LABEL)
    except InvalidTag:
        raise WrongPassphraseError from None
    return X25519PrivateKey.from_private_bytes(raw)


def seal(choice: object, question: bytes, outer: bytes, inner: bytes) -> bytes:
    """A ballot in both envelopes. Raises ValueError where a choice is longer than any ballot can be."""
    body = orjson.dumps(choice)
    if len(body) > PADDED - 2:
        raise ValueError("a choice longer than a ballot")
    padded = len(body).to_bytes(2, "big") + body.ljust(PADDED - 2, b"\0")
    return _box(_box(padded, question, inner), question, outer)


def open_outer(envelope: bytes, question: bytes, key: X25519PrivateKey) -> bytes:
    """The inner envelope. Raises InvalidTag where it was altered or made for another question."""
    return _unbox(envelope, question, key)


def open_inner(slip: bytes, question: bytes, key: X25519PrivateKey) -> object:
    """What was said."""
    padded = _unbox(slip, question, key)
    length = int.from_bytes(padded[:2], "big")
    return orjson.loads(padded[2 : 2 + length])


def _box(body: bytes, question: bytes, to: bytes) -> bytes:
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes(*_RAW)
    key = _derive(ephemeral.exchange(X25519PublicKey.from_public_bytes(to)), public, to)
    # One key, one message: a fixed nonce is safe, as the key is never used again.
    return public + AESGCM(key).encrypt(bytes(_NONCE), body, _LABEL + question)


def _unbox(box: bytes, question: bytes, key: X25519PrivateKey) -> bytes:
    public, body = box[:_KEY], box[_KEY:]
    own = key.public_key().public_bytes(*_RAW)
    shared = key.exchange(X25519PublicKey.from_public_bytes(public))
    return AESGCM(_derive(shared, public, own)).decrypt(bytes(_NONCE), body, _LABEL + question)


def _derive(shared: bytes, ephemeral: bytes, to: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=_LABEL + ephemeral + to).derive(shared)


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY, n=_COST, r=8, p=1).derive(passphrase.encode())
