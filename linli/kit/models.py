"""What the kit keeps for every room: the outbox, requests already answered, uploads not yet used, rates."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from linli.kit.fields import key


class Outbox(models.Model):
    """Work that an act leaves behind, written with the act itself; the worker does it after the commit.

    ``topic`` names the handler (``notice``, ``triage`` …), ``payload`` is what it needs. A row is done when
    ``done_at`` is set; a failed try moves ``next_at`` into the future and counts in ``tries``.
    """

    id = key()
    district_id = models.PositiveIntegerField()
    topic = models.CharField(max_length=32)
    payload = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The worker's only question: what is due now?
            models.Index(fields=["next_at"], name="outbox_due", condition=models.Q(done_at=None)),
            models.Index(fields=["done_at"], name="outbox_done", condition=models.Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.id}"


class Answered(models.Model):
    """A create that was answered: the same key again gets the same answer, the same key with other words a 409.

    ``key_hash`` is a hash of scope and Idempotency-Key; ``body_hash`` of the request; ``reply`` is sealed under a
    key that only the sender of key and body can make again, because it may hold a receipt.
    """

    id = key()
    district_id = models.PositiveIntegerField()
    key_hash = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    reply = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "district_id"], name="answered_once")]
        indexes = [models.Index(fields=["at"], name="answered_at")]

    def __str__(self) -> str:
        return self.key_hash[:12]


class Upload(models.Model):
    """A picture taken in and re-encoded, waiting a day for the matter that it belongs to."""

    id = key()
    owner_hash = models.CharField(max_length=64)  # of the account that sent it, else "@" and of the address
    sha256 = models.CharField(max_length=64)
    mime = models.CharField(max_length=32)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    path = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.path


class Rate(models.Model):
    """How often one address did one thing in the running window; shared by all web processes."""

    key = models.CharField(max_length=80, primary_key=True)
    started = models.BigIntegerField()  # Unix seconds of the window's first use
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.key


class Change(models.Model):
    """One change of configuration in plain words: who changed what, from what to what."""

    id = key()
    district_id = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    sentence = models.CharField(max_length=500)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["district_id", "-at"], name="change_newest")]

    def __str__(self) -> str:
        return self.sentence
