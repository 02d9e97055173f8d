"""Reading the environment: flags, the key ring, and the demo's own file of settings."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TEST_KEY = "t1:" + base64.b64encode(b"linli-test-key-of-32-bytes-only!").decode()


def flag(name: str, *, default: bool) -> bool:
    """True for 1/true/yes/on, False for anything else that is set."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def read_demo_env(path: Path) -> None:
    """Set what ``path`` (KEY=value lines) says and the environment does not say already.

    ``linli serve`` and ``linli worker`` run for real and must not pick up demo settings by accident:
    they set ``LINLI_NO_DEMO_ENV`` before settings are read.
    """
    if os.environ.get("LINLI_NO_DEMO_ENV") or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if value and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip())


def keyring(text: str, *, testing: bool) -> dict[str, bytes]:
    """``kid:base64,…`` → ``{kid: 32 bytes}``, first key first. Raises ImproperlyConfigured on a broken ring."""
    ring: dict[str, bytes] = {}
    for part in filter(None, (text or (_TEST_KEY if testing else "")).split(",")):
        kid, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ImproperlyConfigured(f"LINLI_KEYS: key {kid!r} is not base64") from error
        if len(key) != 32 or not kid:
            raise ImproperlyConfigured(f"LINLI_KEYS: key {kid!r} must be 32 bytes and have a name")
        ring[kid] = key
    return ring
