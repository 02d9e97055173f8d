"""What is kept of a sitting: who was there and how that is known, the minutes, and their corrections."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.gatherings.models.sitting import Gathering, Invitation
from linli.core.people.models import Person, User
from linli.core.places.models import District
from linli.kit.fields import key


class Attendance(models.Model):
    """Somebody was there. Known by the host's rotating code and a peer, or by a signed sheet that two persons agree on.

    Never by a location. ``state`` waits until the peer vouched, or the second person agreed with the sheet.
    """

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="attendances", db_index=False)
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    label = models.CharField(max_length=80)
    evidence = models.CharField(
        max_length=8, choices=[("host", _("主持人")), ("code", _("现场码和旁人")), ("sheet", _("签到表"))]
    )
    state = models.CharField(
        max_length=8,
        choices=[("waiting", _("等人证明")), ("present", _("到会")), ("refused", _("没有到会"))],
        default="waiting",
    )
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    vouched_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    scan = models.UUIDField(null=True, blank=True)  # kit Upload: the signed sheet
    at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "gathering", "person"], name="attended_person_once",
                condition=models.Q(person__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["district", "gathering", "user"], name="attended_user_once",
                condition=models.Q(user__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["district", "gathering", "invitation"], name="attended_invitation_once",
                condition=models.Q(invitation__isnull=False),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="present") | models.Q(evidence="host") | models.Q(vouched_by__isnull=False),
                name="attended_vouched",
            ),
            models.CheckConstraint(
                condition=models.Q(vouched_by__isnull=True) | ~models.Q(vouched_by=models.F("entered_by")),
                name="attended_two_persons",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "gathering", "state"], name="attendance_state")]

    def __str__(self) -> str:
        return self.label


class Minutes(models.Model):
    """A published version of the minutes. Versions are only ever added; the topics' timelines hold their digests."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="minutes", db_index=False)
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of the text
    by = models.CharField(max_length=80)
    published_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [models.UniqueConstraint(fields=["district", "gathering", "version"], name="minutes_once")]

    def __str__(self) -> str:
        return f"{self.gathering_id} v{self.version}"


class Correction(models.Model):
    """A correction of the minutes: proposed and agreed by those who were there, by nobody else."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, related_name="corrections", db_index=False)
    base = models.PositiveSmallIntegerField()  # the version it corrects
    text = models.TextField()  # the minutes as they should read
    reason = models.CharField(max_length=300)
    state = models.CharField(
        max_length=8,
        choices=[("open", _("等大家同意")), ("agreed", _("已更正")), ("refused", _("没有通过"))],
        default="open",
    )
    by = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # One at a time: two corrections of the same version would overwrite one another.
            models.UniqueConstraint(
                fields=["district", "gathering"], name="correction_open_once", condition=models.Q(state="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.gathering_id} {self.state}"


class Voice(models.Model):
    """One who was there agrees with a correction, or does not."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="voices", db_index=False)
    attendance = models.ForeignKey(Attendance, on_delete=models.PROTECT, related_name="+", db_index=False)
    agrees = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "correction", "attendance"], name="voice_once")]

    def __str__(self) -> str:
        return f"{self.attendance_id} {self.agrees}"


class FeedToken(models.Model):
    """The secret in the address of somebody's calendar feed; a new one ends the old."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "user"], name="feed_token_once")]

    def __str__(self) -> str:
        return str(self.user_id)
