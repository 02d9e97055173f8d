"""The bulletin 集中通报: a working copy that a person edits, and issues that nobody can change any more.

Orders 督办 are clocks of matters and key tasks 重点任务 are matters: they have no table here.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.core.people.models import Post
from linli.core.places.models import District, Place
from linli.kit.fields import PathField, key


class Bulletin(models.Model):
    """One bulletin of a place and a period. ``gathered`` is what the machine counted; the words are a person's."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    number = models.CharField(max_length=24)  # TB-2611-8F3A2C
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    scope_path = PathField()
    since = models.DateField()
    until = models.DateField()  # the last day, included
    serial = models.PositiveIntegerField(null=True, blank=True)  # 第 3 期, from the first issue on
    year = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=8, choices=[("draft", _("草稿")), ("issued", _("已发")), ("dropped", _("作废"))], default="draft"
    )
    version = models.PositiveIntegerField(default=0)  # how often it was issued
    title = models.CharField(max_length=80)
    lead = models.TextField(blank=True, default="")  # 总的情况
    good = models.TextField(blank=True, default="")  # 好做法
    asks = models.TextField(blank=True, default="")  # 下一步
    gathered = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    made_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="bulletin_number_once"),
            models.UniqueConstraint(
                fields=["district", "place", "year", "serial"],
                name="bulletin_serial_once",
                condition=models.Q(serial__isnull=False),
            ),
            models.CheckConstraint(condition=models.Q(until__gte=models.F("since")), name="bulletin_dates"),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "issued", "dropped"]), name="bulletin_state_known"
            ),
        ]
        indexes = [models.Index(fields=["district", "scope_path", "-id"], name="bulletin_scope")]

    def __str__(self) -> str:
        return self.title


class Issue(models.Model):
    """What was issued, word for word and figure for figure. Triggers of the database refuse to change it."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="issues", db_index=False)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=500, blank=True, default="")  # why the version before was corrected
    public = models.BooleanField(default=False)
    content = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "bulletin", "version"], name="issue_version_once")]

    def __str__(self) -> str:
        return f"{self.bulletin_id} v{self.version}"


class Concern(models.Model):
    """A unit that a bulletin speaks of: it may read this one, wherever its place is."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="concerns", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "post", "bulletin"], name="concern_once")]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.post_id}"
