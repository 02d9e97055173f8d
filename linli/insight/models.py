"""What insight keeps: traces that find likely duplicates, suggestions with their answers, and written help.

No row names who answered a suggestion: what is kept teaches the machine and rates nobody.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.places.models import District
from linli.kit.fields import key


class Trace(models.Model):
    """What a matter is compared by: where, when, and its heaviest pairs of characters as numbers (``words.key``)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The community, or the street or district where a place lies in none: whose newest are looked through.
    area = models.UUIDField()
    at = models.DateTimeField()
    keys = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "matter"], name="trace_once")]
        indexes = [
            models.Index(fields=["district", "area", "-at"], name="trace_area"),
            models.Index(fields=["at"], name="trace_old"),  # the purge
        ]

    def __str__(self) -> str:
        return f"{self.matter_id}"


class Posting(models.Model):
    """One pair of a name in a matter: finds what is called the same anywhere in the district."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    key = models.IntegerField()
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["district", "key", "-matter"], name="posting_key"),
            models.Index(fields=["district", "matter"], name="posting_matter"),
        ]

    def __str__(self) -> str:
        return f"{self.key}"


class Commonness(models.Model):
    """How many of a district's matters hold each pair (hashed): what is common weighs little."""

    id = key()
    district = models.OneToOneField(District, on_delete=models.PROTECT)
    documents = models.PositiveIntegerField(default=0)
    counts = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.documents}"


class Hint(models.Model):
    """A suggestion about one matter and what became of it."""

    class What(models.TextChoices):
        CATEGORY = "category", _("分类")
        HANDLER = "handler", _("经办")

    class Answer(models.TextChoices):
        OPEN = "", _("还没看")
        TAKEN = "taken", _("采纳了")
        REFUSED = "refused", _("没采纳")

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=10, choices=What.choices)
    value = models.CharField(max_length=40)  # category code, or post code
    confidence = models.FloatField()
    reason = models.JSONField(default=dict)  # numbers and codes that the page makes a sentence of; no words of anybody
    answer = models.CharField(max_length=8, choices=Answer.choices, default="", blank=True)
    at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "matter", "what"], name="hint_once")]
        indexes = [models.Index(fields=["district", "what", "answer", "-at"], name="hint_answered")]

    def __str__(self) -> str:
        return f"{self.what} {self.value}"


class Lesson(models.Model):
    """What people decided otherwise or alike: training material. Who decided is not kept."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=10)  # category, handler
    source = models.CharField(max_length=10)  # taken, refused, returned
    said = models.CharField(max_length=40, blank=True, default="")  # what was suggested, or who gave it back
    meant = models.CharField(max_length=40, blank=True, default="")  # what people chose instead, where they said so
    reason = models.CharField(max_length=24, blank=True, default="")  # reason code of a return
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "matter", "what", "source", "at"], name="lesson_once")
        ]
        indexes = [models.Index(fields=["district", "what", "-at"], name="lesson_newest")]

    def __str__(self) -> str:
        return f"{self.what} {self.source}"


class Note(models.Model):
    """A written answer: who handles what, where to go instead, and on which basis."""

    class Sort(models.TextChoices):
        URGENT = "urgent", _("先打急救报警")
        STOP = "stop", _("依法不在这里办")
        REDIRECT = "redirect", _("由别处办")
        ANSWER = "answer", _("直接回答")

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=40)
    sort = models.CharField(max_length=10, choices=Sort.choices)
    title = models.CharField(max_length=60)
    text = models.CharField(max_length=600)
    who = models.CharField(max_length=60, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    where = models.CharField(max_length=200, blank=True, default="")
    basis = models.CharField(max_length=200, blank=True, default="")
    # One list a line: all words of it together lead here; a word may name several spellings with "|".
    words = models.JSONField(default=list)
    without = models.JSONField(default=list)  # any of these: it is something else
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="note_once")]
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.title
