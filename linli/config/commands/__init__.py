"""What the ``linli`` command does, one module a subject; ``linli.config.cli`` says how it is asked for."""

from __future__ import annotations

import sys


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
