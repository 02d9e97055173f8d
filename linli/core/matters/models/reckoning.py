"""How published figures are reckoned, as rows: versions of the formula, what is left out and why, and objections.

Nothing here changes a matter or a count. An exclusion takes a matter out of a *rate*, on both sides of its stroke, and
stands in public with its reason; whoever is concerned may object, and the answer stands in public too.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models.matter import Matter
from linli.core.people.models import Post
from linli.core.places.models import District
from linli.kit.fields import key


class Rated(models.TextChoices):
    """The rates that a matter can be left out of."""

    ANSWERED = "answered_in_time", _("按时答复")
    ACTED = "acted_in_time", _("按时行动")
    RESOLVED = "resolved_in_time", _("按时办好")
    SATISFIED = "satisfied", _("满意")
    ALL = "all", _("各项比率")


class Ground(models.TextChoices):
    """Why a matter may be left out; an explanation of one's own always stands beside it."""

    FORCE = "force", _("不可抗力")
    OUTAGE = "outage", _("平台故障")
    WRONG_CLOCK = "wrong_clock", _("时限定错")
    NOT_OURS = "not_ours", _("不归本区办")
    TEST = "test", _("演练或试录")
    OBJECTION = "objection", _("申诉成立")


class Formula(models.Model):
    """One version of the formula of the published figures (算法)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    version = models.CharField(max_length=24)
    # Which way of counting of the programme it means (``figures.FORMULA``); the arithmetic itself is code under test.
    counting = models.CharField(max_length=24)
    since = models.DateField()
    minimum_sample = models.PositiveSmallIntegerField()
    rates = models.JSONField()  # [{figure, counts, of, states}]: what is counted, of what, from which states
    leaves_out = models.JSONField(default=list)  # sentences: what is left out by the formula itself
    changed = models.CharField(max_length=500)  # what is different from the version before

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "version"], name="formula_once"),
            models.UniqueConstraint(fields=["district", "since"], name="formula_one_a_day"),
        ]
        ordering = ["-since"]

    def __str__(self) -> str:
        return self.version


class Exclusion(models.Model):
    """A matter left out of a rate (剔除). It still counts as received, and it can be taken in again."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="exclusions", db_index=False)
    figure = models.CharField(max_length=20, choices=Rated.choices)
    ground = models.CharField(max_length=12, choices=Ground.choices)
    basis = models.CharField(max_length=500)  # the document, announcement or log that shows it
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    person = models.UUIDField(null=True, blank=True)  # who answers for it: never the one who answers an objection
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "matter"], condition=models.Q(ended_at=None), name="exclusion_one_at_a_time"
            ),
            models.CheckConstraint(condition=models.Q(figure__in=Rated.values), name="exclusion_figure_known"),
        ]
        indexes = [
            models.Index(fields=["district", "-at", "-id"], name="exclusion_newest"),
            models.Index(fields=["district", "matter"], name="exclusion_matter"),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.figure}"


class Objection(models.Model):
    """申诉 against an exclusion, or against how a matter is counted."""

    class State(models.TextChoices):
        OPEN = "open", _("等答复")
        UPHELD = "upheld", _("申诉成立")
        REFUSED = "refused", _("维持不变")

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="objections", db_index=False)
    exclusion = models.ForeignKey(
        Exclusion, on_delete=models.PROTECT, null=True, blank=True, related_name="objections", db_index=False
    )
    figure = models.CharField(max_length=20, choices=Rated.choices)
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: a resident
    person = models.UUIDField(null=True, blank=True)
    text = models.CharField(max_length=1000)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=1000, blank=True, default="")
    answered_by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "matter", "post"], condition=models.Q(state="open"), name="objection_unit_once"
            ),
            models.UniqueConstraint(
                fields=["district", "matter"],
                condition=models.Q(state="open", post=None),
                name="objection_resident_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") | ~models.Q(answer=""), name="objection_answered_with_words"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-at", "-id"], name="objection_newest"),
            models.Index(fields=["district", "matter"], name="objection_matter"),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.state}"
