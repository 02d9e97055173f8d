"""A round, the buildings it goes through, and what each door came to while it lasts."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.people.models import Post
from linli.core.places.models import District, Dwelling, Place
from linli.kit.fields import PathField, key


class State(models.TextChoices):
    DRAFT = "draft", _("还没开始")
    OPEN = "open", _("正在征求")
    ENDED = "ended", _("收齐了")
    PUBLISHED = "published", _("公布了")


class Outcome(models.TextChoices):
    """What one door came to. None of them is a fault, and nobody has to say anything."""

    SPOKE = "spoke", _("说了")
    NOTHING = "nothing", _("没什么要说")
    NOBODY = "nobody", _("没人在家")
    DECLINED = "declined", _("不想说")


class Round(models.Model):
    """One question (or up to three) carried to some buildings, from a day to a day.

    ``matter`` and ``url`` tie it to whatever asked for it: a topic, a covenant, a gathering. Offices do not know one
    another, so the tie is a matter of the core or an address, no foreign key of theirs.
    """

    States: ClassVar = State

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    code = models.CharField(max_length=16)
    title = models.CharField(max_length=80)
    about = models.CharField(max_length=600, blank=True, default="")
    questions = models.JSONField(default=list)
    roles = models.JSONField(default=list)  # who goes: codes of roles
    starts_on = models.DateField()
    ends_on = models.DateField()
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    url = models.CharField(max_length=200, blank=True, default="")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=80)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    made_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    names_gone = models.BooleanField(default=False)  # names that speakers left, half a year after the end

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="opinion_round_code"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="opinion_round_state"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="opinion_round_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "scope_path"], name="opinion_round_scope"),
            models.Index(fields=["district", "-made_at", "-id"], name="opinion_round_newest"),
            models.Index(fields=["ends_on"], name="opinion_round_due", condition=models.Q(state="open")),
            models.Index(
                fields=["ended_at"], name="opinion_round_names",
                condition=models.Q(ended_at__isnull=False, names_gone=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class Stretch(models.Model):
    """One building of a round. The counts are written when the round ends: then the doors' own marks are deleted."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="stretches", db_index=False)
    building = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = PathField()
    doors = models.PositiveIntegerField(default=0)
    spoke = models.PositiveIntegerField(default=0)
    nothing = models.PositiveIntegerField(default=0)
    nobody = models.PositiveIntegerField(default=0)
    declined = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "round", "path"], name="opinion_stretch_once")]
        indexes = [models.Index(fields=["district", "building"], name="opinion_stretch_place")]

    def __str__(self) -> str:
        return f"{self.path}"


class Knock(models.Model):
    """What a door came to the last time, for as long as the round is open; then it is deleted.

    It says nothing about who knocked, at what time, or what was said there: the key is random and the day is all the
    time there is, so that no order of rows leads from a door to somebody's words.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="knocks", db_index=False)
    building = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+", db_index=False)
    dwelling = models.ForeignKey(
        Dwelling, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    mark = models.CharField(max_length=64)  # of the door, or of the sender's key where no doors are on file
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    on = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "round", "mark"], name="opinion_knock_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="opinion_knock_outcome"),
        ]
        indexes = [models.Index(fields=["district", "round", "building", "outcome"], name="opinion_knock_count")]

    def __str__(self) -> str:
        return self.outcome
