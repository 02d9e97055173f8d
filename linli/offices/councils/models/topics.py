"""Support for a topic, the speaking order of a point, and what was said against what was settled."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from linli.core.gatherings.models import AgendaItem, Resolution
from linli.core.matters.models import Matter
from linli.core.people.models import Person
from linli.core.people.once import OneVoice
from linli.core.places.models import District
from linli.kit.fields import key
from linli.offices.councils.marks import MARK


class Support(OneVoice):
    """Somebody finds a topic worth a sitting. It counts once and names nobody."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)

    about, purpose = "matter", MARK

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "matter", "mark"], name="support_once")]


class Turn(models.Model):
    """A place in the speaking order of one point. The clock of a turn runs from ``began_at``."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=80)
    minutes = models.PositiveSmallIntegerField(default=3)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "item", "position"], name="turn_position_once")]

    def __str__(self) -> str:
        return f"{self.position} {self.label}"


class Dissent(models.Model):
    """What somebody said against it. Kept beside the outcome, and asked first when it is reviewed.

    The name is for the host alone, who has to ask; everybody else reads the words. Two persons may say the same
    words: what makes a repeat harmless is the form's own key ``retry``.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    label = models.CharField(max_length=80)
    text = models.CharField(max_length=500)
    retry = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    content = models.BooleanField(null=True, blank=True)  # what they say once it is done
    answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "item", "retry"], name="dissent_once"),
            models.CheckConstraint(
                condition=models.Q(asked_at=None) | models.Q(content__isnull=False), name="dissent_asked_answered"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Verdict(models.Model):
    """A resident's own word on whether a resolution was carried out, once a round of review; it names nobody."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="+", db_index=False)
    turn = models.PositiveSmallIntegerField()  # the resolution's round: sent back, it is judged anew
    mark = models.CharField(max_length=64)
    satisfied = models.BooleanField()
    text = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "resolution", "turn", "mark"], name="verdict_once")]

    def __str__(self) -> str:
        return f"{self.resolution_id} {self.satisfied}"
