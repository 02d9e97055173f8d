"""The icons we use: ``icons.txt`` names them, ``scripts/frontend.py`` draws the sprite from them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("icons.txt")
SPRITE = "vendor/icons.svg"


@cache
def names() -> frozenset[str]:
    """Every name in the list; a line may carry a comment after ``#``."""
    lines = (line.partition("#")[0].strip() for line in LIST.read_text(encoding="utf-8").splitlines())
    return frozenset(filter(None, lines))
