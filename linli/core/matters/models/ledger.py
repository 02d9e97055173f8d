"""The ledger: an append-only timeline, chained per matter, sealed by published roots.

Triggers on both databases refuse UPDATE and DELETE here (``triggers.py``); one change passes: a lawful erasure.
"""

from __future__ import annotations

from django.db import models

from linli.core.matters.models.matter import Matter
from linli.core.places.models import District
from linli.kit.fields import key


class Entry(models.Model):
    """One thing that happened to a matter. ``linli.kit.chain`` says how ``digest`` and ``chain`` are made."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="timeline", db_index=False)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=16)
    actor = models.CharField(max_length=80)
    text = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict)
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    redacted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "matters_timeline"
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["district", "matter", "seq"], name="entry_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"


class Seal(models.Model):
    """A published root: a Merkle tree over the chain heads that changed since the seal before, and that seal's root.

    The last seal of a day is the day's root, printed for the notice board.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    root = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "seq"], name="seal_seq_once")]
        indexes = [models.Index(fields=["district", "-at"], name="seal_newest")]

    def __str__(self) -> str:
        return self.root[:12]


class Leaf(models.Model):
    """A matter's chain head as a seal took it in."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="leaves")
    position = models.PositiveIntegerField()
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="leaves", db_index=False)
    number = models.CharField(max_length=24)
    seq = models.PositiveIntegerField()
    head = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "seal", "position"], name="leaf_place_once")]
        indexes = [models.Index(fields=["district", "matter", "seq"], name="leaf_matter")]

    def __str__(self) -> str:
        return self.number
