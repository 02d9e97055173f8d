"""Write a made-up ledger of an older system, in the shape that ``maps/platform.toml`` reads.

``python scripts/history_sample.py OUT.csv --rows 3851 --closed 3845`` : the same numbers give the same file. Places
are taken from ``--place 街道,社区`` (several times); nothing in it happened to anybody.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

COLUMNS = (
    "事件编号", "事件类型", "问题描述", "来源", "街道", "社区", "上报时间", "截止时间", "办结时间", "状态", "是否按时",
    "处置单位",
)  # fmt: skip
KINDS = (
    ("违停", "消防通道上停了车"), ("设施损毁", "路灯不亮"), ("环境卫生", "垃圾桶满了没人收"),
    ("占道经营", "摊子摆到了路上"),
    ("噪声", "半夜还在施工"),
)  # fmt: skip
CHANNELS = ("平台", "电话", "巡查", "随手拍")
UNITS = ("城管中队", "环卫公司", "物业", "供电所")
START = datetime(2023, 1, 1, 8, 0)  # noqa: DTZ001  the file's own local time
TIME = "%Y-%m-%d %H:%M"


def rows(count: int, closed: int, places: Sequence[tuple[str, str]]) -> Iterator[list[str]]:
    """``count`` rows of which the first ``closed`` are closed; every twelfth of those late."""
    for n in range(count):
        kind, words = KINDS[n % len(KINDS)]
        street, community = places[n % len(places)]
        opened = START + timedelta(minutes=127 * n)
        due = opened + timedelta(days=2)
        late = n % 12 == 11
        done = opened + (timedelta(days=3) if late else timedelta(hours=3 + n % 40))
        ended = n < closed
        yield [
            f"SJ{n + 1:06d}", kind, words, CHANNELS[n % len(CHANNELS)], street, community, opened.strftime(TIME),
            due.strftime(TIME), done.strftime(TIME) if ended else "", "已办结" if ended else "办理中",
            ("否" if late else "是") if ended else "", UNITS[n % len(UNITS)],
        ]  # fmt: skip


def write(path: Path, count: int, closed: int, places: Sequence[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(count, closed, places))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("out", type=Path)
    asked.add_argument("--rows", type=int, default=3851)
    asked.add_argument("--closed", type=int, default=3845)
    asked.add_argument("--place", action="append", metavar="街道,社区", default=[])
    given = asked.parse_args()
    places = [tuple(one.split(",", 1)) for one in given.place] or [("", "")]
    write(given.out, given.rows, given.closed, [(p[0], p[-1]) for p in places])


if __name__ == "__main__":
    main()
