"""Where each key of a TOML text stands, so that a complaint can name its line: ``tomllib`` keeps no positions."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')


def _depth(line: str) -> int:
    """How many brackets a line leaves open, leaving out what stands in strings and comments."""
    bare = _STRINGS.sub("", line).split("#", 1)[0]
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")


class _Tables:
    """The table that the reader stands in, with running numbers for arrays of tables."""

    def __init__(self) -> None:
        self.at: Path = ()
        self._arrays: dict[Path, int] = {}

    def enter(self, dotted: str, *, array: bool) -> None:
        names = [name.strip().strip("\"'") for name in dotted.split(".")]
        path: Path = ()
        for position, name in enumerate(names):
            path = (*path, name)
            last = position == len(names) - 1
            if last and array:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            if path in self._arrays:
                path = (*path, self._arrays[path])
        self.at = path


def line_numbers(text: str) -> dict[Path, int]:
    """Map every key path of ``text`` to its 1-based line; values that span lines count with their first."""
    tables = _Tables()
    found: dict[Path, int] = {(): 1}
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if depth == 0 and (header := _HEADER.match(line)):
            tables.enter(header[2], array=header[1] == "[[")
            found.setdefault(tables.at, number)
            continue
        if depth == 0 and (key := _KEY.match(line)):
            found.setdefault((*tables.at, key[1]), number)
        depth = max(0, depth + _depth(line))
    return found


def nearest_line(found: dict[Path, int], path: Path) -> int:
    """The line of ``path``, or of the nearest key above it that stands on a line of its own."""
    while path not in found:
        path = path[:-1]
    return found[path]


def dotted(path: Path) -> str:
    """``streets[2].name``: a key path as people read it."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out or "(top)"
