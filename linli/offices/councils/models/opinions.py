"""Opinions: what residents say about a topic, or in a round that asks at every door. Each keeps its own words."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.people.models import Post, User
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class RoundState(models.TextChoices):
    """How far a round is."""

    DRAFT = "draft", _("还没开始")
    OPEN = "open", _("正在听")
    CLOSED = "closed", _("在归类")
    PUBLISHED = "published", _("公布了")


class Round(models.Model):
    """A question that is asked at every door of a place until a day (逐户征求意见)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = models.CharField(max_length=20)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    host = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    question = models.CharField(max_length=200)
    about = models.CharField(max_length=2000, blank=True, default="")
    closes_on = models.DateField()
    state = models.CharField(max_length=10, choices=RoundState.choices, default=RoundState.DRAFT)
    result = models.CharField(max_length=2000, blank=True, default="")  # what is answered to all of them
    made_at = models.DateTimeField(default=timezone.now)
    opened_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="round_number_once"),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False), name="round_published_at"
            ),
        ]
        indexes = [models.Index(fields=["district", "scope_path", "-id"], name="opinion_round_scope")]

    def __str__(self) -> str:
        return self.question


class Group(models.Model):
    """Opinions of one round that say the same thing, under a heading; ``topic`` is what became of them."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="groups", db_index=False)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    reply = models.CharField(max_length=1000, blank=True, default="")
    topic = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "round", "position"], name="group_position_once")]
        indexes = [
            models.Index(fields=["district", "topic"], name="group_topic", condition=models.Q(topic__isnull=False))
        ]

    def __str__(self) -> str:
        return self.title


class Opinion(models.Model):
    """What one household or resident said, word for word; a group never swallows it.

    ``author`` is an account, or nobody: then the receipt alone leads back. ``helper`` says who wrote it down for
    somebody who could not. ``reply`` is the answer to this one, beside whatever the group was answered.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", db_index=False
    )
    topic = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    group = models.ForeignKey(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions", db_index=False
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    door = models.CharField(max_length=60, blank=True, default="")  # seen by those who work the round, never published
    text = models.CharField(max_length=1000)
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
            models.CheckConstraint(
                condition=models.Q(round__isnull=False) | models.Q(topic__isnull=False), name="opinion_of_something"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "round", "-id"], name="opinion_round"),
            models.Index(fields=["district", "topic", "-id"], name="opinion_topic"),
            models.Index(fields=["district", "group"], name="opinion_group"),
            models.Index(fields=["district", "author", "-id"], name="opinion_author"),
        ]

    def __str__(self) -> str:
        return self.text
