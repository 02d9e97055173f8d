"""Reading the environment: flags, the key ring, and the demo's own file of settings."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TEST_KEY = "t1:" + base64.b64encode(b"linli-test-key-of-32-bytes-only!").decode()

_NEW_KEY = "linli keys new 造一把，写成 k1:…，几把用逗号隔开。"


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
        kid, named, encoded = part.strip().partition(":")
        if not (named and kid):  # what stands there is the key itself then, and belongs on no screen and in no log
            raise ImproperlyConfigured(f"LINLI_KEYS 里有一把没有名字。{_NEW_KEY}")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ImproperlyConfigured(f"LINLI_KEYS 里的 {kid} 不是 base64。{_NEW_KEY}") from error
        if len(key) != 32:
            raise ImproperlyConfigured(f"LINLI_KEYS 里的 {kid} 不是 32 字节长。{_NEW_KEY}")
        ring[kid] = key
    return ring


def index_key(text: str) -> bytes:
    """The root of the look-ups by telephone; empty where none is given. A broken one taken for none would find nobody
    any more, and only on the day when somebody is looked for."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise ImproperlyConfigured("LINLI_INDEX_KEY 不是 base64，要 linli keys index 打印的那一串。") from error
    if key and len(key) < 32:
        raise ImproperlyConfigured("LINLI_INDEX_KEY 太短，要 linli keys index 打印的那一整串。")
    return key


def whole_number(name: str, default: int) -> int:
    """A count of something; told with its name where it is none."""
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} 要是 0、1、2 这样的数，现在是 {value}。")
    return int(value)


def origins(text: str) -> list[str]:
    """Addresses that forms may come from; one without its scheme would refuse every form with a riddle."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    for each in found:
        if "://" not in each:
            raise ImproperlyConfigured(f"LINLI_ORIGINS 里的 {each} 要带上 https://。")
    return found
