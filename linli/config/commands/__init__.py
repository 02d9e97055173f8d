"""What the ``linli`` command does, one module a subject; ``linli.config.cli`` says how it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path


class Told(Exception):
    """Something that the one at the keyboard has to know and can do something about; never shown as a traceback."""

    def __init__(self, words: str, code: int = 1) -> None:
        super().__init__(words)
        self.code = code


def say(words: str) -> None:
    """The command's answer."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def note(words: str) -> None:
    """A line for the person at the keyboard, apart from what a program reads."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def goal(name: str) -> Path:
    """Where a command may write its file; asked before the work, not after it.

    Files are written beside their name and put there whole, which would put a plain file in the place of a device or a
    pipe: those are refused, as root could do it. A link leads to what it points at.
    """
    path = Path(name).resolve()
    why = ""
    if path.is_dir():
        why = "那是一个文件夹"
    elif not path.parent.is_dir():
        why = f"没有文件夹 {path.parent}"
    elif path.exists() and not path.is_file():
        why = "那是管道或设备，请给一个文件名"
    if why:
        raise Told(f"写不到 {name}：{why}。", 2)
    return path
