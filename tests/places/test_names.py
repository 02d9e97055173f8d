"""How a place is called with what lies above it."""

from __future__ import annotations

import uuid

from linli.core.places.tree import DistrictInfo, Node, Tree

LEVELS = ("district", "street", "community", "quarter", "grid", "building", "unit")


def known(*names: str) -> tuple[Tree, list[Node]]:
    """One branch, a place a level."""
    nodes: list[Node] = []
    for n, (level, name) in enumerate(zip(LEVELS, names, strict=False), 1):
        above = nodes[-1].id if nodes else None
        nodes.append(Node(uuid.uuid4(), above, level, str(n), name, "0001" * n, None, None, None, False, {}))
    info = DistrictInfo(1, names[0], "TS", "", LEVELS, {}, {})
    by_path = {node.path: node for node in nodes}
    return Tree(info, nodes[0], {n.id: n for n in nodes}, {n.code: n for n in nodes}, by_path, {}, {}), nodes


def test_a_grid_that_repeats_its_quarter_is_no_part_of_an_address() -> None:
    tree, nodes = known("区", "街道", "柳荫社区", "春和小区", "春和小区第三网格", "5 号楼", "2 单元")
    assert tree.full_name(nodes[6]) == "柳荫社区 春和小区 5 号楼 2 单元"
    assert tree.full_name(nodes[4], below="quarter") == "春和小区第三网格"
    assert tree.full_name(nodes[3]) == "柳荫社区 春和小区"


def test_a_grid_with_a_name_of_its_own_stays_and_no_other_level_is_lost() -> None:
    tree, nodes = known("区", "街道", "柳荫社区", "春和小区", "第三网格", "5 号楼")
    assert tree.full_name(nodes[5], below="quarter") == "春和小区 第三网格 5 号楼"
    tree, nodes = known("区", "街道", "柳荫社区", "柳荫社区家属院", "东网格", "5 号楼")
    assert tree.full_name(nodes[5]) == "柳荫社区家属院 东网格 5 号楼"
