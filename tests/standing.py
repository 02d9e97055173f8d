"""The small town stands once for many tests: built in a transaction around them, and each test in a savepoint of it.

Building it takes a hundred statements, which was a good part of the run where two thousand tests each built their own.
Every test gets its own copy of the objects. The town is taken down before a test that did not ask for it.
"""

from __future__ import annotations

import pickle

from django.db import connection, transaction

from tests import cast

_around: transaction.Atomic | None = None
_depth = 0
_saved = b""


def keep(wanted: bool) -> None:
    """Let the town stand, or let it be gone."""
    global _around
    if connection.connection is None:
        _around = None  # a test closed the connection, and with it went the transaction
    if wanted and _around is None:
        _build()
    elif not wanted:
        clear()


def _build() -> None:
    global _around, _saved, _depth
    if connection.in_atomic_block:
        return  # within what a module made for itself the town is built anew, as far as anybody asks for it
    around = transaction.atomic()
    around.__enter__()
    _saved = pickle.dumps(cast.build())
    connection.check_constraints()  # now, and not again in every test
    _around, _depth = around, len(connection.savepoint_ids)


def clear() -> None:
    global _around
    if _around is None:
        return
    if len(connection.savepoint_ids) != _depth:
        raise RuntimeError("a fixture that keeps a transaction open around its tests asks for `bare_database` first")
    around, _around = _around, None
    transaction.set_rollback(True)
    around.__exit__(None, None, None)


def town() -> cast.Town:
    """The objects of the standing town, or a town built where none stands."""
    if _around is None:
        return cast.build()
    made: cast.Town = pickle.loads(_saved)
    return made
