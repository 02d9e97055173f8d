"""``linli import history`` and ``linli export history``: an older system's books, through a mapping file."""

from __future__ import annotations

import argparse
from pathlib import Path

from linli.channels import history
from linli.config.commands import Told, goal, note, say
from linli.config.transfer import the_district
from linli.config.transfer.report import TransferError


def take(asked: argparse.Namespace) -> int:
    """0 if every row is in, 1 where some were rejected or a batch failed; 2 where file or mapping is no use."""
    file = Path(asked.file)
    if not file.is_file():
        raise Told(f"没有这个文件：{asked.file}", 2)
    try:
        mapping = history.read_map(_map(asked))
        district = the_district(asked.district)
        rejects = goal(asked.rejects) if asked.rejects else None
        if rejects is None and not asked.dry_run:
            rejects = _beside(file)
        report = history.import_history(
            file, mapping, district=district, dry_run=asked.dry_run, rejects=rejects, say=note
        )
    except (history.MapError, TransferError) as error:
        raise Told(str(error), 2) from error
    for line in report.lines():
        say(line)
    return 0 if report.ok else 1


def give(asked: argparse.Namespace) -> int:
    try:
        mapping = history.read_map(_map(asked))
        district = the_district(asked.district)
        count = history.export_history(goal(asked.file), mapping, district=district)
    except (history.MapError, TransferError, OSError) as error:
        raise Told(str(error), 2) from error
    say(f"导出“{mapping.name}”{count:,} 行到 {asked.file}。")
    return 0


def _map(asked: argparse.Namespace) -> Path:
    if not asked.map:
        raise Told("历史数据要写 --map MAP.toml：列怎么对应。样例在 linli/channels/history/maps/。", 2)
    path = Path(asked.map)
    shipped = Path(history.__file__).parent / "maps" / path.name
    return shipped if not path.exists() and path == Path(path.name) and shipped.exists() else path


def _beside(file: Path) -> Path:
    """In the current directory, under a name that was not taken: a second try must not bury the first one's rejects."""
    stem = file.name.removesuffix(".gz").removesuffix(".csv")
    wanted, number = Path(f"{stem}.rejects.csv"), 2
    while wanted.exists():
        wanted, number = Path(f"{stem}.rejects-{number}.csv"), number + 1
    return wanted
