"""Where imported history came from: the older system's books, and each row of them as it was."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from linli.core.matters.models.matter import Matter
from linli.core.places.models import District
from linli.kit.fields import key


class Book(models.Model):
    """An older system's ledger (历史台账), known by a short code; its columns in their order."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    source = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    columns = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "source"], name="book_once")]

    def __str__(self) -> str:
        return self.source


class Origin(models.Model):
    """The row that a matter was imported from. The timeline holds its salted digest, so ``verify`` covers it.

    ``cells`` are as they stood in the file, in the book's columns; a lawful erasure of the words empties them.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="origins", db_index=False)
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="origin")
    external = models.CharField(max_length=64)
    line = models.PositiveIntegerField()
    cells = models.JSONField()
    salt = models.CharField(max_length=32, blank=True, default="")
    seq = models.PositiveIntegerField()  # how long the timeline was after the import: longer means Linli went on
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # What makes a second import add nothing.
            models.UniqueConstraint(fields=["district", "book", "external"], name="origin_once")
        ]
        indexes = [models.Index(fields=["district", "book", "at", "line"], name="origin_order")]

    def __str__(self) -> str:
        return self.external
