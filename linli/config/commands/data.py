"""Files in and out: imports and exports by kind, backup and restore of everything."""

from __future__ import annotations

import argparse
from pathlib import Path

from linli.config.commands import Told, goal, note, say
from linli.config.commands.where import database


def import_(asked: argparse.Namespace) -> int:
    """1 where a row is wrong: every wrong row is listed, and nothing was imported."""
    if asked.kind in ("history", "matters"):
        from linli.config.commands import history

        asked.map = asked.map or ("matters.toml" if asked.kind == "matters" else "")
        return history.take(asked)
    from linli.config.transfer import import_file

    report = import_file(asked.kind, _there(asked.file), dry_run=asked.dry_run, district_id=asked.district)
    for line in report.lines():
        say(line)
    return 0 if report.ok else 1


def export(asked: argparse.Namespace) -> int:
    if asked.kind == "history":
        from linli.config.commands import history

        return history.give(asked)
    from linli.config.transfer import export_file

    return export_file(asked.kind, goal(asked.file), district_id=asked.district, report=say)


def backup(asked: argparse.Namespace) -> int:
    from linli.config.backup import backup as write

    note(f"备份 {database()} …")
    return write(goal(asked.file), report=say)


def restore(asked: argparse.Namespace) -> int:
    """Into an empty database, whose tables are made first; one that is not empty is refused."""
    from linli.config.backup import restore as take_in
    from linli.config.commands.running import update_tables

    path = _there(asked.file)
    update_tables()
    note(f"恢复到 {database()} …")
    return take_in(path, report=say)


def _there(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise Told(f"没有这个文件：{name}", 2)
    return path
