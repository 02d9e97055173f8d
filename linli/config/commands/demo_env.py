"""``var/demo.env``: what a demo keeps from one start to the next, and which database a command means.

Secrets are made once and kept. ``PROFILE`` and ``DATABASE_URL`` are those of the last ``make demo``, so that a plain
``linli verify`` looks at what was started last; the environment (either of the two) always has the last word.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path
from urllib.parse import quote

from linli.config.commands import Told

BASE = Path(__file__).resolve().parents[3]
DEFAULT_PROFILE = "qiaoxi"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_HEAD = "# 演示用的设置，由 make demo 写下；正式运行不读这个文件。"


def file() -> Path:
    return BASE / "var" / "demo.env"


def read(path: Path | None = None) -> dict[str, str]:
    """What the file says; empty where there is none."""
    path = path or file()
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs if value.strip()}


def write(profile: str, database_url: str, path: Path | None = None) -> dict[str, str]:
    """Keep the secrets there are, make those that are missing, remember the rest. Nobody else may read it."""
    path = path or file()
    known = read(path)
    held = {
        "LINLI_SECRET_KEY": known.get("LINLI_SECRET_KEY") or secrets.token_urlsafe(50),
        "LINLI_KEYS": known.get("LINLI_KEYS") or f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "LINLI_DEMO": "1",
        "PROFILE": profile,
        "DATABASE_URL": database_url,
    }
    held = {**known, **held}
    if held != known:
        _replace(path, "\n".join([_HEAD, *(f"{name}={value}" for name, value in held.items()), ""]))
    return held


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    draft.replace(path)


def named_profile(name: str) -> str:
    """The name, if it can be one at all: it becomes part of a file's name."""
    if not _NAME.fullmatch(name):
        raise Told(f"PROFILE 不对：{name!r}", 2)
    return name


def embedded(profile: str) -> str:
    """The address of a profile's own database: ``var/linli.sqlite3``, or ``var/linli-PROFILE.sqlite3`` for others."""
    name = "linli.sqlite3" if profile == DEFAULT_PROFILE else f"linli-{profile}.sqlite3"
    var = os.environ.get("LINLI_VAR")
    # Relative to the checkout, and so the same line wherever the checkout lies (settings make it absolute).
    return f"sqlite:///{quote(str((BASE / var).resolve() / name)) if var else f'var/{name}'}"


def elsewhere() -> bool:
    """Whether the last demo used a database that somebody named, and so belongs to no profile."""
    return not read().get("DATABASE_URL", "sqlite:").startswith("sqlite:")


def choose_database(profile: str = "") -> None:
    """Before settings are read: an explicit address wins, then a profile named here or in the environment."""
    name = profile or os.environ.get("PROFILE", "")
    if not os.environ.get("DATABASE_URL") and name:
        os.environ["DATABASE_URL"] = embedded(named_profile(name))
    elif not os.environ.get("DATABASE_URL"):
        os.environ.pop("DATABASE_URL", None)  # set but empty: let the file speak
