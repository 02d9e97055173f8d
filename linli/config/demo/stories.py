"""Reading ``stories.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("stories.toml")


@dataclass(frozen=True)
class Story:
    """What somebody said, and the words that others say as it goes on."""

    life: str
    where: str
    about: str
    words: str
    kind: str = "appeal"
    key: str = ""
    joins: str = ""  # the key of the job it is merged into
    did: str = ""
    cause: str = ""
    said: str = ""
    again: str = ""
    finding: str = ""
    why: str = ""
    basis: str = ""
    redirect: str = ""
    pause: str = "material"
    score: int = 5


def read_stories(file: Path = FILE) -> list[Story]:
    with file.open("rb") as source:
        rows: list[dict[str, Any]] = tomllib.load(source)["story"]
    return [Story(**{("joins" if name == "with" else name): value for name, value in row.items()}) for row in rows]
