"""Real messages of residents as requests to the API. Their words are sent and proved, and never printed or kept."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT.parent / "shared" / "data" / "messages_hot.csv.gz"  # real data lies beside the checkout, never in it


def texts(file: Path = FILE) -> Iterator[str]:
    """Subject and detail of each message, as one person would say it."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            subject, detail = row["留言主题"].strip(), row["留言详情"].strip()
            yield f"{subject}。{detail}" if subject and subject not in detail else detail or subject


def requests(places: list[str], file: Path = FILE) -> list[str]:
    """An appeal for each message, somewhere in the district."""
    dice = random.Random(4326)
    return [
        json.dumps({"kind": "appeal", "text": text, "place": dice.choice(places)}, ensure_ascii=False)
        for text in texts(file)
    ]
