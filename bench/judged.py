"""How well likely duplicates are told: pairs of real messages that were read and judged by hand, by their ids alone.

``tests/insight/judged_pairs.csv`` spans the whole range of likeness, near misses among it (the same sentence about
another estate, the same estate with another trouble). Precision and recall are of the shipped threshold, by words
alone, since the messages' places are masked. No word of a message is printed or kept.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

from bench.messages import FILE, ROOT

PAIRS = ROOT / "tests" / "insight" / "judged_pairs.csv"


@dataclass(frozen=True)
class Told:
    """What the threshold makes of the judged pairs."""

    pairs: int
    same: int
    shown: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.shown if self.shown else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.same if self.same else 0.0


def judged(file: Path = PAIRS) -> list[tuple[str, str, bool]]:
    with file.open(encoding="utf-8", newline="") as rows:
        return [(row["id_a"], row["id_b"], row["same"] == "1") for row in csv.DictReader(rows)]


def by_id(file: Path = FILE) -> dict[str, str]:
    """Subject and detail as one text, by the message's own number."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        return {
            row["留言编号"]: f"{row['留言主题'].strip()}。{row['留言详情'].strip()}" for row in csv.DictReader(rows)
        }


def measure(threshold: float) -> Told:
    """Needs Django set up, no database: the counts of commonness are made of the messages themselves."""
    from linli.insight.duplicates.commonness import Weights, counted
    from linli.insight.duplicates.likeness import alike, read

    texts = by_id()
    weigh = Weights(*counted(texts.values()))
    pairs = judged()
    held = {number: read(texts[number], weigh) for pair in pairs for number in pair[:2]}
    verdicts = [(alike(held[a], held[b], weigh) >= threshold, same) for a, b, same in pairs]
    return Told(
        pairs=len(pairs), same=sum(same for _, same in verdicts), shown=sum(shown for shown, _ in verdicts),
        right=sum(shown and same for shown, same in verdicts),
    )  # fmt: skip
