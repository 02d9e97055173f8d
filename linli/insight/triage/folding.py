"""Several fits at the same time, a process each: the way in is by ``fork``, so that nobody's texts are copied.

A fit keeps one core busy. More threads inside it would wait for one another, which on a machine that others use costs
more than it gains: their number is held to one.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from linli.kit import orphans

T = TypeVar("T")
R = TypeVar("R")
AT_ONCE = 4  # processes at the most; each holds some hundred megabytes of its own
_work: Callable[[Any], Any] | None = None


def each(work: Callable[[T], R], asked: Sequence[T], *, apart: bool) -> Iterator[R]:
    """``work`` of each, in order; in processes of their own where there is more than one core to have."""
    cores = min(AT_ONCE, len(asked), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    if not apart or cores < 2:
        yield from map(work, asked)
        return
    with ProcessPoolExecutor(cores, multiprocessing.get_context("fork"), _ready, (work,)) as pool:
        yield from pool.map(_do, asked)


def one_thread() -> threadpool_limits:
    """Held while a model learns or is asked."""
    return threadpool_limits(1, user_api="blas")


def _ready(work: Callable[[Any], Any]) -> None:
    global _work
    orphans.die_with_parent()  # or it would wait for ever to tell what it found, and hold its parent's lock
    _work = work


def _do(asked: Any) -> Any:
    assert _work is not None
    return _work(asked)
