"""Whether this environment may serve people, and whether the port is free."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from linli.config import serving
from linli.config.commands import demo_env

SECRET = "a-secret-of-more-than-thirty-two-characters"


@pytest.fixture
def real(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """An environment that may serve."""
    monkeypatch.setattr(demo_env, "file", lambda: tmp_path / "demo.env")
    settings.DEMO, settings.DEBUG, settings.SECRET_KEY = False, False, SECRET
    settings.LINLI_KEYS = {"k1": b"x" * 32}
    return settings


def test_a_real_environment_is_served(real: Any) -> None:
    assert serving.refusals() == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [("DEMO", True, "LINLI_DEMO"), ("DEBUG", True, "LINLI_DEBUG"), ("SECRET_KEY", "short", "LINLI_SECRET_KEY"),
     ("LINLI_KEYS", {}, "LINLI_KEYS")],
)  # fmt: skip
def test_a_demo_or_an_unfinished_environment_is_refused(real: Any, name: str, value: Any, word: str) -> None:
    setattr(real, name, value)
    assert [words for words in serving.refusals() if word in words]


def test_the_demos_own_secrets_are_refused(real: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = demo_env.write("qiaoxi", "sqlite:///x", tmp_path / "demo.env")
    real.SECRET_KEY = held["LINLI_SECRET_KEY"]
    monkeypatch.setenv("LINLI_KEYS", held["LINLI_KEYS"].replace("k1", "k9"))
    assert len(serving.refusals()) == 2


def test_a_port_in_use_is_told_before_anything_begins() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in serving.port_problem("127.0.0.1", port)
    assert serving.port_problem("127.0.0.1", port) == ""
    assert serving.port_problem("127.0.0.1", 70000)
