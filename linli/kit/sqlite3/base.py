"""Django's SQLite backend, with its writers in line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from linli.kit.sqlite3.line import Line, line_of

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction takes its place in line before it begins and leaves when it ends."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self._waits_in: Line | None = None
        self._writing = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(self.settings_dict["NAME"])
        self._waits_in = None if self.is_in_memory_db() or name.startswith("file:") else line_of(name)
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=_Cursor)
        cursor.wrapper = self
        return cursor

    @contextlib.contextmanager
    def in_line(self) -> Iterator[None]:
        """One statement that is a transaction by itself."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _start_transaction_under_autocommit(self) -> None:
        self._enter()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs do not know these four
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave()

    def _enter(self) -> None:
        if self._waits_in is not None and not self._writing:
            if not self._waits_in.enter(float(self.settings_dict["OPTIONS"].get("timeout", 5))):
                raise OperationalError("database is locked")
            self._writing = True

    def _leave(self) -> None:
        if self._writing and self._waits_in is not None:
            self._writing = False
            self._waits_in.leave()


class _Cursor(base.SQLiteCursorWrapper):
    """A statement that writes outside a transaction stands in line, too."""

    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if self._alone(query):
            with self.wrapper.in_line():
                return super().execute(query, params)
        return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        if self._alone(query):
            with self.wrapper.in_line():
                return super().executemany(query, param_list)
        return super().executemany(query, param_list)

    def _alone(self, query: str) -> bool:
        return not self.wrapper.in_atomic_block and query.lstrip()[:7].upper().startswith(_WRITES)
