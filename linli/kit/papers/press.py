"""The press of papers: a process of its own that reads one paper as JSON and writes one file.

It reads ``{"paper": {…}, "format": "docx" or "pdf", "fonts": folder or "", "out": path}`` from its standard input. So
no web process carries a typesetter or an XML library, and what goes wrong costs one file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
if __name__ == "__main__":  # run by its path, in isolation: its own package is not on the way yet
    sys.path.insert(0, str(HERE.parents[2]))

from linli.kit import pressing  # noqa: E402  # only now can it be found

FACES = ".otf", ".ttf", ".ttc"


def draw(asked: dict[str, Any]) -> bytes:
    """The file."""
    if asked["format"] == "docx":
        from linli.kit.papers.wordfile import made

        return made(asked["paper"])
    return pdf(asked["paper"], asked.get("fonts", ""))


def pdf(paper: dict[str, Any], fonts: str = "") -> bytes:
    """With the faces that the district put into ``fonts``, else with those of the package: no machine's own fonts."""
    import typst
    from pylopdf_fonts_zh_cn import sans_path

    own = own_faces(fonts)
    # The package has no bold weight and no 楷体: a hair of ink around them tells title and second headings apart.
    inputs = {"paper": json.dumps(paper, ensure_ascii=False), "heavy": "" if own else "1"}
    compiler = typst.Compiler(
        HERE / "paper.typ", root=HERE, font_paths=[*own, sans_path().parent], ignore_system_fonts=True,
        sys_inputs=inputs,
    )  # fmt: skip
    drawn = compiler.compile(format="pdf")
    return drawn if isinstance(drawn, bytes) else b"".join(drawn or [])


def own_faces(fonts: str) -> list[Path]:
    """The folder, where it holds any face at all."""
    folder = Path(fonts) if fonts else None
    if folder is None or not folder.is_dir() or not any(f.suffix.lower() in FACES for f in folder.iterdir()):
        return []
    return [folder]


def main() -> int:
    return pressing.run(draw)


if __name__ == "__main__":
    sys.exit(main())
