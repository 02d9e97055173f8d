"""What the documents name is there, and what is there is named."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.config import cli

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.en.md")
PAGES = [
    *(ROOT / name for name in (*READMES, "ARCHITECTURE.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\(([^)#\s]+)|<img src=\"([^\"]+)\"")


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every command that does something, with its group: ``keys rotate``."""
    groups = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not groups:
        yield parser.prog.removeprefix("linli ")
    for group in groups:
        for below in group.choices.values():
            yield from _commands(below)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_every_command_and_no_other(name: str) -> None:
    said = (ROOT / name).read_text(encoding="utf-8")
    real = set(_commands(cli._parser()))
    assert len(real) > 25
    assert [each for each in sorted(real) if not re.search(rf"\blinli {each}\b", said)] == []
    # ``import history`` is a kind of ``import``.
    named = set(re.findall(r"`(?:\.venv/bin/)?linli ([a-z]+(?: [a-z]+)?)", said))
    assert [each for each in sorted(named) if each not in real and each.partition(" ")[0] not in real] == []


def _links(page: Path) -> Iterator[Path]:
    for plain, picture in LINK.findall(page.read_text(encoding="utf-8")):
        at = plain or picture
        if "://" not in at and not at.startswith("/"):
            yield (page.parent / at).resolve()


def test_every_link_leads_somewhere_and_every_picture_is_shown() -> None:
    linked = {page: set(_links(page)) for page in PAGES}
    assert [f"{page.name}: {at}" for page, all_of in linked.items() for at in sorted(all_of) if not at.exists()] == []
    shown = {at for all_of in linked.values() for at in all_of}
    pictures = set((ROOT / "docs" / "pictures").glob("*.png"))
    assert sorted(one.name for one in pictures - shown) == []


def test_the_map_has_every_room() -> None:
    said = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [
        room
        for above in ("core", "offices", "doors", "channels", "insight")
        for room in sorted((ROOT / "linli" / above).iterdir())
        if (room / "__init__.py").is_file() and room.name not in ("migrations", "templatetags")
    ]
    assert len(rooms) > 25
    assert [room.name for room in rooms if not re.search(rf"\b{room.name}\b", said)] == []


def test_every_role_has_its_page_in_the_list() -> None:
    listed = (ROOT / "docs" / "roles" / "README.md").read_text(encoding="utf-8")
    pages = sorted(one.name for one in (ROOT / "docs" / "roles").glob("*.md") if one.name != "README.md")
    assert [page for page in pages if f"({page})" not in listed] == []


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [one.name for one in (ROOT / "docs" / "decisions").glob("0*.md") if f"({one.name})" not in listed] == []
