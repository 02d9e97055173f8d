"""The line before SQLite's pen: nobody who writes all the time keeps the others from writing."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connections, transaction
from django.db.utils import ConnectionHandler

from linli.kit.sqlite3.base import DatabaseWrapper
from linli.kit.sqlite3.line import Line, line_of

PATIENCE = 30.0
ROOT = Path(__file__).resolve().parents[2]
OTHER_PROCESS = """
import sys
from linli.kit.sqlite3.line import Line
line = Line(sys.argv[1])
assert line.enter(30.0)
print("in", flush=True)
sys.stdin.readline()
line.leave()
"""


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(str(tmp_path / "db.sqlite3"))


def until(true: object) -> None:
    """Wait for another thread or process, by trying; a test that waits in vain is ended by its runner."""
    while not true():  # type: ignore[operator]
        threading.Event().wait(0.001)


def waiting_at_the_door(line: Line) -> bool:
    """Whether another process holds the door."""
    try:
        fcntl.lockf(line._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
    except OSError:
        return True
    fcntl.lockf(line._file, fcntl.LOCK_UN, 1, 0)
    return False


def another_process(line: Line) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OTHER_PROCESS, line._path.removesuffix("-line")]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_one_that_comes_back_at_once_stands_behind_a_thread_that_waits(line: Line) -> None:
    order: list[str] = []

    def write() -> None:
        assert line.enter(PATIENCE)
        order.append("waited")
        line.leave()

    assert line.enter(PATIENCE)
    thread = threading.Thread(target=write)
    thread.start()
    until(line._door.locked)
    line.leave()
    assert line.enter(PATIENCE)
    order.append("came back")
    line.leave()
    thread.join()
    assert order == ["waited", "came back"]


def test_one_that_comes_back_at_once_stands_behind_a_process_that_waits(line: Line) -> None:
    assert line.enter(PATIENCE)
    with another_process(line) as other:
        until(lambda: waiting_at_the_door(line))
        line.leave()
        assert not line.enter(0.0)  # it was at the door, so the room is its own
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        other.communicate("done\n")
    assert line.enter(PATIENCE)
    line.leave()


def test_what_a_killed_process_held_is_free(line: Line) -> None:
    with another_process(line) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        assert not line.enter(0.0)
        other.kill()
        other.wait()
    assert line.enter(PATIENCE)
    line.leave()


def test_where_there_can_be_no_line_everything_goes_on_without(tmp_path: Path) -> None:
    nowhere = Line(str(tmp_path / "missing" / "db.sqlite3"))
    assert nowhere.enter(PATIENCE)
    assert not nowhere.enter(0.0)  # threads have it still
    nowhere.leave()
    assert nowhere.enter(PATIENCE)
    nowhere.leave()


# ── the backend ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def file(tmp_path: Path, db: None) -> Iterator[DatabaseWrapper]:
    told = {"ENGINE": "linli.kit.sqlite3", "NAME": str(tmp_path / "db.sqlite3")}
    made = ConnectionHandler({"default": {**told, "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 0.05}}})
    wrapper = made["default"]
    assert isinstance(wrapper, DatabaseWrapper)
    wrapper.alias = "line"
    connections["line"] = wrapper
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n INTEGER)")
    yield wrapper
    wrapper.close()
    del connections["line"]


def free(file: DatabaseWrapper) -> bool:
    line = line_of(str(file.settings_dict["NAME"]))
    if line.enter(0.0):
        line.leave()
        return True
    return False


def write(file: DatabaseWrapper) -> None:
    with file.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (%s)", [1])


def _write_and_fail(file: DatabaseWrapper) -> None:
    write(file)
    raise ZeroDivisionError


def count(file: DatabaseWrapper) -> int:
    with file.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM t").fetchone()[0])


def test_a_transaction_is_in_the_room_from_its_beginning_to_its_end(file: DatabaseWrapper) -> None:
    with transaction.atomic(using="line"):
        assert not free(file)
        with transaction.atomic(using="line"):
            write(file)
        assert not free(file)
    assert free(file)
    assert count(file) == 1


def test_a_transaction_that_fails_leaves_the_room(file: DatabaseWrapper) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(using="line"):
        _write_and_fail(file)
    assert free(file)
    assert count(file) == 0


def test_a_connection_that_is_closed_within_a_transaction_leaves_the_room(file: DatabaseWrapper) -> None:
    with transaction.atomic(using="line"):
        write(file)
        file.close()
    assert free(file)
    assert count(file) == 0


def test_a_statement_by_itself_waits_its_turn(file: DatabaseWrapper) -> None:
    write(file)
    assert free(file)
    line = line_of(str(file.settings_dict["NAME"]))
    assert line.enter(PATIENCE)
    assert count(file) == 1  # reading waits for nobody
    with pytest.raises(OperationalError, match="database is locked"):
        write(file)
    with pytest.raises(OperationalError, match="database is locked"), transaction.atomic(using="line"):
        raise AssertionError("it began")
    line.leave()
    write(file)
    assert count(file) == 2
