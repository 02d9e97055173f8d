"""What runs beside a matter: its clocks and its whistles."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from linli.core.matters.models.matter import Matter
from linli.core.people.models import Post
from linli.core.places.models import District
from linli.kit.fields import key


class Whistle(models.Model):
    """吹哨: several units called at once to one matter."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="whistles")
    kind = models.CharField(
        max_length=10,
        choices=[
            ("problem", _("街道解决不了的难题")),
            ("joint", _("联合处置")),
            ("emergency", _("突发应急")),
        ],
    )
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reason[:40]


class Coached(models.Model):
    """Somebody told the resident how to rate. Said in private: it stands in no timeline and no handler sees it."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    told = models.ForeignKey(
        Post, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )  # the office above that was asked to call back
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "matter"], name="coached_once")]

    def __str__(self) -> str:
        return str(self.matter_id)


class Call(models.Model):
    """One called unit: it must come, and say how it ended."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    whistle = models.ForeignKey(Whistle, on_delete=models.PROTECT, related_name="calls")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="calls")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="calls", db_index=False)
    state = models.CharField(
        max_length=8,
        choices=[
            ("called", _("等它来")),
            ("arrived", _("到了")),
            ("done", _("办好了")),
            ("refused", _("不来")),
        ],
        default="called",
    )
    due_at = models.DateTimeField()
    late = models.BooleanField(default=False)  # the arrival clock ran out before it came
    arrived_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    text = models.CharField(max_length=2000, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    # 双考核: the called unit says whether it was needed, the whistler what its work was worth. Units, never persons.
    need = models.CharField(
        max_length=8, choices=[("needed", _("该叫")), ("needless", _("不该叫"))], blank=True, default=""
    )
    need_text = models.CharField(max_length=500, blank=True, default="")
    work = models.CharField(
        max_length=8,
        choices=[("good", _("到位")), ("partly", _("打了折扣")), ("poor", _("没到位"))],
        blank=True,
        default="",
    )
    work_text = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["district", "post", "-id"],
                name="call_open",
                condition=models.Q(state__in=["called", "arrived"]),
            ),
            models.Index(fields=["district", "late", "-id"], name="call_late", condition=models.Q(late=True)),
            # The board: every whistle of the last months, newest first.
            models.Index(fields=["district", "-id"], name="call_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.state}"


class Clock(models.Model):
    """One promise that runs. ``next_at`` is when the sweep has to look again: at the warning, then at the end."""

    id = key()
    district = models.ForeignKey(District, on_delete=models.PROTECT)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="clock_rows", db_index=False)
    stage = models.CharField(max_length=10)  # accept, reply, act, result, rating, contest, arrive, supervise, pause
    round = models.PositiveSmallIntegerField(default=1)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, null=True, blank=True, related_name="clocks")
    state = models.CharField(
        max_length=10, default="running"
    )  # running, warned, breached, paused, met, missed, cancelled
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    left_seconds = models.BigIntegerField(null=True, blank=True)  # counted time left while paused
    calendar = models.CharField(max_length=24, default="natural")
    late = models.BooleanField(default=False)  # the breach has been told of: a pause must not make it told again
    provisional = models.BooleanField(default=False)  # reckoned over a year the State has not published yet

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["district", "matter", "stage", "round"],
                name="clock_once",
                condition=models.Q(stage__in=["reply", "act", "result"]),
            )
        ]
        indexes = [
            # The sweep: its cost grows with what is due, not with what runs.
            models.Index(fields=["next_at"], name="clock_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["district", "matter"], name="clock_matter"),
            # Orders from above that are still owed: the desk's list.
            models.Index(
                fields=["district", "-id"],
                name="clock_supervise",
                condition=models.Q(stage="supervise", state__in=["running", "warned", "breached"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.due_at}"
