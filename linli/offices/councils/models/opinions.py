"""Opinions: what residents say about a topic. Each keeps its own words, its own receipt and its own answer."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from linli.core.matters.models import Matter
from linli.core.matters.said import Said, whole
from linli.core.people.models import User
from linli.core.places.models import District
from linli.kit.fields import key


class Opinion(Said):
    """What one resident said about a topic, word for word; asked for by the speaker, the words go and the row stays.

    ``author`` is an account, or nobody: then the receipt alone leads back. ``helper`` says who wrote it down for
    somebody who could not.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    topic = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    helper = models.CharField(max_length=60, blank=True, default="")
    receipt_hash = models.CharField(max_length=64)
    retry = models.CharField(max_length=120)
    reply = models.CharField(max_length=1000, blank=True, default="")
    replied_by = models.CharField(max_length=80, blank=True, default="")
    replied_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "retry"], name="opinion_once"),
            models.UniqueConstraint(fields=["district", "receipt_hash"], name="opinion_receipt_once"),
            whole("opinion_whole"),
        ]
        indexes = [
            models.Index(fields=["district", "topic", "-id"], name="opinion_topic"),
            models.Index(fields=["district", "author", "-id"], name="opinion_author"),
        ]

    def __str__(self) -> str:
        return self.text
