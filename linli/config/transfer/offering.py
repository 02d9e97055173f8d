"""Hands the readers and writers of tables to the kit, where the administrator's pages find them."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from linli.config import transfer
from linli.kit import importing
from linli.kit.importing import Outcome, Table, UnreadableError

# What goes through a web page. Holdings and matters stay with the command line: they hold what a page must not carry.
TAKEN = ("places", "organisations", "people", "pairings")
GIVEN = ("places", "organisations", "pairings")


def offer() -> None:
    """Called when the addresses are read."""
    for kind in TAKEN:
        known = transfer.KINDS[kind]
        importing.register(
            Table(
                kind=kind,
                name=known.name,
                columns=tuple((column.key, column.heading, column.needed) for column in known.columns),
                formats=known.formats,
                take=_taker(kind),
                give=_giver(kind) if kind in GIVEN else None,
            )
        )


def _taker(kind: str) -> importing.Take:
    def take(file: Path, district_id: int, by: str, dry_run: bool) -> Outcome:
        try:
            return transfer.import_file(kind, file, dry_run=dry_run, actor=by, district_id=district_id)
        except transfer.TransferError as error:
            raise UnreadableError(str(error)) from error

    return take


def _giver(kind: str) -> importing.Give:
    def give(file: Path, district_id: int, by: str) -> int:
        told: list[str] = []
        failed = transfer.export_file(
            kind, file, actor=by, district_id=district_id, report=lambda words: told.append(str(words))
        )
        if failed:
            raise UnreadableError(told[-1] if told else _("没有导出成。"))
        return file.stat().st_size

    return give
