"""Who carries a resolution out, by the name that people know."""

from __future__ import annotations

from linli.core.gatherings.models import Resolution
from linli.core.people.posts import roster


def doer(row: Resolution) -> str:
    """The person or unit in charge, from the roster in memory; the post's title where it has ended meanwhile."""
    held = roster(row.district_id).by_id.get(row.owner_id) if row.owner_id else None
    if held is not None:
        return held.name if held.title in held.name or not held.person_id else f"{held.name} {held.title}"
    return row.owner.title if row.owner else ""
