"""Looking one row up among those that whoever asks may see."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from linli.kit.refusal import NotFound

M = TypeVar("M", bound=Model)


def the_one(rows: QuerySet[M], words: str, *, lock: bool = False) -> M:
    """The first of ``rows``, locked where it is to be changed; NotFound where there is none.

    ``rows`` hold what the actor may see and nothing else: missing and forbidden look alike.
    """
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound(words)
    return found
