"""Files in and out, for pages that may not know who reads them: whoever can, registers; the pages ask here.

The readers lie above the doors (``linli.config``), so they hand themselves in when the program starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.utils.functional import Promise


class UnreadableError(Exception):
    """A file that cannot be taken at all; the message says why, for the person who gave it."""


class Fault(Protocol):
    """One thing wrong: the line (0: the file as a whole), the column's heading, the words."""

    @property
    def line(self) -> int: ...
    @property
    def field(self) -> str: ...
    @property
    def message(self) -> str: ...


class Outcome(Protocol):
    """What reading a file came to. Nothing was written unless it is ``ok``, and nothing at all in a dry run."""

    dry_run: bool
    read: int
    added: int
    changed: int
    unchanged: int

    @property
    def ok(self) -> bool: ...
    @property
    def errors(self) -> Sequence[Fault]: ...
    @property
    def warnings(self) -> Sequence[Fault]: ...


Take = Callable[[Path, int, str, bool], Outcome]  # file, district, who asks, dry run
Give = Callable[[Path, int, str], int]  # file, district, who asks → rows written


@dataclass(frozen=True)
class Table:
    """One kind of file. ``take`` or ``give`` is None where it only goes the other way."""

    kind: str
    name: str | Promise
    columns: tuple[tuple[str, Any, bool], ...]  # key, heading, whether the file must have it
    formats: tuple[str, ...]
    take: Take | None = None
    give: Give | None = None

    @property
    def takes(self) -> bool:
        """For templates, which would call ``take`` to look at it."""
        return self.take is not None

    @property
    def gives(self) -> bool:
        return self.give is not None


_tables: dict[str, Table] = {}


def register(table: Table) -> None:
    """Hand in a reader and a writer; the same kind again replaces it, so that a reload does no harm."""
    _tables[table.kind] = table


def forget(kind: str) -> None:
    """Take one out again (tests)."""
    _tables.pop(kind, None)


def tables() -> list[Table]:
    """What can be read in or written out here, in the order in which it was handed in."""
    return list(_tables.values())


def table(kind: str) -> Table | None:
    return _tables.get(kind)
