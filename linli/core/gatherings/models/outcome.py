"""What comes of a sitting: resolutions with an owner, a day and a review, and the matters split from them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.gatherings.models.sitting import AgendaItem, Gathering
from linli.core.matters.models import Matter
from linli.core.people.models import Post
from linli.core.places.models import District
from linli.kit.fields import PathField, key


class ResolutionState(models.TextChoices):
    """How far a resolution is."""

    DRAFT = "draft", _("待落实到人")  # the words stand; owner, day or review are still missing
    SET = "set", _("落实中")
    BACK = "back", _("评审退回")
    CLOSED = "closed", _("评审通过")


_WHOLE = models.Q(owner__isnull=False, due_on__isnull=False, review_on__isnull=False)


class Resolution(models.Model):
    """What a sitting settled: who does it, by when, and on which day residents look whether it was done."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="resolutions", db_index=False)
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="resolutions", db_index=False)
    seq = models.PositiveSmallIntegerField()
    scope_path = PathField()
    text = models.CharField(max_length=1000)
    owner = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    due_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=ResolutionState.choices, default=ResolutionState.DRAFT)
    review = models.CharField(max_length=500, blank=True, default="")  # the residents' words
    satisfied = models.PositiveIntegerField(default=0)  # heads, never names
    dissatisfied = models.PositiveIntegerField(default=0)
    rounds = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "gathering", "seq"], name="resolution_once"),
            models.CheckConstraint(condition=models.Q(state="draft") | _WHOLE, name="resolution_whole"),
            models.CheckConstraint(
                condition=~models.Q(state="closed") | models.Q(reviewed_at__isnull=False), name="resolution_reviewed"
            ),
            models.CheckConstraint(
                condition=models.Q(review_on__isnull=True) | models.Q(due_on__isnull=True) |
                models.Q(review_on__gte=models.F("due_on")),
                name="resolution_reviewed_after_due",
            ),
        ]  # fmt: skip
        indexes = [
            # What still has to be reviewed in a scope, the longest overdue first.
            models.Index(
                fields=["district", "review_on"], name="resolution_unreviewed", condition=~models.Q(state="closed")
            ),
            models.Index(fields=["district", "item"], name="resolution_item"),
            models.Index(fields=["district", "owner", "-id"], name="resolution_owner"),
        ]

    def __str__(self) -> str:
        return self.text


class SplitMatter(models.Model):
    """A matter that was split from a resolution. ``retry`` is the sender's key: a repeat makes nothing new."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="matters", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    retry = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "resolution", "retry"], name="split_once"),
            models.UniqueConstraint(fields=["district", "matter"], name="split_matter_once"),
        ]

    def __str__(self) -> str:
        return str(self.matter_id)
