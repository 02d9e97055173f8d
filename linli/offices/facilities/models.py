"""Facilities 设施: a thing with a place, services, hours and a state, and the faults that became matters."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models import Matter
from linli.core.people.models import Organisation
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class Condition(models.TextChoices):
    """Whether it serves at all, whatever the clock says."""

    RUNNING = "running", _("正常")
    PAUSED = "paused", _("暂停开放")


class Facility(models.Model):
    """``hours``: ``{"weekday": ["08:00-12:00", …], "weekend": […]}``. ``attrs``: what a kind counts."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    code = models.CharField(max_length=32)
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    address = models.CharField(max_length=80, blank=True, default="")
    lon = models.FloatField()
    lat = models.FloatField()
    services = models.JSONField(default=list)
    hours = models.JSONField(default=dict)
    keeper = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    condition = models.CharField(max_length=12, choices=Condition.choices, default=Condition.RUNNING)
    reason = models.CharField(max_length=120, blank=True, default="")
    paused_until = models.DateField(null=True, blank=True)
    attrs = models.JSONField(default=dict, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="facility_in_district"),
            models.UniqueConstraint(fields=["district", "code"], name="facility_code_once"),
            models.CheckConstraint(condition=models.Q(condition__in=Condition.values), name="facility_condition_known"),
        ]
        indexes = [
            models.Index(fields=["district", "kind", "code"], name="facility_list"),
            models.Index(fields=["district", "scope_path"], name="facility_scope"),
        ]

    def __str__(self) -> str:
        return self.name


class Fault(models.Model):
    """Something broken at a facility, and the matter it became."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="faults", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "matter"], name="fault_is_one_matter")]
        indexes = [models.Index(fields=["district", "facility", "-at"], name="fault_newest")]

    def __str__(self) -> str:
        return str(self.matter_id)
