"""双报到: units and their cadres report to a community, choose posts there, serve, and have it certified."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.people.models import Organisation, Person, User
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class UnitState(models.TextChoices):
    REPORTED = "reported", _("等社区答应")
    AGREED = "agreed", _("已结对")
    ENDED = "ended", _("已结束")


class UnitReport(models.Model):
    """A unit reports to a community and says what it brings; the community agrees."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="unit_reports")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="unit_reports")
    scope_path = PathField()
    brings = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=UnitState.choices, default=UnitState.REPORTED)
    reported_by = models.CharField(max_length=80)
    reported_at = models.DateTimeField(default=timezone.now)
    answered_by = models.CharField(max_length=80, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "organisation", "place"], name="unit_report_once",
                condition=~models.Q(state=UnitState.ENDED),
            ),
            models.CheckConstraint(condition=models.Q(state__in=UnitState.values), name="unit_report_state"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "scope_path"], name="unit_report_scope")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.place_id}"


class Sign(models.Model):
    """The printed code of a community. A new one takes the old one's place; the old one opens nothing then."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="checkin_signs")
    code = models.CharField(max_length=20)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="sign_code_once"),
            models.UniqueConstraint(
                fields=["district", "place"], name="sign_one_current", condition=models.Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class How(models.TextChoices):
    UNIT = "unit", _("单位包联的社区")
    HOME = "home", _("居住的社区")


class CheckIn(models.Model):
    """Somebody who serves elsewhere reports to a community, of his own will. No place of his is recorded but this.

    ``party_member`` stands here and on posts only, where the seeds count it (limits.md rule 5).
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="checkins")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="checkins")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="checkins"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="checkins")
    scope_path = PathField()
    how = models.CharField(max_length=4, choices=How.choices)
    duty = models.CharField(max_length=16, blank=True, default="")  # "grid": serves as a part-time grid worker
    party_member = models.BooleanField(default=False)
    via = models.CharField(
        max_length=4, default="qr", choices=[("qr", _("扫码")), ("desk", _("窗口")), ("roll", _("名册"))]
    )
    at = models.DateTimeField(default=timezone.now)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "id"], name="checkin_in_district"),
            models.UniqueConstraint(
                fields=["district", "person", "place", "how"], name="checkin_once", condition=models.Q(ended_on=None)
            ),
            models.CheckConstraint(condition=models.Q(how__in=How.values), name="checkin_how_known"),
        ]
        indexes = [
            models.Index(fields=["district", "scope_path", "-id"], name="checkin_scope"),
            models.Index(fields=["district", "organisation"], name="checkin_unit"),
            models.Index(fields=["user"], name="checkin_user"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.place_id}"


class Item(models.Model):
    """What a community offers to those who report: a post to serve in, or a service wanted."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="checkin_items")
    scope_path = PathField()
    title = models.CharField(max_length=60)
    what = models.CharField(max_length=300)
    times = models.CharField(max_length=80)
    needed = models.PositiveSmallIntegerField()
    standing = models.BooleanField(default=False)  # a post that one holds on, not a service of a day
    made_by = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(needed__gte=1), name="item_needs_somebody")]
        indexes = [models.Index(fields=["district", "place", "-id"], name="item_place")]

    def __str__(self) -> str:
        return self.title


class ServiceState(models.TextChoices):
    CHOSEN = "chosen", _("已认领")
    STARTED = "started", _("正在做")
    DONE = "done", _("等社区认定")
    CERTIFIED = "certified", _("已认定")
    REFUSED = "refused", _("没认定")
    WITHDRAWN = "withdrawn", _("不做了")


class Service(models.Model):
    """One service of one who reported: chosen, begun, finished, certified by another person of the community."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    checkin = models.ForeignKey(CheckIn, on_delete=models.PROTECT, related_name="services")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="services")
    scope_path = PathField()
    what = models.CharField(max_length=120)
    on = models.DateField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ServiceState.choices, default=ServiceState.CHOSEN)
    recorded_by = models.CharField(max_length=80)  # who wrote it down: the member, or a recorder
    certified_by = models.CharField(max_length=80, blank=True, default="")
    certifier = models.UUIDField(null=True, blank=True)  # the person who answers for it
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=120, blank=True, default="")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "checkin", "item", "on"], name="service_once",
                condition=models.Q(state__in=["chosen", "started"]),
            ),
            models.CheckConstraint(condition=models.Q(state__in=ServiceState.values), name="service_state_known"),
            models.CheckConstraint(condition=models.Q(minutes__lte=720), name="service_within_a_day"),
            models.CheckConstraint(
                condition=~models.Q(state=ServiceState.CERTIFIED) | models.Q(certifier__isnull=False),
                name="service_certified_by_somebody",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["district", "scope_path", "state"], name="service_scope"),
            models.Index(fields=["district", "checkin", "-id"], name="service_checkin"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.on}"


class Summary(models.Model):
    """What a community certifies to a unit about a period. Anybody can check its code; no person is named in it."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    since = models.DateField()
    until = models.DateField()  # the last day
    code = models.CharField(max_length=20)
    figures = models.JSONField()
    made_by = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="summary_code_once")]
        indexes = [models.Index(fields=["district", "organisation", "-id"], name="summary_unit")]

    def __str__(self) -> str:
        return self.code
