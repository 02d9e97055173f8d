"""Help before filing that every district starts with (``help.toml``): who handles what, and on which basis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from linli.profiles.reading import Section, open_source

FILE = Path(__file__).parent / "help.toml"
SORTS = frozenset({"urgent", "stop", "redirect", "answer"})


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A written answer; ``words`` lead to it, ``without`` lead away."""

    code: str
    sort: str
    title: str
    text: str
    who: str
    phone: str
    where: str
    basis: str
    words: tuple[str, ...]
    without: tuple[str, ...]


@cache
def help_rows() -> tuple[NoteRow, ...]:
    """The notes that come with Linli; ``ProfileError`` where their file is wrong."""
    return read_help(FILE)


def read_help(file: Path) -> tuple[NoteRow, ...]:
    """Read and check one file of notes."""
    top = open_source(file)
    rows = tuple(_note(section) for section in top.tables("notes"))
    if len({row.code for row in rows}) != len(rows):
        top.complain("notes", "a row stands twice")
    top.close()
    top.source.finish()
    return rows


def _note(section: Section) -> NoteRow:
    row = NoteRow(
        code=section.text("code", limit=40), sort=section.one_of("sort", SORTS), title=section.text("title", limit=60),
        text=section.text("text", limit=600), who=section.text("who", "", limit=60),
        phone=section.text("phone", "", limit=60), where=section.text("where", "", limit=200),
        basis=section.text("basis", "", limit=200), words=section.texts("words"), without=section.texts("without"),
    )  # fmt: skip
    if not row.words:
        section.complain("words", "nothing leads to this note")
    if row.sort == "stop" and not row.basis:
        section.complain("basis", "a stop states its legal basis")
    section.close()
    return row
