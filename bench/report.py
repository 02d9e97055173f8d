"""The table that is printed and the file that is kept."""

from __future__ import annotations

import json
import os
import platform
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django


@dataclass
class Line:
    """One figure beside its floor and its aim."""

    what: str
    value: float | None
    unit: str
    floor: float | None = None
    aim: str = ""
    note: str = ""


@dataclass
class Report:
    """All figures of one run."""

    size: int
    lines: list[Line] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    started: str = field(default_factory=lambda: datetime.now(UTC).astimezone().isoformat(timespec="seconds"))
    load_before: float = field(default_factory=lambda: round(os.getloadavg()[0], 2))

    def add(self, what: str, value: float | None, unit: str, floor: float | None = None, aim: str = "",
            note: str = "") -> None:  # fmt: skip
        """Take a figure in, and show it at once: a run takes minutes."""
        self.lines.append(Line(what, value, unit, floor, aim, note))
        print(self._told(self.lines[-1]), flush=True)

    def say(self, words: str) -> None:
        print(f"   {words}", flush=True)

    def head(self) -> None:
        print(f"\n{_padded('what', 44)}{'measured':>12} {_padded('', 9)}{'floor':>12}  {'share':>6}  aim")

    def _told(self, line: Line) -> str:
        share = ""
        if line.floor and line.value:
            better = line.value / line.floor if line.unit.endswith("/s") else line.floor / line.value
            share = f"{better:.0%}"
        value, floor = (
            f"{n:,.4g}" if n < 100 else f"{n:,.0f}" if n else "" for n in (line.value or 0, line.floor or 0)
        )
        floor = floor if line.floor else ""
        measured = f"{_padded(line.what, 44)}{value:>12} {_padded(line.unit, 9)}"
        return f"{measured}{floor:>12}  {share:>6}  {line.aim:<18}{line.note}".rstrip()

    def keep(self, folder: Path) -> Path:
        """Everything as JSON, under the day's name."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"bench-{datetime.now(UTC).astimezone():%Y-%m-%d}.json"
        machine = {
            "cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
            "django": django.__version__, "load_before": self.load_before, "load_after": round(os.getloadavg()[0], 2),
        }  # fmt: skip
        held = json.loads(path.read_text()) if path.is_file() else {}
        held[str(self.size)] = {"started": self.started, "machine": machine, "lines": [asdict(x) for x in self.lines],
                                "raw": self.raw}  # fmt: skip
        path.write_text(json.dumps(held, ensure_ascii=False, indent=1), encoding="utf-8")
        return path


def _padded(text: str, width: int) -> str:
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - wide)
