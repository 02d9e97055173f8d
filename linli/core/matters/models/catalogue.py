"""What a district decides beforehand: kinds, categories, causes, clock policies, dispatch rules, admissions."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.people.models import Organisation, Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class Urgency(models.TextChoices):
    """How soon an answer is owed; the lengths are the policy's."""

    URGENT = "urgent", _("紧急")
    UTILITY = "utility", _("水电气热")
    ORDINARY = "ordinary", _("一般")
    COMPLEX = "complex", _("复杂")


class Kind(models.Model):
    """A kind of matter, as data: appeal, hazard, dispute, errand, wish, task …"""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=40)
    about = models.CharField(max_length=200, blank=True, default="")
    evidence = models.BooleanField(default=False)  # resolving needs a picture
    public = models.BooleanField(default=True)  # stands on the public ledger, masked
    confidential = models.BooleanField(default=False)  # confidential unless the reporter says otherwise
    admission = models.BooleanField(default=False)  # reaches a community only with an admission (M16)
    residents = models.BooleanField(default=True)  # a resident may open it
    # The unit it is handed to may see the contact, because it was asked for: orders and errands, never a complaint.
    units_call = models.BooleanField(default=False)
    urgency = models.CharField(max_length=12, choices=Urgency.choices, default=Urgency.ORDINARY)
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="kind_once")]
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """A node of the catalogue, up to three levels. ``code`` grows by two digits a level: 03, 0302, 030205."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    urgency = models.CharField(max_length=12, choices=Urgency.choices, blank=True, default="")
    standard = models.CharField(max_length=60, blank=True, default="")  # GB/T 30428 part or event it answers to
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="category_once")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Cause(models.Model):
    """Why a thing happened: mandatory on closing, so that what comes back can be cured at its root (未诉先办)."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=40)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="cause_once"),
            models.UniqueConstraint(fields=["district", "name"], name="cause_name_once"),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Policy(models.Model):
    """Clock promises for a kind × place × urgency, one row a version; empty kind or urgency means any.

    ``stages`` maps a stage to a span as text (``linli.kit.calendar.Span``): accept, reply, act, result, rating,
    contest, arrive, reopen, pause (longest pause a handler may decide alone). The nearest place wins, then kind,
    then urgency. A matter keeps the version it started with.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    scope_path = PathField()
    kind = models.CharField(max_length=24, blank=True, default="")
    urgency = models.CharField(max_length=12, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=80)
    calendar = models.CharField(max_length=24, default="natural")  # a calendar of the district's settings
    stages = models.JSONField()
    escalate_on = models.JSONField(default=list)  # stages whose breach moves the matter one level up
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "place", "kind", "urgency", "version"], name="policy_version_once"
            ),
            models.UniqueConstraint(
                fields=["district", "place", "kind", "urgency"],
                name="policy_one_current",
                condition=models.Q(until=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Rule(models.Model):
    """A dispatch rule: what looks like this goes to the nearest post in that role, or to that organisation.

    Rules are tried by ``order``; the first whose every filled condition holds and whose target exists wins.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=24, blank=True, default="")
    category = models.CharField(max_length=8, blank=True, default="")  # this node and everything below it
    channel = models.CharField(max_length=24, blank=True, default="")
    urgency = models.CharField(max_length=12, blank=True, default="")
    scope_path = PathField(blank=True, default="")
    to_role = models.CharField(max_length=32, blank=True, default="")  # nearest at or above the matter's place
    to_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "order"], name="rule_order_once")]
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class Numbering(models.Model):
    """The next serial of a district and month. Processes lease a block at a time, so writers rarely meet here."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    month = models.CharField(max_length=6)  # yymm, with a letter in front for another series
    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "month"], name="numbering_once")]

    def __str__(self) -> str:
        return f"{self.month} {self.next}"


class Admission(models.Model):
    """社区准入 (M16): a department's leave to bring a kind of task to communities, with scope and expiry."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="admissions")
    title = models.CharField(max_length=120)
    basis = models.CharField(max_length=500)  # law, rule or decision it rests on
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    scope_path = PathField()
    state = models.CharField(
        max_length=10,
        choices=[
            ("applied", _("待审")),
            ("approved", _("准入")),
            ("refused", _("不准")),
            ("ended", _("已终止")),
        ],
        default="applied",
    )
    since = models.DateField()
    until = models.DateField()
    applied_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="admission_number_once"),
            models.CheckConstraint(condition=models.Q(until__gte=models.F("since")), name="admission_dates"),
        ]
        indexes = [models.Index(fields=["district", "state", "-id"], name="admission_state")]

    def __str__(self) -> str:
        return self.title
