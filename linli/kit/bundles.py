"""What every page loads, in one sheet and one script: on a slow telephone each file more costs a way to and fro.

The parts stay files of their own, to read and to change; whoever serves or collects static files finds them joined.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SHEET, SCRIPT = "linli/every.css", "linli/every.js"
BUNDLES: dict[str, tuple[str, ...]] = {
    SHEET: ("linli/tokens.css", "linli/look.css", "linli/parts.css", "linli/rooms.css", "linli/print.css"),
    SCRIPT: (
        "linli/page.js", "linli/prefs.js", "linli/toast.js", "linli/dialog.js", "linli/clock.js", "linli/draft.js",
    ),
}  # fmt: skip
ON_PAPER = "linli/print.css"
EXPORT = re.compile(r"^export ", re.MULTILINE)


def joined(parts: dict[str, str]) -> str:
    """Name → text, as one text: a script keeps its names to itself, the sheet for paper speaks to printers only."""
    return "\n".join(_alone(name, text) for name, text in parts.items())


def _alone(name: str, text: str) -> str:
    if name.endswith(".js"):
        return f"(() => {{\n{EXPORT.sub('', text)}\n}})();"
    return f"@media print {{\n{text}\n}}" if name == ON_PAPER else text


class Finder(BaseFinder):
    """Where static files are looked for and collected, the bundles are among them, as they are of today's parts."""

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        found = [_made(path)] if path in BUNDLES else []
        return found if find_all else (found or [""])[0]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in BUNDLES:
            _made(name)
            yield name, FileSystemStorage(location=_folder())


def _folder() -> Path:
    return Path(settings.VAR) / "bundles"


def _made(name: str) -> str:
    """Where the bundle lies; written anew, in one step, only when a part has changed."""
    parts = {part: Path(str(finders.find(part))).read_text(encoding="utf-8") for part in BUNDLES[name]}
    text, path = joined(parts), _folder() / name
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    return str(path)
