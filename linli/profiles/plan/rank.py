"""Which of many places get something that only some have: always the same ones, the demo's first."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from linli.profiles.plan.tree import Node


def ranked(nodes: Iterable[Node], purpose: str, preferred: Collection[Node] = ()) -> list[Node]:
    """The nodes in an order that looks random and never changes: demo places, then those under ``preferred``."""
    under = set(preferred)

    def rank(node: Node) -> tuple[bool, bool, str]:
        above = node.parent
        while above is not None and above not in under:
            above = above.parent
        return not node.demo, above is None, hashlib.sha256(f"{purpose}:{node.code}".encode()).hexdigest()

    return sorted(nodes, key=rank)
