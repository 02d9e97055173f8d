"""The keys that contact details lie under: a new one, everything sealed anew with it, and what outlives the old."""

from __future__ import annotations

import argparse
import base64
import secrets

from django.conf import settings

from linli.config.commands import Told, say
from linli.kit import crypto


def new(asked: argparse.Namespace) -> int:
    """A key with a name that the ring does not have yet."""
    serial = len(settings.LINLI_KEYS) + 1
    while f"k{serial}" in settings.LINLI_KEYS:
        serial += 1
    say(f"k{serial}:{base64.b64encode(secrets.token_bytes(32)).decode()}")
    return 0


def rotate(asked: argparse.Namespace) -> int:
    """Seal anew, under the ring's first key, whatever lies under another; may be stopped and run again."""
    from linli.config.rotation import rotate_keys

    if not settings.LINLI_KEYS:
        raise Told("LINLI_KEYS 没有设。")
    return rotate_keys(report=say)


def index(asked: argparse.Namespace) -> int:
    """The root of the look-ups by telephone, which must outlive the key that it came from."""
    say(base64.b64encode(crypto.index_root()).decode())
    return 0
