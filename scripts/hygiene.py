"""Nothing that belongs to one machine may be committed: no address of a package registry, no path of somebody's disk.

A lock file with an address in it makes everybody install from that address; a path works for one person only.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/", "frontend/package-lock.json")
LEFT_OUT = {"node_modules", "var", "vendor", "__pycache__"}
KEPT = {".ci", ".gitignore"}
# Spelt in pieces, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(
        re.escape("".join(pieces))
        for pieces in (
            ("registry.", "npm"), ("registry.", "yarn"), ("npm", "mirror"), ("py", "pi.org"), ("python", "hosted.org"),
            ("/simple", "/pypi"), ("py", "pi.tuna"), ("mirrors.", "aliyun"), ("art", "ifactory"), ("--index", "-url"),
            ("--find", "-links"), ("--trusted", "-host"),
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
PATHS = re.compile(r"(?<![\w.:/])/(?:" + "ro" + r"ot|home/\w+|Us" + r"ers/\w+|wo" + r"rk)/[\w.]")
ADDRESS = re.compile(r"https?://|file://")


def committed() -> list[Path]:
    """What git tracks or would track; without git, every file of the checkout."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in ROOT.rglob("*") if path.is_file() and not _left_out(path.relative_to(ROOT).parts)]


def _left_out(parts: tuple[str, ...]) -> bool:
    return any(part in LEFT_OUT or (part.startswith(".") and part not in KEPT) for part in parts)


def found(path: Path) -> Iterator[str]:
    """``file:line: what`` for everything in a file that belongs elsewhere."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return
    name = str(path.relative_to(ROOT))
    lock = name.startswith(LOCKS)
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > 2000:
            continue
        if REGISTRIES.search(line) or (lock and ADDRESS.search(line) and '"url":' not in line):
            yield f"{name}:{number}: 软件源地址：{line.strip()[:100]}"
        if PATHS.search(line):
            yield f"{name}:{number}: 某台机器上的路径：{line.strip()[:100]}"


def main() -> int:
    troubles = [trouble for path in committed() for trouble in found(path)]
    for trouble in troubles:
        print(trouble)
    print(f"hygiene: {len(troubles)} found")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
