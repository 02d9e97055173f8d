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


class Record(models.Model):
    """What a room above has said for good and no timeline holds: minutes, an opinion, a text. Each has its own chain.

    ``subject`` is the row that it is about, ``name`` what people call it. ``salt`` is of the last fact alone: what an
    older fact was a digest of can be tried out by nobody, and a lawful erasure needs no more than the next fact.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    book = models.CharField(max_length=12)
    subject = models.UUIDField()
    name = models.CharField(max_length=80)
    seq = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default="")
    last = models.CharField(max_length=64, default="")  # the last fact's digest, and its salt
    salt = models.CharField(max_length=32, default="")
    sealed_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "book", "subject"], name="record_once")]
        indexes = [
            models.Index(
                fields=["district", "id"], name="record_unsealed", condition=models.Q(sealed_seq__lt=models.F("seq"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.book} {self.name}"


class Fact(models.Model):
    """How the row that a record is about stood after an act: a salted digest, chained as a timeline is."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="facts", db_index=False)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=16)  # "as_is", or "gone" where the row was lawfully thrown away
    digest = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "record", "seq"], name="fact_seq_once")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.seq}"


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
    """The chain head of a matter or a record as a seal took it in. ``number`` is the name that it is hashed with."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="leaves")
    position = models.PositiveIntegerField()
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="leaves", null=True, db_index=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="leaves", null=True, db_index=False)
    number = models.CharField(max_length=48)
    seq = models.PositiveIntegerField()
    head = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "seal", "position"], name="leaf_place_once")]
        indexes = [
            models.Index(fields=["district", "matter", "seq"], name="leaf_matter"),
            models.Index(
                fields=["district", "record", "seq"], name="leaf_record", condition=models.Q(record__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number
