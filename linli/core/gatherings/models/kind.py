"""What a district decides beforehand: kinds of gatherings, rooms, and which gatherings come back by themselves."""

from __future__ import annotations

from functools import cached_property

from django.db import models
from django.utils import timezone

from linli.core.gatherings.rules.spec import KindSpec, parse_kind
from linli.core.people.models import Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class GatheringKind(models.Model):
    """One version of a kind of gathering. Never changed: a change is the next version, older sittings keep theirs."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    about = models.CharField(max_length=200, blank=True, default="")
    spec = models.JSONField()  # rules.spec.parse_kind
    since = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code", "version"], name="gathering_kind_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @cached_property
    def says(self) -> KindSpec:
        """The spec, read: what was stored had passed the parser."""
        return parse_kind(self.spec)


class Room(models.Model):
    """A room where people come together. Bookings are the gatherings themselves: none may overlap another."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=24, blank=True, default="")  # hall: a council's own
    seats = models.PositiveSmallIntegerField(null=True, blank=True)
    area_m2 = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    hours = models.CharField(max_length=11, blank=True, default="")  # 08:00-21:30; empty: always
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="room_code_once")]
        indexes = [models.Index(fields=["district", "scope_path"], name="room_scope")]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """A gathering that comes back: the worker writes its next draft some days ahead. One a kind, place and host."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    kind_code = models.CharField(max_length=24)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    host = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=80)
    recurrence = models.JSONField()  # rules.recurrence.parse_recurrence
    next_at = models.DateTimeField()  # the sitting that is not drafted yet
    make_at = models.DateTimeField()  # when the worker drafts it
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind_code", "place", "title"],
                name="series_once",
                condition=models.Q(active=True),
            ),
        ]
        indexes = [
            # The worker's question: which drafts are to be written?
            models.Index(fields=["make_at"], name="series_due", condition=models.Q(active=True))
        ]

    def __str__(self) -> str:
        return self.title
