"""Voices that count once and name nobody: rows known by a keyed hash of the person and of what the voice is for.

The hash is keyed and has a purpose of its own in each table: nobody who reads the tables can try persons against it, or
join what one person supports here with what the same person supports there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Count

from linli.core.people.actor import Actor
from linli.core.places.models import District
from linli.kit import crypto
from linli.kit.fields import key


def mark_of(actor: Actor, about: object, *, purpose: str) -> str:
    """How a second voice of the same person on the same thing is known, without saying whose it is."""
    return crypto.blind_index(f"{actor.person_id or actor.user_id}:{about}", purpose=purpose)


class OneVoice(models.Model):
    """Somebody is for something. A table of these adds the foreign key that ``about`` names, unique with the mark."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    mark = models.CharField(max_length=64)

    about: ClassVar[str]
    purpose: ClassVar[str]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(getattr(self, f"{self.about}_id"))

    @classmethod
    def of(cls, actor: Actor, about: uuid.UUID) -> str:
        return mark_of(actor, about, purpose=cls.purpose)

    @classmethod
    def say(cls, actor: Actor, thing: Any, *, on: bool) -> None:
        """Give the actor's voice to ``thing``, or take it back, under the lock of its row; the caller's transaction."""
        locked = type(thing)._default_manager.select_for_update(of=("self",)).only("pk")
        locked.get(district_id=thing.district_id, pk=thing.pk)
        mine = {"district_id": thing.district_id, f"{cls.about}_id": thing.pk, "mark": cls.of(actor, thing.pk)}
        if on:
            cls._default_manager.get_or_create(**mine)
        else:
            cls._default_manager.filter(**mine).delete()

    @classmethod
    def given(cls, actor: Actor, district_id: int, things: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Those of ``things`` that this very person gave a voice to."""
        if actor.user_id is None:
            return set()
        marks = {cls.of(actor, thing): thing for thing in things}
        found = cls._for(district_id, marks.values()).filter(mark__in=marks)
        return {marks[mark] for mark in found.values_list("mark", flat=True)}

    @classmethod
    def counts(cls, district_id: int, things: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
        """How many are for each; what nobody is for is not there."""
        rows = cls._for(district_id, things).values_list(f"{cls.about}_id").annotate(n=Count("pk"))
        return dict(rows.order_by())

    @classmethod
    def marks(cls, rows: Sequence[Any]) -> Mapping[uuid.UUID, list[str]]:
        """All marks of each of ``rows``, in order: as their record keeps them."""
        found: dict[uuid.UUID, list[str]] = {row.pk: [] for row in rows}
        districts = {row.district_id for row in rows}
        mine = {"district_id__in": districts, f"{cls.about}_id__in": list(found)}
        for thing, mark in cls._default_manager.filter(**mine).values_list(f"{cls.about}_id", "mark"):
            found[thing].append(mark)
        return {thing: sorted(marks) for thing, marks in found.items()}

    @classmethod
    def _for(cls, district_id: int, things: Iterable[uuid.UUID]) -> models.QuerySet[Any]:
        return cls._default_manager.filter(district_id=district_id, **{f"{cls.about}_id__in": list(things)})
