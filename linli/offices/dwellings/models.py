"""房屋摸排: how each dwelling is lived in, who answers for a unit, and that newcomers are welcomed.

There is no field here for a name, a telephone or a remark, and no table of persons at all: what is surveyed is a
dwelling (limits.md; ``tests/dwellings/test_schema.py`` keeps it so).
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.people.models import Post
from linli.core.places.models import District, Dwelling, Place
from linli.kit.fields import PathField, key

STATUSES = [("owner", _("自住")), ("rented", _("出租")), ("vacant", _("闲置")), ("unknown", _("未摸清"))]


class Survey(models.Model):
    """One look at a dwelling: what it was, on which day, by which post. Looks are added, never changed."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="surveys")
    unit = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    status = models.CharField(max_length=8, choices=STATUSES)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    latest = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "dwelling"], name="survey_one_latest", condition=models.Q(latest=True)
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["owner", "rented", "vacant", "unknown"]), name="survey_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "scope_path"], name="survey_scope", condition=models.Q(latest=True)),
            models.Index(fields=["district", "dwelling", "-id"], name="survey_dwelling"),
        ]

    def __str__(self) -> str:
        return f"{self.dwelling_id} {self.status}"


class UnitDuty(models.Model):
    """The cadre who answers for a unit (干部分包单元), for a time. Ended, never removed."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    unit = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="unit_duties")
    scope_path = PathField()
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="unit_duties")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    made_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "unit"], name="duty_one_current", condition=models.Q(until=None)
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="duty_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "scope_path"], name="duty_scope"),
            models.Index(fields=["district", "post"], name="duty_post"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.post_id}"


class WelcomeState(models.TextChoices):
    OPEN = "open", _("等人上门")
    DONE = "done", _("去过了")
    DECLINED = "declined", _("住户说不用")


class Welcome(models.Model):
    """Somebody moved into a home that stood empty: one goes and says what there is. Who they are is not asked."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="welcomes")
    unit = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=WelcomeState.choices, default=WelcomeState.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "dwelling"], name="welcome_one_open", condition=models.Q(state="open")
            ),
            models.CheckConstraint(condition=models.Q(state__in=WelcomeState.values), name="welcome_state_known"),
        ]
        indexes = [models.Index(fields=["district", "state", "scope_path"], name="welcome_scope")]

    def __str__(self) -> str:
        return f"{self.dwelling_id} {self.state}"
