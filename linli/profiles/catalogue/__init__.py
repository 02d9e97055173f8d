"""The kinds, causes and categories that every district starts with: our own selection, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from linli.profiles.reading import Section, open_source
from linli.profiles.schema import URGENCIES

FILE = Path(__file__).parent / "catalogue.toml"


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of matter."""

    code: str
    name: str
    about: str
    urgency: str
    evidence: bool
    public: bool
    confidential: bool
    admission: bool
    residents: bool
    units_call: bool


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Why a thing happened."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A node of the tree; its code grows by two digits a level."""

    code: str
    name: str
    urgency: str
    standard: str

    @property
    def parent(self) -> str | None:
        return self.code[:-2] or None


@dataclass(frozen=True, slots=True)
class CatalogueRows:
    """Everything that a district's catalogue starts with."""

    kinds: tuple[KindRow, ...]
    causes: tuple[CauseRow, ...]
    categories: tuple[CategoryRow, ...]

    def category_code(self, name: str) -> str | None:
        """The code of the category with this name, the highest one where a name stands on two levels."""
        found = [row.code for row in self.categories if row.name == name]
        return min(found, key=lambda code: (len(code), code), default=None)


@cache
def catalogue_rows() -> CatalogueRows:
    """The catalogue that comes with Linli; ``ProfileError`` where its file is wrong."""
    return read_catalogue(FILE)


def read_catalogue(file: Path) -> CatalogueRows:
    """Read and check one catalogue file."""
    top = open_source(file)
    rows = CatalogueRows(
        kinds=tuple(_kind(section) for section in top.tables("kinds")),
        causes=tuple(_cause(section) for section in top.tables("causes")),
        categories=tuple(
            row for number, section in enumerate(top.tables("categories"), start=1) for row in _branch(section, number)
        ),
    )
    for key, values in (
        ("kinds", [kind.code for kind in rows.kinds]),
        ("causes", [cause.code for cause in rows.causes]),
        ("causes", [cause.name for cause in rows.causes]),
    ):
        if len(set(values)) != len(values):
            top.complain(key, "a row stands twice")
    top.close()
    top.source.finish()
    return rows


def _kind(section: Section) -> KindRow:
    row = KindRow(
        code=section.text("code", limit=24),
        name=section.text("name", limit=40),
        about=section.text("about", "", limit=200),
        urgency=section.one_of("urgency", URGENCIES),
        evidence=section.flag("evidence", False),
        public=section.flag("public", True),
        confidential=section.flag("confidential", False),
        admission=section.flag("admission", False),
        residents=section.flag("residents", True),
        units_call=section.flag("units_call", False),
    )
    section.close()
    return row


def _cause(section: Section) -> CauseRow:
    row = CauseRow(section.text("code", limit=24), section.text("name", limit=40))
    section.close()
    return row


def _branch(section: Section, number: int) -> list[CategoryRow]:
    """A first-level category with its groups and their items."""
    code = f"{number:02d}"
    rows = [CategoryRow(code, section.text("name", limit=40), "", "")]
    for position, group in enumerate(section.tables("groups"), start=1):
        rows += _group(group, f"{code}{position:02d}")
    section.close()
    return rows


def _group(section: Section, code: str) -> list[CategoryRow]:
    urgency = section.one_of("urgency", URGENCIES)
    standard = section.text("standard", "", limit=60)
    rows = [CategoryRow(code, section.text("name", limit=40), urgency, standard)]
    names = [(name, urgency) for name in section.texts("items")]
    names += [(name, "urgent") for name in section.texts("urgent")]
    for position, (name, how) in enumerate(names, start=1):
        rows.append(CategoryRow(f"{code}{position:02d}", name, how, standard))
    if len({name for name, _how in names}) != len(names):
        section.complain("items", "an item stands twice")
    section.close()
    return rows
