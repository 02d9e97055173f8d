"""Write docs/flow.md from the one table in linli/core/matters/flow.py, with a diagram that viewers draw."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.config.settings")
os.environ.setdefault("LINLI_SECRET_KEY", "only to read the table")


def text() -> str:
    """The page."""
    import django

    django.setup()
    from linli.core.matters.flow import BACK, SAME, TABLE
    from linli.core.matters.models import State

    lines = ["# The flow of a matter", "", "Drawn from `linli/core/matters/flow.py` by `scripts/flow_diagram.py`.", ""]
    lines += ["| state | 中文 |", "|---|---|"]
    lines += [f"| `{value}` | {label} |" for value, label in State.choices]
    lines += ["", "| act | 中文 | from | to | who |", "|---|---|---|---|---|"]
    for move in TABLE:
        targets = ["same" if t == SAME else "back" if t == BACK else t for t in move.targets]
        lines.append(f"| `{move.act}` | {move.name} | {', '.join(move.sources)} | {', '.join(targets)} | {move.who} |")
    lines += ["", "```mermaid", "stateDiagram-v2", "  [*] --> open"]
    for move in TABLE:
        for source in move.sources:
            for target in move.targets:
                if target not in (SAME, BACK) and source != target:
                    lines.append(f"  {source} --> {target}: {move.name}")
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    page = ROOT / "docs" / "flow.md"
    if "--check" in sys.argv:
        sys.exit(0 if page.read_text(encoding="utf-8") == text() else "docs/flow.md is older than flow.py")
    page.write_text(text(), encoding="utf-8")
