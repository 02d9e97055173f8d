"""From the code on a door's sign to the place behind it today, also where the sign is older than the place."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from linli.core.places import locating
from linli.core.places.models import FormerDoor, Succession
from linli.core.places.tree import Node, district_ids, tree

DEEPEST = 12  # changes one after the other that a sign may have missed


@dataclass(frozen=True)
class Behind:
    """What a code leads to: the place itself, or what came of the place it once stood on (nothing, one or several)."""

    district_id: int
    node: Node | None = None
    heirs: list[Node] = field(default_factory=list)


def behind(code: str) -> Behind | None:
    """The place of a canonical door code; None for one that was never given out."""
    found = locating.find(code, door=True)
    if found is not None:
        return Behind(found[0], found[1])
    row = FormerDoor.objects.filter(code=code, district_id__in=district_ids()).values_list("district_id", "place_id")
    former = row.first()
    if former is None:
        return None
    return Behind(former[0], None, _heirs(*former))


def _heirs(district_id: int, place_id: uuid.UUID) -> list[Node]:
    """Current places that came of an ended one, in the order of the tree."""
    known, waiting, found = tree(district_id).by_id, [place_id], {}
    for _step in range(DEEPEST):
        rows = Succession.objects.filter(district_id=district_id, old_id__in=waiting)
        heirs = list(dict.fromkeys(rows.values_list("new_id", flat=True)))
        found.update({key: known[key] for key in heirs if key in known})
        waiting = [key for key in heirs if key not in known]
        if not waiting:
            break
    return sorted(found.values(), key=lambda node: node.path)


def came_from(district_id: int, ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """Ended places whose heirs these are: what was said to them is said to the heirs."""
    rows = Succession.objects.filter(district_id=district_id, new_id__in=ids)
    return list(rows.values_list("old_id", flat=True))
