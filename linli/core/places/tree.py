"""The district's tree in memory: who lies in whom, by id, code, path and door."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from linli.core.places.models import District, Place
from linli.kit import memory

STEP = 4  # characters of a path that one level takes
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Node(NamedTuple):
    """A place as the hot paths need it."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    level: str
    code: str
    name: str
    path: str
    door: str | None
    lon: float | None
    lat: float | None
    generic: bool
    attrs: dict[str, Any]


@dataclass(frozen=True)
class DistrictInfo:
    """The district's own settings as they stood when the tree was read."""

    id: int
    name: str
    letters: str
    profile: str
    levels: tuple[str, ...]
    titles: dict[str, str]
    settings: dict[str, Any]

    @property
    def cell_level(self) -> str:
        return "grid" if "grid" in self.levels else "quarter"


@dataclass(frozen=True)
class Tree:
    """All current places of one district."""

    district: DistrictInfo
    root: Node
    by_id: dict[uuid.UUID, Node]
    by_code: dict[str, Node]
    by_path: dict[str, Node]
    by_door: dict[str, Node]
    children: dict[uuid.UUID, list[Node]] = field(repr=False)

    def chain(self, node: Node) -> list[Node]:
        """From the district down to ``node``."""
        steps = range(STEP, len(node.path) + 1, STEP)
        return [self.by_path[node.path[:n]] for n in steps if node.path[:n] in self.by_path]

    def at_level(self, node: Node, level: str) -> Node | None:
        """The ancestor-or-self of ``node`` at ``level``."""
        return next((n for n in self.chain(node) if n.level == level), None)

    def cell(self, node: Node) -> Node | None:
        """The grid, or what serves as one, that ``node`` lies in."""
        return self.at_level(node, self.district.cell_level)

    def full_name(self, node: Node, *, below: str = "community") -> str:
        """Names from the community down: 秀水社区 秀水苑 3 号楼 2 单元.

        A name that begins with the one above it is said once: 秀水苑第一网格 and not 秀水苑 秀水苑第一网格; and
        on the way to a house such a grid is not said at all, as it is nobody's address.
        """
        levels = list(self.district.levels)
        start = levels.index(below) if below in levels else 1
        named: list[str] = []
        for n in self.chain(node):
            if levels.index(n.level) < min(start, levels.index(node.level)):
                continue
            if not named or not n.name.startswith(named[-1]):
                named.append(n.name)
            elif n is node or n.level != "grid":
                named[-1] = n.name
        return " ".join(named)


def step(serial: int) -> str:
    """The path characters of the ``serial``-th child (1,679,615 at the most)."""
    out = ""
    for _ in range(STEP):
        serial, rest = divmod(serial, 36)
        out = _DIGITS[rest] + out
    return out


def _read(district_id: int) -> Tree:
    district = District.objects.get(pk=district_id)
    info = DistrictInfo(
        district.pk, district.name, district.letters, district.profile,
        tuple(district.levels), district.titles, district.settings,
    )  # fmt: skip
    today: date = timezone.localdate()
    rows = (
        Place.objects.filter(district_id=district_id, since__lte=today)
        .exclude(until__lte=today)
        .order_by("path")
        .values_list("id", "parent_id", "level", "code", "name", "path", "door", "lon", "lat", "generic", "attrs")
    )
    nodes = _compact(rows.iterator(chunk_size=500))
    children: dict[uuid.UUID, list[Node]] = {}
    for node in nodes:
        if node.parent_id:
            children.setdefault(node.parent_id, []).append(node)
    return Tree(
        district=info,
        root=nodes[0],
        by_id={n.id: n for n in nodes},
        by_code={n.code: n for n in nodes},
        by_path={n.path: n for n in nodes},
        by_door={n.door: n for n in nodes if n.door},
        children=children,
    )


def _compact(rows: Iterable[tuple[Any, ...]]) -> list[Node]:
    """One object for what many rows say alike: every web process keeps the tree, and a database's driver makes each
    value anew. Rows come from the top down, so that a parent's id is there before its children ask for it."""
    ids: dict[uuid.UUID, uuid.UUID] = {}
    alike: dict[str, dict[str, Any]] = {}
    nodes = []
    for row in rows:
        node = Node(*row)
        ids[node.id] = node.id
        parent = ids.get(node.parent_id, node.parent_id) if node.parent_id else None
        attrs = alike.setdefault(repr(node.attrs), node.attrs)
        level, name = sys.intern(node.level), sys.intern(node.name)
        nodes.append(node._replace(parent_id=parent, level=level, name=name, attrs=attrs))
    return nodes


_trees: memory.PerDistrict[Tree] = memory.PerDistrict(_read)


def tree(district_id: int) -> Tree:
    """The district's tree. Raises District.DoesNotExist where there is no such district."""
    return _trees.get(district_id)


_districts: tuple[float, dict[int, str]] = (float("-inf"), {})


def district_ids() -> tuple[int, ...]:
    """The districts of this deployment (one, mostly), as they stood a moment ago."""
    return tuple(_letters())


def lettered(letters: str) -> int | None:
    """The district whose numbers begin with these letters."""
    return next((pk for pk, each in _letters().items() if each == letters), None)


def _letters() -> dict[int, str]:
    global _districts
    now = time.monotonic()
    if now - _districts[0] >= memory.CHECK_SECONDS or memory.CHECK_SECONDS == 0:
        _districts = (now, dict(District.objects.order_by("pk").values_list("pk", "letters")))
    return _districts[1]


def _version(district_id: int) -> int:
    return District.objects.values_list("version", flat=True).get(pk=district_id)


def _forget_districts() -> None:
    global _districts
    _districts = (float("-inf"), {})


memory.version_reader(_version)
memory.on_forget(_forget_districts)
