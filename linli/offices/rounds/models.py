"""Rounds 流动说事点: one sitting somewhere, and what was said at it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from linli.core.matters.models import Matter
from linli.core.people.models import Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class Round(models.Model):
    """One sitting: where, by which channel, held by whom, from when to when. ``spot`` is what people call the place."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    spot = models.CharField(max_length=40, blank=True, default="")
    channel = models.CharField(max_length=24)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=80)  # as the timeline names people
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="round_in_district"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")), name="round_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "post", "-started_at"], name="round_mine"),
            models.Index(fields=["district", "scope_path"], name="round_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.started_at:%Y-%m-%d %H:%M}"


class Said(models.Model):
    """One matter of a round. ``said_at`` is when it was spoken, which without a network is before it was received."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="said", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "matter"], name="said_in_one_round")]
        indexes = [models.Index(fields=["district", "round", "said_at"], name="said_in_order")]

    def __str__(self) -> str:
        return str(self.matter_id)
