"""Runs of posters: what is to be drawn, in parts that are each a whole file or not there."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from linli.kit.fields import PathField, key


class Shape(models.TextChoices):
    A4 = "a4", _("A4，一门一张")
    A6 = "a6", _("A6，一页四张")


class Format(models.TextChoices):
    PDF = "pdf", _("PDF，直接打印")
    PNG = "png", _("PNG 图片，发群里用")


class Level(models.TextChoices):
    UNIT = "unit", _("每个单元门一张")
    BUILDING = "building", _("每栋楼一张")


class RunState(models.TextChoices):
    GOING = "going", _("正在做")
    STOPPED = "stopped", _("停着")
    DONE = "done", _("做好了")
    FAILED = "failed", _("有几份没做成")
    GONE = "gone", _("文件已清掉")


class Run(models.Model):
    """One order: these places, this shape. Its parts are fixed when it begins, so that stopping loses nothing."""

    id = key()
    district_id = models.PositiveIntegerField()
    scope_path = PathField()  # the narrowest place that holds all of it: who sees the run
    title = models.CharField(max_length=120)
    level = models.CharField(max_length=8, choices=Level.choices)
    shape = models.CharField(max_length=4, choices=Shape.choices)
    format = models.CharField(max_length=4, choices=Format.choices)
    site = models.CharField(max_length=200)  # what the QR codes lead to: https://linli.example
    total = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.GOING)
    by = models.CharField(max_length=120)
    key = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district_id", "id"], name="run_in_district"),
            models.UniqueConstraint(fields=["district_id", "key"], name="run_once"),
        ]
        indexes = [
            models.Index(fields=["district_id", "-at"], name="run_newest"),
            models.Index(fields=["state", "ended_at"], name="run_state"),
        ]

    def __str__(self) -> str:
        return self.title


class Part(models.Model):
    """Up to forty-eight doors of one quarter: one file. ``path`` is set when the whole file lies there, never before.

    Whoever draws it holds ``token`` until ``lease_until``; one killed on the way is drawn again when that is over.
    """

    id = key()
    district_id = models.PositiveIntegerField()
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="parts")
    serial = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    places = models.JSONField()  # ids, in order
    count = models.PositiveIntegerField()
    state = models.CharField(
        max_length=8, choices=[("waiting", "waiting"), ("done", "done"), ("failed", "failed")], default="waiting"
    )
    token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    path = models.CharField(max_length=160, blank=True, default="")
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    drawn = models.PositiveIntegerField(default=0)  # fewer than ``count`` where a place ended meanwhile
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district_id", "run", "serial"], name="part_once")]
        indexes = [
            models.Index(fields=["run", "serial"], name="part_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.name
