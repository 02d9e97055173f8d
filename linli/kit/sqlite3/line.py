"""The line before SQLite's one pen: who waits is told at once when the pen is free, and whoever came first goes first.

SQLite's own waiting is to sleep and look again, up to 100 ms later. A worker that writes one transaction after another
is back before anybody has looked: web processes then wait for seconds beside a pen that is free every few
milliseconds. So whoever wants to write first goes through a door and waits there for the room; the one in the room
can come back only behind the one at the door.

This is order, not safety: SQLite's own lock still decides. Where the line's file cannot be used, everything goes on as
without it. One line serves all threads of a process, and a file beside the database all processes; what a killed
process held is free at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator

_LOOK = 0.001  # between processes there is no waiting with an end, so the one at the door looks every millisecond
_DOOR, _ROOM = 0, 1  # bytes of the file


class Line:
    """The line before one database file."""

    def __init__(self, database: str) -> None:
        self._path = f"{database}-line"
        self._door, self._room = threading.Lock(), threading.Lock()
        self._file = -1

    def enter(self, patience: float) -> bool:
        """Wait for the pen, so many seconds at most; whether it is ours. Give it back with ``leave``."""
        until = time.monotonic() + patience
        with _held(self._door, patience) as first:
            if not first or not self._room.acquire(timeout=max(0.0, until - time.monotonic())):
                return False
        try:
            if self._enter_file(until):
                return True
        except BaseException:
            self._room.release()
            raise
        self._room.release()
        return False

    def leave(self) -> None:
        """Give the pen back."""
        with contextlib.suppress(OSError):
            self._unlock(_ROOM)
        self._room.release()

    def _enter_file(self, until: float) -> bool:
        """The same between processes. Only the thread in the room comes here."""
        try:
            self._open()
            if not self._lock(_DOOR, until):
                return False
            try:
                return self._lock(_ROOM, until)
            finally:
                self._unlock(_DOOR)
        except OSError:
            return True

    def _open(self) -> None:
        """One descriptor a process, never closed: closing any would give up the locks of all."""
        if self._file < 0:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _lock(self, which: int, until: float) -> bool:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, which)
            except (BlockingIOError, PermissionError):
                if time.monotonic() >= until:
                    return False
                time.sleep(_LOOK)
            else:
                return True

    def _unlock(self, which: int) -> None:
        if self._file >= 0:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, which)


@contextlib.contextmanager
def _held(lock: threading.Lock, patience: float) -> Iterator[bool]:
    got = lock.acquire(timeout=patience)
    try:
        yield got
    finally:
        if got:
            lock.release()


_lines: dict[str, Line] = {}
_making = threading.Lock()


def line_of(database: str) -> Line:
    """The one line of this process before a database file."""
    path = os.path.realpath(database)
    with _making:
        return _lines.setdefault(path, Line(path))


os.register_at_fork(after_in_child=_lines.clear)  # a lock that a thread of the parent held would be held for ever
