"""Versions of the formula of published figures that every district starts with (``formulas.toml``)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from linli.profiles.reading import Section, open_source

FILE = Path(__file__).parent / "formulas.toml"
FIGURES = frozenset({"answered_in_time", "acted_in_time", "resolved_in_time", "resolved", "satisfied"})


@dataclass(frozen=True, slots=True)
class FormulaRow:
    """One version."""

    version: str
    counting: str
    since: dt.date
    minimum_sample: int
    rates: tuple[dict[str, str], ...]
    leaves_out: tuple[str, ...]
    changed: str


@cache
def formula_rows() -> tuple[FormulaRow, ...]:
    """The versions that come with Linli; ``ProfileError`` where their file is wrong."""
    return read_formulas(FILE)


def read_formulas(file: Path) -> tuple[FormulaRow, ...]:
    """Read and check one file: versions and days stand once, and each begins after the one before."""
    top = open_source(file)
    rows = tuple(_formula(section) for section in top.tables("formulas"))
    if len({row.version for row in rows}) != len(rows):
        top.complain("formulas", "a version stands twice")
    if any(a.since >= b.since for a, b in pairwise(rows)):
        top.complain("formulas", "a version begins before the one above it")
    top.close()
    top.source.finish()
    return rows


def _formula(section: Section) -> FormulaRow:
    row = FormulaRow(
        version=section.text("version", limit=24), counting=section.text("counting", limit=24), since=_day(section),
        minimum_sample=section.integer("minimum_sample", minimum=1),
        rates=tuple(_rate(rate) for rate in section.tables("rates")), leaves_out=section.texts("leaves_out"),
        changed=section.text("changed", limit=500),
    )  # fmt: skip
    if {rate["figure"] for rate in row.rates} != FIGURES:
        section.complain("rates", f"must say each of {', '.join(sorted(FIGURES))} once")
    section.close()
    return row


def _day(section: Section) -> dt.date:
    text = section.text("since", limit=10)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        section.complain("since", f"must be a day like 2026-01-31, not {text!r}")
        return dt.date.min


def _rate(section: Section) -> dict[str, str]:
    rate = {
        "figure": section.one_of("figure", FIGURES), "counts": section.text("counts", limit=200),
        "of": section.text("of", limit=200), "states": section.text("states", limit=200),
    }  # fmt: skip
    section.close()
    return rate
