"""The tree of a planned district: how many of what lies in what, under which name and code. No shapes yet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from linli.profiles.plan import words
from linli.profiles.plan.spread import spread, uneven
from linli.profiles.schema import Profile, Quarter

_INSIDE = frozenset({"quarter", "building"})  # what lies in a demo place of these levels is the demo's too


@dataclass(eq=False, slots=True)
class Node:
    """A place being planned. ``weight`` is the share of ground it asks for; ``demo`` marks the demo's own places."""

    level: str
    code: str
    name: str
    parent: Node | None
    generic: bool = False
    demo: bool = False
    weight: float = 1.0
    attrs: dict[str, Any] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def add(self, level: str, code: str, name: str, **more: Any) -> Node:
        child = Node(level, code, name, self, **more)
        self.children.append(child)
        return child

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()

    def above(self, level: str) -> Node | None:
        """The ancestor-or-self at a level."""
        node: Node | None = self
        while node is not None and node.level != level:
            node = node.parent
        return node


@dataclass(slots=True)
class Block:
    """A quarter before it is hung into the tree: how many grids, buildings and units it will hold."""

    name: str
    community: Node
    serial: int
    named: Quarter | None = None
    apartment: bool = False
    storeys: int = 6
    grids: int = 1
    units: list[int] = field(default_factory=list)  # per building

    @property
    def code(self) -> str:
        return f"{self.community.code}Q{self.serial:02d}"


class TreeMaker:
    """Grows one district's tree from its profile; every die is seeded by the district's own code."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.root = Node("district", profile.adcode, profile.name, None)

    def dice(self, purpose: str) -> random.Random:
        return random.Random(f"{self.profile.adcode}:{purpose}")

    def grow(self) -> Node:
        communities = self._streets_and_communities()
        blocks = self._blocks(communities)
        self._size(blocks)
        if self.profile.level_codes.index("quarter") < self.profile.level_codes.index(self.profile.cell_level):
            self._divide_into_grids(blocks)
            self._hang_grids_in_quarters(blocks)
        elif self.profile.cell_level == "grid":
            self._hang_quarters_in_grids(communities, blocks)
        else:
            for block in blocks:
                self._hang_buildings(self._hang_quarter(block.community, block), block, range(len(block.units)))
        self._mark_demo()
        return self.root

    # ── streets, towns, communities ──────────────────────────────────────────────────────────────────────────────

    def _streets_and_communities(self) -> list[Node]:
        rng = self.dice("communities")
        taken = {community.name for community in self.profile.communities}
        fresh = words.community_names(rng, taken)
        communities = []
        for street in self.profile.streets:
            node = self.root.add("street", street.code, street.name, generic=street.generic)
            if street.generic:
                self._town(node)
                continue
            names = [each.name for each in self.profile.communities if each.street == street.name]
            names += [next(fresh) for _ in range(street.communities - len(names))]
            communities += [
                node.add("community", f"{street.code}{serial:03d}", name) for serial, name in enumerate(names, start=1)
            ]
        return communities

    def _town(self, town: Node) -> None:
        """A town outside the counts: one generic cell, so that every point of the district resolves to one."""
        level = self.profile.cell_level
        serial = "001" if level == "grid" else "Q01"
        title = self.profile.titles[level] if level == "grid" else "片区"
        town.add(level, f"{town.code}000{serial}", f"{town.name}{title}", generic=True)

    # ── quarters: how many, how large ────────────────────────────────────────────────────────────────────────────

    def _blocks(self, communities: list[Node]) -> list[Block]:
        rng = self.dice("quarters")
        named = self.profile.quarters
        least = [max(1, sum(1 for quarter in named if quarter.community == node.name)) for node in communities]
        shares = spread(self.profile.counts.quarters, uneven(rng, len(communities), 0.25), least)
        taken = {quarter.name for quarter in named}
        fresh, flats = words.quarter_names(rng, taken), words.apartment_names(rng, taken)
        apartments = spread(self.profile.counts.apartment_blocks, uneven(rng, len(communities)))
        blocks: list[Block] = []
        for node, share, extra in zip(communities, shares, apartments, strict=True):
            own = [quarter for quarter in named if quarter.community == node.name]
            blocks += [Block(quarter.name, node, serial, quarter) for serial, quarter in enumerate(own, start=1)]
            blocks += [Block(next(fresh), node, serial) for serial in range(len(own) + 1, share + 1)]
            blocks += [Block(next(flats), node, share + serial, apartment=True) for serial in range(1, extra + 1)]
        return blocks

    def _size(self, blocks: list[Block]) -> None:
        """Storeys, buildings and units of every block; the sums are the profile's."""
        rng = self.dice("sizes")
        for block in blocks:
            block.storeys = self._storeys(block, rng)
        fixed = [block for block in blocks if block.named and block.named.buildings]
        for block in fixed:
            assert block.named is not None
            block.units = spread(block.named.units, [1.0] * block.named.buildings, 1)
        free = [block for block in blocks if not block.units]
        counts = self.profile.counts
        buildings = spread(
            counts.buildings - sum(len(block.units) for block in fixed),
            [
                weight * (0.4 if block.apartment else 1.0)
                for weight, block in zip(uneven(rng, len(free), 0.55), free, strict=True)
            ],
            1,
            [60] * len(free),
        )
        weights = [
            (0.55 if block.storeys > 11 else 1.0) * rng.uniform(0.5, 1.5)
            for block, count in zip(free, buildings, strict=True)
            for _ in range(count)
        ]
        units = iter(spread(counts.units - sum(sum(block.units) for block in fixed), weights, 1, [8] * len(weights)))
        for block, count in zip(free, buildings, strict=True):
            block.units = [next(units) for _ in range(count)]

    def _storeys(self, block: Block, rng: random.Random) -> int:
        drawn = rng.choices((3, 5, 6, 7, 11, 18, 26), (6, 16, 48, 8, 10, 9, 3))[0]
        if block.named and block.named.storeys:
            return block.named.storeys
        return max(11, drawn) if block.apartment else drawn

    # ── hanging it all into the tree ─────────────────────────────────────────────────────────────────────────────

    def _divide_into_grids(self, blocks: list[Block]) -> None:
        fixed = [block for block in blocks if block.named and block.named.grids]
        for block in fixed:
            assert block.named is not None
            block.grids = block.named.grids
        free = [block for block in blocks if not (block.named and block.named.grids)]
        shares = spread(
            self.profile.counts.grids - sum(block.grids for block in fixed),
            [float(sum(block.units)) for block in free],
            1,
            [len(block.units) for block in free],
        )
        for block, share in zip(free, shares, strict=True):
            block.grids = share

    def _hang_grids_in_quarters(self, blocks: list[Block]) -> None:
        serials: dict[str, int] = {}
        for block in blocks:
            quarter = self._hang_quarter(block.community, block)
            groups = spread(len(block.units), [1.0] * block.grids, 1)
            start = 0
            for number, size in enumerate(groups, start=1):
                serials[block.community.code] = serial = serials.get(block.community.code, 0) + 1
                name = f"{block.name}{'第' + words.chinese_number(number) if block.grids > 1 else ''}网格"
                grid = quarter.add("grid", f"{block.community.code}{serial:03d}", name)
                self._hang_buildings(grid, block, range(start, start + size))
                start += size

    def _hang_quarters_in_grids(self, communities: list[Node], blocks: list[Block]) -> None:
        own = [[block for block in blocks if block.community is node] for node in communities]
        sizes = [len(each) for each in own]
        shares = spread(self.profile.counts.grids, [float(size) for size in sizes], 1, sizes)
        for node, mine, share in zip(communities, own, shares, strict=True):
            short = node.name.removesuffix("社区")
            start = 0
            for number, size in enumerate(spread(len(mine), [1.0] * share, 1), start=1):
                name = f"{short}第{words.chinese_number(number)}网格"
                grid = node.add("grid", f"{node.code}{number:03d}", name)
                for block in mine[start : start + size]:
                    self._hang_buildings(self._hang_quarter(grid, block), block, range(len(block.units)))
                start += size

    def _hang_quarter(self, parent: Node, block: Block) -> Node:
        attrs: dict[str, Any] = {"kind": "apartment" if block.apartment else "quarter", "storeys": block.storeys}
        node = parent.add("quarter", block.code, block.name, attrs=attrs)
        node.weight = sum(block.units) ** 0.7
        return node

    def _hang_buildings(self, parent: Node, block: Block, numbers: range) -> None:
        rng = self.dice(f"buildings:{parent.code}")
        parent.weight = sum(block.units[number] for number in numbers) ** 0.7
        for number in numbers:
            storeys = max(1, block.storeys + rng.choice((-1, 0, 0, 0, 0, 1)))
            attrs = {"storeys": storeys, "height_m": round(storeys * 2.9 + rng.uniform(0.6, 2.4), 1)}
            building = parent.add("building", f"{block.code}B{number + 1:02d}", f"{number + 1}号楼", attrs=attrs)
            for unit in range(1, block.units[number] + 1):
                building.add("unit", f"{building.code}U{unit:02d}", f"{unit}单元")

    def _mark_demo(self) -> None:
        """The demo's communities and quarters, everything in those quarters, and the grid that holds one."""
        demo = self.profile.demo
        names = {demo.community, demo.quarter, demo.other_community, demo.other_quarter}
        for node in self.root.walk():
            inside = node.parent is not None and node.parent.demo and node.parent.level in _INSIDE
            node.demo = inside or (node.level in {"community", "quarter"} and node.name in names)
            if node.demo and node.parent is not None and node.parent.level == "grid":
                node.parent.demo = True
