"""What stands on a sheet: names, people, the code, and one sentence of what becomes of what one says."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import roster
from linli.core.places.tree import Node, Tree

PRESS = Path(__file__).with_name("press.py")
SECONDS = 60  # a part takes about one; what takes longer is killed and drawn again
# Who stands on the sheet, nearest first, and how many of each: a sheet is no telephone book.
PRINTED = {
    "unit_head": 1, "building_head": 1, "building_head_online": 1, "building_party_head": 1, "grid_worker": 1,
    "quarter_secretary": 1, "community_secretary": 1, "community_office": 1, "street_office": 1,
}  # fmt: skip
SHORTEST_HOTLINE = 3


class PressError(Exception):
    """The press did not deliver; its own words."""


def of_doors(known: Tree, nodes: Sequence[Node], site: str) -> list[dict[str, Any]]:
    """One sheet for each place, in order; two queries however many there are."""
    people = roster.serving_many(known, nodes)
    return [_door(known, node, people[node.id], site) for node in nodes]


def _door(known: Tree, node: Node, rows: list[dict[str, Any]], site: str) -> dict[str, Any]:
    code = node.door or node.code
    host = site.partition("://")[2]
    return {
        "url": f"{site}/d/{code}", "file": _file(known, node), "mark": "邻", "above": above(known, node),
        "name": short(known, node), "code": code, "call": _("有事，扫码说一声"),
        "steps": [
            _("说完当场给您一张回执：谁接的、几点前回话，都写着。"),
            _("凭回执随时查办到哪一步；晚了会直说，没办好您说了算。"),
            _("可以不留名。不会扫：打开 %(host)s/d/，照着填门牌码。") % {"host": host},
        ],
        "whose": _("谁管这个门"), "people": _people(rows), "foot": _foot(known),
    }  # fmt: skip


def _people(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    left, found = dict(PRINTED), []
    for row in rows:
        if row["name"] and left.get(row["role"], 0) > 0:
            left[row["role"]] -= 1
            found.append(row)
    return [
        {"name": row["name"], "title": "" if row["title"] == row["name"] else row["title"],
         "seal": row["name"][:1], "note": row["hours"] or row["about"]}
        for row in found
    ]  # fmt: skip


def _foot(known: Tree) -> str:
    words = _("名字和岗位是公开的，号码不公开。想让谁给您回电话，扫码点他的名字。")
    hotline = str(known.district.settings.get("hotline", ""))
    if len(hotline) >= SHORTEST_HOTLINE and hotline.replace("-", "").isdigit():
        words += _("也可以打 %s。") % hotline
    return f"{words}　{known.district.name}　{timezone.localdate():%Y-%m-%d}"


def short(known: Tree, node: Node) -> str:
    """秀水苑 3 号楼 2 单元: as neighbours say it."""
    named = [n.name for n in known.chain(node) if n.level in ("quarter", "building", "unit")]
    return " ".join(named) or node.name


def above(known: Tree, node: Node) -> str:
    """The street and the community that it lies in."""
    return "　".join(n.name for n in known.chain(node) if n.level in ("street", "community") and n is not node)


def _file(known: Tree, node: Node) -> str:
    return plain(f"{short(known, node)} {node.code}")


def plain(words: str) -> str:
    """A name that every file system takes."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in words).strip("-")[:80] or "sheet"


def press(sheets: Iterable[dict[str, Any]], *, shape: str, format: str, out: Path, name: str = "") -> None:
    """Have the press write ``out``. Raises PressError; then there may be half a file, which nobody has named yet."""
    asked = {"sheets": list(sheets), "shape": shape, "format": format, "out": str(out), "name": name}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PRESS)], input=json.dumps(asked, ensure_ascii=False).encode(), check=False,
            capture_output=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise PressError(f"no answer within {SECONDS} s") from late
    if done.returncode:
        raise PressError(done.stderr.decode(errors="replace")[-200:] or f"exit {done.returncode}")


def at_once(sheets: Iterable[dict[str, Any]], *, shape: str, format: str = "pdf") -> bytes:
    """A sheet or two drawn while somebody waits."""
    with tempfile.TemporaryDirectory(prefix="linli-press-") as folder:
        out = Path(folder) / "sheet"
        press(sheets, shape=shape, format=format, out=out)
        return out.read_bytes()


def token() -> str:
    return uuid.uuid4().hex
