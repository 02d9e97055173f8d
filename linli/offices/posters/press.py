"""The press: a process of its own that reads sheets and writes one file. ``python press.py`` knows nothing of Django.

It reads one JSON object from its standard input: ``{"sheets": […], "shape": "a4", "format": "pdf", "out": path}``. Each
sheet carries ``url``, for its QR code, and ``file``, the name of its picture. The file is written aside and synced;
whoever asked renames it.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "typ"
if __name__ == "__main__":  # run by its path, in isolation: its own package is not on the way yet
    sys.path.insert(0, str(HERE.parents[3]))

from linli.kit import pressing  # noqa: E402  # only now can it be found

DOTS = 144.0  # an A4 sheet of 1,191 × 1,684: sharp on a phone, 60 KB


def qr(url: str) -> str:
    """The code as SVG, with enough repair in it for a sheet that hangs in the sun; its quiet zone is part of it."""
    import segno

    out = io.BytesIO()
    made = segno.make(url, micro=False, error="m", boost_error=True)
    made.save(out, kind="svg", xmldecl=False, border=2, dark="#23211d", light="#ffffff")
    return out.getvalue().decode()


def draw(asked: dict[str, Any]) -> bytes:
    """The file: a PDF, or a ZIP of one picture a page."""
    import typst
    from pylopdf_fonts_zh_cn import sans_path

    sheets = [{**sheet, "qr": qr(sheet["url"])} for sheet in asked["sheets"]]
    compiler = typst.Compiler(
        HERE / "sheets.typ", root=HERE, font_paths=[sans_path().parent], ignore_system_fonts=True,
        sys_inputs={"sheets": json.dumps(sheets, ensure_ascii=False), "shape": asked["shape"]},
    )  # fmt: skip
    if asked["format"] == "pdf":
        return _pages(compiler.compile(format="pdf"))[0]
    pages = _pages(compiler.compile(format="png", ppi=DOTS))
    return _zipped(pages, _names(asked, len(pages)))


def _pages(made: bytes | list[bytes] | None) -> list[bytes]:
    """One page comes alone, several in a list."""
    return [made] if isinstance(made, bytes) else list(made or [])


def _names(asked: dict[str, Any], pages: int) -> list[str]:
    if asked["shape"] == "a6":
        return [f"{asked.get('name', 'sheet')}-{at:02d}.png" for at in range(1, pages + 1)]
    return [f"{sheet['file']}.png" for sheet in asked["sheets"]]


def _zipped(pages: list[bytes], names: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as box:
        for name, page in zip(names, pages, strict=True):
            box.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), page)
    return out.getvalue()


def main() -> int:
    return pressing.run(draw)


if __name__ == "__main__":
    sys.exit(main())
