"""What every page loads, in one sheet and one script: on a slow telephone each file more costs a way to and fro.

The parts stay files of their own, to read and to change; ``collectstatic`` puts them together. Unit tests, which serve
nothing, know the addresses only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

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


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names, compressed, and the bundles among them."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name, parts in BUNDLES.items():
                self.delete(name)
                self.save(name, ContentFile(joined({part: self._text(part) for part in parts}).encode()))
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def _text(self, name: str) -> str:
        with self.open(name) as part:
            return str(part.read().decode())
