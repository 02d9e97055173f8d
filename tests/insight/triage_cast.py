"""Made-up texts about a few things, for a model to learn in a second."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Iterator
from pathlib import Path

TOPICS = {
    "供水": ["停水", "水压", "水管漏水", "水表", "自来水发黄", "水箱"],
    "停车": ["车位", "违停", "地锁", "停车费", "僵尸车", "堵车门口"],
    "噪声": ["半夜施工", "广场舞", "音响", "装修", "空调外机", "歌厅"],
    "绿化": ["树枝", "草坪", "虫子", "杨絮", "花池", "枯树"],
}
EVERYTHING = [word for words in TOPICS.values() for word in words]
OPENINGS = ["您好，", "请问，", "我们小区", "三号楼", "", "居民反映", "麻烦看一下，", "已经好几天了，"]
ENDINGS = ["没人管。", "请尽快处理！", "谢谢。", "怎么办？", "老人受不了。", "打电话没人接。", "希望解决。"]


def said(count: int, seed: int = 1, *, noise: float = 0.0) -> Iterator[tuple[str, str]]:
    """``count`` texts with their labels; a share of them, ``noise``, has any label at all."""
    dice = random.Random(seed)
    for serial in range(count):
        topic = dice.choice(list(TOPICS))
        words = "，".join(dice.sample(TOPICS[topic], 2) + dice.sample(EVERYTHING, 1))
        text = f"{dice.choice(OPENINGS)}{words}，第{serial}次了，{dice.choice(ENDINGS)}"
        yield text, dice.choice(list(TOPICS)) if dice.random() < noise else topic


def table(rows: list[list[str]], *, bom: bool = False) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def write(path: Path, rows: list[list[str]], *, bom: bool = False) -> Path:
    data = table(rows, bom=bom)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    plain = gzip.decompress(data) if path.suffix == ".gz" else data
    return list(csv.DictReader(io.StringIO(plain.decode("utf-8"), newline="")))
