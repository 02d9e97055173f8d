"""Settings from the environment: what is wrong is told with its name, in words, before anything starts."""

from __future__ import annotations

import base64
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from linli.config import environment
from linli.config.commands.starting import told
from linli.config.commands.words import of_disk

KEY = base64.b64encode(b"x" * 32).decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [("k1:abc", "k1 不是 base64"), ("k1:" + KEY[:24], "32 字节"), (KEY, "没有名字"), (f":{KEY}", "没有名字")],
)
def test_a_broken_ring_of_keys_is_told_with_the_way_to_a_new_one(text: str, words: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"{words}.*linli keys new") as caught:
        environment.keyring(text, testing=False)
    assert KEY not in str(caught.value)
    assert environment.keyring(f"k2:{KEY}, k1:{KEY}", testing=False) == {"k2": b"x" * 32, "k1": b"x" * 32}


@pytest.mark.parametrize("text", ["%%%", "（linli keys index）", KEY[:-4], KEY[:20]])
def test_a_broken_root_of_look_ups_is_not_taken_for_none(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="LINLI_INDEX_KEY"):
        environment.index_key(text)


def test_a_root_of_look_ups_is_read_and_may_be_missing() -> None:
    assert (environment.index_key(""), environment.index_key(f" {KEY}\n")) == (b"", b"x" * 32)


def test_a_number_and_an_origin_are_told_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_PROXIES", "yes")
    with pytest.raises(ImproperlyConfigured, match=r"LINLI_PROXIES.*yes"):
        environment.whole_number("LINLI_PROXIES", 0)
    monkeypatch.setenv("LINLI_PROXIES", "2")
    assert environment.whole_number("LINLI_PROXIES", 0) == 2
    with pytest.raises(ImproperlyConfigured, match=r"LINLI_ORIGINS.*https://"):
        environment.origins("https://a.example,b.example")
    assert environment.origins(" https://a.example , ") == ["https://a.example"]


def test_an_address_of_a_database_that_is_none_is_told_without_a_list_of_others(tmp_path: Path) -> None:
    given = {**os.environ, "DATABASE_URL": "nonsense", "LINLI_VAR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "linli.config.cli", "verify"], env=given, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "postgres://用户:密码@主机/库" in done.stderr) == (1, True)
    assert "mysql" not in done.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "磁盘满了"), (errno.EROFS, "这个盘只能读"), (errno.EACCES, "没有权限")],
)
def test_a_disk_is_told_of_in_chinese(code: int, words: str) -> None:
    assert of_disk(OSError(code, "in English", "/backup/x.zip")) == f"/backup/x.zip：{words}"
    assert told(OSError(code, "in English", "/backup/x.zip")) == f"/backup/x.zip：{words}"
    assert of_disk(OSError(code, "in English")) == words
    assert of_disk(OSError(errno.ELOOP, "rare words")) == "rare words"
