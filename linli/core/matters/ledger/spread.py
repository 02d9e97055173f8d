"""A district's matters in portions, judged by as many processes as there are cores: one alone takes minutes.

Nothing is shared but the database. Each process reads over a connection of its own and ends with whoever started it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from django.db import connections

from linli.kit.orphans import die_with_parent

MOST = 4  # processes; more would only wait for the database
Spread = Callable[[Callable[[Any], Any], list[Any]], Iterable[Any]]


def cores() -> int:
    """How many processes are of use here."""
    return min(len(os.sched_getaffinity(0)), MOST)


@contextlib.contextmanager
def over(processes: int) -> Iterator[Spread]:
    """A ``map`` that tells in order; over one process it is the ordinary one.

    Not inside a transaction: connections are closed, because no process may go on with another's.
    """
    if processes < 2:
        yield map
        return
    connections.close_all()
    with ProcessPoolExecutor(processes, get_context("fork"), initializer=die_with_parent) as pool:
        pool.submit(os.getpid).result()  # all are there now, before this process opens a connection again
        yield pool.map
