"""Work shared out to processes: those end with the one that asked, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.serving import wait_until

ROOT = Path(__file__).resolve().parents[2]
SHARED = """
import os, time
from linli.insight.triage import folding

def work(n):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(600)

if __name__ == "__main__":
    folding.os.sched_getaffinity = lambda _pid: {0, 1}
    list(folding.each(work, [1, 2], apart=True))
"""


@pytest.mark.system("T4")
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own way of Linux")
def test_those_who_help_end_with_whoever_asked_even_by_kill_9() -> None:
    asked = subprocess.Popen([sys.executable, "-c", SHARED], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert asked.stdout is not None
    helpers = [int(asked.stdout.readline()) for _n in range(2)]
    assert all(_is_there(pid) for pid in helpers)
    os.kill(asked.pid, signal.SIGKILL)
    asked.wait(60)
    wait_until(lambda: not any(_is_there(pid) for pid in helpers), "the end of the helpers")


def _is_there(pid: int) -> bool:
    """Whether it runs; one that ended and that nobody asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
