"""The table that is printed and the file that is kept."""

from __future__ import annotations

import json
import os
import platform
import time
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import django

P = ParamSpec("P")
T = TypeVar("T")


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

    def slowest(self) -> list[tuple[str, float]]:
        """What the run spent its time on, the longest first."""
        took: dict[str, float] = self.raw.get("took", {})
        return sorted(took.items(), key=lambda part: -part[1])

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


def timed(part: Callable[Concatenate[Report, P], T]) -> Callable[Concatenate[Report, P], T]:
    """A part that tells the report how long it took, all its runs together."""

    @wraps(part)
    def run(report: Report, /, *told: P.args, **named: P.kwargs) -> T:
        began = time.monotonic()
        try:
            return part(report, *told, **named)
        finally:
            took = report.raw.setdefault("took", {})
            name = part.__name__.strip("_").replace("_", " ")
            took[name] = round(took.get(name, 0.0) + time.monotonic() - began, 1)

    return run


def _padded(text: str, width: int) -> str:
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - wide)
